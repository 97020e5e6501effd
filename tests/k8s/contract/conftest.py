"""Every test here runs against the embedded API and against a real kube-apiserver."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from k8s.client import Client, connect
from k8s.meta import Meta
from k8s.resources.core import Namespace
from tests.cluster.control_plane import ControlPlane
from tests.k8s.contract import servers
from tests.k8s.contract.servers import Http, Server

CLUSTER = [pytest.mark.cluster, pytest.mark.xdist_group("cluster")]


@pytest.fixture(params=["embedded", pytest.param("apiserver", marks=CLUSTER)])
def plane(request: pytest.FixtureRequest) -> ControlPlane | None:
    """None: the embedded API's turn."""
    if request.param == "embedded":
        return None
    started: ControlPlane = request.getfixturevalue("control_plane")
    return started


@pytest.fixture
async def server(plane: ControlPlane | None, tmp_path: Path) -> AsyncIterator[Server]:
    if plane is None:
        async with servers.embedded(tmp_path) as running:
            yield running
    else:
        yield servers.apiserver(plane, tmp_path)


@pytest.fixture
async def client(server: Server) -> AsyncIterator[Client]:
    """Our client, as admin."""
    async with connect(server.access["admin"]) as connected:
        yield connected


@pytest.fixture
async def http(server: Server) -> AsyncIterator[Http]:
    """Plain HTTP, as admin."""
    async with servers.http(server.kubeconfigs["admin"]) as connected:
        yield connected


@pytest.fixture
async def namespace(client: Client) -> str:
    """A namespace of this test's own."""
    name = f"test-{secrets.token_hex(4)}"
    await client.create(Namespace(metadata=Meta(name=name)))
    return name
