"""What a task's labels and annotations say of its place in a Workload.

*Round*: which generation of the change the task works on, 0 first. *Seat*: the step of round 0 that
the task stands in for. *Attempt*: how often that seat was taken before in the same round.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Literal, cast, get_args

from k8s.meta import label
from k8s.resources.task import AgenticTask

STEP = label("step")
WORKLOAD = label("workload")
ISSUE = label("issue")
ROUND = label("round")
ATTEMPT = label("attempt")
SEAT = label("seat")
CAUSE = label("cause")
ANSWERS = label("answers")  # an annotation: a JSON list of follow-up ids

Cause = Literal["review", "gate", "ci", "human", "retry", "escalation"]
_CAUSES = get_args(Cause)


def round_of(task: AgenticTask) -> int:
    return _number(task, ROUND)


def attempt_of(task: AgenticTask) -> int:
    return _number(task, ATTEMPT)


def step_of(task: AgenticTask) -> str:
    return task.metadata.labels.get(STEP, task.metadata.name)


def seat_of(task: AgenticTask) -> str:
    return task.metadata.labels.get(SEAT) or step_of(task)


def cause_of(task: AgenticTask) -> Cause | None:
    """Why the task's round was begun; None: it is the first."""
    word = task.metadata.labels.get(CAUSE)
    return cast("Cause", word) if word in _CAUSES else None


def answered_by(tasks: Iterable[AgenticTask]) -> frozenset[str]:
    """The ids of the follow-ups that *tasks* were made for."""
    found: set[str] = set()
    for task in tasks:
        try:
            ids = json.loads(task.metadata.annotations.get(ANSWERS, "[]"))
        except ValueError:
            continue  # people may write annotations; ours always parse
        if isinstance(ids, list):
            found.update(map(str, ids))
    return frozenset(found)


def _number(task: AgenticTask, name: str) -> int:
    text = task.metadata.labels.get(name, "0")
    return int(text) if text.isdecimal() else 0
