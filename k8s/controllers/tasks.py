"""AgenticTasks before a claim and after a lost one: validation, dependencies, scheduling, expiry."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Literal

import structlog

from k8s.client import Client
from k8s.cloud import REASON, refusal
from k8s.controllers.caches import Caches, Written, world
from k8s.controllers.status import on_wire, write_status
from k8s.errors import Conflict
from k8s.events import Recorder
from k8s.informer import Informer
from k8s.lifecycle import (
    CLAIM_EXPIRIES,
    Accept,
    End,
    Leave,
    Ready,
    Release,
    Wait,
    next_step,
)
from k8s.meta import Condition, with_condition
from k8s.pipeline.labels import WORKLOAD
from k8s.queue import WorkQueue
from k8s.reach import condition, route
from k8s.resources.task import AgenticTask
from k8s.resources.workload import Workload
from k8s.schedule import Waiting, World, agent_of, plan
from tools.result import Extra, Result

Key = tuple[str, str]
SCHEDULE: Key = ("", "")  # the key of a scheduling pass; no task has an empty name
# What a task may lack for a while before it fails with that reason.
_UNAVAILABLE = frozenset(
    {"AgentNotFound", "EndpointNotFound", "EndpointNotReady", "InferenceServiceUnavailable"}
)

log = structlog.get_logger(__name__)


class TaskController:
    """Writer of a task's status while no node holds it."""

    def __init__(
        self,
        client: Client,
        caches: Caches,
        events: Recorder,
        *,
        clock: Callable[[], datetime],
        unavailable_for: timedelta,
        allow_cloud: bool,
    ) -> None:
        self.queue: WorkQueue = WorkQueue()
        self._client = client
        self._caches = caches
        self._events = events
        self._clock = clock
        self._unavailable_for = unavailable_for
        self._allow_cloud = allow_cloud
        self._written = Written()
        self._ready: set[Key] = set()
        self._subscribe()

    def _subscribe(self) -> None:
        def task_changed(change: Any) -> None:
            task: AgenticTask = change.object
            self.queue.add(task.key)
            if task.ended or change.type == "DELETED":
                self._wake_dependents(task)
                self.queue.add(SCHEDULE)  # a slot is free

        def world_changed(change: Any) -> None:
            self.queue.add(SCHEDULE)
            for task in self._caches.tasks.items():
                if not task.ended and task.phase != "Pending":
                    self.queue.add(task.key)

        self._caches.tasks.subscribe(task_changed)
        self._caches.nodes.subscribe(world_changed)
        others: list[Informer[Any]] = [
            self._caches.agents,
            self._caches.endpoints,
            self._caches.workloads,
        ]
        if self._caches.services:
            others.append(self._caches.services)
        for informer in others:
            informer.subscribe(lambda _change: self.queue.add(SCHEDULE))

    def _wake_dependents(self, task: AgenticTask) -> None:
        for other in self._caches.tasks.items():
            if task.metadata.name in other.spec.depends_on and not other.ended:
                self.queue.add(other.key)

    async def reconcile(self, key: Key) -> float | None:
        """One task, or one scheduling pass; seconds until it wants to be looked at again."""
        if key == SCHEDULE:
            return await self._schedule()
        namespace, name = key
        task = self._caches.tasks.get(name, namespace)
        self._ready.discard(key)
        if task is None:
            return None
        if task.status.phase is None:
            await self._events.record_unused(task)
        siblings = {t.metadata.name: t for t in self._caches.tasks.items()}
        nodes = {n.metadata.name: n for n in self._caches.nodes.items()}
        match next_step(task, siblings, nodes, self._clock()):
            case Leave(seconds):
                return seconds
            case Accept():
                await self._accept(task)
            case Wait(reason, message, seconds):
                await self._wait(task, Waiting(reason, message))
                return seconds
            case Release() as release:
                await self._release(task, release)
            case End() as end:
                await self._end(task, end)
            case Ready():
                self._ready.add(key)
                self.queue.add(SCHEDULE)
        return None

    async def _schedule(self) -> float | None:
        seen = world(self._caches, self._written)
        pending = [t for t in seen.tasks if t.key in self._ready and t.phase == "Pending"]
        suspended = [t for t in pending if self._suspended(t)]
        ready = [t for t in pending if t not in suspended and not await self._is_refused(t, seen)]
        found = plan(ready, seen, self._clock())
        for task in suspended:
            await self._wait(task, Waiting("Suspended", "its Workload is suspended"))
        by_key = {task.key: task for task in ready}
        for key, node in found.assigned.items():
            await self._assign(by_key[key], node)
        for key, waiting in found.waiting.items():
            await self._wait(by_key[key], waiting)
        return 15.0 if found.waiting else None

    async def _is_refused(self, task: AgenticTask, seen: World) -> bool:
        """Whether the task's model is where its code may not go; the task is ended then."""
        agent = agent_of(task, seen)
        if agent is None:
            return False
        way = route(agent, seen.endpoints, seen.services)
        told = refusal(agent, way, self._owner(task), operator_agrees=self._allow_cloud)
        if told:
            await self._end(task, End("Failed", "INCOMPLETE", "Failed", REASON, told))
        return bool(told)

    def _suspended(self, task: AgenticTask) -> bool:
        workload = self._owner(task)
        return bool(workload and workload.spec.suspend)

    def _owner(self, task: AgenticTask) -> Workload | None:
        owner = task.metadata.labels.get(WORKLOAD)
        return self._caches.workloads.get(owner, task.metadata.namespace or "") if owner else None

    async def _assign(self, task: AgenticTask, node: str) -> None:
        now = self._clock()
        conditions = [c for c in task.status.conditions if c.type != "ModelAvailable"]
        message = f"assigned to FleetNode {node}"
        conditions = with_condition(
            conditions,
            "Scheduled",
            status=True,
            reason="FleetNodeAssigned",
            message=message,
            now=now,
        )
        await self._patch(
            task, phase="Scheduled", assignedNode=node, conditions=on_wire(conditions)
        )
        self._ready.discard(task.key)
        log.info("task.scheduled", task=task.metadata.name, node=node)

    async def _wait(self, task: AgenticTask, waiting: Waiting) -> None:
        now = self._clock()
        place = f" (position {waiting.position} in the queue)" if waiting.position else ""
        conditions = with_condition(
            task.status.conditions,
            "Scheduled",
            status=False,
            reason=waiting.reason,
            message=waiting.message + place,
            now=now,
        )
        if waiting.reason in _UNAVAILABLE:
            conditions = with_condition(
                conditions,
                "ModelAvailable",
                status=False,
                reason=waiting.reason,
                message=waiting.message,
                now=now,
            )
            if self._waited_too_long(conditions, now):
                await self._end(task, _unavailable(waiting))
                return
        else:
            conditions = [c for c in conditions if c.type != "ModelAvailable"]
        if conditions == task.status.conditions:
            return
        await self._patch(task, phase="Pending", conditions=on_wire(conditions))
        await self._events.record(task, "Waiting", waiting.message)

    def _waited_too_long(self, conditions: list[Condition], now: datetime) -> bool:
        since = condition(conditions, "ModelAvailable")
        return since is not None and now - since.last_transition_time > self._unavailable_for

    async def _accept(self, task: AgenticTask) -> None:
        await self._patch(task, phase="Pending")
        await self._events.record(task, "ValidationSucceeded", "input is valid")

    async def _release(self, task: AgenticTask, release: Release) -> None:
        # The strike is counted first, so that a crash between both writes still counts.
        name, namespace = task.metadata.name, task.metadata.namespace or ""
        counted = await self._client.patch(
            AgenticTask,
            name,
            namespace,
            {"metadata": {"annotations": {CLAIM_EXPIRIES: str(release.strike)}}},
            resource_version=task.metadata.resource_version,
        )
        conditions = with_condition(
            task.status.conditions,
            "ClaimExpired",
            status=True,
            reason="HeartbeatStale",
            message=f"{release.message}; expiry {release.strike}",
            now=self._clock(),
        )
        await self._patch(
            counted,
            phase="Pending",
            assignedNode=None,
            claimID=None,
            claimedAt=None,
            startedAt=None,
            progress=None,
            conditions=on_wire(conditions),
        )
        await self._events.record(task, "ClaimExpired", release.message, type="Warning")

    async def _end(self, task: AgenticTask, end: End) -> None:
        now = self._clock()
        conditions = with_condition(
            task.status.conditions,
            end.condition,
            status=True,
            reason=end.reason,
            message=end.message,
            now=now,
        )
        result = Result(
            kind="deterministic",
            verdict=end.verdict,
            failure_reason=end.failure_reason,
            summary=end.message,
            extra=Extra(outcome=end.outcome, reason=end.reason),
        )
        await self._patch(
            task,
            phase=end.phase,
            verdict=end.verdict,
            failureReason=end.failure_reason,
            result=result.wire(),
            finishedAt=_stamp(now),
            conditions=on_wire(conditions),
        )
        kind: Literal["Normal", "Warning"] = "Normal" if end.phase == "Succeeded" else "Warning"
        await self._events.record(task, end.reason, end.message, type=kind)

    async def _patch(self, task: AgenticTask, **status: Any) -> None:
        try:
            written = await write_status(self._client, task, status)
        except Conflict:
            self.queue.add(task.key)  # somebody was quicker: read again, decide again
            return
        if written:
            self._written.add(written)


def _unavailable(waiting: Waiting) -> End:
    missing_agent = waiting.reason == "AgentNotFound"
    return End(
        "Failed",
        "INCOMPLETE",
        "Failed",
        waiting.reason,
        f"{waiting.message}; gave up waiting",
        failure_reason="AgentNotFound" if missing_agent else "InferenceServiceUnavailable",
    )


def _stamp(now: datetime) -> str:
    return now.isoformat().replace("+00:00", "Z")
