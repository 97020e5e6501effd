"""One list of commands, run by the real kubectl against both servers: they must say the same."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.cluster.control_plane import ControlPlane, refuse
from tests.k8s.contract import servers
from tests.k8s.contract.commands import COMMANDS
from tests.k8s.contract.kubectl import Kubectl, Output, Step, binary, normal
from tests.k8s.contract.servers import Server

# On one worker: the list is run once per server, each step is a test of its own.
pytestmark = [pytest.mark.kubectl, pytest.mark.xdist_group("cluster")]
Transcript = dict[str, Output]
STEPS = [pytest.param(step, id=step.id) for step in COMMANDS]


async def transcript(server: Server, folder: Path) -> Transcript:
    program = binary()
    if program is None:
        refuse("no kubectl; run `make cluster-assets`")
    assert program is not None
    folder.mkdir()
    kubectl = Kubectl(program, server.kubeconfigs["admin"], folder)
    return {step.id: await kubectl.run(step) for step in COMMANDS}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kubectl")


@pytest.fixture(scope="module")
def embedded(folder: Path) -> Transcript:
    async def record() -> Transcript:
        async with servers.embedded(folder) as server:
            return await transcript(server, folder / "embedded")

    return asyncio.run(record())


@pytest.fixture(scope="module")
def apiserver(folder: Path, control_plane: ControlPlane) -> Transcript:
    server = servers.apiserver(control_plane, folder)
    return asyncio.run(transcript(server, folder / "apiserver"))


@pytest.mark.parametrize("step", STEPS)
def test_commands_end_as_they_should(step: Step, embedded: Transcript) -> None:
    output = embedded[step.id]

    assert (output.code not in (0, None)) == step.fails, output.stderr


@pytest.mark.cluster
@pytest.mark.parametrize("step", STEPS)
def test_both_servers_say_the_same(step: Step, embedded: Transcript, apiserver: Transcript) -> None:
    ours, theirs = embedded[step.id], apiserver[step.id]

    assert (theirs.code not in (0, None)) == step.fails, theirs.stderr
    assert ours.code == theirs.code
    assert normal(ours.stdout) == normal(theirs.stdout)
    assert normal(ours.stderr) == normal(theirs.stderr)
