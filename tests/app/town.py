"""A local GitHub, an embedded API and the controllers between them, in one process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp

from app.demo.github.forge import LocalGitHubSettings
from app.demo.github.people import LocalGitHub
from app.demo.github.server import local_github
from app.github.app import App
from app.github.identity import Identity, private_key
from app.github.tokens import TokenKeeper
from app.webhook.deliveries import DeliveriesController, DeliverySettings
from app.webhook.server import application, open_door, serving
from app.webhook.workloads import Crew
from k8s.client import Client, UnixAccess, connect
from k8s.controller import run_controller
from k8s.embedded.serve import EmbeddedSettings, serve
from k8s.errors import AlreadyExists
from k8s.informer import Informer
from k8s.meta import Meta, Resource
from k8s.resources.core import Namespace
from k8s.resources.delivery import Delivery
from k8s.resources.task import AgenticTask
from k8s.resources.workload import Workload

REPOSITORY = "octo/hello"
CONTROL = "foreman-system"
TASKS = "default"


class Clock:
    """The real time, which a test may move on."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class Town:
    github: LocalGitHub
    client: Client
    app: App
    clock: Clock
    crew: Crew = field(
        default_factory=lambda: Crew(coder="coder", verifier="gate", reviewers=("reviewer",))
    )
    allowed_bots: frozenset[str] = frozenset({"renovate[bot]"})
    webhook: str = ""
    exchanges: list[tuple[str, str]] = field(default_factory=list)
    """Method and route of every call that was answered."""

    async def all(self, kind: type[Resource], namespace: str = TASKS) -> list[Any]:
        return list((await self.client.list(kind, namespace)).items)

    async def deliveries(self) -> list[Delivery]:
        found = await self.all(Delivery, CONTROL)
        return sorted(found, key=lambda d: d.spec.received_at)

    async def settled(self) -> list[Delivery]:
        """All Deliveries, once every webhook is in and each Delivery has come to its end."""
        await self.github.settled()
        return await until(self._concluded)

    async def _concluded(self) -> list[Delivery] | None:
        found = await self.deliveries()
        return found if all(d.status.phase for d in found) else None

    async def workloads(self) -> list[Workload]:
        return await self.all(Workload)

    async def comments(self, number: int) -> list[str]:
        """What our App said there."""
        found = await self.github.comments(REPOSITORY, number)
        return [c["body"] for c in found if c["user"]["login"] == "foreman[bot]"]

    async def labelled_issue(self, **changes: str) -> int:
        """A new issue that somebody with write access labelled."""
        wanted = {"title": "It is broken", "body": "See `app.py`.", **changes}
        issue = await self.github.open_issue(REPOSITORY, "reporter", **wanted)
        await self.github.label(REPOSITORY, issue["number"], "maintainer", "foreman")
        return int(issue["number"])


async def until(look: Callable[[], Awaitable[Any]], seconds: float = 10.0) -> Any:
    """The first answer of *look* that is not None."""
    async with asyncio.timeout(seconds):
        while (found := await look()) is None:
            await asyncio.sleep(0.01)
    return found


async def briefly(seconds: float) -> None:
    """Every wait of the App is a moment here."""
    await asyncio.sleep(min(seconds, 0.01))


@asynccontextmanager
async def town(directory: Path, key: str) -> AsyncIterator[Town]:
    """GitHub and the API, with nothing between them yet."""
    exchanges: list[tuple[str, str]] = []
    settings = LocalGitHubSettings(
        directory=directory / "github",
        private_key=key,
        writes_per_minute=None,
        on_exchange=lambda method, route, status, body: exchanges.append((method, route)),
    )
    clock = Clock()
    async with (
        local_github(settings) as github,
        serve(EmbeddedSettings(directory=directory / "api", port=None)) as api,
        connect(UnixAccess(api.socket, api.admin_token)) as client,
        aiohttp.ClientSession() as session,
    ):
        for name in (CONTROL, TASKS):
            try:
                await client.create(Namespace(metadata=Meta(name=name)))
            except AlreadyExists:
                continue
        await github.create_repository(
            REPOSITORY,
            {"app.py": "print('hello')\n"},
            private=False,
            collaborators={"maintainer": "maintain", "triager": "triage"},
        )
        for login in ("reporter", "stranger"):
            await github.create_user(login)
        identity = Identity(str(github.app_id), private_key(github.private_key), clock)
        app = App(identity, session, api_url=github.url, clock=clock, sleep=briefly)
        yield Town(github, client, app, clock, exchanges=exchanges)


@asynccontextmanager
async def controlled(place: Town) -> AsyncIterator[None]:
    """The controllers of `control` that belong to GitHub, running."""
    deliveries = Informer(place.client, Delivery, namespace=CONTROL)
    tasks = Informer(place.client, AgenticTask, namespace=TASKS)
    settings = DeliverySettings(
        control_namespace=CONTROL,
        task_namespace=TASKS,
        label="foreman",
        allowed_bots=place.allowed_bots,
        crew=lambda: place.crew,
    )
    controller = DeliveriesController(
        place.client, deliveries, place.app, settings, clock=place.clock
    )
    keeper = TokenKeeper(place.client, tasks, place.app, clock=place.clock)
    running = [
        asyncio.create_task(work)
        for work in (
            deliveries.run(),
            tasks.run(),
            run_controller("deliveries", controller.queue, controller.reconcile, workers=4),
            run_controller("tokens", keeper.queue, keeper.reconcile, workers=2),
        )
    ]
    try:
        yield
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


@asynccontextmanager
async def hooked(place: Town) -> AsyncIterator[None]:
    """The webhook server, with GitHub's hook on it."""
    door = open_door(
        [place.github.webhook_secret], place.client, namespace=CONTROL, clock=place.clock
    )
    async with serving(application(door), "127.0.0.1", 0) as port:
        place.webhook = f"http://127.0.0.1:{port}/webhook"
        place.github.set_webhook_url(place.webhook)
        try:
            yield
        finally:
            await place.github.settled()
            place.github.set_webhook_url(None)
