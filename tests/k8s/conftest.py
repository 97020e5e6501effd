"""A client of a server that says what the test wants."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from k8s.client import Client, connect
from tests.k8s.scripted_api import Api, scripted


@pytest.fixture
async def scripted_api(tmp_path: Path) -> AsyncIterator[Api]:
    async with scripted(tmp_path) as running:
        yield running


@pytest.fixture
async def scripted_client(scripted_api: Api) -> AsyncIterator[Client]:
    async with connect(scripted_api.access) as connected:
        yield connected
