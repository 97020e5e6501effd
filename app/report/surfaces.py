"""What a Workload is about on GitHub, and where each of its parts stands. Pure.

A *subject* is one issue or pull request of a Workload with the tasks about it. Of several rounds the
newest counts; its pull request and head are those of the last commit that was pushed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from k8s.pipeline.labels import ROUND, STEP
from k8s.pipeline.outcomes import already_resolved
from k8s.resources.task import AgenticTask, PullRequestRef
from k8s.resources.workload import Workload
from tools.result import ON_TARGET, Extra

Conclusion = Literal["success", "failure", "action_required", "cancelled"]
Status = Literal["queued", "in_progress", "completed"]

SAID_RESOLVED = "said to be resolved, not verified"

_WORST: tuple[Conclusion, ...] = ("failure", "cancelled", "action_required", "success")


@dataclass(frozen=True)
class Standing:
    """Where tasks stand together. *conclusion* is None until all have ended."""

    status: Status
    conclusion: Conclusion | None = None


@dataclass(frozen=True)
class Subject:
    """One issue, or one pull request that somebody asked a review of."""

    issue: int | None
    asked: int | None  # the pull request that was asked about; None: an issue was
    code: tuple[AgenticTask, ...]
    verify: tuple[AgenticTask, ...]
    review: tuple[AgenticTask, ...]
    pull_request: PullRequestRef | None  # ours; None: there is none yet

    @property
    def tasks(self) -> tuple[AgenticTask, ...]:
        return (*self.code, *self.verify, *self.review)

    @property
    def number(self) -> int | None:
        """Of the pull request; None: there is none yet."""
        return self.asked or (self.pull_request.number if self.pull_request else None)

    @property
    def head_sha(self) -> str:
        """The commit that is judged; "" before the first push."""
        pushed = next((t.status.commit_sha for t in reversed(self.code) if t.status.commit_sha), "")
        asked = next((t.spec.payload.head_sha for t in self.review if t.spec.payload.head_sha), "")
        return pushed or asked or ""

    @property
    def standing(self) -> Standing:
        return standing(self.tasks)

    @property
    def quorum(self) -> bool:
        """Whether nothing stands between this pull request and people."""
        return self.pull_request is not None and all(task.on_target for task in self.tasks)


def subjects(tasks: Iterable[AgenticTask]) -> list[Subject]:
    """The subjects of *tasks*, by number; tasks about neither issue nor pull request are left out."""
    about: dict[tuple[int, int], list[AgenticTask]] = {}
    for task in sorted(tasks, key=order):
        payload = task.spec.payload
        number = payload.pull_request or payload.issue
        if number:
            about.setdefault((number, payload.pull_request or 0), []).append(task)
    return [_subject(found) for _, found in sorted(about.items())]


def _subject(tasks: Sequence[AgenticTask]) -> Subject:
    newest = max(map(round_of, tasks))
    current = [task for task in tasks if round_of(task) == newest]
    pulls = [t.status.pull_request for t in tasks if t.status.pull_request]
    return Subject(
        issue=tasks[0].spec.payload.issue,
        asked=tasks[0].spec.payload.pull_request,
        code=tuple(t for t in current if t.spec.kind == "issue-fix"),
        verify=tuple(t for t in current if t.spec.kind == "verify"),
        review=tuple(t for t in current if t.spec.kind == "review"),
        pull_request=pulls[-1] if pulls else None,
    )


def home(workload: Workload) -> int | None:
    """The issue or pull request that carries the status comment. None: the Workload names none."""
    trigger = workload.spec.trigger
    if trigger and trigger.pull_request:
        return trigger.pull_request
    if workload.spec.issues:
        return workload.spec.issues[0]
    payloads = [step.payload for step in workload.spec.pipeline]
    return next((p.pull_request or p.issue for p in payloads if p.pull_request or p.issue), None)


def round_of(task: AgenticTask) -> int:
    text = task.metadata.labels.get(ROUND, "0")
    return int(text) if text.isdecimal() else 0


_KINDS = ("issue-fix", "verify", "review")


def order(task: AgenticTask) -> tuple[int, int, str]:
    """Rounds one after the other; within one as the work goes."""
    kind = task.spec.kind
    rank = _KINDS.index(kind) if kind in _KINDS else len(_KINDS)
    return (round_of(task), rank, task.metadata.name)


def step_of(task: AgenticTask) -> str:
    return task.metadata.labels.get(STEP, task.metadata.name)


def extra_of(task: AgenticTask) -> Extra:
    return task.status.result.extra if task.status.result else Extra()


def summary_of(task: AgenticTask) -> str:
    return task.status.result.summary if task.status.result else ""


def was_cancelled(task: AgenticTask) -> bool:
    return task.ended and not task.on_target and extra_of(task).outcome == "CANCELLED"


def has_verdict_of_model(task: AgenticTask) -> bool:
    """Whether a review was held: the rails had a claim to judge."""
    return task.ended and bool(extra_of(task).rulings)


def standing(tasks: Sequence[AgenticTask]) -> Standing:
    """Where *tasks* stand together, the worst conclusion first."""
    if not all(task.ended for task in tasks):
        begun = any(task.ended or task.phase in ("Running", "Verifying") for task in tasks)
        return Standing("in_progress" if begun else "queued")
    found = [_conclusion(task) for task in tasks]
    return Standing("completed", next((c for c in _WORST if c in found), "action_required"))


def _conclusion(task: AgenticTask) -> Conclusion:
    if task.on_target:
        return "success"
    if was_cancelled(task):
        return "cancelled"
    if task.status.verdict in ("NO-GO", "GATE-FAIL") and not already_resolved(task):
        return "failure"
    return "action_required"


def word(task: AgenticTask) -> str:
    """The state of *task* in a word or two, as tables show it."""
    if not task.ended:
        return {"Running": "running", "Verifying": "in its gate"}.get(task.phase, "waiting")
    if was_cancelled(task):
        return "cancelled"
    if already_resolved(task):
        return SAID_RESOLVED
    verdict = task.status.verdict
    if task.phase == "Failed" and verdict in ON_TARGET:
        return "failed"
    return verdict or "failed"
