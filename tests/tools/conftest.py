from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

from tests.tools.sandbox_support import require_bubblewrap
from tools.jail import Jail
from tools.sandbox.probe import Sandbox, probe


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "ws"
    folder.mkdir()
    return folder


@pytest.fixture
def jail(work: Path) -> Jail:
    return Jail(work, seen_as="/workspace")


_PROBED: dict[str, Sandbox] = {}


async def _probed(name: Literal["plain", "bubblewrap"]) -> Sandbox:
    """Probed once: what works here does not change between tests."""
    if name == "bubblewrap":
        require_bubblewrap()
    if name not in _PROBED:
        _PROBED[name] = await probe(want="plain" if name == "plain" else "auto")
    assert _PROBED[name].name == name, _PROBED[name].problem
    return _PROBED[name]


@pytest.fixture
async def plain() -> Sandbox:
    return await _probed("plain")


@pytest.fixture
async def bubblewrap() -> Sandbox:
    return await _probed("bubblewrap")


@pytest.fixture(params=["plain", pytest.param("bubblewrap", marks=pytest.mark.sandbox)])
async def sandbox(request: pytest.FixtureRequest) -> Sandbox:
    """Each kind in turn."""
    return await _probed(request.param)
