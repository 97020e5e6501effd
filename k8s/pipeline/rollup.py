"""Where the children of a Workload stand together; what was superseded does not count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from k8s.pipeline.outcomes import already_resolved
from k8s.pipeline.standing import by_number, current
from k8s.resources.task import AgenticTask


@dataclass(frozen=True)
class Rollup:
    phase: Literal["Dispatched", "Completed", "Failed"]
    reason: str
    succeeded: int = 0
    failed: int = 0
    incomplete: int = 0


def rollup(children: Sequence[AgenticTask]) -> Rollup:
    """INCOMPLETE and NO-GO are no wins."""
    counted = [task for tasks in by_number(children).values() for task in current(tasks)]
    succeeded = sum(c.on_target for c in counted)
    skipped = sum(c.status.verdict == "Skipped" for c in counted)
    resolved = sum(already_resolved(c) for c in counted)
    failed = sum(c.phase == "Failed" for c in counted)
    in_flight = sum(not c.ended for c in counted)
    incomplete = len(counted) - succeeded - skipped - resolved - failed - in_flight
    phase, reason = _phase(in_flight, failed, incomplete, resolved, succeeded)
    return Rollup(phase, reason, succeeded, failed, incomplete)


def _phase(
    in_flight: int, failed: int, incomplete: int, resolved: int, succeeded: int
) -> tuple[Literal["Dispatched", "Completed", "Failed"], str]:
    if in_flight:
        return "Dispatched", "ChildrenInFlight"
    if failed:
        return "Failed", "ChildrenFailed"
    if incomplete:
        return "Failed", "ChildrenIncomplete"
    if resolved and not succeeded:
        return "Completed", "AllAlreadyResolved"
    return "Completed", "AllChildrenSucceeded"
