"""One workshop a test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.loop.work.workshop import Workshop, make_repository
from tools.sandbox.probe import probe


@pytest.fixture(name="workshop")
async def _workshop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path, make_repository(tmp_path), await probe(want="plain"))
