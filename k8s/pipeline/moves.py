"""What a lane that has come to rest does next: first what people ordered, then what it does itself.

By itself, in this order: a repair round for what was found wanting, another look at seats that are
left open, a stronger coder once. Each is bounded, so every lane comes to rest for good.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from k8s.pipeline.labels import Cause, answered_by, attempt_of, round_of, seat_of
from k8s.pipeline.lanes import Lane
from k8s.pipeline.making import Move, another_reviewer, judged_again, new_round, once_more
from k8s.pipeline.orders import is_stale
from k8s.pipeline.outcomes import (
    can_be_judged,
    extra_of,
    gate_failed,
    needs_person,
    objects,
    rejects,
    stands_against,
    was_cancelled,
    why_open,
)
from k8s.resources.task import AgenticTask
from k8s.resources.workload import FollowUp

GATE_ROUNDS = 2  # for failing gates and failing checks of the host together
_REVIEW_ROUNDS = 1  # when the Workload does not say
_NEVER_ESCALATED = frozenset({"ALREADY-RESOLVED", "NEEDS-VERIFICATION", "CANCELLED"})
_WORDS = frozenset({"approve", "reject"})


@dataclass(frozen=True)
class Next:
    """*move* None: nothing. *answered*: ids of follow-ups that need no task."""

    move: Move | None = None
    answered: tuple[str, ...] = ()


def next_of(lane: Lane) -> Next:
    """What to do now: nothing while the lane's tasks run, but a person's word counts at once."""
    orders = lane.open_orders
    if not lane.settled:
        return Next(answered=tuple(o.id for o in orders if o.kind in _WORDS))
    move = _ordered(lane, orders)
    carried = answered_by(move.tasks) if move else frozenset()
    rest = tuple(order.id for order in orders if order.id not in carried)
    return Next(move or _automatic(lane), rest)


def _ordered(lane: Lane, orders: Sequence[FollowUp]) -> Move | None:
    """The one move that the *orders* come to; None: nothing can or need be done for them."""
    kinds = {order.kind for order in orders}
    if "escalate" in kinds and not _can_review_elsewhere(lane) and _can_escalate(lane):
        return new_round(lane, "escalation", orders)
    if cause := _ordered_round(lane, orders):
        return new_round(lane, cause, orders)
    ids = [order.id for order in orders if order.kind in ("retry", "escalate")]
    if "escalate" in kinds and _can_review_elsewhere(lane):
        return _seats(lane, ids)
    rejected = bool(lane.standing.rejected_by)
    bad = [t for t in lane.now if _is_bad(t) or (rejected and t.spec.kind == "review")]
    if "retry" in kinds and bad:
        return judged_again(lane, bad, ids)
    return None


def _ordered_round(lane: Lane, orders: Sequence[FollowUp]) -> Cause | None:
    """Why people or checks want another round. None: they want none, or there can be none."""
    code = lane.code
    if code is None:
        return None
    kinds = {order.kind for order in orders}
    if "approve" in kinds and needs_person(code) and not can_be_judged(code):
        return "human"  # the facts are checked; now it can be coded
    rejected = bool(lane.standing.rejected_by)
    if "retry" in kinds and (rejected or _is_bad(code) or any(map(stands_against, lane.now))):
        return "retry"
    if rejected:
        return None
    if "human-review" in kinds:
        return "human"
    head = lane.standing.head_sha
    failed = any(o.kind == "ci-failure" and not is_stale(o, head) for o in orders)
    return "ci" if failed and lane.rounds("gate", "ci") < GATE_ROUNDS else None


def _is_bad(task: AgenticTask) -> bool:
    return not can_be_judged(task) and task.status.verdict != "Skipped"


def _automatic(lane: Lane) -> Move | None:
    standing = lane.standing
    if standing.ready or standing.rejected_by or any(map(was_cancelled, lane.now)):
        return None
    if cause := _repair(lane):
        return new_round(lane, cause)
    if standing.approved_by:
        return None
    if not any(map(stands_against, lane.now)) and any(_wants_review(lane, t) for t in lane.now):
        return _seats(lane, ())
    if _can_escalate(lane) and _is_beyond(lane):
        return new_round(lane, "escalation")
    return None


def _repair(lane: Lane) -> Cause | None:
    """Whose objection the coder gets to mend; None: nobody's, or their rounds are used up."""
    if lane.coder is None or any(map(rejects, lane.now)):
        return None
    if any(map(gate_failed, lane.now)) and lane.rounds("gate", "ci") < GATE_ROUNDS:
        return "gate"
    limit = lane.workload.spec.max_review_iterations
    if any(map(objects, lane.now)):
        most = _REVIEW_ROUNDS if limit is None else limit
        return "review" if lane.rounds("review") < most else None
    return None


