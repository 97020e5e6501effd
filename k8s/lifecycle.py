"""What the task controller does next with one task: a pure function of the task and its world.

Order: cancellation of an unclaimed task, claim expiry, validation, dependencies. What is left is
ready to be scheduled. The node owns everything between claim and end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from k8s.meta import label
from k8s.pipeline.outcomes import already_resolved, can_be_judged
from k8s.pipeline.slices import fault_of
from k8s.resources.fleet import FleetNode
from k8s.resources.task import AgenticTask
from k8s.schedule import IN_FLIGHT, fresh

UPSTREAM_FAILED = "UpstreamFailed"  # the reason of a task whose dependency did not succeed
CLAIM_EXPIRIES = label("claim-expiries")
EXPIRY_LIMIT = 3  # the third expiry is terminal
MISSING_DEPENDENCY_GRACE = timedelta(minutes=5)  # manifests apply in any order
_NEEDS_REPOSITORY = frozenset({"issue-fix", "verify", "review", "integrate", "reconcile"})


@dataclass(frozen=True)
class Accept:
    """A new, valid task: phase Pending, Event ValidationSucceeded."""


@dataclass(frozen=True)
class End:
    """The controller ends the task itself."""

    phase: Literal["Succeeded", "Failed"]
    verdict: Literal["INCOMPLETE", "Skipped"]
    condition: str
    reason: str
    message: str
    failure_reason: (
        Literal["AgentNotFound", "InfrastructureError", "InferenceServiceUnavailable"] | None
    ) = None
    outcome: Literal["CANCELLED"] | None = None


@dataclass(frozen=True)
class Release:
    """The claim is given back; *strike* counts from 1."""

    strike: int
    message: str


@dataclass(frozen=True)
class Wait:
    """Not yet; look again after *seconds* at the latest."""

    reason: str
    message: str
    seconds: float | None = None


@dataclass(frozen=True)
class Ready:
    """Everything but a place to run is there."""


@dataclass(frozen=True)
class Leave:
    """Nothing to do for the controller; look again after *seconds* at the latest."""

    seconds: float | None = None


Step = Accept | End | Release | Wait | Ready | Leave


def next_step(
    task: AgenticTask,
    siblings: Mapping[str, AgenticTask],
    nodes: Mapping[str, FleetNode],
    now: datetime,
) -> Step:
    """*siblings*: the tasks of the same namespace by name; *nodes* by name."""
    if task.ended:
        return Leave()
    if task.spec.cancellation and task.phase in ("Pending", "Scheduled"):
        return _cancelled(task)
    if task.phase in IN_FLIGHT:
        return _in_flight(task, nodes, now)
    if fault := invalid(task):
        return End("Failed", "INCOMPLETE", "Failed", "ValidationFailed", fault)
    if task.status.phase is None:
        return Accept()
    return _dependencies(task, siblings, now)


def _cancelled(task: AgenticTask) -> End:
    order = task.spec.cancellation
    assert order is not None, "asked only for a cancelled task"
    told = f"cancelled by {order.by}" + (f": {order.reason}" if order.reason else "")
    return End("Failed", "INCOMPLETE", "Failed", "Cancelled", told, outcome="CANCELLED")


def _in_flight(task: AgenticTask, nodes: Mapping[str, FleetNode], now: datetime) -> Step:
    name = task.status.assigned_node or ""
    node = nodes.get(name)
    if node is not None and fresh(node, now):
        return Leave(45.0)
    why = f"FleetNode {name}: " + ("no heartbeat for 90 s" if node else "not found")
    strike = strikes(task) + 1
    if strike >= EXPIRY_LIMIT:
        return End(
            "Failed",
            "INCOMPLETE",
            "Failed",
            "ClaimExpiryLimitReached",
            f"{why}; the claim expired {strike} times",
            failure_reason="InfrastructureError",
        )
    return Release(strike, why)


def strikes(task: AgenticTask) -> int:
    text = task.metadata.annotations.get(CLAIM_EXPIRIES, "0")
    return int(text) if text.isdecimal() else 0


def invalid(task: AgenticTask) -> str:
    """What is wrong with the task's input beyond its schema; empty when nothing is."""
    spec, payload = task.spec, task.spec.payload
    if spec.agent_ref is None or not spec.agent_ref.name:
        return "spec.agentRef.name: missing; name the Agent that does the work"
    talks = payload.conversation is not None
    if payload.prompt and talks:
        return "spec.payload: prompt and conversation exclude each other; keep one"
    if talks and not any(m.role == "user" for m in payload.conversation or ()):
        return "spec.payload.conversation: has no user message; add at least one"
    if spec.kind == "freeform" and not payload.prompt and not talks:
        return "spec.payload: a freeform task needs a prompt or a conversation"
    if spec.kind in _NEEDS_REPOSITORY and not payload.repo:
        return f"spec.payload.repo: missing; a task of kind {spec.kind} needs owner/name"
    if fault := fault_of(spec.kind, payload):
        return f"spec.{fault}"
    if spec.kind == "issue-fix" and not (payload.issue or payload.prompt or talks):
        return "spec.payload: an issue-fix task needs an issue, a prompt or a conversation"
    return ""


def _dependencies(task: AgenticTask, siblings: Mapping[str, AgenticTask], now: datetime) -> Step:
    names = task.spec.depends_on
    if cycle := find_cycle(task.metadata.name, siblings):
        told = " → ".join(cycle)
        return End("Failed", "INCOMPLETE", "Failed", "ValidationFailed", f"dependsOn cycle: {told}")
    there = [siblings[name] for name in names if name in siblings]
    idle = [d for d in there if already_resolved(d) or d.status.verdict == "Skipped"]
    # Of several slices one may have had nothing to do; the others are put together all the same.
    if idle and (task.spec.kind != "integrate" or len(idle) == len(names)):
        told = f"{idle[0].metadata.name} found nothing to do"
        return End("Succeeded", "Skipped", "Skipped", "UpstreamAlreadyResolved", told)
    for dependency in there:
        if dependency.ended and dependency not in idle and not can_be_judged(dependency):
            told = f"{dependency.metadata.name} ended with {dependency.status.verdict}"
            return End("Failed", "INCOMPLETE", "Failed", UPSTREAM_FAILED, told)
    if absent := [name for name in names if name not in siblings]:
        return _absent(task, absent, now)
    if waiting := [d.metadata.name for d in there if not d.ended]:
        return Wait("DependenciesRunning", f"waits for {', '.join(waiting)}")
    return Ready()


def _absent(task: AgenticTask, names: list[str], now: datetime) -> Step:
    born = task.metadata.creation_timestamp
    assert born is not None, "an object read from the API has a creation time"
    left = (born + MISSING_DEPENDENCY_GRACE - now).total_seconds()
    told = f"dependsOn: no task named {', '.join(names)} in this namespace"
    if left > 0:
        return Wait("DependencyMissing", f"{told}; waits 5 minutes for it to appear", left)
    return End("Failed", "INCOMPLETE", "Failed", "ValidationFailed", f"{told} after 5 minutes")


def find_cycle(name: str, siblings: Mapping[str, AgenticTask]) -> list[str]:
    """A path from *name* back to itself along dependsOn; empty when there is none."""
    stack: list[list[str]] = [[name]]
    seen: set[str] = set()
    while stack:
        path = stack.pop()
        task = siblings.get(path[-1])
        for following in task.spec.depends_on if task else ():
            if following == name:
                return [*path, name]
            if following not in seen:
                seen.add(following)
                stack.append([*path, following])
    return []
