"""Whatever tasks come to, whoever orders what, wherever it is cut off: what always holds."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from k8s.pipeline.labels import answered_by
from k8s.pipeline.plan import missing
from k8s.pipeline.rollup import rollup
from k8s.pipeline.standing import standings
from k8s.resources.task import AgenticTask
from tests.k8s.pipeline_play import Play
from tests.k8s.pipeline_support import (
    batch,
    ended,
    gate_fail,
    good,
    needs_person,
    never_looked,
    no_go,
    rejected,
    ungrounded,
)
from tests.k8s.test_pipeline_slices import sliced

_PASSES = 60


def _gave_up(task: AgenticTask) -> AgenticTask:
    return ended(task, "NO-GO", outcome="MODEL-DECIDED")


def _resolved(task: AgenticTask) -> AgenticTask:
    return ended(task, "NO-GO", outcome="ALREADY-RESOLVED")


def _unsure(task: AgenticTask) -> AgenticTask:
    return ended(task, "INCOMPLETE", outcome="NEEDS-VERIFICATION")


def _broke(task: AgenticTask) -> AgenticTask:
    return ended(task, "INCOMPLETE", "Failed")


def _cancelled(task: AgenticTask) -> AgenticTask:
    return ended(task, "INCOMPLETE", "Failed", outcome="CANCELLED")


CODERS = [good, good, good, _gave_up, _resolved, _unsure, needs_person, _broke, _cancelled]
GATES = [good, good, good, gate_fail, _broke]
REVIEWS = [good, good, good, no_go, rejected, ungrounded, never_looked, _broke]
AGENT = {"name": "x"}
ASKED = [  # reviews of somebody's pull request
    {"name": f"review-1-{i}", "kind": "review", "agentRef": AGENT, "payload": {"pullRequest": 1}}
    for i in range(2)
]
OTHERS = [
    {"name": "do", "kind": "issue-fix", "agentRef": AGENT, "payload": {"issue": 1}},
    {
        "name": "look",
        "kind": "review",
        "agentRef": AGENT,
        "payload": {"issue": 1},
        "dependsOn": ["do"],
    },
    {
        "name": "sum",
        "kind": "freeform",
        "agentRef": AGENT,
        "payload": {"prompt": "x"},
        "dependsOn": ["look"],
    },
]
KINDS = ["human-review", "ci-failure", "retry", "escalate", "approve", "reject"]
REFS = ["", "issue/1", "issue/2", "pull/40", f"pull/40@{'b' * 40}"]


@st.composite
def specs(draw: st.DrawFn) -> dict[str, Any]:
    reviewers = [{"name": f"r{i}"} for i in range(draw(st.integers(0, 2)))]
    found: dict[str, Any] = {
        "issues": draw(st.sampled_from([[1], [1, 2]])),
        "verifierAgentRef": draw(st.sampled_from([None, {"name": "g"}])),
        "reviewerAgentRefs": reviewers,
        "maxTasks": draw(st.sampled_from([None, 0, 2, 5, 9, 14])),
        "maxReviewIterations": draw(st.sampled_from([None, 0, 1, 2])),
        "escalateOnFailure": draw(st.booleans()),
    }
    if draw(st.booleans()):
        found["escalationCoderAgentRef"] = {"name": "strong"}
    if draw(st.booleans()):
        found["escalationReviewerAgentRefs"] = [{"name": "e0"}]
    steps = draw(st.sampled_from([[], [], ASKED, ASKED + OTHERS, sliced(), OTHERS]))
    return found | ({"issues": [], "pipeline": steps} if steps else {})


class Chance(Play):
    """A play whose tasks end as *data* says, and whose passes may be cut off."""

    def __init__(self, data: st.DataObject, spec: dict[str, Any]) -> None:
        super().__init__(batch(**spec))
        self.data = data

    def one(self) -> list[AgenticTask]:
        """A pass that may be cut off after any task."""
        wanted = missing(self.workload, self.children).tasks
        whole = list(self.children)
        self.step()
        if wanted and self.data.draw(st.booleans(), label="cut off"):
            left = self.data.draw(st.integers(0, len(wanted)), label="after")
            self.children = self.children[: len(whole) + left]
        return wanted

    def end_some(self) -> None:
        names = {t.metadata.name: t for t in self.children}
        for index, task in enumerate(self.children):
            if task.ended or not self.data.draw(st.booleans(), label="ends"):
                continue
            kinds = {"issue-fix": CODERS, "review": REVIEWS, "freeform": [good, _broke]}
            ends = kinds.get(task.spec.kind, GATES)
            how = self.data.draw(st.sampled_from(ends), label=task.metadata.name)
            self.script = {task.metadata.labels["foreman.llmkube.dev/step"]: how}
            if done := self._end(task, names):
                self.children[index] = names[task.metadata.name] = done

    def say(self) -> None:
        had = self.workload.spec.follow_ups
        kind, ref = (self.data.draw(st.sampled_from(some)) for some in (KINDS, REFS))
        order = {"id": f"f{len(had)}", "kind": kind, "by": "ann", "ref": ref}
        spec = self.workload.spec.model_validate(
            {**self.workload.spec.wire(), "followUps": [*(o.wire() for o in had), order]}
        )
        self.workload = self.workload.replace(spec=spec)

    def check(self) -> None:
        spec = self.workload.spec
        names = Counter(task.metadata.name for task in self.children)
        assert not [name for name, count in names.items() if count > 1]
        assert not spec.max_tasks or len(self.children) <= spec.max_tasks
        for stand in standings(self.workload, self.children):
            undecided = [t for t in stand.tasks if not t.on_target]
            assert not stand.ready or not undecided or stand.approved_by
            assert not (stand.ready and stand.rejected_by)
            assert not (stand.ready and stand.waits_for)

    def roll(self) -> None:
        phase = rollup(self.workload, self.children).phase if self.children else None
        status = self.workload.status.replace(phase=phase)
        self.workload = self.workload.replace(status=status)


@settings(max_examples=60, deadline=None)
@given(st.data(), specs())
def test_it_comes_to_rest_within_its_bounds(data: st.DataObject, spec: dict[str, Any]) -> None:
    play = Chance(data, spec)
    for _ in range(data.draw(st.integers(0, 12), label="passes")):
        if data.draw(st.integers(0, 3), label="a word") == 0:
            play.say()
        play.one()
        play.check()
        play.end_some()
        play.roll()

    for _ in range(_PASSES):
        added = [*play.step(), *play.step()]  # what was begun is completed, then all begin
        play.check()
        assert missing(play.workload, play.children).tasks == [], "now tasks have to end first"
        if not added and all(task.ended for task in play.children):
            break
        play.script = {}
        play.work()
        play.check()
        play.roll()

    assert missing(play.workload, play.children).tasks == []
    open_ = {one.id for one in play.workload.spec.follow_ups}
    done = {*play.workload.status.answered, *answered_by(play.children)}
    assert open_ <= done, "every order is answered"
    assert rollup(play.workload, play.children).phase in ("Completed", "Failed")