def _wants_review(lane: Lane, task: AgenticTask) -> bool:
    """Whether the seat of *task* is open and was looked at once; or its second look broke down."""
    if attempt_of(task) == 0:
        return bool(why_open(task))
    return attempt_of(task) == 1 and task.phase == "Failed" and bool(_open_before(lane, task))


def _open_before(lane: Lane, task: AgenticTask) -> AgenticTask | None:
    """The first review of the same seat and round, if it left the seat open."""
    first = (t for t in lane.tasks if (seat_of(t), round_of(t)) == (seat_of(task), round_of(task)))
    return next((t for t in first if attempt_of(t) == 0 and why_open(t)), None)


def _can_review_elsewhere(lane: Lane) -> bool:
    return bool(lane.workload.spec.escalation_reviewer_agent_refs) and bool(_undecided(lane))


def _undecided(lane: Lane) -> list[AgenticTask]:
    """The reviews that did not decide, though there was something to decide on."""
    reviews = [task for task in lane.now if task.spec.kind == "review"]
    if not all(can_be_judged(task) for task in lane.now if task not in reviews):
        return []
    return [task for task in reviews if _is_bad(task) and not objects(task)]


def _seats(lane: Lane, answers: Sequence[str]) -> Move:
    """Another look at each open seat: by an escalation reviewer while there are any, else its own.

    On somebody's order at each seat that is not decided.
    """
    asked = _undecided(lane) if answers else [t for t in lane.now if _wants_review(lane, t)]
    others = len(lane.workload.spec.escalation_reviewer_agent_refs)
    ids = [*answers, *lane.lifted] if answers else []
    made = []
    for index, task in enumerate(asked):
        carried = ids if task is asked[-1] else []  # last: who is cut off before it begins again
        if index < others and (answers or attempt_of(task) == 0):
            made.append(another_reviewer(lane, task, index, carried))
        else:
            made.append(once_more(lane, task, {}, carried))
    return Move(tuple(made), "MaxTasksEscalationCap")


def _can_escalate(lane: Lane) -> bool:
    """Whether there is a stronger coder who was not asked yet, and something to ask for."""
    spec, code = lane.workload.spec, lane.code
    if not spec.escalation_coder_agent_ref or code is None or lane.rounds("escalation"):
        return False
    return extra_of(code).outcome not in _NEVER_ESCALATED and not lane.standing.ready


def _is_beyond(lane: Lane) -> bool:
    """Whether the coder could not do it; with `escalateOnFailure`, whether it was not done."""
    code = lane.code
    assert code is not None, "asked only where there is a coder"
    if is_beyond_model(code):
        return True
    if not lane.workload.spec.escalate_on_failure or any(map(rejects, lane.now)):
        return False
    return not code.on_target or any(map(stands_against, lane.now))


def is_beyond_model(code: AgenticTask) -> bool:
    """Whether the coder ended as one does who is not up to the task."""
    extra = extra_of(code)
    match extra.outcome:
        case "MODEL-DECIDED":
            return code.status.verdict == "NO-GO"
        case "CODER-GATE-FAILED":
            return True
        case "LOOP-INCOMPLETE":
            return extra.reason == "MaxTurnsExhausted"
        case _:
            return False
