"""What can be made to go wrong, and when.

A fault counts the requests it matches and strikes from the *nth* for *times* of them. `latency`,
`status`, `rate_limit`, `secondary_limit` and `drop` strike before anything happens. `hold`,
`drop_answer` and `call` strike when the effect of a successful request is stored and its answer
is not sent yet: the place where a client that is killed does not know what it has done.
"""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal[
    "latency", "status", "rate_limit", "secondary_limit", "drop", "hold", "drop_answer", "call"
]
BEFORE: frozenset[Kind] = frozenset({"latency", "status", "rate_limit", "secondary_limit", "drop"})
Callback = Callable[[], Awaitable[None] | None]
FOREVER = 1_000_000_000


@dataclass(kw_only=True)
class Fault:
    """*method* and *path* are regular expressions, searched; a push is POST …/git-receive-pack."""

    kind: Kind
    method: str = ""
    path: str = ""
    nth: int = 1
    times: int = 1
    seconds: float = 0.0
    status: int | None = None  # None: what GitHub answers in such a case
    retry_after: int | None = None
    callback: Callback | None = None
    id: int = 0
    seen: int = 0
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)
    outcome: Literal["answer", "drop"] = "answer"

    def strikes(self, method: str, path: str) -> bool:
        """Whether this request is one of those; it is counted."""
        if not (re.search(self.method, method) and re.search(self.path, path)):
            return False
        self.seen += 1
        return self.nth <= self.seen < self.nth + self.times

    def release(self, outcome: Literal["answer", "drop"] = "answer") -> None:
        """Let what is held go on: with its answer, or with its connection cut."""
        self.outcome = outcome
        self.released.set()


@dataclass(kw_only=True)
class WebhookFault:
    """*event* and *action* are regular expressions, matched in full.

    A `lost` delivery is not sent; *recorded* says whether the deliveries API knows of it. A
    `duplicate` is sent twice, the second time under the same GUID or another.
    """

    kind: Literal["lost", "duplicate"]
    event: str = ".*"
    action: str = ".*"
    nth: int = 1
    times: int = 1
    recorded: bool = True
    same_guid: bool = True
    id: int = 0
    seen: int = 0

    def strikes(self, event: str, action: str | None) -> bool:
        if not (re.fullmatch(self.event, event) and re.fullmatch(self.action, action or "")):
            return False
        self.seen += 1
        return self.nth <= self.seen < self.nth + self.times


class Faults:
    def __init__(self) -> None:
        self._ids = itertools.count(1)
        self.requests: dict[int, Fault] = {}
        self.webhooks: dict[int, WebhookFault] = {}

    def add(self, fault: Fault) -> Fault:
        fault.id = next(self._ids)
        self.requests[fault.id] = fault
        return fault

    def add_webhook(self, fault: WebhookFault) -> WebhookFault:
        fault.id = next(self._ids)
        self.webhooks[fault.id] = fault
        return fault

    def hold(self, method: str, path: str, *, nth: int = 1) -> Fault:
        """The answer waits for `release`; `reached` is set when the effect is stored."""
        return self.add(Fault(kind="hold", method=method, path=path, nth=nth))

    def drop_answer(self, method: str, path: str, *, nth: int = 1, times: int = 1) -> Fault:
        return self.add(Fault(kind="drop_answer", method=method, path=path, nth=nth, times=times))

    def call(self, method: str, path: str, callback: Callback, *, nth: int = 1) -> Fault:
        """*callback* runs between effect and answer."""
        return self.add(Fault(kind="call", method=method, path=path, nth=nth, callback=callback))

    def clear(self) -> None:
        """Forget all faults; what is held is answered."""
        for fault in self.requests.values():
            fault.release()
        self.requests.clear()
        self.webhooks.clear()

    def before(self, method: str, path: str) -> list[Fault]:
        """Those that strike this request now, in the order they were added."""
        found = [f for f in self.requests.values() if f.kind in BEFORE]
        return [f for f in found if f.strikes(method, path)]

    def for_webhook(self, event: str, action: str | None) -> WebhookFault | None:
        struck = [f for f in self.webhooks.values() if f.strikes(event, action)]
        return struck[0] if struck else None

    async def stored(self, method: str, path: str) -> Literal["answer", "drop"]:
        """Between effect and answer: wait, call back, and say what becomes of the answer."""
        outcome: Literal["answer", "drop"] = "answer"
        for fault in [f for f in self.requests.values() if f.kind not in BEFORE]:
            if not fault.strikes(method, path):
                continue
            fault.reached.set()
            if fault.kind == "hold":
                await fault.released.wait()
                outcome = fault.outcome
            elif fault.kind == "drop_answer":
                outcome = "drop"
            elif fault.callback is not None:
                waiting = fault.callback()
                if waiting is not None:
                    await waiting
        return outcome
