"""What the M3 runbook has people do and see, with kubectl and files of this repository."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.demo.github.people import LocalGitHub
from k8s.resources.task import Phase
from tests.cluster.control_plane import refuse
from tests.e2e import story
from tests.e2e.conftest import Open
from tests.e2e.house import House
from tests.e2e.program import Program, foreman_environment, until
from tests.k8s.contract.kubectl import binary

pytestmark = [pytest.mark.slow, pytest.mark.kubectl]

ROOT = Path(__file__).parents[2]
PHASES: frozenset[Phase] = frozenset(
    {"Pending", "Scheduled", "Running", "Verifying", "Succeeded", "Failed"}
)
IN_ORDER = ["Pending", "Scheduled", "Running", "Succeeded"]
CODER = "qwen36-35b-carnice-mtp-coder"
ENDPOINT = "qwen36-35b-carnice-mtp"
FORKER = "grace"
FORK = f"{FORKER}/{story.REPOSITORY.partition('/')[2]}"


@dataclass(frozen=True)
class Kubectl:
    """kubectl with a kubeconfig file, in a home of its own."""

    program: Path
    kubeconfig: Path
    directory: Path

    def command(self, *arguments: str) -> list[str]:
        return [str(self.program), f"--kubeconfig={self.kubeconfig}", *arguments]

    def environment(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "HOME": str(self.directory)}

    async def __call__(self, *arguments: str) -> str:
        """What it prints; it must succeed."""
        child = await asyncio.create_subprocess_exec(
            *self.command(*arguments),
            env=self.environment(),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await child.communicate()
        assert child.returncode == 0, err.decode()
        return out.decode()

    @asynccontextmanager
    async def watching(self, *arguments: str) -> AsyncIterator[Path]:
        """The file that its lines go to."""
        path = self.directory / "watched.log"
        with path.open("wb") as log:
            child = await asyncio.create_subprocess_exec(
                *self.command(*arguments, "--watch", "--v=6"),
                env=self.environment(),
                stdout=log,
                stderr=log,
            )

        async def is_watching() -> bool:
            return "watch=true" in path.read_text()

        try:
            await until(is_watching, seconds=20.0, what="kubectl: watches")
            yield path
        finally:
            with suppress(ProcessLookupError):
                child.terminate()
            await child.wait()


def phases(lines: str, task: str) -> list[str]:
    """Those of *task* in the order that kubectl showed them, without repetition."""
    rows = [line.split() for line in lines.splitlines() if line.startswith(f"{task} ")]
    found = [next((word for word in row if word in PHASES), "") for row in rows]
    return [phase for phase, _ in groupby(phase for phase in found if phase)]


def without_gate(seen: list[str]) -> list[str]:
    """*seen* without the visits to the gate, which lead back to Running or to the end."""
    return [phase for phase, _ in groupby(p for p in seen if p != "Verifying")]


async def _kubeconfig(environment: dict[str, str], directory: Path, *, role: str = "admin") -> Path:
    """As `foreman kubeconfig` prints it."""
    path = directory / f"{role}.kubeconfig"
    program = Program(["app.cli.main", "kubeconfig", "--role", role], environment, directory, path)
    await program.start()
    assert program.process is not None
    assert await program.process.wait() == 0
    return path


def _binary() -> Path:
    found = binary()
    if found is None:
        refuse("no kubectl; run `make cluster-assets`")
    assert found is not None
    return found


async def test_kubectl_watches_a_run(house: House) -> None:
    kubeconfig = await _kubeconfig(house.environment, house.directory)
    kubectl = Kubectl(_binary(), kubeconfig, house.directory)

    async with kubectl.watching("get", "agentictasks") as path:
        await house.label()
        await house.reviewed()
        workload = (await house.workload()).metadata.name
        tasks = [f"{workload}-{part}" for part in ("code-1", "verify-1", "review-1-0")]

        async def seen() -> bool:
            return all("Succeeded" in phases(path.read_text(), task) for task in tasks)

        await until(seen, seconds=10.0, what="kubectl: Succeeded")
    lines = path.read_text()
    code, verify, review = [phases(lines, task) for task in tasks]

    assert [without_gate(p) for p in (code, verify, review)] == [IN_ORDER] * 3
    assert code.index("Verifying") == code.index("Running") + 1
    assert verify[-2:] == ["Verifying", "Succeeded"]
    assert "Verifying" not in review


@asynccontextmanager
async def runbook(house: House, token: str) -> AsyncIterator[tuple[Kubectl, Program]]:
    """API and control, each a process; the node is started by whoever follows the runbook."""
    directory = house.directory
    environment = foreman_environment(
        directory,
        FOREMAN_DATA=str(directory / "data"),
        FOREMAN_API_PORT="0",
        FLEET_NODE_NAME="m5-max",
    )
    async with AsyncExitStack() as stack:
        parts = {
            "api": Program(["app.cli.main", "api"], environment, directory, directory / "api.log")
        }
        parts["control"] = Program(
            ["app.cli.main", "control"], environment, directory, directory / "control.log"
        )
        await parts["api"].start()
        stack.push_async_callback(parts["api"].stop)
        await parts["api"].line("socket")
        await parts["control"].start()
        stack.push_async_callback(parts["control"].stop)
        kubectl = Kubectl(_binary(), await _kubeconfig(environment, directory), directory)
        node = await _kubeconfig(environment, directory, role="node")
        work = _node(house, token, node)
        yield kubectl, work
        if work.is_running:
            await work.stop()


def _node(house: House, token: str, kubeconfig: Path) -> Program:
    """`foreman work` with the runbook's flags."""
    flags = [
        "--agent-mode=native",
        f"--kubeconfig={kubeconfig}",
        "--task-namespace=default",
        f"--workspace-dir={house.directory / 'foreman-workspaces'}",
        f"--git-remote-url={house.github.url}/{FORK}.git",
        "--inference-base-url-host-override=127.0.0.1",
        "--commit-author-name=Foreman Bot",
        "--commit-author-email=foreman@m5-max.local",
        "--installed-models=qwen36-35b-carnice-mtp",
        "--max-context-tokens=262144",
        "--tokens-per-second=80",
    ]
    environment = foreman_environment(
        house.directory,
        GITHUB_TOKEN=token,
        GITHUB_API_URL=house.github.url,
        FLEET_NODE_NAME="m5-max",
        FOREMAN_TRUSTED_REPOSITORIES=story.REPOSITORY,
    )
    log = house.directory / "work.log"
    return Program(["app.cli.main", "work", *flags], environment, house.directory, log)


