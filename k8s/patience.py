"""Outlasting an API that is away: a call is made again until it is answered, or for too long."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from k8s.errors import Unavailable

T = TypeVar("T")

PATIENCE_SECONDS = 300.0  # longer, and another node should have the task
_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 5.0

log = structlog.get_logger(__name__)


async def patiently(call: Callable[[], Awaitable[T]], *, seconds: float = PATIENCE_SECONDS) -> T:
    """What *call* answers. Only for calls that may be made twice. Raises `Unavailable` at last."""
    loop = asyncio.get_running_loop()
    ends, pause = loop.time() + seconds, _FIRST_PAUSE
    while True:
        try:
            return await call()
        except Unavailable as fault:
            if loop.time() + pause > ends:
                raise
            log.warning("api.away", error=str(fault), again_in_seconds=pause)
        await asyncio.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)
