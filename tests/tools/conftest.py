from __future__ import annotations

from pathlib import Path

import pytest

from tools.jail import Jail


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "ws"
    folder.mkdir()
    return folder


@pytest.fixture
def jail(work: Path) -> Jail:
    return Jail(work, seen_as="/workspace")
