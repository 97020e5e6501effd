"""The Workload controller over the embedded API; each pass by a new one, which remembers nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from k8s.client import Client, UnixAccess, connect
from k8s.controllers.caches import Caches
from k8s.controllers.workloads import WorkloadController
from k8s.embedded.serve import EmbeddedSettings, serve
from k8s.events import Recorder
from k8s.pipeline.labels import step_of
from k8s.resources.task import AgenticTask
from k8s.resources.workload import Workload
from tests.k8s.pipeline_support import batch, ended, good, no_go, order, ungrounded

KEY = ("default", "w")


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class House:
    client: Client
    caches: Caches

    async def start(self, **spec: Any) -> None:
        made = batch(**spec)
        meta = made.metadata.replace(namespace="default", uid="")
        await self.client.create(made.replace(metadata=meta))

    async def workload(self) -> Workload:
        return await self.client.get(Workload, "w", "default")

    async def tasks(self) -> dict[str, AgenticTask]:
        found = await self.client.list(AgenticTask, "default")
        return {step_of(task): task for task in found.items}

    async def one_pass(self) -> list[str]:
        """The steps that one pass added."""
        before = await self._seen()
        events = Recorder(self.client, component="test", clock=now)
        controller = WorkloadController(self.client, self.caches, events, clock=now)
        await controller.reconcile(KEY)
        return [name for name in await self._seen() if name not in before]

    async def settle(self) -> list[list[str]]:
        """Passes until one changes nothing; what each added."""
        passes = []
        while True:
            before = (await self.workload()).status
            added = await self.one_pass()
            if not added and (await self.workload()).status == before:
                return passes
            if added:
                passes.append(added)

    async def work(self, **ends: Callable[[AgenticTask], AgenticTask]) -> None:
        """All open tasks end, well but for those in *ends*."""
        for step, task in (await self.tasks()).items():
            if not task.ended:
                done = ends.get(step.replace("-", "_"), good)(task)
                body = {"status": done.status.wire()}
                name = task.metadata.name
                await self.client.patch(AgenticTask, name, "default", body, subresource="status")

    async def order(self, kind: str, number: int = 1, **fields: Any) -> None:
        had = [one.wire() for one in (await self.workload()).spec.follow_ups]
        body = {"spec": {"followUps": [*had, order(kind, number, **fields)]}}
        await self.client.patch(Workload, "w", "default", body)

    async def _seen(self) -> list[str]:
        """What there is, once the caches have it too."""
        async with asyncio.timeout(10):
            while True:
                there = await self.client.list(AgenticTask, "default")
                versions = {t.key: t.metadata.resource_version for t in there.items}
                mine = {t.key: t.metadata.resource_version for t in self.caches.tasks.items()}
                about = self.caches.workloads.get("w", "default")
                version = (await self.workload()).metadata.resource_version
                if versions == mine and about and about.metadata.resource_version == version:
                    return [step_of(task) for task in there.items]


@pytest.fixture(name="house")
async def _house(tmp_path: Path) -> AsyncIterator[House]:
    async with (
        serve(EmbeddedSettings(directory=tmp_path, port=None)) as api,
        connect(UnixAccess(api.socket, api.admin_token)) as client,
    ):
        caches = Caches.of(client, "default")
        running = asyncio.create_task(caches.run())
        await caches.synced()
        yield House(client, caches)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_a_follow_up_after_the_end_makes_it_dispatched_again(house: House) -> None:
    await house.start()
    await house.settle()
    await house.work()
    await house.settle()
    first = await house.workload()

    await house.order("human-review", digest="shorter")
    added = await house.settle()
    again = await house.workload()
    await house.work()
    await house.settle()
    last = await house.workload()

    assert first.status.phase == last.status.phase == "Completed"
    assert [len(steps) for steps in added] == [4]
    assert again.status.phase == "Dispatched"
    assert "Completed" not in {c.type for c in again.status.conditions}
    assert "shorter" in str((await house.tasks())["code-12-r1"].spec.payload.prompt)


async def test_rounds_of_our_reviewers_are_counted(house: House) -> None:
    await house.start()
    await house.settle()
    await house.work(review_12_0=no_go)
    await house.settle()
    await house.work()
    await house.settle()

    status = (await house.workload()).status

    assert (status.phase, status.review_iterations) == ("Completed", 1)
    assert (status.succeeded_tasks, status.incomplete_tasks) == (4, 0)
    assert len(status.tasks) == 8


async def test_an_approval_is_answered_without_a_task(house: House) -> None:
    await house.start()
    await house.settle()
    await house.work(review_12_0=ungrounded)
    await house.settle()
    await house.work(review_12_0_a1=ungrounded)
    await house.settle()
    before = (await house.workload()).status

    await house.order("approve")
    added = await house.settle()

    after = (await house.workload()).status
    completed = next(c for c in after.conditions if c.type == "Completed")
    assert before.phase == "Failed"
    assert added == []
    assert (after.phase, completed.reason, after.answered) == ("Completed", "Approved", ["f1"])


async def test_what_max_tasks_keeps_from_people_is_told_and_answered(house: House) -> None:
    await house.start(maxTasks=5)
    await house.settle()
    await house.work()
    await house.settle()

    await house.order("human-review")
    await house.settle()

    status = (await house.workload()).status
    told = {(c.type, c.reason) for c in status.conditions}
    assert (status.phase, status.answered) == ("Completed", ["f1"])
    assert ("Truncated", "MaxTasksIterationCap") in told


async def test_a_round_cut_off_while_it_was_made_is_completed(house: House) -> None:
    await house.start()
    await house.settle()
    await house.work(review_12_0=no_go)
    await house.settle()
    for step in ("verify-12-r1", "review-12-1-r1"):
        await house.client.delete(AgenticTask, f"w-{step}", "default")

    assert await house.settle() == [["review-12-1-r1", "verify-12-r1"]]


async def test_nothing_is_begun_after_a_cancellation(house: House) -> None:
    await house.start()
    await house.settle()
    body = {"spec": {"cancellation": {"by": "ann"}}}
    await house.client.patch(Workload, "w", "default", body)
    await house.settle()
    await house.work(code_12=lambda t: ended(t, "INCOMPLETE", "Failed", outcome="CANCELLED"))

    await house.order("retry")
    added = await house.settle()

    assert added == []
    assert (await house.workload()).status.phase == "Failed"


@pytest.mark.parametrize(
    ("phase", "after"),
    [
        pytest.param("Dispatched", "Failed", id="active"),
        pytest.param("Completed", "Completed", id="ended"),
    ],
)
async def test_what_cannot_be_planned_fails_unless_it_has_ended(
    house: House, phase: str, after: str
) -> None:
    await house.start(coderAgentRef=None)
    body = {"status": {"phase": phase}}
    await house.client.patch(Workload, "w", "default", body, subresource="status")

    await house.settle()

    assert (await house.workload()).status.phase == after
