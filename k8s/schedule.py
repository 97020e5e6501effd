"""Which pending task goes to which node, and why each other one does not: a pure function.

Filters first (readiness, roles, labels, accelerator, context, model or memory, free slots of node,
Agent and endpoint), then order: priority, depth first (review, verify, fix), age.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from k8s.reach import NoRoute, Route, find, route
from k8s.resources.agent import Agent
from k8s.resources.core import InferenceService
from k8s.resources.endpoint import ModelEndpoint
from k8s.resources.fleet import FleetNode
from k8s.resources.policies import RequiredCapability
from k8s.resources.task import AgenticTask, Phase, TaskKind

Key = tuple[str, str]

HEARTBEAT_FRESH = timedelta(seconds=90)
IN_FLIGHT: frozenset[Phase] = frozenset({"Scheduled", "Running", "Verifying"})
# Old branches finish before new ones begin.
_DEPTH: Mapping[TaskKind, int] = {"review": 0, "verify": 1, "integrate": 1, "reconcile": 1}
_ANY = RequiredCapability()


@dataclass(frozen=True)
class Waiting:
    """Why a task was not assigned; *position* is its 1-based place among those that wait."""

    reason: str
    message: str
    position: int = 0


@dataclass(frozen=True)
class World:
    """What scheduling looks at, all of it read from the API."""

    tasks: Sequence[AgenticTask]
    nodes: Sequence[FleetNode] = ()
    agents: Sequence[Agent] = ()
    endpoints: Sequence[ModelEndpoint] = ()
    services: Sequence[InferenceService] = ()


@dataclass
class Plan:
    """*assigned* maps a task's key to a node's name, *waiting* the others to the reason."""

    assigned: dict[Key, str] = field(default_factory=dict)
    waiting: dict[Key, Waiting] = field(default_factory=dict)


def order(task: AgenticTask) -> tuple[int, int, datetime, str]:
    born = task.metadata.creation_timestamp
    assert born is not None, "an object read from the API has a creation time"
    return (-task.spec.priority, _DEPTH.get(task.spec.kind, 2), born, task.metadata.name)


def fresh(node: FleetNode, now: datetime) -> bool:
    beat = node.status.last_heartbeat_time
    return beat is not None and now - beat <= HEARTBEAT_FRESH


def plan(ready: Sequence[AgenticTask], world: World, now: datetime) -> Plan:
    """Assign *ready* tasks (Pending, valid, dependencies met) to nodes."""
    found = Plan()
    load = _Load(world)
    for task in sorted(ready, key=order):
        verdict = _place(task, world, load, now)
        if isinstance(verdict, Waiting):
            found.waiting[task.key] = Waiting(
                verdict.reason, verdict.message, len(found.waiting) + 1
            )
            continue
        node, way = verdict
        found.assigned[task.key] = node.metadata.name
        load.add(task, node.metadata.name, way)
    return found


class _Load:
    """Slots in use, by node, Agent and endpoint."""

    def __init__(self, world: World) -> None:
        self.nodes: Counter[str] = Counter()
        self.agents: Counter[Key] = Counter()
        self.routes: Counter[tuple[str, str, str]] = Counter()
        for task in world.tasks:
            if task.phase in IN_FLIGHT:
                agent = agent_of(task, world)
                way = route(agent, world.endpoints, world.services) if agent else None
                self.add(task, task.status.assigned_node or "", way)

    def add(self, task: AgenticTask, node: str, way: Route | NoRoute | None) -> None:
        self.nodes[node] += 1
        if task.spec.agent_ref:
            self.agents[task.metadata.namespace or "", task.spec.agent_ref.name] += 1
        if isinstance(way, Route):
            self.routes[way.key] += 1


def agent_of(task: AgenticTask, world: World) -> Agent | None:
    reference = task.spec.agent_ref
    if reference is None:
        return None
    return find(world.agents, task.metadata.namespace or "", reference.name)


def _place(
    task: AgenticTask, world: World, load: _Load, now: datetime
) -> tuple[FleetNode, Route | None] | Waiting:
    agent = agent_of(task, world)
    if task.spec.agent_ref and agent is None:
        name = task.spec.agent_ref.name
        return Waiting("AgentNotFound", f"Agent {name}: not found; create it in this namespace")
    way = route(agent, world.endpoints, world.services) if agent else None
    if isinstance(way, NoRoute):
        return Waiting(way.reason, way.message)
    if agent and (limit := agent.spec.max_concurrent_tasks) and load.agents[agent.key] >= limit:
        name = agent.metadata.name
        return Waiting("AgentBusy", f"Agent {name}: runs {limit} tasks already, its limit")
    if way and way.slots is not None and load.routes[way.key] >= way.slots:
        return Waiting("EndpointBusy", f"{way.key[2]}: all {way.slots} slots of it are in use")
    needs = (agent and agent.spec.required_capability) or task.spec.required_capability or _ANY
    return _choose(world.nodes, needs, agent, load=load, now=now, way=way)


def _choose(
    nodes: Sequence[FleetNode],
    needs: RequiredCapability,
    agent: Agent | None,
    *,
    load: _Load,
    now: datetime,
    way: Route | None,
) -> tuple[FleetNode, Route | None] | Waiting:
    if not nodes:
        return Waiting("NoNodes", "no FleetNode is registered; start one with `foreman work`")
    misfits = {n.metadata.name: misfit(n, needs, agent, now) for n in nodes}
    fits = [n for n in nodes if not misfits[n.metadata.name]]
    if not fits:
        told = "; ".join(f"{name}: {why}" for name, why in sorted(misfits.items()))
        return Waiting("NoNodeFits", f"no FleetNode fits: {told}"[:1024])
    free = [n for n in fits if load.nodes[n.metadata.name] < n.spec.slots]
    if not free:
        names = ", ".join(sorted(n.metadata.name for n in fits))
        return Waiting("NodesBusy", f"all slots of {names} are in use")
    best = min(free, key=lambda n: (load.nodes[n.metadata.name] - n.spec.slots, n.metadata.name))
    return best, way


def misfit(node: FleetNode, needs: RequiredCapability, agent: Agent | None, now: datetime) -> str:
    """Why *node* cannot take the work; empty when it can."""
    status, offers = node.status, node.status.capability
    if status.phase != "Ready" or not fresh(node, now):
        return (
            f"is {status.phase or 'Unknown'}" if status.phase != "Ready" else "heartbeat is stale"
        )
    if missing := set(needs.roles) - set(node.spec.roles):
        return f"lacks role {', '.join(sorted(missing))}"
    if not needs.node_selector.items() <= node.metadata.labels.items():
        wanted = ",".join(f"{k}={v}" for k, v in sorted(needs.node_selector.items()))
        return f"labels do not match {wanted}"
    if needs.accelerator not in ("any", offers.accelerator if offers else "none"):
        return f"has no {needs.accelerator} accelerator"
    if (needs.min_context_tokens or 0) > (offers.max_context_tokens if offers else 0):
        return f"offers fewer than {needs.min_context_tokens} context tokens"
    if needs.requires_model_installed:
        model = agent.spec.model if agent else None
        known = offers.installed_models if offers else []
        return "" if model in known else f"has not installed model {model or '(none named)'}"
    if (needs.min_ram_gb or 0) > (offers.available_ram_gb if offers else 0):
        return f"has less than {needs.min_ram_gb} GB of memory available"
    return ""
