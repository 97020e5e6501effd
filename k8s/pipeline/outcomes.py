"""What the end of one task means for the rest of its Workload."""

from __future__ import annotations

from k8s.resources.task import AgenticTask, TaskKind
from loop.rails.seats import open_seat
from tools.result import Extra, Finding

WRITERS: frozenset[TaskKind] = frozenset({"issue-fix", "integrate"})  # what makes commits
_BLOCKING = frozenset({"blocker", "major"})


def extra_of(task: AgenticTask) -> Extra:
    return task.status.result.extra if task.status.result else Extra()


def writes(task: AgenticTask) -> bool:
    """Whether the task makes commits, rather than judge them."""
    return task.spec.kind in WRITERS


def already_resolved(task: AgenticTask) -> bool:
    """A coder says that nothing is left to do."""
    return (
        task.phase == "Succeeded"
        and task.status.verdict == "NO-GO"
        and extra_of(task).outcome == "ALREADY-RESOLVED"
    )


def needs_person(task: AgenticTask) -> bool:
    """A coder leaves something to a person: facts to check, or a work class to agree to."""
    return task.ended and extra_of(task).outcome == "NEEDS-VERIFICATION"


def was_cancelled(task: AgenticTask) -> bool:
    return task.ended and not task.on_target and extra_of(task).outcome == "CANCELLED"


def can_be_judged(task: AgenticTask) -> bool:
    """Whether those who wait for *task* may begin: it is on target, or waits for a person alone."""
    return task.on_target or (
        task.phase == "Succeeded" and needs_person(task) and bool(task.status.commit_sha)
    )


def why_open(task: AgenticTask) -> str:
    """Why this review leaves its seat open; "" when it does not."""
    if task.spec.kind != "review" or task.phase != "Succeeded" or task.status.verdict is None:
        return ""
    return open_seat(task.status.verdict, extra_of(task))


def blocking(extra: Extra) -> list[Finding]:
    """The findings that block and that the evidence carries."""
    bent = extra.ungrounded_findings or []
    return [f for f in extra.findings or () if f.severity in _BLOCKING and f not in bent]


def objects(task: AgenticTask) -> bool:
    """A review that found the change itself wanting."""
    if task.spec.kind != "review" or task.status.verdict != "NO-GO" or why_open(task):
        return False
    extra = extra_of(task)
    return bool(blocking(extra) or extra.scope_drift_detected)


def rejects(task: AgenticTask) -> bool:
    """A review that wants no other try."""
    return objects(task) and extra_of(task).review_outcome == "REJECT"


def gate_failed(task: AgenticTask) -> bool:
    return (
        task.spec.kind in ("verify", "integrate", "reconcile")
        and task.status.verdict == "GATE-FAIL"
    )


def stands_against(task: AgenticTask) -> bool:
    """Something was found that no approval overrides."""
    return objects(task) or gate_failed(task)
