"""A lane: one subject of a Workload with the steps of its first round and all its tasks so far."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from k8s.pipeline.labels import (
    Cause,
    answered_by,
    cause_of,
    round_of,
    seat_of,
)
from k8s.pipeline.orders import concerns
from k8s.pipeline.outcomes import WRITERS
from k8s.pipeline.standing import Number, Standing, by_number, current, number_of, standing
from k8s.pipeline.tasks import task_name
from k8s.resources.task import AgenticTask
from k8s.resources.workload import FollowUp, PipelineStep, Workload


@dataclass(frozen=True)
class Lane:
    workload: Workload
    number: Number
    steps: tuple[PipelineStep, ...]
    tasks: tuple[AgenticTask, ...]  # not empty
    everywhere: tuple[AgenticTask, ...]  # the tasks of all lanes

    @cached_property
    def now(self) -> list[AgenticTask]:
        return current(self.tasks)

    @cached_property
    def standing(self) -> Standing:
        return standing(self.workload, self.tasks, [step.name for step in self.steps])

    @property
    def settled(self) -> bool:
        """Whether nothing runs or waits to."""
        return all(task.ended for task in self.now)

    @property
    def coder(self) -> PipelineStep | None:
        """The one step that writes the change; None: it is somebody else's, or of several."""
        writers = [step for step in self.steps if step.kind in WRITERS]
        ours = len(writers) == 1 and writers[0].payload.issue and not self.number[1]
        return writers[0] if ours else None

    @property
    def code(self) -> AgenticTask | None:
        """The newest task of the coder."""
        coder = self.coder
        return next((t for t in self.now if coder and seat_of(t) == coder.name), None)

    @property
    def next_round(self) -> int:
        return max(map(round_of, self.tasks)) + 1

    def rounds(self, *causes: Cause) -> int:
        """How many rounds were begun for one of *causes*."""
        return len({round_of(task) for task in self.tasks if cause_of(task) in causes})

    @property
    def open_orders(self) -> list[FollowUp]:
        """Follow-ups about this subject that nothing has answered."""
        done = {*self.workload.status.answered, *answered_by(self.tasks)}
        return [
            order
            for order in self.workload.spec.follow_ups
            if order.id not in done and concerns(order, self.standing.about)
        ]

    @property
    def words_in_force(self) -> list[FollowUp]:
        """The approvals and rejections that a new round would end."""
        done = answered_by(self.tasks)
        return [
            order
            for order in self.workload.spec.follow_ups
            if order.kind in ("approve", "reject")
            and order.id not in done
            and concerns(order, self.standing.about)
        ]

    @property
    def lifted(self) -> list[str]:
        """The ids of the words that end when a person orders more work on what was rejected."""
        return [word.id for word in self.words_in_force] if self.standing.rejected_by else []

    def waits_for(self, step: PipelineStep, standing_in: dict[str, str]) -> list[str]:
        """What an instance of *step* depends on: *standing_in* by seat, else the newest there is."""
        newest = {seat_of(task): task.metadata.name for task in current_everywhere(self.everywhere)}
        return [
            standing_in.get(name) or newest.get(name) or task_name(self.workload, name)
            for name in step.depends_on
        ]


def current_everywhere(tasks: Iterable[AgenticTask]) -> list[AgenticTask]:
    return [task for found in by_number(tasks).values() for task in current(found)]


def lanes(
    workload: Workload, children: Sequence[AgenticTask], steps: Sequence[PipelineStep]
) -> list[Lane]:
    """The subjects that have tasks; *steps* are those of round 0, of all subjects."""
    about: dict[Number, list[PipelineStep]] = {}
    for step in steps:
        about.setdefault(number_of(step.payload), []).append(step)
    return [
        Lane(
            workload,
            number,
            tuple(about.get(number, ())),
            tuple(tasks),
            tuple(children),
        )
        for number, tasks in sorted(by_number(children).items())
    ]
