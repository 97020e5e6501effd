"""`foreman work --agent-mode stub`: a fleet is tried without a model, a repository or a sandbox."""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.manager import manage
from k8s.client import Client, UnixAccess, connect
from k8s.controllers.caches import Caches
from k8s.embedded.serve import EmbeddedSettings, serve
from k8s.meta import Meta
from k8s.resources.agent import Agent, AgentSpec
from k8s.resources.task import AgenticTask
from k8s.resources.workload import Workload


def now() -> datetime:
    return datetime.now(UTC)


async def order(client: Client) -> None:
    """A Workload with a coder, a verifier and a reviewer, none of which has a model."""
    for name in ("c", "gate", "r"):
        spec = AgentSpec(role="verifier", tools=["run_gate_job"])
        await client.create(Agent(metadata=Meta(name=name, namespace="default"), spec=spec))
    wanted = {
        "intent": "fix",
        "repo": "a/b",
        "issues": [7],
        "coderAgentRef": {"name": "c"},
        "verifierAgentRef": {"name": "gate"},
        "reviewerAgentRefs": [{"name": "r"}],
    }
    await client.create(Workload(metadata=Meta(name="w", namespace="default"), spec=wanted))


async def completed(client: Client) -> Workload:
    async with asyncio.timeout(30):
        while (found := await client.get(Workload, "w", "default")).active:
            await asyncio.sleep(0.02)
    return found


async def test_a_stub_node_finishes_a_workload(tmp_path: Path) -> None:
    async with (
        serve(EmbeddedSettings(directory=tmp_path / "api", port=None)) as api,
        connect(UnixAccess(api.socket, api.admin_token)) as client,
        asyncio.TaskGroup() as group,
    ):
        caches = Caches.of(client, "default")
        manager = manage(client, caches, clock=now, unavailable_for=timedelta(hours=1))
        background = [group.create_task(caches.run()), group.create_task(manager)]
        await order(client)
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "app.cli.main", "work", "--agent-mode", "stub"),
            *("--data", str(tmp_path), "--fleet-node-name", "m"),
            env={"PATH": os.environ["PATH"]},
        )
        try:
            workload = await completed(client)
        finally:
            child.terminate()
            code = await child.wait()
        tasks = (await client.list(AgenticTask, "default")).items
        for task in background:
            task.cancel()

    results = {task.spec.kind: task.status.result for task in tasks}
    assert workload.status.phase == "Completed"
    assert {kind: result and result.verdict for kind, result in results.items()} == {
        "issue-fix": "GO",
        "verify": "GATE-PASS",
        "review": "GO",
    }
    assert {result and result.kind for result in results.values()} == {"stub"}
    assert all(result and result.summary.startswith("stub: ") for result in results.values())
    assert code == 0
