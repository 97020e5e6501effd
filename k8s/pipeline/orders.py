"""Follow-ups: what people and checks ordered about a Workload, and what became of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from k8s.pipeline.labels import answered_by
from k8s.resources.task import AgenticTask
from k8s.resources.workload import FollowUp, Workload

# `issue/12`, `pull/34@<sha>` or a URL of GitHub: which subject, and at which commit.
_ABOUT = re.compile(r"\b(?P<what>issue|pull)s?/(?P<number>\d+)")
_AT = re.compile(r"@(?P<sha>[0-9a-f]{7,64})\b")


@dataclass(frozen=True)
class About:
    """The numbers that name one subject: its issue and its pull request."""

    issue: int | None = None
    pull_request: int | None = None


def concerns(order: FollowUp, about: About) -> bool:
    """Whether *order* is about that subject; one without a number is about all of them."""
    named = _ABOUT.search(order.ref)
    if named is None:
        return True
    number = about.issue if named["what"] == "issue" else about.pull_request
    return number == int(named["number"])


def is_stale(order: FollowUp, head_sha: str) -> bool:
    """Whether *order* is about a commit that is not the head any more."""
    named = _AT.search(order.ref)
    return bool(named and head_sha and not head_sha.startswith(named["sha"]))


def in_force(workload: Workload, about: About, children: Iterable[AgenticTask]) -> FollowUp | None:
    """The last word of a person on the subject: approve or reject. None: there is none.

    What was begun after it on somebody's order has ended it, and carries its id.
    """
    ended = answered_by(children)
    words = [
        order
        for order in workload.spec.follow_ups
        if order.kind in ("approve", "reject") and concerns(order, about) and order.id not in ended
    ]
    return words[-1] if words else None
