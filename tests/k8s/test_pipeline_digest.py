"""What the next one is told: bounded, in people's words first, nothing that carries no weight."""

from __future__ import annotations

from typing import Any

import pytest

from k8s.pipeline.digest import LIMIT, again, cut, digest
from k8s.pipeline.labels import ANSWERS, answered_by
from k8s.pipeline.plan import render
from k8s.pipeline.standing import standings
from k8s.pipeline.steps import RenderError
from k8s.resources.task import AgenticTask
from k8s.resources.workload import FollowUp
from tests.k8s.pipeline_support import (
    BLOCKER,
    MINOR,
    batch,
    cascaded,
    ended,
    gate_fail,
    never_looked,
    played,
    workload,
)
from tools.result import Evidence

CODE, VERIFY, REVIEW, _ = render(batch()).tasks


def objection(**extra: Any) -> AgenticTask:
    return ended(REVIEW, "NO-GO", **{"findings": [BLOCKER], **extra})


def test_findings_are_told_with_place_and_remedy_the_blocking_ones_first() -> None:
    mend = BLOCKER.replace(suggestion="add one", line=None)
    nowhere = BLOCKER.replace(file=None, line=None, message="it is slow")
    bent = BLOCKER.replace(message="invented")
    task = objection(findings=[MINOR, mend, nowhere, bent], ungrounded_findings=[bent])

    assert digest([task], []).splitlines() == [
        "review-12-0 says NO-GO: told",
        "- [blocker/tests] no test fails without it (a.py); suggested fix: add one",
        "- [blocker/tests] it is slow",
        "- [minor/style] long line (a.py:9)",
    ]


def test_drift_is_told_with_what_the_issue_names() -> None:
    task = objection(findings=[], scope_drift_detected=True, scope_refs=["a.py", "b.py"])

    assert digest([task], []).endswith("none of what the issue names: a.py, b.py")


def test_people_come_first_and_a_gate_shows_its_log() -> None:
    orders = [
        FollowUp(id="1", kind="ci-failure", ref="pull/40", digest="lint: E501"),
        FollowUp(id="2", kind="human-review", by="ann"),
    ]
    gate = ended(VERIFY, "GATE-FAIL", gate_output="boom")

    assert digest([gate], orders) == (
        "A required check failed (pull/40):\nlint: E501\n\n"
        "ann asks for changes.\n\n"
        "verify-12 says GATE-FAIL: told\nboom"
    )


def test_a_coder_that_came_to_no_end_leaves_word() -> None:
    task = ended(CODE, "INCOMPLETE", "Failed", gate_output="2 failed")

    assert digest([task], []) == "code-12 ended with INCOMPLETE: told\n2 failed"


def test_what_is_good_or_was_never_reached_says_nothing() -> None:
    assert digest([ended(CODE, "GO"), cascaded(VERIFY), cascaded(REVIEW)], []) == ""


def test_it_is_bounded_head_and_end_stay() -> None:
    found = digest([], [FollowUp(id="1", kind="retry", by="ann", digest="x" * 4096)] * 9)

    assert LIMIT <= len(found) < LIMIT + 100
    assert "characters left out" in found
    assert cut("abcdef", 3) == "a\n[… 3 characters left out …]\nef"


def test_who_looks_again_gets_the_list_of_what_was_not_shown() -> None:
    assert again(never_looked(REVIEW)).endswith("Not shown to the reviewer before:\n- b.py")
    assert "did not come to a decision" in again(ended(REVIEW, "INCOMPLETE"))


@pytest.mark.parametrize(
    "written", [pytest.param("nonsense", id="no JSON"), pytest.param('{"a": 1}', id="no list")]
)
def test_an_annotation_that_people_bent_answers_nothing(written: str) -> None:
    metadata = CODE.metadata.replace(annotations={ANSWERS: written})

    assert answered_by([CODE.replace(metadata=metadata)]) == frozenset()


def test_a_name_too_long_for_a_label_is_refused_before_anybody_begins() -> None:
    steps = [{"name": "x" * 62, "kind": "review", "agentRef": {"name": "r"}}]

    with pytest.raises(RenderError, match="too long for the label"):
        render(workload(pipeline=steps))


def test_children_of_what_can_no_longer_be_planned_still_stand_somewhere() -> None:
    (found,) = standings(workload(), played(batch()))

    assert (found.ready, found.missing) == (True, ())


def test_proofs_of_an_earlier_attempt_are_passed_on_with_what_was_found() -> None:
    proof = Evidence(claim="40 ms", source="bench.txt:3")
    coder, failed = ended(CODE, "GO", evidence=[proof]), gate_fail(VERIFY)

    assert digest([coder, failed], []).endswith("(extra.evidence):\n- 40 ms: bench.txt:3")
    assert digest([coder], []) == ""
