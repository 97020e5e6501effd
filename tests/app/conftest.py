"""GitHub and the API together, for the tests of what lies between them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.app.town import Town, controlled, hooked, town


@pytest.fixture(scope="session")
def app_key() -> str:
    """A private key of an App; making one takes longer than most tests."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture(name="quiet_town")
async def _quiet_town(tmp_path: Path, app_key: str) -> AsyncIterator[Town]:
    """GitHub and the API, with nothing between them."""
    async with town(tmp_path, app_key) as place:
        yield place


@pytest.fixture(name="town")
async def _town(quiet_town: Town) -> AsyncIterator[Town]:
    """GitHub, the webhook server, the API and the controllers."""
    async with controlled(quiet_town), hooked(quiet_town):
        yield quiet_town
