"""Where the children of a Workload stand together; what was superseded does not count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from k8s.pipeline.labels import cause_of, round_of
from k8s.pipeline.outcomes import already_resolved
from k8s.pipeline.standing import by_number, current, number_of, standings_by_number
from k8s.resources.task import AgenticTask
from k8s.resources.workload import Workload

Phase = Literal["Dispatched", "Completed", "Failed"]


@dataclass(frozen=True)
class Rollup:
    phase: Phase
    reason: str
    succeeded: int = 0
    failed: int = 0
    incomplete: int = 0


def rollup(workload: Workload, children: Sequence[AgenticTask]) -> Rollup:
    """INCOMPLETE and NO-GO are no wins, but where a person answers for them."""
    about = by_number(children)
    counted = [task for tasks in about.values() for task in current(tasks)]
    stand = standings_by_number(workload, children)
    approved = {number for number, s in stand.items() if s.approved_by and s.ready}
    phase, reason = _phase(
        [task for task in counted if number_of(task.spec.payload) not in approved],
        approved=bool(approved),
        rejected=any(s.rejected_by for s in stand.values()),
    )
    if phase == "Completed" and any(
        s.missing and s.pull_request and not s.ready for s in stand.values()
    ):
        phase, reason = "Failed", "Truncated"
    if not all(task.ended for task in counted):
        phase, reason = "Dispatched", "ChildrenInFlight"
    return Rollup(
        phase,
        reason,
        succeeded=sum(task.on_target for task in counted),
        failed=sum(task.phase == "Failed" for task in counted),
        incomplete=sum(map(_is_incomplete, counted)),
    )


def _is_incomplete(task: AgenticTask) -> bool:
    won = task.on_target or task.status.verdict == "Skipped" or already_resolved(task)
    return task.phase == "Succeeded" and not won


def _phase(counted: Sequence[AgenticTask], *, approved: bool, rejected: bool) -> tuple[Phase, str]:
    if any(task.phase == "Failed" for task in counted):
        return "Failed", "ChildrenFailed"
    if any(map(_is_incomplete, counted)):
        return "Failed", "ChildrenIncomplete"
    if rejected:
        return "Failed", "Rejected"
    if approved:
        return "Completed", "Approved"
    if any(map(already_resolved, counted)) and not any(task.on_target for task in counted):
        return "Completed", "AllAlreadyResolved"
    return "Completed", "AllChildrenSucceeded"


def review_iterations(children: Sequence[AgenticTask]) -> int:
    """How many rounds our own reviewers led to."""
    about = by_number(children).items()
    rounds = {(n, round_of(t)) for n, tasks in about for t in tasks if cause_of(t) == "review"}
    return len(rounds)
