from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
import structlog.testing

from k8s.controller import run_controller
from k8s.errors import Conflict, Unavailable
from k8s.queue import Key, WorkQueue

A, B = ("ns", "a"), ("ns", "b")


@asynccontextmanager
async def running(
    queue: WorkQueue, reconcile: Callable[[Key], Awaitable[float | None]], workers: int = 1
) -> AsyncIterator[None]:
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        controller = group.create_task(run_controller("test", queue, reconcile, workers))
        yield
        controller.cancel()


class Script:
    """Ends each reconcile as told; *done* when there is nothing left to tell."""

    def __init__(self, *ends: Exception | float | None) -> None:
        self.seen: list[Key] = []
        self.done = asyncio.Event()
        self._ends = list(ends)

    async def __call__(self, key: Key) -> float | None:
        self.seen.append(key)
        end = self._ends.pop(0)
        if not self._ends:
            self.done.set()
        if isinstance(end, Exception):
            raise end
        return end


async def test_keys_are_reconciled() -> None:
    queue, script = WorkQueue(), Script(None, None)
    async with running(queue, script):
        queue.add(A)
        queue.add(B)
        await script.done.wait()

    assert script.seen == [A, B]


async def test_a_reconciler_may_ask_to_be_called_again() -> None:
    queue, script = WorkQueue(), Script(0.001, None)
    async with running(queue, script):
        queue.add(A)
        await script.done.wait()

    assert script.seen == [A, A]


@pytest.mark.parametrize(
    ("fault", "logged"),
    [
        pytest.param(Conflict(409, "Conflict", "modified"), [], id="conflict-is-no-news"),
        pytest.param(
            Unavailable(0, "NoAnswer", "away"), ["controller.api_unavailable"], id="api-away"
        ),
        pytest.param(ValueError("bug"), ["controller.reconcile_failed"], id="a-bug"),
    ],
)
async def test_what_fails_is_tried_again(fault: Exception, logged: list[str]) -> None:
    queue, script = WorkQueue(), Script(fault, None)
    with structlog.testing.capture_logs() as logs:
        async with running(queue, script):
            queue.add(A)
            await script.done.wait()

    assert script.seen == [A, A]
    assert [entry["event"] for entry in logs] == logged


async def test_a_key_is_with_one_worker_at_a_time() -> None:
    queue = WorkQueue()
    entered, leave = asyncio.Event(), asyncio.Event()
    inside: list[Key] = []
    second = asyncio.Event()

    async def reconcile(key: Key) -> None:
        assert key not in inside
        inside.append(key)
        if entered.is_set():
            second.set()
        entered.set()
        await leave.wait()
        inside.remove(key)

    async with running(queue, reconcile, workers=3):
        queue.add(A)
        await entered.wait()
        queue.add(A)
        await asyncio.sleep(0)
        assert inside == [A]
        leave.set()
        await second.wait()
