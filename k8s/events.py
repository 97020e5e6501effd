"""Events about our resources: aggregated by object, reason and message, never repeated."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Literal

from k8s import unused
from k8s.client import Client
from k8s.errors import AlreadyExists, NotFound
from k8s.meta import Meta, Resource
from k8s.resources.core import Event, EventSource, InvolvedObject

MESSAGE_LIMIT = 1024  # the API refuses more


class Recorder:
    """Writes Events on behalf of *component*; cluster-scoped objects get theirs in `default`."""

    def __init__(self, client: Client, component: str, clock: Callable[[], datetime]) -> None:
        self._client = client
        self._component = component
        self._clock = clock

    async def record(
        self,
        about: Resource,
        reason: str,
        message: str,
        *,
        type: Literal["Normal", "Warning"] = "Normal",  # noqa: A002 - the wire's own word
    ) -> None:
        """Create the Event, or count it once more where it is there."""
        event = self._event(about, reason, message[:MESSAGE_LIMIT], type)
        try:
            await self._client.create(event)
        except AlreadyExists:
            await self._again(event)
        except NotFound:
            return  # the namespace is going away, and the object with it

    async def record_unused(self, about: Resource) -> None:
        """Tell of the fields of *about* that are set and do nothing: once, however often called."""
        if message := unused.event_message(about):
            event = self._event(about, "UnusedField", message[:MESSAGE_LIMIT], "Warning")
            with suppress(AlreadyExists, NotFound):
                await self._client.create(event)

    async def _again(self, event: Event) -> None:
        name, namespace = event.metadata.name, event.metadata.namespace or ""
        try:
            old = await self._client.get(Event, name, namespace)
            body = {"count": old.count + 1, "lastTimestamp": event.wire()["lastTimestamp"]}
            await self._client.patch(Event, name, namespace, body)
        except NotFound:
            return

    def _event(
        self, about: Resource, reason: str, message: str, type_: Literal["Normal", "Warning"]
    ) -> Event:
        meta = about.metadata
        told = f"{meta.uid}/{reason}/{message}/{self._component}"
        digest = hashlib.sha256(told.encode()).hexdigest()[:16]
        now = self._clock().replace(microsecond=0)
        return Event(
            metadata=Meta(name=f"{meta.name}.{digest}", namespace=meta.namespace or "default"),
            involved_object=InvolvedObject(
                api_version=about.API_VERSION,
                kind=about.KIND,
                namespace=meta.namespace or "",
                name=meta.name,
                uid=meta.uid,
            ),
            reason=reason,
            message=message,
            type=type_,
            first_timestamp=now,
            last_timestamp=now,
            source=EventSource(component=self._component),
        )
