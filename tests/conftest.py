"""What tests of several rooms share."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from tests.cluster.control_plane import ControlPlane, running
from tests.cluster.definitions import install


@pytest.fixture(scope="session")
def control_plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """A real kube-apiserver with our CRDs. Mark its users `cluster` and `xdist_group("cluster")`."""
    with running(tmp_path_factory.mktemp("cluster")) as plane:
        asyncio.run(install(plane.kubeconfig))
        yield plane
