"""What happened lately, and who wants to hear of it: the watch cache.

Only committed changes get here. The past is bounded in number and bytes; a watcher that asks for
more than is left is told to list again. So is one that does not read what it is sent.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, NamedTuple

from k8s.embedded.selectors import EVERYTHING, Selectable, Selector

ChangeType = Literal["ADDED", "MODIFIED", "DELETED"]
_LINE_HEADS: dict[ChangeType, bytes] = {
    "ADDED": b'{"type":"ADDED","object":',
    "MODIFIED": b'{"type":"MODIFIED","object":',
    "DELETED": b'{"type":"DELETED","object":',
}
_WAITING_LIMIT = 20_000  # changes a watcher may lag behind before it is cut off


class Key(NamedTuple):
    """Where an object is; *namespace* is empty for cluster scope."""

    resource: str
    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class Change:
    """One committed write. *before* is None when the object is new."""

    version: int
    type: ChangeType
    key: Key
    body: bytes
    after: Selectable
    before: Selectable | None


@dataclass(frozen=True, slots=True)
class Seen:
    """A change as one watcher sees it: an object that leaves a selection is deleted from it."""

    type: ChangeType
    body: bytes
    version: int

    @property
    def line(self) -> bytes:
        return _LINE_HEADS[self.type] + self.body + b"}\n"


@dataclass(frozen=True)
class Interest:
    """What a watcher watches; an empty namespace means all."""

    resource: str
    namespace: str = ""
    selector: Selector = EVERYTHING

    def sees(self, change: Change) -> Seen | None:
        if change.key.resource != self.resource:
            return None
        if self.namespace and change.key.namespace != self.namespace:
            return None
        if not self.selector:
            return Seen(change.type, change.body, change.version)
        now = change.type != "DELETED" and self.selector.matches(change.after)
        before = change.before is not None and self.selector.matches(change.before)
        if not (now or before):
            return None
        type_: ChangeType = "MODIFIED" if now and before else "ADDED" if now else "DELETED"
        return Seen(type_, change.body, change.version)


class Watcher:
    """A queue of changes of one interest; read by one task."""

    def __init__(self, interest: Interest) -> None:
        self.interest = interest
        self.ended = False
        self._waiting: list[Seen] = []
        self._wake: asyncio.Event = asyncio.Event()

    def offer(self, change: Change) -> None:
        if not self.ended and (seen := self.interest.sees(change)):
            self._waiting.append(seen)
            if len(self._waiting) > _WAITING_LIMIT:
                self._waiting.clear()
                self.ended = True
            self._wake.set()

    def end(self) -> None:
        self.ended = True
        self._wake.set()

    async def next(self, *, timeout_seconds: float) -> Sequence[Seen]:
        """All that waits, in order; empty after *timeout_seconds* or when it has ended."""
        if not self._waiting and not self.ended:
            try:
                async with asyncio.timeout(timeout_seconds):
                    await self._wake.wait()
            except TimeoutError:
                return ()
        self._wake.clear()
        if self.ended:
            self._wake.set()
        seen, self._waiting = self._waiting, []
        return seen


class History:
    def __init__(self, *, version: int, changes: int = 10_000, size_bytes: int = 16 << 20) -> None:
        self.version = version
        self.oldest = version  # a watch may start from here on
        self._limit = changes
        self._size_limit = size_bytes
        self._size = 0
        self._changes: deque[Change] = deque()
        self._watchers: dict[str, set[Watcher]] = {}

    @property
    def watchers(self) -> int:
        return sum(map(len, self._watchers.values()))

    def publish(self, changes: Sequence[Change], *, version: int) -> None:
        """Add committed *changes*; *version* is that of the last one."""
        self.version = version
        for change in changes:
            self._changes.append(change)
            self._size += len(change.body)
            for watcher in self._watchers.get(change.key.resource, ()):
                watcher.offer(change)
        while len(self._changes) > self._limit or self._size > self._size_limit:
            self._forget()

    def compact(self) -> None:
        """Forget the whole past."""
        while self._changes:
            self._forget()
        self.oldest = self.version

    def since(self, version: int, interest: Interest) -> Iterator[Seen]:
        """What *interest* missed after *version*, which is not below `oldest`."""
        for change in self._changes:
            if change.version > version and (seen := interest.sees(change)):
                yield seen

    @contextmanager
    def watching(self, interest: Interest) -> Iterator[Watcher]:
        watcher = Watcher(interest)
        same = self._watchers.setdefault(interest.resource, set())
        same.add(watcher)
        try:
            yield watcher
        finally:
            same.discard(watcher)

    def close(self) -> None:
        for same in self._watchers.values():
            for watcher in same:
                watcher.end()

    def _forget(self) -> None:
        gone = self._changes.popleft()
        self._size -= len(gone.body)
        self.oldest = gone.version
