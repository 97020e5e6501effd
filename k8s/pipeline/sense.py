"""Whether a follow-up would do anything, asked before it is given. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from k8s.pipeline.lanes import lanes
from k8s.pipeline.moves import next_of
from k8s.pipeline.orders import concerns
from k8s.pipeline.outcomes import stands_against
from k8s.pipeline.standing import Standing, standings
from k8s.pipeline.steps import RenderError, steps_of
from k8s.resources.task import AgenticTask
from k8s.resources.workload import FollowUp, Workload

_NOTHING = {
    "retry": "nothing of it ended badly",
    "escalate": "there is nothing to escalate, or nobody it was not escalated to already; "
    "escalationReviewerAgentRefs and escalationCoderAgentRef of the Workload name who is asked",
}


def why_senseless(workload: Workload, children: Sequence[AgenticTask], order: FollowUp) -> str:
    """Why *order* would change nothing, as a sentence; "" where it would."""
    if stopped := workload.spec.cancellation:
        return f"it was cancelled by {stopped.by}; a new Workload starts over"
    about = [s for s in standings(workload, children) if concerns(order, s.about)]
    if order.kind in ("approve", "reject") and not about:
        named = f" about {order.ref}" if order.ref else " about an issue or a pull request"
        return f"it has no tasks{named}"
    match order.kind:
        case "approve":
            return _approval(about)
        case "reject":
            by = next((s.rejected_by for s in about), "")
            return f"{by} rejected it already" if all(s.rejected_by for s in about) else ""
        case "retry" | "escalate":
            return _work(workload, children, order)
        case _:
            return ""


def _approval(about: Sequence[Standing]) -> str:
    if all(s.ready for s in about):
        return "nothing is left to approve, it is ready"
    if all(s.approved_by for s in about):
        return f"{about[0].approved_by} approved it already"
    against = [s for s in about if s.ended and any(map(stands_against, s.tasks))]
    if len(against) == len(about):
        return f"an approval does not override that. {against[0].waits_for}"
    return ""


def _work(workload: Workload, children: Sequence[AgenticTask], order: FollowUp) -> str:
    spec = workload.spec
    asked = workload.replace(spec=spec.replace(follow_ups=[*spec.follow_ups, order]))
    try:
        found = [
            lane for lane in lanes(asked, children, steps_of(asked)) if order in lane.open_orders
        ]
    except RenderError as fault:
        return str(fault)
    if any(not lane.settled or next_of(lane).move for lane in found):
        return ""
    return _NOTHING[order.kind]
