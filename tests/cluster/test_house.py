"""The whole house on a real kube-apiserver: the same code, the same outcome."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from app.demo.outcome import Outcome, faults
from app.demo.run import DemoOptions, perform, stage
from app.demo.scenario import load
from tests.cluster.control_plane import ControlPlane

pytestmark = [pytest.mark.cluster, pytest.mark.xdist_group("cluster"), pytest.mark.slow]


@pytest.fixture(name="outcome")
def _outcome(control_plane: ControlPlane, tmp_path: Path) -> Outcome:
    # Synchronous, because the control plane's own fixture runs a loop.
    async def play() -> Outcome:
        options = DemoOptions(directory=tmp_path, kubeconfig=control_plane.kubeconfig)
        async with stage(options, load("first")) as on:
            outcome = await perform(on, patience=90, show=lambda _sight: None)
            assert list(on.problems()) == []
            return outcome

    return asyncio.run(play())


def test_a_label_becomes_a_reviewed_pull_request(outcome: Outcome) -> None:
    assert faults(outcome, load("first").ending) == []
