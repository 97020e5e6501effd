"""The controllers of the k8s room, put together; `control` adds those that speak to GitHub."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from k8s.client import Client
from k8s.controller import run_controller
from k8s.controllers.caches import Caches
from k8s.controllers.fleet import AgentController, EndpointController, FleetController
from k8s.controllers.tasks import TaskController
from k8s.controllers.workloads import WorkloadController
from k8s.events import Recorder

Clock = Callable[[], datetime]


async def manage(
    client: Client,
    caches: Caches,
    *,
    clock: Clock,
    unavailable_for: timedelta,
    allow_cloud: bool = False,
) -> None:
    """Run the controllers over *caches*, which somebody else keeps; ends only when cancelled."""
    events = Recorder(client, "foreman-control", clock)
    tasks = TaskController(
        client,
        caches,
        events,
        clock=clock,
        unavailable_for=unavailable_for,
        allow_cloud=allow_cloud,
    )
    workloads = WorkloadController(client, caches, events, clock=clock)
    fleet = FleetController(client, caches, clock=clock)
    endpoints = EndpointController(client, caches, events, clock=clock)
    agents = AgentController(client, caches, events, clock=clock)
    await caches.synced()
    async with asyncio.TaskGroup() as group:
        for name, controller in (
            ("tasks", tasks),
            ("workloads", workloads),
            ("fleet", fleet),
            ("endpoints", endpoints),
            ("agents", agents),
        ):
            group.create_task(run_controller(name, controller.queue, controller.reconcile))
