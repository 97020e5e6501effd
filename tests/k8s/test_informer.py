from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
import structlog.testing
from aiohttp import web

from k8s.client import Change, Client
from k8s.informer import RETRY_LIMIT_SECONDS, Informer
from k8s.resources.core import ConfigMap
from tests.k8s.scripted_api import Api, body, event, refusal


class Watched:
    """An informer, what its handler heard, and how long it meant to sleep."""

    def __init__(self, client: Client, *, resync_seconds: float = 3600) -> None:
        self.heard: list[tuple[str, str, str]] = []
        self.slept: list[float] = []
        self.now = 0.0
        self._more = asyncio.Event()
        self.informer = Informer(
            client,
            ConfigMap,
            namespace="ns",
            resync_seconds=resync_seconds,
            clock=lambda: self.now,
            sleep=self._sleep,
            jitter=lambda: 1.0,
        )
        self.informer.subscribe(self._hear)

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not condition():
                self._more.clear()
                await self._more.wait()

    def _hear(self, change: Change[ConfigMap]) -> None:
        meta = change.object.metadata
        self.heard.append((change.type, meta.name, meta.resource_version))
        self._more.set()

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._more.set()
        await asyncio.sleep(0)


@asynccontextmanager
async def running(watched: Watched) -> AsyncIterator[Watched]:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(watched.informer.run())
        async with asyncio.timeout(5):
            await watched.informer.synced()
        yield watched
        task.cancel()


def names(informer: Informer[ConfigMap]) -> list[str]:
    return sorted(item.metadata.name for item in informer.items())


async def test_the_first_list_fills_the_cache(scripted_api: Api, scripted_client: Client) -> None:
    scripted_api.items = [body("a", 1), body("b", 2)]
    async with running(Watched(scripted_client)) as watched:
        assert names(watched.informer) == ["a", "b"]
        assert watched.heard == [("ADDED", "a", "1"), ("ADDED", "b", "2")]
        found = watched.informer.get("a")

    assert found is not None
    assert watched.informer.get("a", "ns") is found
    assert watched.informer.get("a", "elsewhere") is None


async def test_changes_reach_cache_and_handlers(scripted_api: Api, scripted_client: Client) -> None:
    scripted_api.items = [body("a", 1)]
    async with running(Watched(scripted_client)) as watched:
        for type_, made in (
            ("MODIFIED", body("a", 101, k="v")),
            ("ADDED", body("b", 102)),
            ("DELETED", body("a", 103)),
        ):
            scripted_api.send(event(type_, made))
        await watched.until(lambda: len(watched.heard) == 4)

        assert names(watched.informer) == ["b"]

    assert watched.heard[1:] == [
        ("MODIFIED", "a", "101"),
        ("ADDED", "b", "102"),
        ("DELETED", "a", "103"),
    ]
    assert scripted_api.watches == ["100"]


async def test_handlers_that_come_late_hear_what_is_there(
    scripted_api: Api, scripted_client: Client
) -> None:
    scripted_api.items = [body("a", 1)]
    late: list[str] = []
    async with running(Watched(scripted_client)) as watched:
        watched.informer.subscribe(lambda change: late.append(change.type))

    assert late == ["ADDED"]


async def test_a_deleted_object_that_cannot_be_read_is_told_as_it_was(
    scripted_api: Api, scripted_client: Client
) -> None:
    scripted_api.items = [body("a", 1, k="v")]
    heard: list[Change[ConfigMap]] = []
    async with running(Watched(scripted_client)) as watched:
        watched.informer.subscribe(heard.append)
        scripted_api.send(event("DELETED", body("a", 101) | {"data": "no map"}))
        await watched.until(lambda: len(watched.heard) == 2)

    assert heard[-1].type == "DELETED"
    assert heard[-1].object.data == {"k": "v"}


async def test_a_watch_that_ends_goes_on_from_the_last_version(
    scripted_api: Api, scripted_client: Client
) -> None:
    async with running(Watched(scripted_client)) as watched:
        scripted_api.send(event("BOOKMARK", {"metadata": {"resourceVersion": "150"}}))
        scripted_api.send(b"")
        scripted_api.send(event("ADDED", body("a", 151)))
        await watched.until(lambda: len(watched.heard) == 1)

    assert scripted_api.watches == ["100", "150"]
    assert scripted_api.lists == 1
    assert watched.slept == []


async def test_a_version_that_is_gone_means_a_new_list(
    scripted_api: Api, scripted_client: Client
) -> None:
    """Handlers hear the difference, deletions included."""
    scripted_api.items = [body("a", 1), body("b", 2), body("c", 3)]
    async with running(Watched(scripted_client)) as watched:
        del watched.heard[:]
        scripted_api.items = [body("b", 2), body("c", 9, uid="another"), body("d", 10)]
        scripted_api.version = 200
        scripted_api.send(event("ERROR", refusal(410, "Expired", "too old")))
        await watched.until(lambda: len(watched.heard) == 5)

        assert names(watched.informer) == ["b", "c", "d"]
        await scripted_api.watched()

    assert sorted(watched.heard) == [
        ("ADDED", "c", "9"),
        ("ADDED", "d", "10"),
        ("DELETED", "a", "1"),
        ("DELETED", "c", "3"),
        ("MODIFIED", "b", "2"),
    ]


async def test_a_broken_watch_means_a_new_list(scripted_api: Api, scripted_client: Client) -> None:
    async with running(Watched(scripted_client)) as watched:
        scripted_api.items = [body("a", 150)]
        scripted_api.hang_up()
        await watched.until(lambda: len(watched.heard) == 1)

    assert watched.heard == [("ADDED", "a", "150")]
    assert scripted_api.lists == 2


async def test_an_api_that_is_away_is_waited_for(
    scripted_api: Api, scripted_client: Client
) -> None:
    """Longer each time, up to a limit."""
    scripted_api.items = [body("a", 1)]
    watched = Watched(scripted_client)
    scripted_api.answer = lambda _: (
        web.Response(status=503) if len(scripted_api.asked) < 12 else None
    )

    with structlog.testing.capture_logs() as logs:
        async with running(watched):
            assert names(watched.informer) == ["a"]

    assert watched.slept[:3] == [0.4, 0.8, 1.6]
    assert watched.slept[-1] == RETRY_LIMIT_SECONDS
    assert {entry["event"] for entry in logs} == {"informer.broken"}


async def test_an_api_that_hangs_up_at_once_is_not_hammered(
    scripted_api: Api, scripted_client: Client
) -> None:
    async with running(Watched(scripted_client)) as watched:
        scripted_api.send(b"")
        await watched.until(lambda: bool(watched.slept))

    assert watched.slept == [0.4]


@pytest.mark.parametrize("changed", [True, False], ids=["changed", "unchanged"])
async def test_everything_is_told_again_at_a_resync(
    scripted_api: Api, scripted_client: Client, *, changed: bool
) -> None:
    scripted_api.items = [body("a", 1)]
    async with running(Watched(scripted_client, resync_seconds=600)) as watched:
        scripted_api.items = [body("a", 120 if changed else 1)]
        await scripted_api.watched()
        watched.now = 601.0
        scripted_api.send(b"")
        await watched.until(lambda: len(watched.heard) == 2)

    assert watched.heard[1] == ("MODIFIED", "a", "120" if changed else "1")
    assert watched.slept == []
