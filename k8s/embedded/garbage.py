"""Garbage collection: an object none of whose owners exists is deleted.

What is suspected lives in memory only; at start all objects with owners are looked at once, so
nothing is forgotten by a crash.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import orjson
import structlog

from k8s.embedded.history import Key
from k8s.embedded.store import Store, StoreError
from k8s.embedded.types import Types

log = structlog.get_logger()


class Collector:
    def __init__(self, store: Store, types: Types, *, retry_seconds: float = 1.0) -> None:
        self._retry_seconds = retry_seconds
        self._store = store
        self._types = types
        self._suspects: dict[Key, None] = {}
        self._wake = asyncio.Event()

    def suspect(self, keys: Sequence[Key]) -> None:
        """Look at these soon; they may have lost their last owner."""
        if keys:
            self._suspects.update(dict.fromkeys(keys))
            self._wake.set()

    async def run(self) -> None:
        self.suspect(self._store.owned())
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self._collect()
            except StoreError as exc:
                log.warning("embedded.garbage_kept", error=str(exc))
                await asyncio.sleep(self._retry_seconds)
                self.suspect(self._store.owned())

    async def _collect(self) -> None:
        while self._suspects:
            batch, self._suspects = self._suspects, {}
            for key in batch:
                self._judge(key)
            await self._store.settled()

    def _judge(self, key: Key) -> None:
        data = self._store.get(key)
        if data is None:
            return
        body = orjson.loads(data)
        owners = body["metadata"].get("ownerReferences") or []
        if not owners or any(self._lives(owner, key.namespace) for owner in owners):
            return
        dependents = self._store.dependents(body["metadata"]["uid"])
        self._store.delete(key, body)
        self._suspects.update(dict.fromkeys(dependents))

    def _lives(self, owner: Mapping[str, str], namespace: str) -> bool:
        """Whether an owner is there; of a kind that is not served here nobody knows, so yes."""
        type_ = self._types.of_kind(owner["apiVersion"], owner["kind"])
        if type_ is None:
            return True
        place = namespace if type_.namespaced else ""
        data = self._store.get(Key(type_.key, place, owner["name"]))
        return data is not None and orjson.loads(data)["metadata"]["uid"] == owner["uid"]
