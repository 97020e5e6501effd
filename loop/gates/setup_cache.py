"""What setups made, kept by name: folders below one, the longest unused deleted first.

An entry appears by a rename when it is whole, so a killed node leaves none by halves. It is only
read after that: work trees get copies.
"""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import structlog

from loop.repo.removal import Trash
from tools.sandbox.usage import tree_bytes

_BUILDING = "building"
_TRASH = "trash"
_KEPT = "kept"

log = structlog.get_logger(__name__)


class SetupCache:
    """At most *most_bytes* below *root*, which belongs to one node."""

    def __init__(self, root: Path, *, most_bytes: int) -> None:
        self._root = root
        self._most_bytes = most_bytes
        self._trash = Trash(root / _TRASH)
        self._locks: dict[str, asyncio.Lock] = {}
        self._used: dict[str, int] = {}
        self._given_up: set[str] = set()  # until this process ends: it may have been the network

    async def open(self) -> None:
        """Sweep what a killed node was building, and what is too much by now."""
        building = self._root / _BUILDING
        for folder in list(building.iterdir()) if building.is_dir() else []:
            self._trash.take(folder)
        await self._make_room()
        await self._trash.sweep()

    @asynccontextmanager
    async def using(self, key: str) -> AsyncIterator[Path | None]:
        """The entry of *key*, which is not deleted meanwhile; None: there is none yet.

        One at a time for each key, so that the second finds what the first one made.
        """
        async with self._locks.setdefault(key, asyncio.Lock()):
            entry = self._root / _KEPT / key
            self._used[key] = self._used.get(key, 0) + 1
            try:
                if entry.is_dir():
                    os.utime(entry)
                yield entry if entry.is_dir() else None
            finally:
                self._used[key] -= 1

    @asynccontextmanager
    async def building(self) -> AsyncIterator[Path]:
        """An empty folder on the cache's own disk; what `keep` did not take of it is deleted."""
        folder = self._root / _BUILDING / uuid.uuid4().hex
        folder.mkdir(mode=0o700, parents=True)
        try:
            yield folder
        finally:
            self._trash.take(folder)
            await self._trash.sweep()

    async def keep(self, key: str, made: Path) -> Path | None:
        """Take the folder *made* as the entry of *key*; None where it is too big."""
        size = await asyncio.to_thread(tree_bytes, made, most=self._most_bytes)
        if size > self._most_bytes:
            log.warning("setup.not_kept", key=key[:12], why="larger than the whole cache may be")
            return None
        entry = self._root / _KEPT / key
        entry.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._trash.take(entry)  # an older one
        made.rename(entry)
        log.info("setup.kept", key=key[:12], bytes=size)
        await self._make_room()
        return entry

    def give_up(self, key: str) -> None:
        """Remember that no entry of *key* can be made."""
        self._given_up.add(key)

    def given_up(self, key: str) -> bool:
        return key in self._given_up

    async def _make_room(self) -> None:
        kept = self._root / _KEPT
        found = [(e.stat().st_mtime_ns, e) for e in kept.iterdir()] if kept.is_dir() else []
        left = self._most_bytes
        for _, entry in sorted(found, reverse=True):
            left -= await asyncio.to_thread(tree_bytes, entry, most=self._most_bytes)
            if left < 0 and not self._used.get(entry.name):
                self._trash.take(entry)
                log.info("setup.forgotten", key=entry.name[:12])
        await self._trash.sweep()
