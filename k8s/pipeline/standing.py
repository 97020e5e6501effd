"""Where each subject of a Workload stands. Pure.

A *subject* is one issue, or one pull request that somebody asked about, with the tasks for it. Of its
rounds the newest counts, and in a round the newest attempt at each seat; the rest is superseded.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from k8s.pipeline.labels import attempt_of, round_of, seat_of, step_of
from k8s.pipeline.orders import About, in_force
from k8s.pipeline.outcomes import (
    already_resolved,
    can_be_judged,
    needs_person,
    rejects,
    stands_against,
    was_cancelled,
    why_open,
    writes,
)
from k8s.pipeline.steps import RenderError, steps_of
from k8s.resources.task import AgenticTask, Payload, PullRequestRef
from k8s.resources.workload import Workload

Number = tuple[int, int]  # issue or pull request; and the pull request again, 0 for an issue
_KINDS = ("issue-fix", "integrate", "reconcile", "verify", "review")


@dataclass(frozen=True)
class Standing:
    """One subject: its current tasks, and what they come to."""

    issue: int | None
    asked: int | None  # the pull request that somebody asked about; None: an issue was
    round: int
    code: tuple[AgenticTask, ...]  # integrate too: what makes commits
    verify: tuple[AgenticTask, ...]  # reconcile too: what judges them by commands
    review: tuple[AgenticTask, ...]  # the newest of each seat
    superseded: tuple[AgenticTask, ...]  # oldest first
    missing: tuple[str, ...]  # steps of the round that are not there (yet, or cut off by maxTasks)
    pull_request: PullRequestRef | None  # ours; None: there is none yet
    open_seats: tuple[str, ...]  # the seats that the newest review leaves open
    approved_by: str  # whose approval is in force; "": nobody's
    rejected_by: str
    ready: bool  # nothing stands between the change and people
    waits_for: str  # what a person can do, as a sentence; "": nothing waits for a person

    @property
    def tasks(self) -> tuple[AgenticTask, ...]:
        return (*self.code, *self.verify, *self.review)

    @property
    def ended(self) -> bool:
        return all(task.ended for task in self.tasks)

    @property
    def about(self) -> About:
        number = self.asked or (self.pull_request.number if self.pull_request else None)
        return About(self.issue, number)

    @property
    def head_sha(self) -> str:
        """The commit that is judged; "" before the first push."""
        pushed = [t.status.commit_sha for t in (*self.superseded, *self.code) if writes(t)]
        asked = [t.spec.payload.head_sha for t in self.review]
        return next((sha for sha in (*reversed(pushed), *asked) if sha), "")


def standings(workload: Workload, children: Iterable[AgenticTask]) -> list[Standing]:
    """The subjects of *children*, by number; tasks about neither issue nor pull request are left out."""
    found = standings_by_number(workload, children)
    found.pop((0, 0), None)
    return [stand for _, stand in sorted(found.items())]


def standings_by_number(
    workload: Workload, children: Iterable[AgenticTask]
) -> dict[Number, Standing]:
    """All of *children*, those about nothing on GitHub together under (0, 0)."""
    try:
        steps = steps_of(workload)
    except RenderError:
        steps = []
    wanted: dict[Number, list[str]] = {}
    for step in steps:
        wanted.setdefault(number_of(step.payload), []).append(step.name)
    return {
        number: standing(workload, tasks, wanted.get(number, ()))
        for number, tasks in by_number(children).items()
    }


def standing(workload: Workload, tasks: Sequence[AgenticTask], wanted: Sequence[str]) -> Standing:
    """Where *tasks*, all those of one subject, stand; *wanted*: the steps that it has."""
    now = current(tasks)
    names = {task.metadata.name for task in now}
    payload = tasks[0].spec.payload
    pulls = [t.status.pull_request for t in sorted(tasks, key=order) if t.status.pull_request]
    ours = pulls[-1] if pulls else None
    about = About(payload.issue, payload.pull_request or (ours.number if ours else None))
    word = in_force(workload, about, tasks)
    approved = word.by or "somebody" if word and word.kind == "approve" else ""
    rejected = word.by or "somebody" if word and word.kind == "reject" else ""
    there = {seat_of(task) for task in now}
    missing = tuple(name for name in wanted if name not in there)
    ready = _is_ready(now, complete=not missing, approved=bool(approved), rejected=bool(rejected))
    return Standing(
        issue=payload.issue,
        asked=payload.pull_request,
        round=max(map(round_of, tasks)),
        code=tuple(t for t in now if writes(t)),
        verify=tuple(t for t in now if t.spec.kind in ("verify", "reconcile")),
        review=tuple(t for t in now if t.spec.kind == "review"),
        superseded=tuple(t for t in sorted(tasks, key=order) if t.metadata.name not in names),
        missing=missing,
        pull_request=ours,
        open_seats=tuple(seat_of(t) for t in now if why_open(t)),
        approved_by=approved,
        rejected_by=rejected,
        ready=ready,
        waits_for="" if ready else _waits_for(now, missing, rejected),
    )


def number_of(payload: Payload) -> Number:
    return (payload.pull_request or payload.issue or 0, payload.pull_request or 0)


def by_number(tasks: Iterable[AgenticTask]) -> dict[Number, list[AgenticTask]]:
    """*tasks* by what they are about, in the order of the work."""
    found: dict[Number, list[AgenticTask]] = {}
    for task in sorted(tasks, key=order):
        found.setdefault(number_of(task.spec.payload), []).append(task)
    return found


def order(task: AgenticTask) -> tuple[int, int, int, str]:
    """Rounds one after the other; within one as the work goes, and attempts as they were made."""
    kind = task.spec.kind
    rank = _KINDS.index(kind) if kind in _KINDS else len(_KINDS)
    return (round_of(task), rank, attempt_of(task), task.metadata.name)


def current(tasks: Sequence[AgenticTask]) -> list[AgenticTask]:
    """The tasks that count: of the newest round the newest attempt at each seat."""
    newest = max(map(round_of, tasks), default=0)
    seats: dict[str, AgenticTask] = {}
    for task in sorted(tasks, key=order):
        if round_of(task) == newest:
            seats[seat_of(task)] = task
    return sorted(seats.values(), key=lambda t: (order(t)[1], seat_of(t)))


def _is_ready(
    now: Sequence[AgenticTask], *, complete: bool, approved: bool, rejected: bool
) -> bool:
    """All seats agree; or a person answers for those that did not decide."""
    if rejected or not all(task.ended for task in now):
        return False
    if complete and all(task.on_target for task in now):
        return True
    return (
        approved
        and all(can_be_judged(task) for task in now if writes(task))
        and not any(stands_against(task) for task in now)
    )


def _waits_for(now: Sequence[AgenticTask], missing: Sequence[str], rejected: str) -> str:
    if rejected:
        return f"Rejected by {rejected}; retry starts another round."
    if not all(task.ended for task in now) or any(already_resolved(task) for task in now):
        return ""
    if any(was_cancelled(task) for task in now):
        return "Cancelled; label the issue again to start over."
    if against := [step_of(task) for task in now if stands_against(task)]:
        last = any(rejects(t) for t in now)
        told = "Rejected by" if last else "Found wanting by"
        return f"{told} {', '.join(against)}: ask for changes, retry or reject."
    return _undecided(now, missing)


def _undecided(now: Sequence[AgenticTask], missing: Sequence[str]) -> str:
    for task in now:
        if needs_person(task):
            what = "agree to the change" if can_be_judged(task) else "check the facts in the table"
            return f"{step_of(task)} leaves it to a person: {what}, then approve or reject."
    for task in now:
        if why := why_open(task):
            return f"{step_of(task)} does not count, {why}: approve, reject or retry."
    if undone := [step_of(task) for task in now if writes(task) and not can_be_judged(task)]:
        return f"{', '.join(undone)} left no change to judge: retry or reject."
    if bad := [step_of(task) for task in now if not can_be_judged(task)]:
        return f"Not decided by {', '.join(bad)}: approve, reject or retry."
    return f"maxTasks leaves no room for {', '.join(missing)}: approve or reject."
