"""What an Agent's conditions say when the world around it changes."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from k8s.client import UnixAccess, connect
from k8s.controllers.caches import Caches
from k8s.controllers.fleet import AgentController
from k8s.embedded.serve import EmbeddedSettings, serve
from k8s.events import Recorder
from k8s.meta import Meta
from k8s.resources.agent import Agent, AgentSpec
from k8s.resources.core import InferenceService


def now() -> datetime:
    return datetime.now(UTC)


async def test_an_agent_is_reachable_once_its_inference_service_is_ready(tmp_path: Path) -> None:
    async with (
        serve(EmbeddedSettings(directory=tmp_path, port=None)) as api,
        connect(UnixAccess(api.socket, api.admin_token)) as client,
    ):
        spec = AgentSpec(role="coder", tools=["bash"], inference_service_ref={"name": "qwen"})
        meta = Meta(name="a", namespace="default")
        await client.create(Agent(metadata=meta, spec=spec))
        service = InferenceService(metadata=Meta(name="qwen", namespace="default"))
        await client.create(service)
        caches = Caches.of(client, "default", services=True)
        agents = AgentController(
            client, caches, Recorder(client, component="test", clock=now), clock=now
        )

        async def reachable() -> str:
            async with asyncio.timeout(10):
                key = await agents.queue.get()
                await agents.reconcile(key)
                agents.queue.done(key)
            agent = await client.get(Agent, "a", "default")
            return next(c.status for c in agent.status.conditions if c.type == "Reachable")

        running = asyncio.create_task(caches.run())
        await caches.synced()
        assert await reachable() == "False"
        body = {"status": {"endpoint": "http://qwen/v1"}}
        await client.patch(InferenceService, "qwen", "default", body, subresource="status")
        async with asyncio.timeout(10):
            while await reachable() != "True":
                pass

        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
