from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.report.plan import (
    MakeReady,
    Plan,
    PostCheck,
    PostComment,
    PostReview,
    React,
    RefreshBody,
    plan,
)
from k8s.resources.task import AgenticTask, Cancellation, Progress
from k8s.resources.workload import Workload
from loop.redaction import Redactor
from tests.app.report.report_support import NOW, ended, pushed, reviewed, task, workload

DONE = {"review": {"id": 1}}


def planned(about: Workload, *tasks: AgenticTask, seconds: float = 0) -> Plan:
    now = NOW + timedelta(seconds=seconds)
    return plan(about, tasks, redact=Redactor(["hunter2-secret"]).text, now=now)


def shape(found: Plan) -> list[str]:
    return [type(order).__name__ for order in found.orders]


def reported(found: Plan) -> dict[str, Any]:
    """What is recorded once *found* was carried out at NOW."""
    record: dict[str, Any] = {"checks": {}, "ready": {}, "reactions": {}}
    for order in found.orders:
        match order:
            case PostCheck(check, digest):
                entry = {"id": 5, "digest": digest, "facts": check.facts, "at": NOW.isoformat()}
                record["checks"].setdefault(check.head_sha, {})[check.name] = entry
            case PostComment(comment, digest):
                entry = {"id": 6, "digest": digest, "facts": comment.facts, "at": NOW.isoformat()}
                record["comment"] = entry
            case MakeReady(number):
                record["ready"][str(number)] = "ready"
            case RefreshBody(number, _, _, digest):
                record.setdefault("body", {})[str(number)] = digest
            case React(content):
                record["reactions"][content] = True
    return record


def coding(turn: int) -> AgenticTask:
    return task("code-12", "issue-fix", phase="Running", progress=Progress(turn=turn, max_turns=9))


def test_at_first_there_is_only_the_comment() -> None:
    found = planned(workload())

    assert shape(found) == ["PostComment"]
    assert found.orders[0].lane == "first"
    assert found.wait_seconds is None


def test_what_stands_is_not_posted_again() -> None:
    tasks = [pushed(), reviewed(reported=DONE)]
    first = planned(workload(phase="Completed"), *tasks)
    again = planned(workload(phase="Completed", reported=reported(first)), *tasks)

    assert shape(first) == [
        "PostCheck",
        "PostCheck",
        "PostCheck",
        "RefreshBody",
        "MakeReady",
        "React",
        "PostComment",
    ]
    assert again == Plan(())


@pytest.mark.parametrize(
    ("seconds", "lane", "wait"),
    [
        pytest.param(0, None, 30.0, id="at once"),
        pytest.param(29, None, 1.0, id="too soon"),
        pytest.param(30, "progress", None, id="after half a minute"),
    ],
)
def test_progress_is_told_every_half_minute(
    seconds: float, lane: str | None, wait: float | None
) -> None:
    before = reported(planned(workload(), coding(1)))
    found = planned(workload(reported=before), coding(2), seconds=seconds)

    assert [order.lane for order in found.orders] == ([lane] if lane else [])
    assert found.wait_seconds == wait


def test_an_end_is_told_at_once() -> None:
    before = reported(planned(workload(), coding(1)))
    found = planned(workload(reported=before), pushed())

    (*_, last) = found.orders
    assert isinstance(last, PostComment)
    assert (last.known, last.lane) == (6, "first")


def test_what_counts_goes_before_progress() -> None:
    tasks = [pushed(), coding_review(1), reviewed(step="review-12-1", reported=DONE)]
    before = reported(planned(workload(), *tasks))
    later = [pushed(), coding_review(2), reviewed(step="review-12-1")]
    found = planned(workload(reported=before), *later, seconds=60)

    assert shape(found)[0] == "PostReview"
    assert [o.lane for o in found.orders] == ["first", "progress", "progress", "progress"]


def coding_review(turn: int) -> AgenticTask:
    return task("review-12-0", "review", phase="Running", progress=Progress(turn=turn, max_turns=9))


def test_people_are_called_when_the_reviews_are_there() -> None:
    unposted = planned(workload(phase="Completed"), pushed(), reviewed())
    posted = planned(workload(phase="Completed"), pushed(), reviewed(reported=DONE))

    assert "PostReview" in shape(unposted)
    assert "MakeReady" not in shape(unposted)
    assert "MakeReady" in shape(posted)


@pytest.mark.parametrize(
    "seat",
    [
        pytest.param(reviewed("NO-GO", reported=DONE), id="no"),
        pytest.param(reviewed("INCOMPLETE", reported=DONE), id="not decided"),
        pytest.param(task("review-12-0", "review"), id="not yet"),
    ],
)
def test_a_seat_without_go_keeps_the_draft(seat: AgenticTask) -> None:
    found = planned(workload(), pushed(), reviewed(step="review-12-1", reported=DONE), seat)

    assert "MakeReady" not in shape(found)


@pytest.mark.parametrize(
    ("about", "tasks", "expected"),
    [
        pytest.param(workload(), [coding(1)], [], id="working"),
        pytest.param(workload(), [pushed()], ["rocket"], id="a pull request"),
        pytest.param(
            workload(phase="Failed"), [pushed("NO-GO")], ["rocket", "confused"], id="turned down"
        ),
        pytest.param(
            workload(phase="Failed"),
            [ended("code-12", "issue-fix", "NO-GO")],
            ["confused"],
            id="failed",
        ),
        pytest.param(
            workload(phase="Failed", cancellation=Cancellation(by="ann")), [], [], id="cancelled"
        ),
        pytest.param(
            workload(phase="Failed", reported={"reactions": {"confused": True}}),
            [],
            [],
            id="told before",
        ),
    ],
)
def test_reactions(about: Workload, tasks: list[AgenticTask], expected: list[str]) -> None:
    found = planned(about, *tasks)

    assert [o.content for o in found.orders if isinstance(o, React)] == expected


def test_every_post_is_redacted() -> None:
    leaky = "the password is hunter2-secret"
    found = planned(workload(), pushed(summary=leaky), reviewed(summary=leaky))

    assert "hunter2" not in repr([o for o in found.orders if not isinstance(o, PostReview)])


def test_each_review_is_wanted_once() -> None:
    found = planned(
        workload(), pushed(), reviewed(), reviewed("NO-GO", "review-12-1", reported=DONE)
    )

    reviews = [o.wanted.task for o in found.orders if isinstance(o, PostReview)]
    assert reviews == ["r-12-abc-review-12-0"]


def test_about_nothing_on_github_nothing_is_posted() -> None:
    assert planned(workload(issues=[])) == Plan(())
