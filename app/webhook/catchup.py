"""Deliveries read from GitHub's API: the intake where GitHub cannot reach us, else what was missed.

They go through the same door as a webhook's body: parsed to what we read, stored as a Delivery,
and one that is there already is a duplicate. GitHub keeps deliveries of an active hook for three
days. https://docs.github.com/en/rest/apps/webhooks
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from app.github.app import App
from app.github.client import Sleep
from app.github.errors import Forbidden, GitHubError, NotFound, RateLimited, Rejected
from app.github.limits import Backoff
from app.webhook.events import USED, EventError, as_delivery, parse
from app.webhook.names import delivery_name
from k8s import errors
from k8s.client import Client
from k8s.meta import Meta
from k8s.resources.core import ConfigMap

INTAKE_SECONDS = 10.0
MISSED_SECONDS = 300.0
OVERLAP = timedelta(minutes=5)  # deliveries are listed when they ended, not in the order they began
FIRST_LOOK = timedelta(hours=1)  # how far back the very first look goes
REMEMBERED = 10_000

CURSOR = "foreman-catchup"
_KEY = "deliveredAt"

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Entry:
    """What the list of deliveries says of one."""

    id: int
    guid: str
    event: str
    action: str | None
    delivered_at: datetime
    answered: bool


class CatchUp:
    """One per control."""

    def __init__(
        self,
        client: Client,
        app: App,
        namespace: str,
        *,
        clock: Callable[[], datetime],
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._client = client
        self._app = app
        self._namespace = namespace
        self._clock = clock
        self._sleep = sleep
        self._seen: OrderedDict[int, None] = OrderedDict()

    async def run(self, *, intake: bool) -> None:
        """Look every few seconds as the *intake*, else every few minutes; until cancelled."""
        backoff, pause = Backoff(), INTAKE_SECONDS if intake else MISSED_SECONDS
        while True:
            try:
                await self.look(intake=intake)
            except (GitHubError, errors.ApiError) as exc:
                wait = exc.seconds if isinstance(exc, RateLimited) else backoff.next("look")
                log.warning("catchup.failed", error=str(exc), seconds=max(pause, wait))
                await self._sleep(max(pause, wait))
            else:
                backoff.forget("look")
                await self._sleep(pause)

    async def look(self, *, intake: bool) -> int:
        """How many deliveries were stored that were not there.

        As the *intake* all deliveries count, else those that nobody answered with success.
        """
        cursor = await self._cursor()
        since = cursor - OVERLAP if cursor else self._clock() - FIRST_LOOK
        entries = [entry async for entry in self._since(since)]
        stored = 0
        for entry in reversed(entries):
            if _is_wanted(entry, entries, intake=intake):
                stored += await self._take(entry)
            self._remember(entry.id)
        newest = max((entry.delivered_at for entry in entries), default=None)
        if newest and (cursor is None or newest > cursor):
            await self._move(newest)
        return stored

    async def _since(self, since: datetime) -> AsyncIterator[Entry]:
        """What was delivered after *since* and not looked at before, newest first."""
        async for listed in self._app.github.pages("/app/hook/deliveries"):
            try:
                entry = _read(listed)
            except (KeyError, TypeError, ValueError) as exc:
                log.warning("catchup.unreadable", delivery=str(listed)[:200], error=repr(exc))
                continue
            if entry.delivered_at < since:
                return
            if entry.id not in self._seen:
                yield entry

    def _remember(self, number: int) -> None:
        self._seen[number] = None
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)

    async def _take(self, entry: Entry) -> int:
        """1 where the delivery was not stored before, else 0, also where it cannot be read."""
        name = delivery_name(entry.guid)
        if name is None:
            return 0
        try:
            found = await self._app.github.get(f"/app/hook/deliveries/{entry.id}")
            event = parse(entry.event, (found.get("request") or {}).get("payload"))
        except (NotFound, Forbidden, Rejected, EventError) as exc:
            log.warning("catchup.unreadable", delivery=name, error=str(exc))
            return 0
        if event is None:
            return 0
        delivery = as_delivery(
            event, name=name, namespace=self._namespace, received_at=entry.delivered_at
        )
        try:
            await self._client.create(delivery)
        except errors.AlreadyExists:
            return 0
        except errors.Invalid as exc:
            log.warning("catchup.unreadable", delivery=name, error=str(exc))
            return 0
        log.info("catchup.stored", delivery=name, github_event=entry.event)
        return 1

    # -- how far we are ------------------------------------------------------------------------

    async def _cursor(self) -> datetime | None:
        """When the newest delivery that was looked at was sent. None: none ever was."""
        try:
            kept = await self._client.get(ConfigMap, CURSOR, self._namespace)
        except errors.NotFound:
            return None
        with suppress(KeyError, ValueError):
            return datetime.fromisoformat(kept.data[_KEY])
        return None

    async def _move(self, newest: datetime) -> None:
        data = {_KEY: newest.isoformat()}
        meta = Meta(name=CURSOR, namespace=self._namespace)
        try:
            await self._client.create(ConfigMap(metadata=meta, data=data))
        except errors.AlreadyExists:
            await self._client.patch(ConfigMap, CURSOR, self._namespace, {"data": data})


def _read(listed: Mapping[str, Any]) -> Entry:
    """Raises KeyError, TypeError or ValueError for what no list of deliveries should hold."""
    at = datetime.fromisoformat(listed["delivered_at"])
    return Entry(
        id=int(listed["id"]),
        guid=str(listed["guid"]),
        event=str(listed["event"]),
        action=listed.get("action"),
        delivered_at=at if at.tzinfo else at.replace(tzinfo=UTC),
        answered=200 <= int(listed["status_code"]) < 300,
    )


def _is_wanted(entry: Entry, entries: list[Entry], *, intake: bool) -> bool:
    """Whether the payload is worth a call."""
    if entry.action not in USED.get(entry.event, ()):
        return False
    return intake or not any(other.answered for other in entries if other.guid == entry.guid)
