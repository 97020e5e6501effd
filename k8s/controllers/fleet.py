"""FleetNodes that fall silent, and what nodes see of endpoints folded into their status."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from k8s.client import Client
from k8s.controllers.caches import Caches
from k8s.controllers.status import on_wire, write_status
from k8s.errors import NotFound
from k8s.events import Recorder
from k8s.meta import Condition, with_condition
from k8s.queue import WorkQueue
from k8s.reach import NoRoute, route
from k8s.resources.agent import Agent
from k8s.resources.endpoint import ModelEndpoint
from k8s.resources.fleet import FleetNode
from k8s.schedule import HEARTBEAT_FRESH, fresh

Key = tuple[str, str]
DRAINED_AFTER = timedelta(minutes=10)  # a Draining node silent this long is removed
# What an Agent of a role cannot do without; deterministic Agents are exempt.
_SHIPPED_PROMPTS = frozenset({"coder", "reviewer"})
_ROLE_TOOLS = {"coder": ("submit_result",), "reviewer": ("fetch_issue", "submit_result")}


class FleetController:
    """NotReady and removal of nodes; everything else about a node is its own word."""

    def __init__(self, client: Client, caches: Caches, *, clock: Callable[[], datetime]) -> None:
        self.queue: WorkQueue = WorkQueue()
        self._client = client
        self._caches = caches
        self._clock = clock
        caches.nodes.subscribe(lambda change: self.queue.add(change.object.key))

    async def reconcile(self, key: Key) -> float | None:
        node = self._caches.nodes.get(key[1])
        if node is None:
            return None
        now = self._clock()
        if fresh(node, now):
            return HEARTBEAT_FRESH.total_seconds()
        beat = node.status.last_heartbeat_time
        if node.status.phase == "Draining":
            if beat and now - beat > DRAINED_AFTER:
                with suppress(NotFound):
                    await self._client.delete(FleetNode, node.metadata.name, uid=node.metadata.uid)
                return None
            return 60.0
        if node.status.phase != "NotReady":
            conditions = with_condition(
                node.status.conditions,
                "Ready",
                status=False,
                reason="HeartbeatStale",
                message="no heartbeat for 90 s",
                now=now,
            )
            status = {"phase": "NotReady", "conditions": on_wire(conditions)}
            await write_status(self._client, node, status)
        return None


@dataclass(frozen=True)
class Seen:
    """What the fleet knows of an endpoint; *reachable* None: nobody tried."""

    reachable: bool | None
    message: str


def fold(endpoint: ModelEndpoint, nodes: Sequence[FleetNode], now: datetime) -> Seen:
    """One fresh node that reaches it is enough."""
    if endpoint.spec.scripted_replies and not endpoint.spec.base_url:
        return Seen(True, "scripted replies are served by the node")
    views = [
        (node.metadata.name, view)
        for node in nodes
        if fresh(node, now)
        for view in node.status.endpoints
        if (view.namespace, view.name) == endpoint.key
    ]
    if not views:
        return Seen(None, "no node has tried it yet")
    for name, view in views:
        if view.reachable:
            return Seen(True, f"answers {name}")
    return Seen(False, "; ".join(f"{name}: {view.message}" for name, view in views)[:1024])


class EndpointController:
    """`Reachable` of ModelEndpoints."""

    def __init__(
        self, client: Client, caches: Caches, events: Recorder, *, clock: Callable[[], datetime]
    ) -> None:
        self.queue: WorkQueue = WorkQueue()
        self._client = client
        self._caches = caches
        self._events = events
        self._clock = clock
        caches.endpoints.subscribe(lambda change: self.queue.add(change.object.key))
        caches.nodes.subscribe(self._node_changed)

    def _node_changed(self, change: Any) -> None:
        for endpoint in self._caches.endpoints.items():
            self.queue.add(endpoint.key)

    async def reconcile(self, key: Key) -> float | None:
        endpoint = self._caches.endpoints.get(key[1], key[0])
        if endpoint is None:
            return None
        if endpoint.status.observed_generation != endpoint.metadata.generation:
            await self._events.record_unused(endpoint)
        now = self._clock()
        seen = fold(endpoint, self._caches.nodes.items(), now)
        if seen.reachable is None:
            return None
        conditions = with_condition(
            endpoint.status.conditions,
            "Reachable",
            status=seen.reachable,
            reason="Answers" if seen.reachable else "Unreachable",
            message=seen.message,
            now=now,
        )
        await _write(self._client, endpoint, conditions)
        return None


class AgentController:
    """`Validated` and `Reachable` of Agents; advisory, as upstream's."""

    def __init__(
        self, client: Client, caches: Caches, events: Recorder, *, clock: Callable[[], datetime]
    ) -> None:
        self.queue: WorkQueue = WorkQueue()
        self._client = client
        self._caches = caches
        self._events = events
        self._clock = clock
        caches.agents.subscribe(lambda change: self.queue.add(change.object.key))
        caches.endpoints.subscribe(self._way_changed)
        if caches.services:
            caches.services.subscribe(self._way_changed)

    def _way_changed(self, change: Any) -> None:
        for agent in self._caches.agents.items():
            self.queue.add(agent.key)

    async def reconcile(self, key: Key) -> float | None:
        agent = self._caches.agents.get(key[1], key[0])
        if agent is None:
            return None
        if agent.status.observed_generation != agent.metadata.generation:
            await self._events.record_unused(agent)
        now = self._clock()
        fault, reason = fault_of(agent)
        conditions = with_condition(
            agent.status.conditions,
            "Validated",
            status=not fault,
            reason=reason,
            message=fault,
            now=now,
        )
        services = self._caches.services.items() if self._caches.services else ()
        way = route(agent, self._caches.endpoints.items(), services)
        lost = isinstance(way, NoRoute)
        conditions = with_condition(
            conditions,
            "Reachable",
            status=not lost,
            reason=way.reason
            if isinstance(way, NoRoute)
            else "ModelReachable"
            if way
            else "NoModelNeeded",
            message=way.message if isinstance(way, NoRoute) else "",
            now=now,
        )
        await _write(self._client, agent, conditions)
        return None


def fault_of(agent: Agent) -> tuple[str, str]:
    """What is wrong with the Agent's configuration (empty: nothing), and the condition reason."""
    if agent.deterministic:
        return "", "ConfigComplete"
    if not agent.spec.system_prompt and agent.spec.role not in _SHIPPED_PROMPTS:
        told = f"spec.systemPrompt: missing; there is none shipped for the role {agent.spec.role}"
        return told, "NoSystemPrompt"
    lacking = [t for t in _ROLE_TOOLS.get(agent.spec.role, ()) if t not in agent.spec.tools]
    if lacking:
        told = f"spec.tools: a {agent.spec.role} needs {', '.join(lacking)}"
        return told, "MissingRoleTools"
    return "", "ConfigComplete"


async def _write(
    client: Client, resource: ModelEndpoint | Agent, conditions: list[Condition]
) -> None:
    status = resource.status
    if (
        conditions == status.conditions
        and status.observed_generation == resource.metadata.generation
    ):
        return
    body = {
        "observedGeneration": resource.metadata.generation,
        "conditions": on_wire(conditions),
    }
    await write_status(client, resource, body)
