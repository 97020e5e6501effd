"""Workers between a queue and a reconciler: level-based, so a key is all they are told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from k8s.errors import Conflict, Unavailable
from k8s.queue import Key, WorkQueue

Reconcile = Callable[[Key], Awaitable[float | None]]

log = structlog.get_logger(__name__)


async def run_controller(
    name: str, queue: WorkQueue, reconcile: Reconcile, workers: int = 1
) -> None:
    """Reconcile the keys of *queue* until cancelled.

    *reconcile* returns the seconds until it wants to see the key again, or None. `Conflict` means it
    decided on old facts: the key comes again at once. Whatever else it raises is logged and retried.
    """
    async with asyncio.TaskGroup() as group:
        for _ in range(workers):
            group.create_task(_work(name, queue, reconcile))


async def _work(name: str, queue: WorkQueue, reconcile: Reconcile) -> None:
    while True:
        key = await queue.get()
        try:
            await _handle(name, key, queue, reconcile)
        finally:
            queue.done(key)


async def _handle(name: str, key: Key, queue: WorkQueue, reconcile: Reconcile) -> None:
    try:
        again = await reconcile(key)
    except Conflict:
        queue.retry(key)
    except Unavailable as exc:
        log.warning("controller.api_unavailable", controller=name, key=key, error=exc.message)
        queue.retry(key)
    except Exception:
        log.exception("controller.reconcile_failed", controller=name, key=key)
        queue.retry(key)
    else:
        queue.forget(key)
        if again is not None:
            queue.add_after(key, again)
