"""The tasks of a new round, and of a new attempt at some seats of a round."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from k8s.meta import LocalRef
from k8s.pipeline.digest import ANEW, ESCALATED, again, digest
from k8s.pipeline.labels import Cause, attempt_of, cause_of, round_of, seat_of, step_of
from k8s.pipeline.lanes import Lane
from k8s.pipeline.outcomes import extra_of
from k8s.pipeline.tasks import Place, task_name, task_of
from k8s.resources.task import AgenticTask, Payload
from k8s.resources.workload import FollowUp, PipelineStep


@dataclass(frozen=True)
class Move:
    """Tasks to be made all together or not at all, and the follow-ups that they answer."""

    tasks: tuple[AgenticTask, ...]
    cap: str  # the reason of the condition when `maxTasks` leaves no room for them


def new_round(lane: Lane, cause: Cause, orders: Sequence[FollowUp] = ()) -> Move:
    """Coder, verifier and reviewers once more, on the same branch."""
    number = lane.next_round
    words = lane.words_in_force
    ids = list(dict.fromkeys(order.id for order in (*orders, *words)))
    told = [*(word for word in words if word.kind == "reject"), *orders]
    place = Place(round=number, cause=cause, answers=ids)
    made = round_tasks(lane, place, _coder_step(lane, cause, told))
    escalated = cause == "escalation"
    return Move(tuple(made), "MaxTasksCoderEscalationCap" if escalated else "MaxTasksIterationCap")


def round_tasks(lane: Lane, place: Place, coder: PipelineStep | None) -> list[AgenticTask]:
    """All tasks of the round; *coder* None: without its coder, who is there already."""
    suffix = "esc" if place.cause == "escalation" else f"r{place.round}"
    names = {s.name: task_name(lane.workload, f"{s.name}-{suffix}") for s in lane.steps}
    made = []
    for step in lane.steps:
        is_coder = lane.coder is not None and step.name == lane.coder.name
        if is_coder and coder is None:
            continue
        found = coder if is_coder and coder else step
        here = Place(
            round=place.round,
            seat=step.name,
            cause=place.cause,
            answers=place.answers if is_coder else (),
            waits_for=lane.waits_for(step, names),
        )
        renamed = found.replace(name=f"{step.name}-{suffix}", depends_on=[])
        made.append(task_of(lane.workload, renamed, here))
    return made


def _coder_step(lane: Lane, cause: Cause, orders: Sequence[FollowUp]) -> PipelineStep:
    coder, before = lane.coder, lane.code
    assert coder is not None, "asked only where one coder writes the change"
    spec, payload = lane.workload.spec, coder.payload
    start = _start(lane, before)
    stronger = spec.escalation_coder_agent_ref
    agent = (spec.revision_coder_agent_ref if start else None) or coder.agent_ref
    if cause == "escalation" or lane.rounds("escalation"):
        agent = stronger or agent
    note = ESCALATED if cause == "escalation" else "" if start else ANEW
    told = [payload.prompt or "", digest(lane.now, orders)]
    return coder.replace(
        agent_ref=agent,
        payload=payload.replace(
            branch=_branch(lane) or payload.branch,
            revise_from_branch=start,
            branch_strategy="rebase" if start else None,
            allow_overwrite=True if start else payload.allow_overwrite,
            prompt="\n\n".join(part for part in told if part) or None,
            conversation=None,
            prompt_prefix="\n\n".join(part for part in (payload.prompt_prefix, note) if part),
        ),
    )


def _start(lane: Lane, before: AgenticTask | None) -> str | None:
    """The branch with the newest work; None: nothing was ever pushed."""
    kept = extra_of(before).gate_failed_branch if before else None
    return kept or _branch(lane)


def _branch(lane: Lane) -> str | None:
    """Where the lane's coders pushed to; None: none did."""
    coder = lane.coder
    pushed = [t for t in lane.tasks if coder and seat_of(t) == coder.name and t.status.commit_sha]
    return (pushed[-1].status.branch or pushed[-1].spec.payload.branch) if pushed else None


def round_completed(lane: Lane) -> list[AgenticTask]:
    """What a later round that was begun still lacks, if whoever made it was cut off."""
    newest = lane.next_round - 1
    mine = [task for task in lane.tasks if round_of(task) == newest]
    if newest == 0 or (lane.settled and not lane.workload.active):
        return []
    cause = next((cause for task in mine if (cause := cause_of(task))), None)
    seats = {seat_of(task) for task in mine}
    place = Place(round=newest, cause=cause)
    return [task for task in round_tasks(lane, place, None) if seat_of(task) not in seats]


