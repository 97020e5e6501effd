"""Asking again after what may pass: with back-off and jitter, and never faster than we are told."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace

import structlog

from loop.errors import Transient
from loop.model import Model, Reply, Request

log = structlog.get_logger()

_FIRST_SECONDS = 0.25
_FACTOR = 4.0
_LONGEST_SECONDS = 30.0
_JITTER = 0.2


@dataclass(frozen=True)
class Clock:
    """Time and chance, so that a test can hold them. *spread* draws between its two arguments."""

    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    spread: Callable[[float, float], float] = random.uniform


def pause(attempt: int, *, asked: float | None, clock: Clock) -> float:
    """Seconds before the attempt after *attempt* (1-based); a server's own wish is the least."""
    backed_off = min(_FIRST_SECONDS * _FACTOR ** (attempt - 1), _LONGEST_SECONDS)
    return max(backed_off * clock.spread(1 - _JITTER, 1 + _JITTER), asked or 0.0)


async def answered(
    model: Model, request: Request, *, attempts: Iterator[int], max_retries: int, clock: Clock
) -> Reply:
    """The reply to *request*; *attempts* numbers the requests of this turn.

    A reply whose arguments were cut by the server is asked for again; the last one is returned as
    it is, for the model to mend. Raises a `ModelError`; a transient one when retries are spent.
    """
    for tries in itertools.count(1):
        attempt = next(attempts)
        headers = {**request.headers, "X-Foreman-Attempt": str(attempt)}
        asked: float | None = None
        try:
            reply = await model.complete(replace(request, headers=headers))
        except Transient as exc:
            if tries > max_retries:
                raise
            asked, fault = exc.retry_after, exc.message
        else:
            cut = reply.finish_reason != "length" and any(call.cut for call in reply.calls)
            if not cut or tries > max_retries:
                return reply
            fault = "the arguments of a call were cut"
        seconds = pause(tries, asked=asked, clock=clock)
        log.info("model.retried", turn=request.turn, attempt=attempt, seconds=seconds, fault=fault)
        await clock.sleep(seconds)
    raise AssertionError("unreachable: attempts are counted without end")
