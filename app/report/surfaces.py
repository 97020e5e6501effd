"""How what a Workload is about shows on GitHub: numbers, states, conclusions. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from k8s.pipeline.outcomes import (
    already_resolved,
    extra_of,
    needs_person,
    was_cancelled,
    why_open,
)
from k8s.pipeline.standing import Standing
from k8s.resources.task import AgenticTask
from k8s.resources.workload import Workload
from tools.result import ON_TARGET

Conclusion = Literal["success", "failure", "action_required", "cancelled"]
Status = Literal["queued", "in_progress", "completed"]

RESOLVED = "already resolved"

_WORST: tuple[Conclusion, ...] = ("failure", "cancelled", "action_required", "success")


@dataclass(frozen=True)
class State:
    """Where tasks stand together. *conclusion* is None until all have ended."""

    status: Status
    conclusion: Conclusion | None = None


def number_of(subject: Standing) -> int | None:
    """Of the pull request; None: there is none yet."""
    return subject.about.pull_request


def is_ready(subject: Standing) -> bool:
    """Whether nothing stands between our pull request and people."""
    return subject.ready and subject.pull_request is not None


def home(workload: Workload) -> int | None:
    """The issue or pull request that carries the status comment. None: the Workload names none."""
    trigger = workload.spec.trigger
    if trigger and trigger.pull_request:
        return trigger.pull_request
    if workload.spec.issues:
        return workload.spec.issues[0]
    payloads = [step.payload for step in workload.spec.pipeline]
    return next((p.pull_request or p.issue for p in payloads if p.pull_request or p.issue), None)


def summary_of(task: AgenticTask) -> str:
    return task.status.result.summary if task.status.result else ""


def has_verdict_of_model(task: AgenticTask) -> bool:
    """Whether a review was held: the rails had a claim to judge."""
    return task.ended and bool(extra_of(task).rulings)


def state(tasks: Sequence[AgenticTask]) -> State:
    """Where *tasks* stand together, the worst conclusion first."""
    if not all(task.ended for task in tasks):
        begun = any(task.ended or task.phase in ("Running", "Verifying") for task in tasks)
        return State("in_progress" if begun else "queued")
    found = [_conclusion(task) for task in tasks]
    return State("completed", next((c for c in _WORST if c in found), "action_required"))


def _conclusion(task: AgenticTask) -> Conclusion:
    if task.on_target:
        return "success"
    if was_cancelled(task):
        return "cancelled"
    undecided = already_resolved(task) or needs_person(task) or why_open(task)
    if task.status.verdict in ("NO-GO", "GATE-FAIL") and not undecided:
        return "failure"
    return "action_required"


def word(task: AgenticTask) -> str:
    """The state of *task* in a word or two, as tables show it."""
    if not task.ended:
        return {"Running": "running", "Verifying": "in its gate"}.get(task.phase, "waiting")
    if was_cancelled(task):
        return "cancelled"
    if already_resolved(task):
        return RESOLVED
    if needs_person(task):
        return "needs a person"
    verdict = task.status.verdict
    if task.phase == "Failed" and verdict in ON_TARGET:
        return "failed"
    return verdict or "failed"
