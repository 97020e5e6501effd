"""The informers that controllers share, and what was just written but not yet seen by them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from k8s.client import Client
from k8s.informer import Informer
from k8s.resources.agent import Agent
from k8s.resources.core import InferenceService
from k8s.resources.endpoint import ModelEndpoint
from k8s.resources.fleet import FleetNode
from k8s.resources.task import AgenticTask
from k8s.resources.workload import Workload
from k8s.schedule import World


@dataclass(frozen=True)
class Caches:
    """One informer a kind; *services* is None where the cluster does not know the kind."""

    workloads: Informer[Workload]
    tasks: Informer[AgenticTask]
    agents: Informer[Agent]
    endpoints: Informer[ModelEndpoint]
    nodes: Informer[FleetNode]
    services: Informer[InferenceService] | None = None

    @classmethod
    def of(cls, client: Client, namespace: str, *, services: bool = False) -> Caches:
        """Informers on *namespace*, not running yet."""
        return cls(
            workloads=Informer(client, Workload, namespace=namespace),
            tasks=Informer(client, AgenticTask, namespace=namespace),
            agents=Informer(client, Agent, namespace=namespace),
            endpoints=Informer(client, ModelEndpoint, namespace=namespace),
            nodes=Informer(client, FleetNode),
            services=Informer(client, InferenceService, namespace=namespace) if services else None,
        )

    async def run(self) -> None:
        """Keep all caches; ends only when cancelled."""
        async with asyncio.TaskGroup() as group:
            for informer in self._all():
                group.create_task(informer.run())

    async def synced(self) -> None:
        for informer in self._all():
            await informer.synced()

    def _all(self) -> list[Informer[Any]]:
        known: list[Informer[Any]] = [self.workloads, self.tasks, self.agents]
        known += [self.endpoints, self.nodes]
        return [*known, self.services] if self.services else known


class Written:
    """Tasks as we wrote them, until the cache has caught up: no slot is given twice."""

    def __init__(self) -> None:
        self._tasks: dict[tuple[str, str], AgenticTask] = {}

    def add(self, task: AgenticTask) -> None:
        self._tasks[task.key] = task

    def over(self, cached: Sequence[AgenticTask]) -> list[AgenticTask]:
        """*cached*, with ours in the place of older ones."""
        seen = {task.key: task for task in cached}
        for key, ours in list(self._tasks.items()):
            theirs = seen.get(key)
            if theirs is None or _version(theirs) >= _version(ours):
                del self._tasks[key]
            else:
                seen[key] = ours
        return list(seen.values())


def _version(task: AgenticTask) -> int:
    # Resource versions of one kind are comparable as integers:
    # https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions
    return int(task.metadata.resource_version or 0)


def world(caches: Caches, written: Written) -> World:
    return World(
        tasks=written.over(caches.tasks.items()),
        nodes=caches.nodes.items(),
        agents=caches.agents.items(),
        endpoints=caches.endpoints.items(),
        services=caches.services.items() if caches.services else (),
    )
