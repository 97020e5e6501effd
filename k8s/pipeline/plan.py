"""What is still to be created of a Workload: a pure function of it and its children."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from k8s.pipeline.labels import round_of
from k8s.pipeline.lanes import Lane, lanes
from k8s.pipeline.making import round_completed
from k8s.pipeline.moves import next_of
from k8s.pipeline.orders import concerns
from k8s.pipeline.steps import steps_of
from k8s.pipeline.tasks import check_name, task_of
from k8s.resources.task import AgenticTask
from k8s.resources.workload import Workload


@dataclass(frozen=True)
class Rendered:
    """*answered*: ids of follow-ups that need no task, or can get none."""

    tasks: list[AgenticTask]
    truncated: int = 0  # how many tasks `maxTasks` cut off
    cap: str = "MaxTasksCap"  # which tasks those were, as the condition's reason
    answered: tuple[str, ...] = ()


def render(workload: Workload) -> Rendered:
    """All tasks of round 0. Raises `RenderError`."""
    steps = steps_of(workload)
    for step in steps:
        check_name(workload, step)
    kept = steps[: workload.spec.max_tasks] if workload.spec.max_tasks else steps
    return Rendered([task_of(workload, step) for step in kept], len(steps) - len(kept))


def missing(workload: Workload, children: Sequence[AgenticTask]) -> Rendered:
    """What is still to be created now: of rounds that were begun, else what comes next.

    Of a Workload that has ended nothing but what its follow-ups ask for. Raises `RenderError`.
    """
    there = {child.metadata.name for child in children}
    first = render(workload) if workload.active else Rendered([])
    begun = [task for task in first.tasks if task.metadata.name not in there]
    begun = [task for task in begun if _is_first_round(task, children)]
    found = lanes(workload, children)
    for lane in found:
        begun += [t for t in round_completed(lane) if t.metadata.name not in there]
    if begun:
        kept = begun[: _room(workload, children)]
        return Rendered(kept, first.truncated + len(begun) - len(kept))
    return _next(workload, children, found, first.truncated)


def _room(workload: Workload, children: Sequence[AgenticTask]) -> int | None:
    """How many more tasks `maxTasks` allows. None: any number."""
    most = workload.spec.max_tasks
    return max(0, most - len(children)) if most else None


def _is_first_round(task: AgenticTask, children: Sequence[AgenticTask]) -> bool:
    """Whether the subject of *task* had no later round; what was superseded is not made again."""
    issue = task.spec.payload.issue, task.spec.payload.pull_request
    same = [t for t in children if (t.spec.payload.issue, t.spec.payload.pull_request) == issue]
    return not any(round_of(t) for t in same)


def _next(
    workload: Workload, children: Sequence[AgenticTask], found: Sequence[Lane], truncated: int
) -> Rendered:
    room = _room(workload, children)
    made: list[AgenticTask] = []
    cap, done, open_ = "MaxTasksCap", set[str](), set[str]()
    for lane in found:
        following, orders = next_of(lane), {order.id for order in lane.open_orders}
        done.update(following.answered)
        open_ |= orders - set(following.answered)
        if (move := following.move) is None or not (workload.active or orders):
            continue
        if room is not None and len(made) + len(move.tasks) > room:
            truncated, cap = truncated + len(move.tasks), move.cap
            open_ -= orders
            done |= orders
            continue
        made += move.tasks
    if all(lane.settled for lane in found):
        done |= _about_nothing(workload, found)
    # An order about several subjects is answered when it is for each of them.
    return Rendered(made, truncated, cap, tuple(sorted(done - open_)))


def _about_nothing(workload: Workload, found: Sequence[Lane]) -> set[str]:
    """The ids of orders about a subject that the Workload has not; a pull request may yet come."""
    subjects = [lane.standing.about for lane in found]
    return {
        order.id
        for order in workload.spec.follow_ups
        if not any(concerns(order, about) for about in subjects)
    }
