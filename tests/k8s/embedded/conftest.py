from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from k8s.embedded.serve import EmbeddedApi, EmbeddedSettings, serve
from tests.k8s.embedded.embedded_support import Caller, calling


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[EmbeddedApi]:
    async with serve(EmbeddedSettings(directory=tmp_path / "api", port=None)) as served:
        yield served


@pytest.fixture
async def admin(api: EmbeddedApi) -> AsyncIterator[Caller]:
    async with calling(api.socket, api.admin_token) as caller:
        yield caller


@pytest.fixture
async def node(api: EmbeddedApi) -> AsyncIterator[Caller]:
    async with calling(api.socket, api.node_token) as caller:
        yield caller
