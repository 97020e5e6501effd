"""Where a subject stands: what counts, who has decided, what waits for whom."""

from __future__ import annotations

from typing import Any

import pytest

from k8s.pipeline.labels import ANSWERS
from k8s.pipeline.standing import Standing, standings
from k8s.resources.task import AgenticTask, Payload
from tests.k8s.pipeline_support import (
    SHA,
    batch,
    cascaded,
    ended,
    gate_fail,
    needs_person,
    never_looked,
    no_go,
    order,
    played,
    rejected,
    ungrounded,
    workload,
)


def stand(spec: dict[str, Any] | None = None, **ends: Any) -> Standing:
    about = batch(**(spec or {}))
    (found,) = standings(about, played(about, **ends))
    return found


def test_all_seats_agreeing_make_it_ready() -> None:
    found = stand()

    assert (found.ready, found.waits_for, found.missing) == (True, "", ())
    assert found.head_sha == SHA
    assert found.pull_request is not None
    assert [t.metadata.name for t in found.review] == ["w-review-12-0", "w-review-12-1"]


@pytest.mark.parametrize(
    ("ends", "told"),
    [
        pytest.param({"review_12_1": None}, "", id="running"),
        pytest.param({"review_12_1": no_go}, "Found wanting by review-12-1", id="objection"),
        pytest.param({"review_12_0": rejected}, "Rejected by review-12-0", id="reject"),
        pytest.param({"review_12_0": ungrounded}, "no blocking finding points", id="ungrounded"),
        pytest.param({"review_12_0": never_looked}, "not shown b.py", id="never looked"),
        pytest.param({"verify_12": gate_fail}, "Found wanting by verify-12", id="gate"),
        pytest.param({"code_12": needs_person}, "agree to the change", id="work class"),
        pytest.param(
            {"code_12": lambda t: ended(t, "INCOMPLETE", outcome="LOOP-INCOMPLETE")},
            "code-12 left no change to judge: retry",
            id="nothing to judge",
        ),
        pytest.param(
            {"code_12": lambda t: ended(t, "NO-GO", outcome="ALREADY-RESOLVED")},
            "",
            id="already resolved",
        ),
        pytest.param({"review_12_0": cascaded}, "Not decided by review-12-0", id="no decision"),
        pytest.param(
            {"review_12_0": lambda t: ended(t, "INCOMPLETE", outcome="CANCELLED")},
            "Cancelled",
            id="cancelled",
        ),
    ],
)
def test_what_is_not_ready_says_what_a_person_can_do(ends: dict[str, Any], told: str) -> None:
    found = stand(**ends)

    assert not found.ready
    assert told in found.waits_for
    assert bool(told) == bool(found.waits_for)


@pytest.mark.parametrize(
    ("ends", "ready"),
    [
        pytest.param({"review_12_0": ungrounded}, True, id="an ungrounded seat"),
        pytest.param({"review_12_0": cascaded}, True, id="a seat without a decision"),
        pytest.param({"code_12": needs_person}, True, id="a work class"),
        pytest.param({"review_12_0": no_go}, False, id="not a grounded objection"),
        pytest.param({"verify_12": gate_fail}, False, id="not a failing gate"),
        pytest.param({"review_12_0": None}, False, id="not what still runs"),
        pytest.param(
            {"code_12": lambda t: ended(t, "INCOMPLETE")}, False, id="not where there is no change"
        ),
    ],
)
def test_an_approval_answers_for_what_did_not_decide(ends: dict[str, Any], ready: bool) -> None:
    found = stand({"followUps": [order("approve")]}, **ends)

    assert (found.approved_by, found.ready) == ("ann", ready)


def test_a_rejection_keeps_what_all_agree_on_from_people() -> None:
    found = stand({"followUps": [order("reject")]})

    assert (found.rejected_by, found.ready) == ("ann", False)
    assert "Rejected by ann" in found.waits_for


