"""Keys of objects to look at: each at most once, one worker per key, later ones in their time.

A key is in one of three states: waiting until it is due, in work, or both, when it was added while a
worker had it; then it becomes due again only after `done`. `Schedule` is that logic without a clock;
`WorkQueue` waits.
"""

from __future__ import annotations

import asyncio
import heapq
import random
import time
from collections.abc import Callable
from itertools import count

Key = tuple[str, str]  # namespace ("" for cluster scope), name

RETRY_FIRST_SECONDS = 0.02
RETRY_LIMIT_SECONDS = 60.0


class Schedule:
    """Which key is next, at times that the caller tells."""

    def __init__(self) -> None:
        self._due: dict[Key, float] = {}
        self._heap: list[tuple[float, int, Key]] = []
        self._in_work: set[Key] = set()
        self._order = count()  # among keys due at once, the first added is the first out

    def __len__(self) -> int:
        """Keys that wait."""
        return len(self._due)

    def add(self, key: Key, due: float) -> None:
        """*key* at *due*, or at the earlier time it already waits for."""
        if due < self._due.get(key, float("inf")):
            self._due[key] = due
            self._push(key)

    def take(self, now: float) -> Key | None:
        """The next key that is due, now in work; None: none is."""
        self._skip_stale()
        if not self._heap or self._heap[0][0] > now:
            return None
        _, _, key = heapq.heappop(self._heap)
        del self._due[key]
        self._in_work.add(key)
        return key

    def done(self, key: Key) -> None:
        """The work on *key* has ended; what was added meanwhile counts from now on."""
        self._in_work.discard(key)
        if key in self._due:
            self._push(key)

    def next_due(self) -> float | None:
        """When `take` is worth a try; None: not before something is added or done."""
        self._skip_stale()
        return self._heap[0][0] if self._heap else None

    def _push(self, key: Key) -> None:
        heapq.heappush(self._heap, (self._due[key], next(self._order), key))

    def _skip_stale(self) -> None:
        """Drop entries that an earlier one replaced, and keys in work, which come back in `done`."""
        while self._heap:
            due, _, key = self._heap[0]
            if self._due.get(key) == due and key not in self._in_work:
                return
            heapq.heappop(self._heap)


class WorkQueue:
    """The queue of one controller, for any number of workers of one event loop."""

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._clock = clock
        self._jitter = jitter
        self._schedule = Schedule()
        self._failures: dict[Key, int] = {}
        self._changed = asyncio.Event()

    def __len__(self) -> int:
        return len(self._schedule)

    def add(self, key: Key) -> None:
        """Look at *key* as soon as a worker is free."""
        self.add_after(key, 0.0)

    def add_after(self, key: Key, seconds: float) -> None:
        """Look at *key* in *seconds*, or earlier if it was to be looked at earlier."""
        self._schedule.add(key, self._clock() + seconds)
        self._changed.set()

    async def get(self) -> Key:
        """The next key, for this caller alone until `done`."""
        while (key := self._schedule.take(self._clock())) is None:
            self._changed.clear()
            await self._wait()
        self._changed.set()  # another worker may have been woken by what this one took
        return key

    def done(self, key: Key) -> None:
        self._schedule.done(key)
        self._changed.set()

    def retry(self, key: Key) -> None:
        """Look at *key* again after a back-off that doubles with each failure in a row."""
        failures = self._failures.get(key, 0)
        self._failures[key] = failures + 1
        limit = min(RETRY_FIRST_SECONDS * 2.0 ** min(failures, 32), RETRY_LIMIT_SECONDS)
        self.add_after(key, limit * (0.5 + 0.5 * self._jitter()))

    def forget(self, key: Key) -> None:
        """*key* succeeded: the next failure is a first one."""
        self._failures.pop(key, None)

    async def _wait(self) -> None:
        due = self._schedule.next_due()
        seconds = None if due is None else max(0.0, due - self._clock())
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            return
