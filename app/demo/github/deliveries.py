"""Webhook deliveries: signed, sent once, recorded whatever became of them.

GitHub never repeats a delivery by itself; `redeliver` does, under the same GUID. A hook without a
URL is inactive and leaves no record. A host under `.invalid` is not tried but is recorded.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self
from urllib.parse import urlsplit

import aiohttp

from app.demo.github.entities import App, Repository
from app.demo.github.faults import Faults
from app.demo.github.world import World, stamp

# GitHub waits this long for an answer: docs.github.com, best practices for using webhooks
_PATIENCE_SECONDS = 10
_SHOWN_RESPONSE = 64 * 1024

DeliveryHook = Callable[[str, dict[str, Any]], None]


@dataclass(kw_only=True)
class Delivery:
    id: int
    guid: str
    app: App
    event: str
    action: str | None
    installation_id: int | None
    repository_id: int | None
    payload: bytes
    delivered_at: datetime
    redelivery: bool = False
    url: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    status: str = ""
    status_code: int = 0
    duration: float = 0.0
    response_headers: dict[str, str] = field(default_factory=dict)
    response_payload: str = ""


class Deliveries:
    def __init__(self, world: World, faults: Faults, *, on_delivery: DeliveryHook | None) -> None:
        self._world = world
        self._faults = faults
        self._on_delivery = on_delivery
        self._session: aiohttp.ClientSession | None = None
        # Not a TaskGroup: its scope would be the body of `local_github`, whose own exceptions it
        # would wrap and whose deliveries' failures it would raise there.
        self._tasks: set[asyncio.Task[None]] = set()
        self.recorded: list[Delivery] = []

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=_PATIENCE_SECONDS), auto_decompress=False
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session:
            await self._session.close()

    async def settled(self) -> None:
        """Return once nothing is on its way."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    def send(
        self,
        app: App,
        event: str,
        payload: dict[str, Any],
        *,
        installation_id: int | None = None,
        repository: Repository | None = None,
    ) -> None:
        """Start one delivery of *payload* to *app*'s hook, if it is active."""
        if self._on_delivery:
            self._on_delivery(event, payload)
        if app.hook.url is None:
            return
        delivery = Delivery(
            id=0,
            guid=str(uuid.uuid4()),
            app=app,
            event=event,
            action=payload.get("action"),
            installation_id=installation_id,
            repository_id=repository.id if repository else None,
            payload=json.dumps(payload, separators=(",", ":")).encode(),
            delivered_at=self._world.clock(),
        )
        fault = self._faults.for_webhook(event, delivery.action)
        if fault and fault.kind == "lost":
            if fault.recorded:
                self._record(_failed(delivery, "timed out", 504))
            return
        self._start(delivery)
        if fault and fault.kind == "duplicate":
            guid = delivery.guid if fault.same_guid else str(uuid.uuid4())
            self._start(_copy(delivery, guid=guid))

    def redeliver(self, original: Delivery) -> None:
        again = _copy(original, guid=original.guid)
        again.redelivery = True
        again.delivered_at = self._world.clock()
        self._start(again)

    def of(self, app: App) -> list[Delivery]:
        """Newest first."""
        return [d for d in reversed(self.recorded) if d.app is app]

    def _start(self, delivery: Delivery) -> None:
        task = asyncio.get_running_loop().create_task(self._deliver(delivery))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _record(self, delivery: Delivery) -> None:
        delivery.id = self._world.new_id()
        self.recorded.append(delivery)

    async def _deliver(self, delivery: Delivery) -> None:
        hook = delivery.app.hook
        delivery.url = hook.url or ""
        delivery.headers = headers(delivery)
        started = asyncio.get_running_loop().time()
        if (urlsplit(delivery.url).hostname or "").endswith(".invalid"):
            _failed(delivery, "failed to connect to host", 502)
        else:
            await self._post(delivery)
        delivery.duration = round(asyncio.get_running_loop().time() - started, 2)
        self._record(delivery)

    async def _post(self, delivery: Delivery) -> None:
        assert self._session is not None
        try:
            async with self._session.post(
                delivery.url,
                data=delivery.payload,
                headers=delivery.headers,
                allow_redirects=False,
            ) as response:
                text = await response.content.read(_SHOWN_RESPONSE)
                delivery.response_headers = dict(response.headers)
                delivery.response_payload = text.decode(errors="replace")
                delivery.status_code = response.status
                good = response.status < 300
                delivery.status = "OK" if good else f"Invalid HTTP Response: {response.status}"
        except TimeoutError:
            _failed(delivery, "timed out", 504)
        except (aiohttp.ClientError, OSError, ValueError):
            _failed(delivery, "failed to connect to host", 502)


def _failed(delivery: Delivery, status: str, code: int) -> Delivery:
    delivery.status, delivery.status_code = status, code
    return delivery


def _copy(delivery: Delivery, *, guid: str) -> Delivery:
    return Delivery(
        id=0,
        guid=guid,
        app=delivery.app,
        event=delivery.event,
        action=delivery.action,
        installation_id=delivery.installation_id,
        repository_id=delivery.repository_id,
        payload=delivery.payload,
        delivered_at=delivery.delivered_at,
    )


def headers(delivery: Delivery) -> dict[str, str]:
    """What GitHub sends with a delivery; signatures only where there is a secret."""
    found = {
        "Accept": "*/*",
        "Content-Type": "application/json",
        "User-Agent": "GitHub-Hookshot/10ca1d5",
        "X-GitHub-Delivery": delivery.guid,
        "X-GitHub-Event": delivery.event,
        "X-GitHub-Hook-ID": str(delivery.app.hook.id),
        "X-GitHub-Hook-Installation-Target-ID": str(delivery.app.id),
        "X-GitHub-Hook-Installation-Target-Type": "integration",
    }
    if secret := delivery.app.hook.secret.encode():
        for name, algorithm in (("X-Hub-Signature", "sha1"), ("X-Hub-Signature-256", "sha256")):
            digest = hmac.new(secret, delivery.payload, getattr(hashlib, algorithm)).hexdigest()
            found[name] = f"{algorithm}={digest}"
    return found


def summary(delivery: Delivery) -> dict[str, Any]:
    return {
        "id": delivery.id,
        "guid": delivery.guid,
        "delivered_at": stamp(delivery.delivered_at),
        "redelivery": delivery.redelivery,
        "duration": delivery.duration,
        "status": delivery.status,
        "status_code": delivery.status_code,
        "event": delivery.event,
        "action": delivery.action,
        "installation_id": delivery.installation_id,
        "repository_id": delivery.repository_id,
        "throttled_at": None,
    }


def full(delivery: Delivery) -> dict[str, Any]:
    return summary(delivery) | {
        "url": delivery.url,
        "request": {"headers": delivery.headers, "payload": json.loads(delivery.payload)},
        "response": {
            "headers": delivery.response_headers,
            "payload": delivery.response_payload,
        },
    }
