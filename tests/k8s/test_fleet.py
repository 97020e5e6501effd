"""Controllers and a node over the embedded API: from Pending to an end, by whatever happens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.manager import manage
from k8s.client import Client, UnixAccess, connect
from k8s.controllers.caches import Caches
from k8s.embedded.serve import EmbeddedApi, EmbeddedSettings, serve
from k8s.meta import Meta
from k8s.node.claim import Claim
from k8s.node.machine import Stated
from k8s.node.worker import Node, NodeSettings
from k8s.resources.agent import Agent, AgentSpec
from k8s.resources.core import Event
from k8s.resources.endpoint import EndpointSpec, ModelEndpoint
from k8s.resources.fleet import FleetNode
from k8s.resources.task import AgenticTask, Payload, Progress, TaskSpec
from k8s.resources.workload import Workload
from loop.work.job import Done
from tools.result import Result


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Scripted:
    """An executor that does what the test says; by default it succeeds at once."""

    verdicts: dict[str, str] = field(default_factory=dict)
    hold: asyncio.Event = field(default_factory=asyncio.Event)
    held: set[str] = field(default_factory=set)
    started: list[str] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    breaks: str = ""

    async def run(self, claim: Claim) -> Done:
        name = claim.task.metadata.name
        self.started.append(name)
        try:
            await claim.progress(Progress(turn=1, max_turns=2, last_tool="bash"))
            if name in self.held:
                await self.hold.wait()
            if name == self.breaks:
                raise RuntimeError("a bug")
            await claim.enter("Verifying")
        except asyncio.CancelledError:
            self.cancelled.append(name)
            raise
        verdict: Any = self.verdicts.get(name, "GO")
        return Done(Result(verdict=verdict, summary="done"))

    async def store(self, claim: Claim, done: Done) -> Done:
        return done

    async def tidy(self, claim: Claim) -> None:
        return

    async def endpoint_key(self, endpoint: ModelEndpoint) -> str:
        return ""


@dataclass
class Fleet:
    client: Client
    api: EmbeddedApi
    executor: Scripted
    stop: asyncio.Event

    async def task(self, name: str) -> AgenticTask:
        return await self.client.get(AgenticTask, name, "default")

    async def until(
        self, name: str, holds: Callable[[AgenticTask], bool], *, seconds: float = 10
    ) -> AgenticTask:
        async with asyncio.timeout(seconds):
            while not holds(found := await self.task(name)):
                await asyncio.sleep(0.01)
        return found

    async def ended(self, name: str) -> AgenticTask:
        return await self.until(name, lambda task: task.ended)


@asynccontextmanager
async def node(
    api: EmbeddedApi, executor: Scripted, stop: asyncio.Event, **more: Any
) -> AsyncIterator[None]:
    settings: dict[str, Any] = {
        "name": "m",
        "namespace": "default",
        "slots": 2,
        "roles": ("worker",),
        "labels": {},
        "version": "0",
        "sandbox": "plain",
        "stated": Stated(),
        "drain_seconds": 0.0,
        **more,
    }
    async with connect(UnixAccess(api.socket, api.node_token)) as client:
        worker = Node(client, NodeSettings(**settings), executor, now)
        async with asyncio.TaskGroup() as group:
            running = group.create_task(worker.run(stop))
            try:
                yield
            finally:
                stop.set()
                await running


@pytest.fixture(name="control")
async def _control(tmp_path: Path) -> AsyncIterator[Fleet]:
    async with (
        serve(EmbeddedSettings(directory=tmp_path / "api", port=None)) as api,
        connect(UnixAccess(api.socket, api.admin_token)) as client,
    ):
        caches = Caches.of(client, "default")
        async with asyncio.TaskGroup() as group:
            background = [
                group.create_task(caches.run()),
                group.create_task(
                    manage(client, caches, clock=now, unavailable_for=timedelta(hours=1))
                ),
            ]
            yield Fleet(client, api, Scripted(), asyncio.Event())
            for task in background:
                task.cancel()


@pytest.fixture(name="fleet")
async def _fleet(control: Fleet) -> AsyncIterator[Fleet]:
    await control.client.create(gate())
    async with node(control.api, control.executor, control.stop):
        yield control


def gate(name: str = "gate") -> Agent:
    spec = AgentSpec(role="verifier", tools=["run_gate_job"])
    return Agent(metadata=Meta(name=name, namespace="default"), spec=spec)


def task(name: str, **spec: Any) -> AgenticTask:
    return AgenticTask(
        metadata=Meta(name=name, namespace="default"),
        spec=TaskSpec(
            kind=spec.pop("kind", "verify"),
            payload=spec.pop("payload", Payload(repo="a/b", branch="foreman/x")),
            agent_ref={"name": spec.pop("agent", "gate")},
            **spec,
        ),
    )


async def test_a_task_passes_its_phases_in_order(fleet: Fleet) -> None:
    seen: list[str] = []

    async def follow() -> None:
        version = (await fleet.client.list(AgenticTask, "default")).resource_version
        async for change in fleet.client.watch(AgenticTask, "default", resource_version=version):
            phase = change.object.status.phase
            if change.type != "BOOKMARK" and phase and phase not in seen:
                seen.append(phase)
            if change.object.ended:
                return

    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        group.create_task(follow())
        await fleet.client.create(task("t"))

    ended = await fleet.task("t")
    assert seen == ["Pending", "Scheduled", "Running", "Verifying", "Succeeded"]
    assert (ended.status.verdict, ended.status.assigned_node) == ("GO", "m")
    assert ended.status.claim_id
    assert ended.status.finished_at
    reasons = {e.reason for e in (await fleet.client.list(Event, "default")).items}
    assert "ValidationSucceeded" in reasons


async def test_bad_input_fails_with_an_event(fleet: Fleet) -> None:
    await fleet.client.create(task("t", payload=Payload()))

    ended = await fleet.ended("t")

    assert (ended.phase, ended.status.verdict) == ("Failed", "INCOMPLETE")
    assert ended.status.result
    assert "spec.payload.repo" in ended.status.result.summary
    events = {e.reason: e.type for e in (await fleet.client.list(Event, "default")).items}
    assert events["ValidationFailed"] == "Warning"


async def test_a_workload_is_rendered_run_and_rolled_up(fleet: Fleet) -> None:
    for name in ("c", "r"):
        await fleet.client.create(gate(name))
    await fleet.client.create(
        Workload(
            metadata=Meta(name="w", namespace="default"),
            spec={
                "intent": "fix",
                "repo": "a/b",
                "issues": [7],
                "coderAgentRef": {"name": "c"},
                "verifierAgentRef": {"name": "gate"},
                "reviewerAgentRefs": [{"name": "r"}],
            },
        )
    )

    async with asyncio.timeout(10):
        while (found := await fleet.client.get(Workload, "w", "default")).active:
            await asyncio.sleep(0.02)

    assert found.status.phase == "Completed"
    assert found.status.succeeded_tasks == 3
    assert fleet.executor.started == ["w-code-7", "w-verify-7", "w-review-7-0"]


async def steady(fleet: Fleet, name: str) -> Workload:
    """The Workload once it has ended and nobody writes to it any more."""
    async with asyncio.timeout(10):
        while (found := await fleet.client.get(Workload, name, "default")).active:
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.3)
        again = await fleet.client.get(Workload, name, "default")
    assert again.metadata.resource_version == found.metadata.resource_version
    return again


@pytest.mark.parametrize(
    ("name", "spec", "told"),
    [
        pytest.param("w", {}, "there is no planner", id="intent only"),
        pytest.param(
            "w" * 60,
            {"pipeline": [{"name": "step-one", "kind": "verify", "agentRef": {"name": "gate"}}]},
            "63",
            id="name too long",
        ),
    ],
)
async def test_a_workload_that_cannot_be_planned_stays_failed(
    fleet: Fleet, name: str, spec: dict[str, Any], told: str
) -> None:
    meta = Meta(name=name, namespace="default")
    await fleet.client.create(Workload(metadata=meta, spec={"intent": "x", "repo": "a/b", **spec}))

    ended = await steady(fleet, name)

    assert ended.status.phase == "Failed"
    assert told in ended.status.conditions[0].message
    assert fleet.executor.started == []


async def test_somebody_elses_task_of_the_name_is_named(fleet: Fleet) -> None:
    fleet.executor.held.add("w-a")
    await fleet.client.create(task("w-a"))
    step = {"name": "a", "kind": "verify", "agentRef": {"name": "gate"}}
    meta = Meta(name="w", namespace="default")
    spec = {"intent": "x", "repo": "a/b", "pipeline": [step]}
    await fleet.client.create(Workload(metadata=meta, spec=spec))

    ended = await steady(fleet, "w")

    assert ended.status.phase == "Failed"
    assert ended.status.conditions[0].reason == "NameTaken"


async def test_a_result_that_cannot_be_stored_is_handed_in_all_the_same(fleet: Fleet) -> None:
    from k8s.errors import Invalid

    async def refuse(claim: Claim, done: Done) -> Done:
        raise Invalid(422, "Invalid", "metadata.labels: too long")

    fleet.executor.store = refuse  # type: ignore[method-assign] # this test's API refuses it
    await fleet.client.create(task("t"))

    assert (await fleet.ended("t")).status.verdict == "GO"
    assert fleet.executor.started == ["t"]


async def test_what_waits_for_a_failure_fails_too(fleet: Fleet) -> None:
    fleet.executor.verdicts["a"] = "NO-GO"
    await fleet.client.create(task("b", depends_on=["a"]))
    await fleet.client.create(task("a"))

    ended = await fleet.ended("b")

    assert fleet.executor.started == ["a"]
    assert ended.status.result
    assert ended.status.result.extra.reason == "UpstreamFailed"


async def test_a_running_task_is_cancelled_on_the_spot(fleet: Fleet) -> None:
    fleet.executor.held.add("t")
    await fleet.client.create(task("t"))
    await fleet.until("t", lambda t: t.phase == "Running")

    body = {"spec": {"cancellation": {"by": "ann", "reason": "no"}}}
    await fleet.client.patch(AgenticTask, "t", "default", body)
    ended = await fleet.ended("t")

    assert fleet.executor.cancelled == ["t"]
    assert ended.status.result
    assert ended.status.result.extra.outcome == "CANCELLED"
    assert ended.status.result.summary == "cancelled by ann: no"


async def test_a_deleted_task_stops_running(fleet: Fleet) -> None:
    fleet.executor.held.add("t")
    await fleet.client.create(task("t"))
    await fleet.until("t", lambda t: t.phase == "Running")

    await fleet.client.delete(AgenticTask, "t", "default")

    async with asyncio.timeout(5):
        while not fleet.executor.cancelled:
            await asyncio.sleep(0.01)


async def test_a_bug_in_a_run_ends_in_an_envelope(fleet: Fleet) -> None:
    fleet.executor.breaks = "t"
    await fleet.client.create(task("t"))

    ended = await fleet.ended("t")

    assert (ended.phase, ended.status.failure_reason) == ("Failed", "InfrastructureError")


async def test_timeout_seconds_is_honoured(fleet: Fleet) -> None:
    fleet.executor.held.add("t")
    await fleet.client.create(task("t", timeout_seconds=1))

    ended = await fleet.ended("t")

    assert (ended.status.verdict, ended.status.failure_reason) == ("INCOMPLETE", "Timeout")


async def test_node_slots_are_never_exceeded(fleet: Fleet) -> None:
    names = [f"t{i}" for i in range(6)]
    fleet.executor.held.update(names)
    for name in names:
        await fleet.client.create(task(name))
    async with asyncio.timeout(10):
        while len(fleet.executor.started) < 2:
            await asyncio.sleep(0.01)
    waiting = await fleet.until(
        "t5", lambda t: any(c.reason == "NodesBusy" for c in t.status.conditions)
    )

    assert len(fleet.executor.started) == 2
    assert "position" in waiting.status.conditions[-1].message
    fleet.executor.hold.set()
    for name in names:
        await fleet.ended(name)


async def test_a_restarted_node_takes_its_orphan_at_once(control: Fleet) -> None:
    await control.client.create(gate())
    control.executor.held.add("t")
    first = asyncio.Event()
    killed = Scripted(held={"t"})
    async with node(control.api, killed, first, drain_seconds=0.0):
        await control.client.create(task("t"))
        running = await control.until("t", lambda t: t.phase == "Running")
        # A killed node writes nothing any more: put the claim back as it left it.
    before = running.status.wire()
    await control.client.patch(
        AgenticTask,
        "t",
        "default",
        {"status": {k: before.get(k) for k in ("phase", "assignedNode", "claimID", "startedAt")}},
        subresource="status",
    )

    async with node(control.api, Scripted(), control.stop):
        ended = await control.ended("t")

    assert ended.status.verdict == "GO"
    assert ended.status.claim_id != running.status.claim_id


async def test_a_task_that_outlives_its_node_three_times_is_ended(control: Fleet) -> None:
    await control.client.create(gate())
    made = await control.client.create(task("t"))
    marks = {"metadata": {"annotations": {"foreman.llmkube.dev/claim-expiries": "2"}}}
    await control.client.patch(AgenticTask, "t", "default", marks)
    status = {"phase": "Running", "assignedNode": "m", "claimID": "old"}
    await control.client.patch(
        AgenticTask, "t", "default", {"status": status}, subresource="status"
    )

    executor = Scripted()
    async with node(control.api, executor, control.stop):
        ended = await control.ended(made.metadata.name)

    assert (ended.phase, ended.status.failure_reason) == ("Failed", "InfrastructureError")
    assert executor.started == []


async def test_a_drained_node_gives_its_task_back(control: Fleet) -> None:
    await control.client.create(gate())
    stop = asyncio.Event()
    async with node(control.api, Scripted(held={"t"}), stop):
        await control.client.create(task("t"))
        await control.until("t", lambda t: t.phase == "Running")

    released = await control.task("t")
    machine = await control.client.get(FleetNode, "m")
    assert (released.phase, released.status.claim_id) == ("Pending", None)
    assert machine.status.phase == "Draining"


async def test_an_endpoint_that_is_down_leaves_the_task_pending(fleet: Fleet) -> None:
    from k8s.scripted import scripted_model

    async with scripted_model([]) as server:
        port = int(server.base_url.rsplit(":", 1)[1].split("/")[0])
    endpoint = ModelEndpoint(
        metadata=Meta(name="llm", namespace="default"),
        spec=EndpointSpec(base_url=f"http://127.0.0.1:{port}/v1"),
    )
    await fleet.client.create(endpoint)
    await fleet.client.create(
        Agent(
            metadata=Meta(name="c", namespace="default"),
            spec=AgentSpec(
                role="coder", tools=["bash"], model_endpoint_ref={"name": "llm"}, system_prompt="x"
            ),
        )
    )
    await fleet.client.create(task("t", agent="c"))

    waiting = await fleet.until(
        "t",
        lambda t: any(
            c.reason == "EndpointNotReady" and "cannot connect" in c.message
            for c in t.status.conditions
        ),
    )
    assert waiting.phase == "Pending"
    assert "ModelEndpoint llm" in waiting.status.conditions[-1].message

    async with scripted_model([], port=port):
        assert (await fleet.ended("t")).status.verdict == "GO"


async def test_a_model_outside_is_not_asked_without_consent(fleet: Fleet) -> None:
    spec = AgentSpec(
        role="coder",
        tools=["bash"],
        provider="cloud-proxy",
        provider_config={"base_url": "https://api.example.com/v1"},
    )
    await fleet.client.create(Agent(metadata=Meta(name="big", namespace="default"), spec=spec))
    await fleet.client.create(task("t", agent="big"))

    ended = await fleet.ended("t")

    assert (ended.phase, ended.status.verdict) == ("Failed", "INCOMPLETE")
    assert ended.status.result
    assert ended.status.result.extra.reason == "SovereigntyGate"
    assert "api.example.com, outside" in ended.status.result.summary
    assert fleet.executor.started == []


async def test_a_missing_agent_is_named(fleet: Fleet) -> None:
    await fleet.client.create(task("t", agent="nobody"))

    waiting = await fleet.until(
        "t", lambda t: any(c.reason == "AgentNotFound" for c in t.status.conditions)
    )
    assert waiting.phase == "Pending"

    await fleet.client.create(gate("nobody"))
    assert (await fleet.ended("t")).status.verdict == "GO"
