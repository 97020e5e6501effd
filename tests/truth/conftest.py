"""One stage a process, on which every case is played at most once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.truth.stage import Stage


@pytest.fixture(scope="session", name="stage")
def _stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with Stage(tmp_path_factory.mktemp("truth")) as stage:
        yield stage
