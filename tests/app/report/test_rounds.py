"""Several rounds of one change, and what people say of it, as GitHub shows them."""

from __future__ import annotations

from typing import Any

from app.report.checks import checks
from app.report.plan import MakeReady, PostCheck, PostReview, plan
from k8s.pipeline.labels import SEAT
from k8s.resources.task import AgenticTask
from k8s.resources.workload import FollowUp, Workload
from loop.redaction import Redactor
from tests.app.report.report_support import (
    HEAD,
    NOW,
    ended,
    pushed,
    reviewed,
    subjects,
    workload,
)
from tools.result import Finding, Ruling

AFTER = "b" * 40
WRONG = Finding(severity="major", area="regression", message="loses the last", file="a.py", line=3)
UNSEEN = Ruling(rail="neverLooked", ruling="demoted", reason="of 2 files 1 was shown")


def in_round(task: AgenticTask, seat: str) -> AgenticTask:
    labels = {**task.metadata.labels, SEAT: seat}
    return task.replace(metadata=task.metadata.replace(labels=labels))


def rounds() -> list[AgenticTask]:
    """A round that a reviewer turned down, and one that it did not."""
    again = ended("code-12-r1", "issue-fix", "GO", commit_sha=AFTER, round=1)
    better = reviewed("GO", "review-12-0-r1", commit_sha=AFTER, round=1)
    return [
        pushed(),
        reviewed("NO-GO", commit_sha=HEAD, findings=[WRONG]),
        in_round(again, "code-12"),
        in_round(better, "review-12-0"),
    ]


def orders(about: Workload, tasks: list[AgenticTask], kind: type) -> list[Any]:
    found = plan(about, tasks, redact=Redactor().text, now=NOW).orders
    return [order for order in found if isinstance(order, kind)]


def test_each_head_keeps_the_checks_it_was_judged_by() -> None:
    found = orders(workload(), rounds(), PostCheck)

    assert {(o.check.head_sha, o.check.name, o.check.conclusion) for o in found} == {
        (AFTER, "foreman / code", "success"),
        (AFTER, "foreman / review", "success"),
        (AFTER, "foreman / verdict", "success"),
        (HEAD, "foreman / code", "success"),
        (HEAD, "foreman / review", "failure"),
        (HEAD, "foreman / verdict", "failure"),
    }


def test_what_a_former_round_found_is_posted_and_folded_away() -> None:
    first, second = orders(workload(), rounds(), PostReview)

    assert (first.wanted.head_sha, first.wanted.newest_sha) == (HEAD, AFTER)
    assert (second.wanted.head_sha, second.wanted.newest_sha) == (AFTER, AFTER)


def test_the_pull_request_is_made_ready_at_the_newest_head() -> None:
    told = [t.replace(status=t.status.replace(reported={"review": {"id": 1}})) for t in rounds()]

    assert orders(workload(), told, MakeReady) == [MakeReady(13, AFTER)]
    assert orders(workload(), told[:2], MakeReady) == []


def undecided(*words: FollowUp) -> tuple[Workload, list[AgenticTask]]:
    """A reviewer that never looked, and what people say to that."""
    review = reviewed("INCOMPLETE", rulings=[UNSEEN], unseen_files=["a.py"], commit_sha=HEAD)
    return workload(follow_ups=list(words), phase="Failed"), [pushed(), review]


def verdict(*words: FollowUp) -> tuple[str | None, str]:
    about, tasks = undecided(*words)
    found = checks(subjects(tasks, about)[0], workload_uid="w")
    last = next(check for check in found if check.name == "foreman / verdict")
    return last.conclusion, last.title


def test_an_open_seat_waits_for_a_person() -> None:
    assert verdict() == ("action_required", "Not decided: the reviewer was not shown a.py")


def test_an_approval_stands_beside_what_the_harness_said() -> None:
    conclusion, title = verdict(FollowUp(id="1", kind="approve", by="ann"))

    assert conclusion == "success"
    assert title.startswith("approved by @ann; harness said Not decided")


def test_a_rejection_fails_the_verdict() -> None:
    conclusion, title = verdict(FollowUp(id="1", kind="reject", by="ann"))

    assert conclusion == "failure"
    assert title.startswith("rejected by @ann")


def test_an_approved_change_becomes_ready() -> None:
    about, tasks = undecided(FollowUp(id="1", kind="approve", by="ann"))
    told = [t.replace(status=t.status.replace(reported={"review": {"id": 1}})) for t in tasks]

    assert orders(about, told, MakeReady) == [MakeReady(13, HEAD)]


def test_a_word_on_the_newest_head_says_nothing_of_former_ones() -> None:
    word = FollowUp(id="1", kind="approve", by="ann", ref="issue/12")
    about = workload(follow_ups=[word])

    before = undecided()[1][1]
    told = [pushed(), before, *rounds()[2:]]

    assert {
        (o.check.head_sha, o.check.conclusion)
        for o in orders(about, told, PostCheck)
        if o.check.name == "foreman / verdict"
    } == {(AFTER, "success"), (HEAD, "action_required")}


def test_a_head_that_somebody_moved_keeps_no_later_round_from_being_ready() -> None:
    told = [t.replace(status=t.status.replace(reported={"review": {"id": 1}})) for t in rounds()]

    def after(said: str) -> list[Any]:
        return orders(workload(reported={"ready": {"13": said}}), told, MakeReady)

    assert after("ready") == []
    assert after(f"head moved to {'c' * 40} from {AFTER}") == []
    assert after(f"head moved to {'c' * 40} from {HEAD}") == [MakeReady(13, AFTER)]
