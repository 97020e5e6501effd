"""The conditions of a Workload: what it was planned as, what was begun besides, where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from k8s.cloud import REASON
from k8s.meta import Condition, with_condition
from k8s.pipeline.labels import attempt_of, cause_of, round_of, step_of
from k8s.pipeline.moves import is_beyond_model
from k8s.pipeline.outcomes import already_resolved, extra_of, writes
from k8s.pipeline.plan import Rendered
from k8s.pipeline.rollup import Rollup
from k8s.pipeline.standing import number_of
from k8s.resources.task import AgenticTask
from k8s.resources.workload import Workload


class _Found(NamedTuple):
    type: str
    reason: str
    message: str
    status: bool = True


def conditions_of(
    workload: Workload,
    children: Sequence[AgenticTask],
    rest: Rendered,
    found: Rollup,
    *,
    now: datetime,
) -> list[Condition]:
    """All of them, as they follow from the children; those of before keep their times."""
    conditions = workload.status.conditions
    for told in [*_begun(children, rest), _phase(workload, found)]:
        conditions = with_condition(
            conditions,
            told.type,
            status=told.status,
            reason=told.reason,
            message=told.message,
            now=now,
        )
    if found.phase == "Dispatched":  # perhaps again
        conditions = [c for c in conditions if c.type != "Completed"]
    return conditions


def _begun(children: Sequence[AgenticTask], rest: Rendered) -> list[_Found]:
    found = [_Found("Planned", "PlannerSucceeded", f"{len(children)} tasks")]
    if rest.truncated:
        found.append(_Found("Truncated", rest.cap, f"maxTasks cut off {rest.truncated} steps"))
    if repaired := [t for t in children if cause_of(t) == "review" and writes(t)]:
        found.append(_Found("ReviewIterationTriggered", "ReviewerNoGo", _steps(repaired)))
    if looked := [t for t in children if t.spec.kind == "review" and attempt_of(t)]:
        found.append(_Found("EscalationTriggered", "BaseReviewerNoGo", _steps(looked)))
    if escalated := [t for t in children if cause_of(t) == "escalation" and writes(t)]:
        beyond = any(is_beyond_model(t) for e in escalated for t in _before(e, children))
        reason = "BaseCoderCapabilityFailure" if beyond else "BaseCoderFailureEscalation"
        found.append(_Found("CoderEscalationTriggered", reason, _steps(escalated)))
    if kept := [t for t in children if extra_of(t).reason == REASON]:
        found.append(_Found("CloudReviewersSuppressed", REASON, _steps(kept)))
    if resolved := [t for t in children if already_resolved(t)]:
        found.append(_Found("CoderAlreadyResolved", "AlreadyResolved", _steps(resolved)))
    return found


def _phase(workload: Workload, found: Rollup) -> _Found:
    if found.phase == "Dispatched":
        return _Found("Dispatched", found.reason, "")
    order = workload.spec.cancellation
    reason = "Cancelled" if order and found.phase == "Failed" else found.reason
    told = f"cancelled by {order.by}" if order else ""
    return _Found("Completed", reason, told, status=found.phase == "Completed")


def _before(task: AgenticTask, children: Sequence[AgenticTask]) -> list[AgenticTask]:
    """The coders of the round before that of *task*, on the same subject."""
    about = number_of(task.spec.payload)
    return [
        t
        for t in children
        if number_of(t.spec.payload) == about
        and round_of(t) == round_of(task) - 1
        and t.spec.kind == "issue-fix"
    ]


def _steps(tasks: Sequence[AgenticTask]) -> str:
    return ", ".join(step_of(task) for task in tasks)