def another_reviewer(
    lane: Lane, before: AgenticTask, index: int, answers: Sequence[str] = ()
) -> AgenticTask:
    """The seat of *before* taken by escalation reviewer *index*: `escalate-N-j`."""
    number, pull = lane.number
    both = pull and any(step.payload.issue == number for step in lane.workload.spec.pipeline)
    name = f"escalate-pull-{number}-{index}" if both else f"escalate-{number}-{index}"
    agent = lane.workload.spec.escalation_reviewer_agent_refs[index]
    return _attempt(
        lane,
        before,
        _unused(lane, name, before),
        answers=answers,
        agent=agent,
        standing_in={},
    )


def once_more(
    lane: Lane, before: AgenticTask, standing_in: dict[str, str], answers: Sequence[str] = ()
) -> AgenticTask:
    """The seat of *before* taken by its own agent once more, in the same round."""
    own = _step(lane, before)
    agent = own.agent_ref if own else before.spec.agent_ref
    name = _again_name(lane, before)
    return _attempt(lane, before, name, answers=answers, agent=agent, standing_in=standing_in)


def judged_again(lane: Lane, bad: Sequence[AgenticTask], answers: Sequence[str]) -> Move:
    """Another attempt at each seat of *bad* and at those that wait for one of them."""
    again_ = _with_dependents(lane.now, bad)
    standing_in = {t.metadata.name: task_name(lane.workload, _again_name(lane, t)) for t in again_}
    ended = lane.lifted
    # The last answers for all: who is cut off before it begins again.
    made = [
        once_more(lane, task, standing_in, [*answers, *ended] if task is again_[-1] else [])
        for task in again_
    ]
    return Move(tuple(made), "MaxTasksIterationCap")


def _with_dependents(tasks: Sequence[AgenticTask], bad: Sequence[AgenticTask]) -> list[AgenticTask]:
    """*bad* and what waits for them, whoever is waited for first."""
    names = {task.metadata.name for task in bad}
    while more := {t.metadata.name for t in tasks if names & {*t.spec.depends_on}} - names:
        names |= more
    left = [task for task in tasks if task.metadata.name in names]
    found: list[AgenticTask] = []
    while left:
        waited_for = {task.metadata.name for task in left}
        free = [t for t in left if not waited_for & {*t.spec.depends_on}] or left  # or a cycle
        found += free
        left = [task for task in left if task not in free]
    return found


def _again_name(lane: Lane, before: AgenticTask) -> str:
    """The step's name of the next attempt at the seat of *before*."""
    place = (seat_of(before), round_of(before))
    first = min((t for t in lane.tasks if (seat_of(t), round_of(t)) == place), key=attempt_of)
    return f"{step_of(first)}-a{attempt_of(before) + 1}"


def _attempt(
    lane: Lane,
    before: AgenticTask,
    name: str,
    *,
    answers: Sequence[str],
    agent: LocalRef | None,
    standing_in: dict[str, str],
) -> AgenticTask:
    given = before.spec
    newest = _newest(lane)
    step = PipelineStep(
        name=name,
        kind=given.kind,
        agent_ref=agent,
        payload=_told(given.payload, before, lane),
        timeout_seconds=given.timeout_seconds,
        priority=given.priority,
        gate_profile=given.gate_profile,
    )
    place = Place(
        round=round_of(before),
        attempt=attempt_of(before) + 1,
        seat=seat_of(before),
        answers=answers,
        waits_for=[standing_in.get(now := newest.get(n, n), now) for n in given.depends_on],
    )
    return task_of(lane.workload, step, place)


def _newest(lane: Lane) -> dict[str, str]:
    """For the name of each task of the newest round that of the newest at its seat."""
    by_seat = {seat_of(task): task.metadata.name for task in lane.now}
    around = round_of(lane.now[0])
    return {
        task.metadata.name: by_seat[seat_of(task)]
        for task in lane.tasks
        if round_of(task) == around
    }


def _told(payload: Payload, before: AgenticTask, lane: Lane) -> Payload:
    if before.spec.kind != "review" or before.phase != "Succeeded":
        return payload
    own = _step(lane, before)
    operator = own.payload.prompt_prefix if own else None
    note = "\n\n".join(part for part in (operator, again(before)) if part)
    return payload.replace(prompt_prefix=note)


def _step(lane: Lane, task: AgenticTask) -> PipelineStep | None:
    return next((step for step in lane.steps if step.name == seat_of(task)), None)


def _unused(lane: Lane, name: str, before: AgenticTask) -> str:
    """*name* with the round, and the attempt where an earlier one has the name."""
    around = round_of(before)
    name = f"{name}-r{around}" if around else name
    taken = {step_of(task) for task in lane.tasks}
    return f"{name}-a{attempt_of(before) + 1}" if name in taken else name
