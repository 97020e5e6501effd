"""What is still to be created of a Workload: a pure function of it and its children."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from k8s.pipeline.labels import round_of
from k8s.pipeline.lanes import Lane, lanes
from k8s.pipeline.making import round_completed
from k8s.pipeline.moves import next_of
from k8s.pipeline.orders import concerns
from k8s.pipeline.standing import number_of
from k8s.pipeline.steps import steps_of
from k8s.pipeline.tasks import check_name, task_name, task_of
from k8s.resources.task import AgenticTask
from k8s.resources.workload import PipelineStep, Workload


@dataclass(frozen=True)
class Rendered:
    """*answered*: ids of follow-ups that need no task, or can get none."""

    tasks: list[AgenticTask]
    truncated: int = 0  # how many tasks `maxTasks` cut off
    cap: str = "MaxTasksCap"  # which tasks those were, as the condition's reason
    answered: tuple[str, ...] = ()


def render(workload: Workload) -> Rendered:
    """All tasks of round 0. Raises `RenderError`."""
    steps = _checked(workload)
    kept = steps[: workload.spec.max_tasks or None]
    return Rendered([task_of(workload, step) for step in kept], len(steps) - len(kept))


def _checked(workload: Workload) -> list[PipelineStep]:
    steps = steps_of(workload)
    for step in steps:
        check_name(workload, step)
    return steps


def missing(workload: Workload, children: Sequence[AgenticTask]) -> Rendered:
    """What is still to be created now: of rounds that were begun, else what comes next.

    Of a Workload that has ended nothing but what its follow-ups ask for. Raises `RenderError`.
    """
    steps = _checked(workload)
    kept = steps[: workload.spec.max_tasks or None]
    truncated = len(steps) - len(kept) if workload.active else 0
    begun = _first_round(workload, children, kept) if workload.active else []
    found = lanes(workload, children, steps)
    there = {child.metadata.name for child in children}
    for lane in found:
        begun += [t for t in round_completed(lane) if t.metadata.name not in there]
    if begun:
        fitting = begun[: _room(workload, children)]
        return Rendered(fitting, truncated + len(begun) - len(fitting))
    return _next(workload, children, found, truncated)


def _first_round(
    workload: Workload, children: Sequence[AgenticTask], steps: Sequence[PipelineStep]
) -> list[AgenticTask]:
    """What round 0 lacks of *steps*; where it was superseded nothing is made again."""
    there = {child.metadata.name for child in children}
    later = {number_of(task.spec.payload) for task in children if round_of(task)}
    return [
        task_of(workload, step)
        for step in steps
        if task_name(workload, step.name) not in there and number_of(step.payload) not in later
    ]


def _room(workload: Workload, children: Sequence[AgenticTask]) -> int | None:
    """How many more tasks `maxTasks` allows. None: any number."""
    most = workload.spec.max_tasks
    return max(0, most - len(children)) if most else None


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
