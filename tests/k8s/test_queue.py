from __future__ import annotations

import asyncio

import pytest

from k8s.queue import RETRY_LIMIT_SECONDS, Key, Schedule, WorkQueue

A, B, C = ("ns", "a"), ("ns", "b"), ("", "c")


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def taken(schedule: Schedule, now: float) -> list[Key]:
    found = []
    while (key := schedule.take(now)) is not None:
        found.append(key)
    return found


def test_keys_come_in_the_order_they_are_due() -> None:
    schedule = Schedule()
    for key, due in ((A, 3.0), (B, 1.0), (C, 2.0)):
        schedule.add(key, due)

    assert taken(schedule, 2.5) == [B, C]
    assert schedule.next_due() == 3.0


def test_keys_due_at_once_come_in_the_order_they_were_added() -> None:
    schedule = Schedule()
    for key in (C, A, B):
        schedule.add(key, 1.0)

    assert taken(schedule, 1.0) == [C, A, B]


def test_a_key_waits_once_for_its_earliest_time() -> None:
    schedule = Schedule()
    for due in (5.0, 2.0, 9.0):
        schedule.add(A, due)

    assert len(schedule) == 1
    assert schedule.take(1.9) is None
    assert taken(schedule, 2.0) == [A]
    schedule.done(A)
    assert schedule.next_due() is None


def test_a_key_is_never_in_two_hands() -> None:
    schedule = Schedule()
    schedule.add(A, 1.0)
    assert schedule.take(1.0) == A

    schedule.add(A, 1.0)

    assert schedule.take(2.0) is None
    assert schedule.next_due() is None
    schedule.done(A)
    assert schedule.take(2.0) == A


def test_a_key_in_work_does_not_hold_up_the_others() -> None:
    schedule = Schedule()
    schedule.add(A, 1.0)
    assert schedule.take(1.0) == A
    schedule.add(A, 1.0)
    schedule.add(B, 2.0)

    assert schedule.next_due() == 2.0
    assert schedule.take(2.0) == B


async def test_get_waits_for_what_is_added_later() -> None:
    queue = WorkQueue()
    async with asyncio.TaskGroup() as group:
        got = group.create_task(queue.get())
        await asyncio.sleep(0)
        queue.add(A)

    assert got.result() == A


async def test_get_waits_until_a_key_is_due() -> None:
    queue = WorkQueue()
    queue.add_after(A, 0.01)

    async with asyncio.timeout(5):
        assert await queue.get() == A


async def test_an_earlier_key_wakes_who_waits_for_a_later_one() -> None:
    queue = WorkQueue()
    queue.add_after(A, 3600)
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        got = group.create_task(queue.get())
        await asyncio.sleep(0)
        queue.add(B)

    assert got.result() == B


async def test_each_of_many_waiting_workers_gets_one() -> None:
    queue = WorkQueue()
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        workers = [group.create_task(queue.get()) for _ in range(3)]
        await asyncio.sleep(0)
        for key in (A, B, C):
            queue.add(key)

    assert sorted(w.result() for w in workers) == sorted([A, B, C])


async def test_what_is_added_while_in_work_comes_after_done() -> None:
    queue = WorkQueue()
    queue.add(A)
    assert await queue.get() == A
    queue.add(A)
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        again = group.create_task(queue.get())
        await asyncio.sleep(0)
        assert not again.done()
        queue.done(A)

    assert again.result() == A


@pytest.mark.parametrize(
    ("jitter", "expected"),
    [
        pytest.param(1.0, [0.02, 0.04, 0.08, 0.16], id="most"),
        pytest.param(0.0, [0.01, 0.02, 0.04, 0.08], id="least"),
    ],
)
async def test_retries_back_off_by_key(jitter: float, expected: list[float]) -> None:
    clock = Clock()
    queue = WorkQueue(clock=clock, jitter=lambda: jitter)

    for seconds in expected:
        queue.retry(A)
        clock.now += seconds * 0.99
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await queue.get()
        clock.now += seconds * 0.02
        assert await queue.get() == A
        queue.done(A)

    queue.retry(B)
    clock.now += expected[0]
    assert await queue.get() == B


async def test_back_off_has_a_limit_and_ends_with_success() -> None:
    clock = Clock()
    queue = WorkQueue(clock=clock, jitter=lambda: 1.0)
    for _ in range(2000):
        queue.retry(A)
        clock.now += RETRY_LIMIT_SECONDS
        queue.done(await queue.get())

    queue.forget(A)
    queue.retry(A)
    clock.now += 0.02

    assert await queue.get() == A
