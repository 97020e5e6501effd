"""A claim on a task: everything a node writes about it, guarded by (assignedNode, claimID).

A stale writer's result is dropped: each guarded write reads the task again, compares the claim and
carries the resourceVersion it read.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Literal

import structlog

from k8s.client import Client
from k8s.errors import ApiError, Conflict, Invalid, NotFound
from k8s.lifecycle import EXPIRY_LIMIT, strikes
from k8s.meta import with_condition
from k8s.patience import patiently
from k8s.resources.task import AgenticTask, Progress, PullRequestRef
from loop.work.job import Done
from tools.result import Extra, Result

PROGRESS_EVERY = timedelta(seconds=2)
PUSH_REQUESTED = "PushRequested"

log = structlog.get_logger(__name__)


class ClaimLostError(Exception):
    """Somebody else holds the task now; whatever was done for it counts no longer."""


class Claim:
    """One task as this node holds it. Build with `take`."""

    def __init__(self, client: Client, task: AgenticTask, clock: Callable[[], datetime]) -> None:
        self.task = task
        self._client = client
        self._clock = clock
        self._reported_at: datetime | None = None
        self._closed = False  # the end is being written: no progress after it

    @classmethod
    async def take(cls, client: Client, task: AgenticTask, clock: Callable[[], datetime]) -> Claim:
        """Scheduled → Running, or our own orphan again. Raises `Conflict` or `NotFound`."""
        now = clock()
        orphan = task.phase != "Scheduled"
        conditions = with_condition(
            task.status.conditions,
            "Running",
            status=True,
            reason="AgentRestartRecovery" if orphan else "Claimed",
            message=f"claimed by {task.status.assigned_node}",
            now=now,
        )
        conditions = [c for c in conditions if c.type != PUSH_REQUESTED]
        status: dict[str, Any] = {
            "phase": "Running",
            "claimID": secrets.token_hex(8),
            "claimedAt": _stamp(now),
            "startedAt": _stamp(task.status.started_at or now),
            "progress": None,
            "conditions": [c.wire() for c in conditions],
        }
        if orphan:
            # Counted like an expired claim: what kills its node each time has to end.
            status["restarts"] = (task.status.restarts or 0) + 1
        return cls(client, await _patch(client, task, status), clock)

    @property
    def worn_out(self) -> bool:
        """Whether the task lost its claim so often that it is not tried again."""
        return strikes(self.task) + (self.task.status.restarts or 0) >= EXPIRY_LIMIT

    @property
    def key(self) -> tuple[str, str]:
        return self.task.key

    def held_in(self, task: AgenticTask) -> bool:
        """Whether *task*, as read now, still carries this claim."""
        ours, theirs = self.task.status, task.status
        return (
            not task.ended
            and (ours.assigned_node, ours.claim_id) == (theirs.assigned_node, theirs.claim_id)
            and self.task.metadata.uid == task.metadata.uid
        )

    async def update(self, **status: Any) -> AgenticTask:
        """Write *status*. Raises `ClaimLostError`."""
        while True:
            try:
                self.task = await patiently(lambda: self._write(status))
            except Conflict:
                continue
            except NotFound as exc:
                raise ClaimLostError(f"task {self.task.metadata.name}: deleted") from exc
            return self.task

    async def _write(self, status: dict[str, Any]) -> AgenticTask:
        name, namespace = self.task.metadata.name, self.task.metadata.namespace or ""
        current = await self._client.get(AgenticTask, name, namespace)
        if not self.held_in(current):
            raise ClaimLostError(f"task {name}: claimed by another; the write is dropped")
        return await _patch(self._client, current, status)

    async def enter(self, phase: Literal["Running", "Verifying"]) -> None:
        """Show the phase; an API that will not have it costs the run nothing."""
        if self.task.phase == phase:
            return
        try:
            await self.update(phase=phase)
        except ApiError as fault:
            log.warning("task.phase_not_shown", task=self.task.metadata.name, error=str(fault))

    async def request_push(self) -> None:
        """Ask `control` for a token that may push."""
        conditions = with_condition(
            self.task.status.conditions,
            PUSH_REQUESTED,
            status=True,
            reason="ReadyToPush",
            message="the commit is made; a token with push permission is needed",
            now=self._clock(),
        )
        await self.update(conditions=[c.wire() for c in conditions])

    async def progress(self, progress: Progress) -> None:
        """Show where the run is; at most every 2 s, and never a reason to fail."""
        now = self._clock()
        if self._closed:
            return
        if self._reported_at and now - self._reported_at < PROGRESS_EVERY:
            return
        self._reported_at = now
        name, namespace = self.task.metadata.name, self.task.metadata.namespace or ""
        body = {"status": {"progress": progress.replace(at=now).wire()}}
        try:
            await self._client.patch(AgenticTask, name, namespace, body, subresource="status")
        except ApiError:
            return

    async def finish(self, done: Done) -> None:
        """The end of the run. Raises `ClaimLostError`."""
        self._closed = True
        now, result = self._clock(), done.result
        started = self.task.status.started_at or now
        result = result.replace(elapsed_sec=round((now - started).total_seconds(), 3))
        conditions = with_condition(
            self.task.status.conditions,
            "Completed",
            status=done.phase == "Succeeded",
            reason="ExecutorSucceeded" if done.phase == "Succeeded" else "ExecutorError",
            message=result.summary[:512],
            now=now,
        )
        status: dict[str, Any] = {
            "phase": done.phase,
            "verdict": result.verdict,
            "failureReason": result.failure_reason,
            "result": result.wire(),
            "branch": result.extra.branch,
            "commitSHA": result.extra.commit_sha,
            "finishedAt": _stamp(now),
            "conditions": [c.wire() for c in conditions],
        }
        if seen := done.pull_request:
            pull = PullRequestRef(
                number=seen.number,
                url=seen.url,
                draft=seen.draft,
                base_sha=seen.base_sha,
                head_sha=seen.head_sha,
            )
            status["pullRequest"] = pull.wire()
        if result.extra.transcript_ref:
            status["transcriptRef"] = {**result.extra.transcript_ref.wire(), "apiVersion": "v1"}
        try:
            await self.update(**status)
        except Invalid as fault:
            log.error("task.result_rejected", task=self.task.metadata.name, error=str(fault))
            await self._rejected(str(fault), now)

    async def _rejected(self, fault: str, now: datetime) -> None:
        conditions = with_condition(
            self.task.status.conditions,
            "Completed",
            status=False,
            reason="TerminalPatchRejected",
            message=fault[:512],
            now=now,
        )
        result = Result(
            verdict="INCOMPLETE",
            failure_reason="InfrastructureError",
            summary="the API refused the result",
            extra=Extra(reason="TerminalPatchRejected", error=fault[:2048]),
        )
        await self.update(
            phase="Failed",
            verdict="INCOMPLETE",
            failureReason="InfrastructureError",
            result=result.wire(),
            finishedAt=_stamp(now),
            conditions=[c.wire() for c in conditions],
        )

    async def release(self, why: str) -> None:
        """Give the task back unfinished, so that any node may take it."""
        self._closed = True
        conditions = with_condition(
            self.task.status.conditions,
            "Running",
            status=False,
            reason="Released",
            message=why,
            now=self._clock(),
        )
        await self.update(
            phase="Pending",
            assignedNode=None,
            claimID=None,
            claimedAt=None,
            startedAt=None,
            progress=None,
            conditions=[c.wire() for c in conditions],
        )


async def _patch(client: Client, task: AgenticTask, status: dict[str, Any]) -> AgenticTask:
    return await client.patch(
        AgenticTask,
        task.metadata.name,
        task.metadata.namespace or "",
        {"status": status},
        subresource="status",
        resource_version=task.metadata.resource_version,
    )


def _stamp(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