def _written(house: House) -> tuple[Path, Path]:
    """Endpoint and task as the runbook has them edited: address, repository, issue, prompt."""
    endpoint = yaml.safe_load((ROOT / "examples/foreman/model-endpoint.yaml").read_text())
    endpoint["spec"]["baseURL"] = house.model.base_url
    task = yaml.safe_load((ROOT / "examples/foreman/m3-coder-demo.yaml").read_text())
    task["spec"]["payload"] |= {
        "repo": story.REPOSITORY,
        "issue": house.issue,
        "prompt": f"{story.TITLE}\n\n{story.BODY}",
    }
    paths = house.directory / "endpoint.yaml", house.directory / "m3-demo.yaml"
    for path, content in zip(paths, (endpoint, task), strict=True):
        path.write_text(yaml.safe_dump(content))
    return paths


async def _forked(github: LocalGitHub) -> str:
    """A person's fork; their token."""
    await github.create_user(FORKER)
    await github.fork(story.REPOSITORY, FORKER)
    return await github.create_token(FORKER)


async def test_the_m3_runbook_holds(open_house: Open) -> None:
    async with open_house() as house:
        token = await _forked(house.github)
        async with runbook(house, token) as (kubectl, work):
            for kind in ("agentictasks", "agents", "fleetnodes", "workloads"):
                crd = f"config/crd/bases/foreman.llmkube.dev_{kind}.yaml"
                await kubectl("apply", "-f", crd)
            await kubectl("apply", "-f", f"config/foreman/agents/{CODER}.yaml")
            # The machine this runs on may be a small one.
            less = '{"spec":{"requiredCapability":{"minRAMGB":0}}}'
            await kubectl("patch", "agent", CODER, "--type=merge", "-p", less)
            endpoint, task = _written(house)
            await kubectl("apply", "-f", str(endpoint))
            await work.start()
            ready = "jsonpath={.status.phase}=Ready"
            await until(lambda: _has_node(kubectl), seconds=30.0, what="the FleetNode")
            await kubectl("wait", "fleetnode/m5-max", f"--for={ready}", "--timeout=30s")

            async with kubectl.watching("get", "agentictask") as path:
                await kubectl("apply", "-f", str(task))
                ended = "jsonpath={.status.phase}=Succeeded"
                await kubectl(
                    "wait", "agentictask/m3-coder-demo", f"--for={ended}", "--timeout=60s"
                )
                seen = lambda: _shows(path, "m3-coder-demo")  # noqa: E731 - read again each time
                await until(seen, seconds=10.0, what="kubectl: Succeeded")
            seen_phases = phases(path.read_text(), "m3-coder-demo")
            assert without_gate(seen_phases) == IN_ORDER
            await _assert_landed(kubectl, house)
            await _assert_kept(kubectl)
            assert token not in work.log.read_text()


async def _has_node(kubectl: Kubectl) -> bool:
    return "m5-max" in await kubectl("get", "fleetnodes", "-o", "name")


async def _shows(path: Path, task: str) -> bool:
    return "Succeeded" in phases(path.read_text(), task)


async def _assert_landed(kubectl: Kubectl, house: House) -> None:
    """Section 6, and what good looks like."""
    get = ("get", "agentictask", "m3-coder-demo")
    status = json.loads(await kubectl(*get, "-o", "jsonpath={.status}"))
    extra = status["result"]["extra"]
    branch = f"foreman/issue-{house.issue}"
    sha = (await house.github.branches(FORK))[branch]
    assert (status["phase"], status["verdict"]) == ("Succeeded", "GO")
    assert (extra["branch"], extra["commitSHA"]) == (branch, sha)
    assert (status["branch"], status["commitSHA"]) == (branch, sha)
    [commit, *_] = await house.github.commits(FORK, branch)
    assert commit["author"] == "Foreman Bot"
    assert commit["message"].splitlines()[-1] == f"Fixes #{house.issue}"
    assert "Signed-off-by: Foreman Bot <foreman@m5-max.local>" in commit["message"]
    assert branch not in await house.github.branches(story.REPOSITORY)
    assert await house.pulls() == []


async def _assert_kept(kubectl: Kubectl) -> None:
    """The transcript, found by label and by name."""
    label = "foreman.llmkube.dev/transcript-of=m3-coder-demo"
    names = await kubectl("get", "cm", "-l", label, "-o", "name")
    name = "foreman-transcript-m3-coder-demo"
    data: dict[str, Any] = json.loads(await kubectl("get", "cm", name, "-o", "jsonpath={.data}"))
    transcript, meta = json.loads(data["transcript.json"]), json.loads(data["meta.json"])

    assert f"configmap/{name}" in names.split()
    roles = [message["role"] for message in transcript["messages"]]
    assert roles[-4:] == ["assistant", "tool", "assistant", "tool"]
    assert meta["task"] == "m3-coder-demo"
