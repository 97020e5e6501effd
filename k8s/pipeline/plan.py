"""What is still to be created of a Workload: a pure function of it and its children."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from k8s.pipeline.steps import steps_of
from k8s.pipeline.tasks import check_name, task_of
from k8s.resources.task import AgenticTask
from k8s.resources.workload import Workload


@dataclass(frozen=True)
class Rendered:
    tasks: list[AgenticTask]
    truncated: int = 0  # how many steps `maxTasks` cut off


def render(workload: Workload) -> Rendered:
    """All tasks of round 0. Raises `RenderError`."""
    steps = steps_of(workload)
    for step in steps:
        check_name(workload, step)
    kept = steps[: workload.spec.max_tasks] if workload.spec.max_tasks else steps
    return Rendered([task_of(workload, step) for step in kept], len(steps) - len(kept))


def missing(workload: Workload, children: Iterable[AgenticTask]) -> Rendered:
    """What is still to be created."""
    there = {child.metadata.name for child in children}
    rendered = render(workload)
    return Rendered([t for t in rendered.tasks if t.metadata.name not in there], rendered.truncated)
