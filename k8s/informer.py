"""A copy of all objects of a kind, kept current: list, watch, and list again when in doubt.

Handlers hear of differences between what the cache was and is, however it was learned: from the watch,
or from a list after the watch broke or its version was gone. Every *resync_seconds* they hear of every
object once more, so that whatever they lost is found again.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Generic

import structlog

from k8s.client import Change, Client, Listing
from k8s.errors import ApiError, Gone, Unavailable
from k8s.queue import Key
from k8s.rest import R

RETRY_FIRST_SECONDS = 0.2
RETRY_LIMIT_SECONDS = 30.0
RESYNC_SECONDS = 600.0
HANG_UP_SECONDS = 1.0  # a watch that ends sooner, and empty, is a failure

log = structlog.get_logger(__name__)


class Informer(Generic[R]):
    """The objects of *kind*; *namespace* "" means all. Fill it with `run`."""

    def __init__(
        self,
        client: Client,
        kind: type[R],
        *,
        namespace: str = "",
        labels: str = "",
        resync_seconds: float = RESYNC_SECONDS,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._client = client
        self._kind = kind
        self._namespace = namespace
        self._labels = labels
        self._resync_seconds = resync_seconds
        self._clock = clock
        self._sleep = sleep
        self._jitter = jitter
        self._objects: dict[Key, R] = {}
        self._handlers: list[Callable[[Change[R]], None]] = []
        self._synced = asyncio.Event()

    async def run(self) -> None:
        """Keep the copy; ends only when cancelled. An API that is away is waited for."""
        failures = 0
        while True:
            began = self._clock()
            try:
                await self._follow()
            except Gone:
                log.info("informer.version_gone", kind=self._kind.KIND)
            except ApiError as exc:
                log.warning("informer.broken", kind=self._kind.KIND, error=exc.message)
            else:
                failures = 0
                continue
            # What held for a while is a connection that ended, not one that cannot be made.
            failures = 1 if self._clock() - began > RETRY_LIMIT_SECONDS else failures + 1
            limit = min(RETRY_FIRST_SECONDS * 2.0 ** min(failures, 32), RETRY_LIMIT_SECONDS)
            await self._sleep(limit * (0.5 + 0.5 * self._jitter()))

    async def synced(self) -> None:
        """Returns once the first list is in."""
        await self._synced.wait()

    def get(self, name: str, namespace: str = "") -> R | None:
        """The object as last seen; *namespace* "" is the informer's own. None: not there."""
        return self._objects.get((namespace or self._namespace, name))

    def items(self) -> list[R]:
        """All objects as last seen."""
        return list(self._objects.values())

    def subscribe(self, handler: Callable[[Change[R]], None]) -> None:
        """Call *handler* with each change from now on, and with what is already there."""
        self._handlers.append(handler)
        for obj in self.items():
            handler(Change("ADDED", obj))

    async def _follow(self) -> None:
        """List, then watch until a full look is due again or something breaks."""
        listing = await self._client.list(self._kind, self._namespace, labels=self._labels)
        self._replace(listing)
        self._synced.set()
        version, listed = listing.resource_version, self._clock()
        while self._clock() - listed < self._resync_seconds:
            began = self._clock()
            seen = await self._watch(version)
            if seen == version and self._clock() - began < HANG_UP_SECONDS:
                raise Unavailable(0, "HungUp", f"watch of {self._kind.PLURAL}: ended at once")
            version = seen

    async def _watch(self, version: str) -> str:
        """Apply one watch; the version to go on from."""
        changes = self._client.watch(
            self._kind, self._namespace, resource_version=version, labels=self._labels
        )
        async with aclosing(changes):
            async for change in changes:
                version = change.object.metadata.resource_version
                if change.type != "BOOKMARK":
                    self._apply(change)
        return version

    def _apply(self, change: Change[R]) -> None:
        key = change.object.key
        if change.type == "DELETED":
            last = self._objects.pop(key, None)
            if last is not None:  # else nobody heard of it
                bare = change.object.model_fields_set == {"metadata"}
                self._tell(Change("DELETED", last) if bare else change)
            return
        known = key in self._objects
        self._objects[key] = change.object
        self._tell(Change("MODIFIED" if known else "ADDED", change.object))

    def _replace(self, listing: Listing[R]) -> None:
        """Everything that is there counts as a change: this is the resync too."""
        now = {obj.key: obj for obj in listing.items}
        for key in self._objects.keys() - now.keys():
            self._tell(Change("DELETED", self._objects.pop(key)))
        for key, obj in now.items():
            known = self._objects.get(key)
            self._objects[key] = obj
            if known is not None and known.metadata.uid != obj.metadata.uid:
                self._tell(Change("DELETED", known))
                known = None
            self._tell(Change("MODIFIED" if known else "ADDED", obj))

    def _tell(self, change: Change[R]) -> None:
        for handler in self._handlers:
            handler(change)
