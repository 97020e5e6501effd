"""A whole Workload played against a script, as controller and nodes would, without either."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from k8s.lifecycle import End, next_step
from k8s.pipeline.labels import step_of
from k8s.pipeline.plan import missing
from k8s.resources.task import AgenticTask
from k8s.resources.workload import FollowUp, Workload
from tests.k8s.pipeline_support import NOW, ended, good

Script = Mapping[str, Callable[[AgenticTask], AgenticTask]]


class Play:
    """*script*: how the task of a step ends; every other ends well."""

    def __init__(self, workload: Workload, script: Script | None = None) -> None:
        self.workload = workload
        self.script = dict(script or {})
        self.children: list[AgenticTask] = []

    def step(self) -> list[str]:
        """One pass of the controller; the steps it adds."""
        found = missing(self.workload, self.children)
        fresh = [i for i in found.answered if i not in self.workload.status.answered]
        if fresh:
            known = [*self.workload.status.answered, *fresh]
            status = self.workload.status.replace(answered=known)
            self.workload = self.workload.replace(status=status)
        if found.tasks:
            status = self.workload.status.replace(phase="Dispatched")
            self.workload = self.workload.replace(status=status)
        self.children += [_born(task) for task in found.tasks]
        return [step_of(task) for task in found.tasks]

    def work(self) -> None:
        """All that can end ends, those first that nothing has to wait for."""
        while True:
            by_name = {t.metadata.name: t for t in self.children}
            for index, task in enumerate(self.children):
                if task.ended or not (done := self._end(task, by_name)):
                    continue
                self.children[index] = done
                break
            else:
                return

    def _end(self, task: AgenticTask, by_name: Mapping[str, AgenticTask]) -> AgenticTask | None:
        if any(n in by_name and not by_name[n].ended for n in task.spec.depends_on):
            return None
        match next_step(task, by_name, {}, NOW):
            case End() as end:
                return ended(task, end.verdict, end.phase, reason=end.reason)
            case _:
                return self.script.get(step_of(task), good)(task)

    def run(self) -> list[list[str]]:
        """Until nothing is added any more; what each pass added."""
        passes = []
        while added := self.step():
            passes.append(added)
            self.work()
        return passes

    def order(self, kind: Any, **fields: Any) -> list[list[str]]:
        """A follow-up, and what becomes of it."""
        had = self.workload.spec.follow_ups
        one = FollowUp(id=f"f{len(had) + 1}", kind=kind, **{"by": "ann", **fields})
        spec = self.workload.spec.replace(follow_ups=[*had, one])
        ended_phase = self.workload.status.replace(phase="Failed")
        self.workload = self.workload.replace(spec=spec, status=ended_phase)
        return self.run()

    def named(self, step: str) -> AgenticTask:
        return next(task for task in self.children if step_of(task) == step)


def _born(task: AgenticTask) -> AgenticTask:
    metadata = task.metadata.replace(creation_timestamp=NOW)
    return task.replace(metadata=metadata, status=task.status.replace(phase="Pending"))