def test_the_last_word_counts() -> None:
    found = stand({"followUps": [order("reject"), order("approve", 2)]}, review_12_0=ungrounded)

    assert (found.approved_by, found.rejected_by, found.ready) == ("ann", "", True)


def test_an_approval_ends_with_what_was_begun_after_it() -> None:
    about = batch(followUps=[order("approve"), order("human-review", 2)])
    children = played(about, review_12_0=ungrounded)
    children[0].metadata.annotations[ANSWERS] = '["f1", "f2"]'

    (found,) = standings(about, children)

    assert (found.approved_by, found.ready) == ("", False)


@pytest.mark.parametrize(
    ("ref", "approved"),
    [
        pytest.param("", "ann", id="all"),
        pytest.param("issue/12", "ann", id="its issue"),
        pytest.param("issue/13", "", id="another issue"),
        pytest.param("https://github.test/a/b/pull/40#issuecomment-1", "ann", id="its pull"),
        pytest.param("https://github.test/a/b/issues/12#issuecomment-1", "ann", id="its URL"),
        pytest.param("pull/12", "", id="a pull request of that number"),
    ],
)
def test_an_order_is_about_what_it_names(ref: str, approved: str) -> None:
    assert stand({"followUps": [order("approve", ref=ref)]}).approved_by == approved


def test_steps_that_max_tasks_cut_off_keep_it_from_being_ready() -> None:
    found = stand({"maxTasks": 3})

    assert (found.missing, found.ready) == (("review-12-1",), False)
    assert "maxTasks leaves no room for review-12-1" in found.waits_for


def test_of_several_rounds_the_newest_counts() -> None:
    about = batch()
    before = played(about, review_12_0=no_go)
    after = [_again(task, round=1) for task in played(about)]

    (found,) = standings(about, [*before, *after])

    assert (found.round, found.ready) == (1, True)
    assert len(found.superseded) == 4
    assert all(task.metadata.name.endswith("-r1") for task in found.tasks)


def test_of_several_attempts_at_a_seat_the_newest_counts() -> None:
    about = batch()
    children = played(about, review_12_1=ungrounded)
    again = _again(played(about)[3], attempt=1)

    (found,) = standings(about, [*children, again])

    assert found.ready
    assert [t.metadata.name for t in found.superseded] == ["w-review-12-1"]
    assert [t.metadata.name for t in found.review] == ["w-review-12-0", again.metadata.name]


def test_each_issue_and_each_asked_pull_request_stands_alone() -> None:
    steps = [
        {"name": "a", "kind": "review", "payload": {"pullRequest": 7, "headSHA": "b" * 40}},
        {"name": "b", "kind": "issue-fix", "payload": {"issue": 3}},
        {"name": "c", "kind": "freeform", "payload": {"prompt": "say hi"}},
    ]
    about = workload(pipeline=steps)

    found = standings(about, played(about, b=None))

    assert [(s.issue, s.asked, s.head_sha, s.ready) for s in found] == [
        (3, None, "", False),
        (None, 7, "b" * 40, True),
    ]


def _again(task: AgenticTask, *, round: int = 0, attempt: int = 0) -> AgenticTask:  # noqa: A002 - the label's own word
    labels = {
        **task.metadata.labels,
        "foreman.llmkube.dev/round": str(round),
        "foreman.llmkube.dev/attempt": str(attempt),
    }
    name = f"{task.metadata.name}-" + (f"r{round}" if round else f"a{attempt}")
    return task.replace(metadata=task.metadata.replace(name=name, labels=labels))


def test_an_order_may_name_the_payloads_own_pull_request() -> None:
    payload = Payload(pull_request=7)
    about = workload(
        pipeline=[{"name": "a", "kind": "review", "payload": payload.wire()}],
        followUps=[order("approve", ref="pull/7")],
    )

    (found,) = standings(about, played(about, a=ungrounded))

    assert found.ready
