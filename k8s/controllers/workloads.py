"""Workloads: children created by name, cancelled together, rolled up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog

from k8s.client import Client
from k8s.controllers.caches import Caches
from k8s.controllers.status import on_wire, write_status
from k8s.errors import AlreadyExists, Invalid, NotFound
from k8s.events import Recorder
from k8s.meta import with_condition
from k8s.pipeline.conditions import conditions_of
from k8s.pipeline.labels import WORKLOAD, step_of
from k8s.pipeline.plan import Rendered, missing
from k8s.pipeline.rollup import review_iterations, rollup
from k8s.pipeline.steps import RenderError
from k8s.queue import WorkQueue
from k8s.reach import condition
from k8s.resources.task import AgenticTask, Cancellation
from k8s.resources.workload import Workload

Key = tuple[str, str]

log = structlog.get_logger(__name__)


class WorkloadController:
    """The only writer of a Workload's status but `reported`."""

    def __init__(
        self, client: Client, caches: Caches, events: Recorder, *, clock: Callable[[], datetime]
    ) -> None:
        self.queue: WorkQueue = WorkQueue()
        self._client = client
        self._caches = caches
        self._events = events
        self._clock = clock
        caches.workloads.subscribe(lambda change: self.queue.add(change.object.key))
        caches.tasks.subscribe(self._task_changed)

    def _task_changed(self, change: Any) -> None:
        task: AgenticTask = change.object
        if owner := task.metadata.labels.get(WORKLOAD):
            self.queue.add((task.metadata.namespace or "", owner))

    async def reconcile(self, key: Key) -> float | None:
        namespace, name = key
        workload = self._caches.workloads.get(name, namespace)
        if workload is None or workload.metadata.deletion_timestamp:
            return None
        if workload.status.phase is None:
            await self._events.record_unused(workload)
        children = self._children(workload)
        if refused := _refusal(workload):
            # The spec is frozen: what could not be planned never will be.
            await self._cancel(children, Cancellation(by="foreman", reason=refused))
            return None
        if workload.spec.cancellation:
            await self._cancel(children, workload.spec.cancellation)
            if not children:
                await self._finish_cancelled(workload)
                return None
        try:
            rest = Rendered([]) if workload.spec.cancellation else missing(workload, children)
        except RenderError as fault:
            if workload.active:  # what has ended stays as it ended
                await self._fail(workload, fault.reason, str(fault))
            return None
        # First, so that what orders came to is not decided again on what comes after.
        answered = set(rest.answered) - set(workload.status.answered)
        if rest.tasks and not answered:
            await self._create(workload, rest)
        elif children:
            await self._roll_up(workload, children, rest)
        return None

    def _children(self, workload: Workload) -> list[AgenticTask]:
        uid = workload.metadata.uid
        return [
            task
            for task in self._caches.tasks.items()
            if any(owner.uid == uid for owner in task.metadata.owner_references)
        ]

    async def _create(self, workload: Workload, rest: Rendered) -> None:
        steps = [step_of(task) for task in rest.tasks]
        log.info("workload.tasks_added", workload=workload.metadata.name, steps=steps)
        for task in rest.tasks:
            try:
                await self._client.create(task)
            except AlreadyExists:
                if not await self._is_ours(workload, task):
                    told = f"task {task.metadata.name}: exists already and belongs to somebody else"
                    await self._fail(workload, "NameTaken", f"{told}; delete it or rename")
                    return
            except Invalid as fault:
                await self._fail(workload, "AgentResolveFailed", str(fault))
                return

    async def _is_ours(self, workload: Workload, task: AgenticTask) -> bool:
        """Whether the task of that name is this Workload's: our cache was behind."""
        try:
            there = await self._client.get(
                AgenticTask, task.metadata.name, task.metadata.namespace or ""
            )
        except NotFound:
            return True  # gone meanwhile; the next pass creates it
        return any(o.uid == workload.metadata.uid for o in there.metadata.owner_references)

    async def _cancel(self, children: list[AgenticTask], order: Cancellation) -> None:
        for task in children:
            if task.ended or task.spec.cancellation:
                continue
            body = {"spec": {"cancellation": order.wire()}}
            try:
                await self._client.patch(
                    AgenticTask, task.metadata.name, task.metadata.namespace or "", body
                )
            except NotFound:
                continue

    async def _finish_cancelled(self, workload: Workload) -> None:
        order = workload.spec.cancellation
        assert order is not None, "asked only for a cancelled Workload"
        await self._fail(workload, "Cancelled", f"cancelled by {order.by} before any task ran")

    async def _fail(self, workload: Workload, reason: str, message: str) -> None:
        conditions = with_condition(
            workload.status.conditions,
            "Planned",
            status=False,
            reason=reason,
            message=message,
            now=self._clock(),
        )
        if workload.status.phase == "Failed" and conditions == workload.status.conditions:
            return
        await write_status(
            self._client, workload, {"phase": "Failed", "conditions": on_wire(conditions)}
        )
        await self._events.record(workload, reason, message, type="Warning")

    async def _roll_up(
        self, workload: Workload, children: list[AgenticTask], rest: Rendered
    ) -> None:
        now, found = self._clock(), rollup(workload, children)
        conditions = conditions_of(workload, children, rest, found, now=now)
        status: dict[str, Any] = {
            "phase": found.phase,
            "tasks": [_reference(task) for task in sorted(children, key=lambda t: t.key)],
            "succeededTasks": found.succeeded,
            "failedTasks": found.failed,
            "incompleteTasks": found.incomplete,
            "answered": list(dict.fromkeys([*workload.status.answered, *rest.answered])),
            "reviewIterations": review_iterations(children),
            "plannerModel": "stub:explicit-pipeline",
            "conditions": on_wire(conditions),
        }
        before = workload.status.wire()
        if {key: before.get(key) for key in status} == status:
            return
        await write_status(self._client, workload, status)
        if found.phase not in (workload.status.phase, "Dispatched"):
            good = found.phase == "Completed"
            await self._events.record(
                workload,
                found.reason,
                f"{found.succeeded} of {len(children)} tasks on target",
                type="Normal" if good else "Warning",
            )


def _refusal(workload: Workload) -> str:
    """Why the Workload could not be planned, told before; empty when it could."""
    planned = condition(workload.status.conditions, "Planned")
    return planned.message if planned and planned.status == "False" else ""


def _reference(task: AgenticTask) -> dict[str, Any]:
    return {
        "apiVersion": task.API_VERSION,
        "kind": task.KIND,
        "name": task.metadata.name,
        "namespace": task.metadata.namespace,
        "uid": task.metadata.uid,
    }
