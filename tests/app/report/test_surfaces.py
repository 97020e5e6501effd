from __future__ import annotations

import pytest

from app.report.surfaces import State, home, is_ready, number_of, state, word
from k8s.resources.task import AgenticTask, Payload
from k8s.resources.workload import Trigger
from tests.app.report.report_support import (
    HEAD,
    ended,
    pushed,
    review_workload,
    reviewed,
    subjects,
    task,
    workload,
)
from tools.result import Ruling

RUNNING = task("review-12-0", "review", phase="Running")
UNASKED = Ruling(rail="issueAskEnforced", ruling="demoted", reason="not in the issue")
WAITING = task("verify-12", "verify", phase="Pending")


def test_tasks_of_an_issue_are_one_subject() -> None:
    (subject,) = subjects([RUNNING, WAITING, pushed()])

    assert (subject.issue, number_of(subject), subject.head_sha) == (12, 13, HEAD)
    assert [t.metadata.name for t in subject.tasks] == [
        "r-12-abc-code-12",
        "r-12-abc-verify-12",
        "r-12-abc-review-12-0",
    ]


def test_before_the_push_there_is_no_head() -> None:
    (subject,) = subjects([task("code-12", "issue-fix", phase="Running"), WAITING])

    assert subject.head_sha == ""
    assert number_of(subject) is None


def test_a_review_that_was_asked_for_has_its_head() -> None:
    payload = Payload(repo="o/r", pull_request=40, issue=12, head_sha=HEAD)
    (subject,) = subjects([task("review-40-0", "review", payload=payload)])

    assert (number_of(subject), subject.asked, subject.head_sha) == (40, 40, HEAD)
    assert subject.pull_request is None
    assert not is_ready(subject)


def test_the_newest_round_counts() -> None:
    (subject,) = subjects([pushed(), reviewed("NO-GO"), reviewed("GO", "review-12-0-r1", round=1)])

    assert [t.status.verdict for t in subject.review] == ["GO"]
    assert subject.pull_request is not None


def test_issues_apart_are_subjects_apart() -> None:
    other = task("code-9", "issue-fix", payload=Payload(repo="o/r", issue=9))
    freeform = task("think", "freeform", payload=Payload(prompt="x"))

    assert [s.issue for s in subjects([pushed(), other, freeform])] == [9, 12]


@pytest.mark.parametrize(
    ("tasks", "expected"),
    [
        pytest.param([WAITING], State("queued"), id="waiting"),
        pytest.param([WAITING, RUNNING], State("in_progress"), id="one runs"),
        pytest.param([pushed(), WAITING], State("in_progress"), id="one has ended"),
        pytest.param([pushed(), reviewed()], State("completed", "success"), id="all good"),
        pytest.param(
            [ended("v", "verify", "GATE-PASS")], State("completed", "success"), id="gate passed"
        ),
        pytest.param(
            [ended("v", "verify", "GATE-FAIL"), reviewed("INCOMPLETE")],
            State("completed", "failure"),
            id="gate failed",
        ),
        pytest.param(
            [ended("v", "verify", "GATE-ERROR")],
            State("completed", "action_required"),
            id="gate could not run",
        ),
        pytest.param(
            [pushed(), reviewed("NO-GO")], State("completed", "failure"), id="turned down"
        ),
        pytest.param(
            [pushed(), reviewed("NO-GO", rulings=[UNASKED])],
            State("completed", "action_required"),
            id="an open seat",
        ),
        pytest.param(
            [pushed(), reviewed("INCOMPLETE")],
            State("completed", "action_required"),
            id="not decided",
        ),
        pytest.param(
            [pushed(), ended("r", "review", "INCOMPLETE", phase="Failed", outcome="CANCELLED")],
            State("completed", "cancelled"),
            id="cancelled",
        ),
        pytest.param(
            [ended("c", "issue-fix", "NO-GO", outcome="ALREADY-RESOLVED")],
            State("completed", "action_required"),
            id="a coder's word that it is resolved",
        ),
        pytest.param(
            [ended("r", "review", "GO", phase="Failed")],
            State("completed", "action_required"),
            id="GO of a machinery that failed",
        ),
        pytest.param(
            [ended("r", "review", "Skipped")],
            State("completed", "action_required"),
            id="never skipped",
        ),
    ],
)
def test_where_tasks_stand_together(tasks: list[AgenticTask], expected: State) -> None:
    assert state(tasks) == expected


@pytest.mark.parametrize(
    ("task_", "expected"),
    [
        pytest.param(task("a", "verify"), "waiting", id="new"),
        pytest.param(task("a", "verify", phase="Scheduled"), "waiting", id="scheduled"),
        pytest.param(RUNNING, "running", id="running"),
        pytest.param(task("a", "verify", phase="Verifying"), "in its gate", id="verifying"),
        pytest.param(pushed(), "GO", id="GO"),
        pytest.param(
            ended("a", "issue-fix", "NO-GO", outcome="ALREADY-RESOLVED"),
            "already resolved",
            id="resolved",
        ),
        pytest.param(
            ended("a", "review", "INCOMPLETE", outcome="CANCELLED"), "cancelled", id="cancelled"
        ),
        pytest.param(ended("a", "review", "GO", phase="Failed"), "failed", id="failed GO"),
        pytest.param(
            ended("a", "issue-fix", "NO-GO", outcome="NEEDS-VERIFICATION"),
            "needs a person",
            id="needs a person",
        ),
    ],
)
def test_the_word_for_it(task_: AgenticTask, expected: str) -> None:
    assert word(task_) == expected


def test_ready_is_every_seat_and_our_own_pull_request() -> None:
    verified = ended("verify-12", "verify", "GATE-PASS")
    landed = ended("code-12", "issue-fix", "GO")

    def ready(*tasks: AgenticTask) -> bool:
        return is_ready(subjects(tasks)[0])

    assert ready(pushed(), verified, reviewed())
    assert not ready(pushed(), verified, reviewed(), reviewed("NO-GO", "review-12-1"))
    assert not ready(pushed(), verified, RUNNING)
    assert not ready(landed, reviewed())


def test_the_home_of_the_status_comment() -> None:
    elsewhere = workload(issues=[], trigger=Trigger())

    assert home(workload()) == 12
    assert home(review_workload()) == 40
    assert home(elsewhere) is None
