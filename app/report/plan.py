"""What is still to be posted: what should stand on GitHub against what `status.reported` says does.

Pure. The record of a Workload holds its comment, check runs by head and name, pull requests made
ready, their texts and reactions; that of a review task its review. An entry that is missing was not posted, or was
posted and not recorded; whoever posts looks first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from app.github.limits import Lane
from app.report.body import section
from app.report.checks import Check, checks, digest
from app.report.comments import StatusComment, status_comment
from app.report.reviews import Wanted, wanted
from app.report.surfaces import home, is_ready
from k8s.pipeline.labels import answered_by, round_of
from k8s.pipeline.standing import Standing, standings
from k8s.resources.task import AgenticTask
from k8s.resources.workload import Workload

PROGRESS_EVERY = timedelta(seconds=30)

Reaction = Literal["rocket", "confused"]
Redact = Callable[[str], str]


@dataclass(frozen=True)
class PostReview:
    wanted: Wanted
    lane: Lane = "first"


@dataclass(frozen=True)
class PostCheck:
    """*known* is the id of the check run to change; None: none is recorded."""

    check: Check
    digest: str
    known: int | None
    lane: Lane


@dataclass(frozen=True)
class RefreshBody:
    """*part* is ours of the pull request's text."""

    number: int
    issue: int | None
    part: str
    digest: str
    lane: Lane = "first"


@dataclass(frozen=True)
class MakeReady:
    number: int
    head_sha: str
    lane: Lane = "first"


@dataclass(frozen=True)
class React:
    """To the comment that asked, else to what was labelled."""

    content: Reaction
    number: int
    comment: int | None
    lane: Lane = "first"


@dataclass(frozen=True)
class PostComment:
    """*known* is the id of the comment to change; None: none is recorded."""

    comment: StatusComment
    digest: str
    known: int | None
    lane: Lane


Order = PostReview | PostCheck | RefreshBody | MakeReady | React | PostComment


@dataclass(frozen=True)
class Plan:
    """*orders*, what counts first; *wait_seconds* until progress may be told. None: nothing waits."""

    orders: tuple[Order, ...]
    wait_seconds: float | None = None


def plan(
    workload: Workload, tasks: Sequence[AgenticTask], *, redact: Redact, now: datetime
) -> Plan:
    """What to post for *workload* now."""
    about = standings(workload, tasks)
    reported = workload.status.reported
    orders: list[Order] = [*_reviews(about, tasks)]
    waits: list[float] = []
    for subject in about:
        for check in _checks(workload, tasks, subject):
            _add(orders, waits, _check(_clean(check, redact), reported, now))
        orders += _body(subject, reported, redact)
        orders += _ready(subject, tasks, reported)
    orders += _reactions(workload, about, reported)
    if comment := status_comment(workload, tasks, about):
        clean = replace(comment, text=redact(comment.text))
        _add(orders, waits, _comment(clean, reported, now))
    orders.sort(key=lambda order: order.lane != "first")
    return Plan(tuple(orders), min(waits, default=None))


def _checks(workload: Workload, tasks: Sequence[AgenticTask], subject: Standing) -> Iterator[Check]:
    """Those of the head, and those of the heads that former rounds were judged at."""
    heads: set[str] = set()
    for newest in range(subject.round, -1, -1):
        before = [task for task in tasks if round_of(task) <= newest]
        for then in standings(_as_it_was(workload, tasks, newest), before):
            if (then.issue, then.asked) == (subject.issue, subject.asked):
                if then.head_sha not in heads:
                    yield from checks(then, workload_uid=workload.metadata.uid)
                heads.add(then.head_sha)


def _as_it_was(workload: Workload, tasks: Sequence[AgenticTask], newest: int) -> Workload:
    """*workload* with the words that people said of round *newest*: the next round ended them."""
    following = [task for task in tasks if round_of(task) == newest + 1]
    if not following:
        return workload
    ended, spec = answered_by(following), workload.spec
    words = [o for o in spec.follow_ups if o.kind not in ("approve", "reject") or o.id in ended]
    return workload.replace(spec=spec.replace(follow_ups=words))


def _add(orders: list[Order], waits: list[float], found: Order | float | None) -> None:
    if isinstance(found, float):
        waits.append(found)
    elif found is not None:
        orders.append(found)


def _reviews(about: Sequence[Standing], tasks: Sequence[AgenticTask]) -> list[PostReview]:
    return [PostReview(w) for s in about for w in wanted(s) if not _is_reviewed(w, tasks)]


def _is_reviewed(review: Wanted, tasks: Sequence[AgenticTask]) -> bool:
    return any(t.metadata.name == review.task and t.status.reported.get("review") for t in tasks)


def _check(check: Check, reported: Mapping[str, Any], now: datetime) -> Order | float | None:
    before = reported.get("checks", {}).get(check.head_sha, {}).get(check.name)
    found = digest(check.body())
    due = _due(before, found, check.facts, now)
    if due is None or isinstance(due, float):
        return due
    return PostCheck(check, found, before["id"] if before else None, due)


def _comment(
    comment: StatusComment, reported: Mapping[str, Any], now: datetime
) -> Order | float | None:
    before = reported.get("comment")
    found = digest(comment.text)
    due = _due(before, found, comment.facts, now)
    if due is None or isinstance(due, float):
        return due
    return PostComment(comment, found, before["id"] if before else None, due)


def _due(
    before: Mapping[str, Any] | None, found: str, facts: str, now: datetime
) -> Lane | float | None:
    """The lane to post in now, the seconds to wait until then, or None: it stands as it should."""
    if before is None:
        return "first"
    if before["digest"] == found:
        return None
    if before["facts"] != facts:
        return "first"
    left = (datetime.fromisoformat(before["at"]) + PROGRESS_EVERY - now).total_seconds()
    return left if left > 0 else "progress"


def _body(subject: Standing, reported: Mapping[str, Any], redact: Redact) -> list[Order]:
    """Once a round is decided, the text of our own pull request says what came of it."""
    pull = subject.pull_request
    if pull is None or not subject.ended:
        return []
    part = redact(section(subject))
    found = digest(part)
    if reported.get("body", {}).get(str(pull.number)) == found:
        return []
    return [RefreshBody(pull.number, subject.issue, part, found)]


def _ready(
    subject: Standing, tasks: Sequence[AgenticTask], reported: Mapping[str, Any]
) -> list[Order]:
    pull = subject.pull_request
    if pull is None or not is_ready(subject):
        return []
    said = reported.get("ready", {}).get(str(pull.number), "")
    if said and not (said.startswith("head moved") and not said.endswith(subject.head_sha)):
        return []  # of this head; a later round has another
    if not all(_is_reviewed(review, tasks) for review in wanted(subject)):
        return []  # people find the reviews there when they are called
    return [MakeReady(pull.number, subject.head_sha)]


def _reactions(
    workload: Workload, about: Sequence[Standing], reported: Mapping[str, Any]
) -> list[Order]:
    number = home(workload)
    if number is None:
        return []
    content: list[Reaction] = []
    if any(subject.pull_request for subject in about):
        content.append("rocket")
    if workload.status.phase == "Failed" and not workload.spec.cancellation:
        content.append("confused")
    comment = workload.spec.trigger.comment if workload.spec.trigger else None
    there = reported.get("reactions", {})
    return [React(word, number, comment) for word in content if word not in there]


def _clean(check: Check, redact: Redact) -> Check:
    return replace(
        check,
        title=redact(check.title),
        summary=redact(check.summary),
        text=redact(check.text),
    )
