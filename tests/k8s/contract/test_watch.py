"""Watches by the client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

import pytest

from k8s.client import Change, Client
from k8s.errors import Gone
from k8s.meta import Meta
from k8s.resources.agent import Agent
from k8s.resources.core import ConfigMap
from tests.k8s.contract.servers import Server
from tests.k8s.contract.test_objects import agent


def notes(namespace: str, name: str, *, labels: dict[str, str] | None = None) -> ConfigMap:
    meta = Meta(name=name, namespace=namespace, labels=labels or {})
    return ConfigMap(metadata=meta, data={"text": "1"})


class Watching:
    """A watch that is asked for its changes one by one."""

    def __init__(self, changes: AsyncIterator[Change[ConfigMap]]) -> None:
        self._changes = changes

    async def next(self, count: int) -> list[tuple[str, str]]:
        """The next *count* changes as type and name; bookmarks are left out."""
        found: list[tuple[str, str]] = []
        async with asyncio.timeout(10):
            while len(found) < count:
                change = await anext(self._changes)
                if change.type != "BOOKMARK":
                    found.append((change.type, change.object.metadata.name))
        return found


@asynccontextmanager
async def watching(
    client: Client, namespace: str, version: str = "", labels: str = ""
) -> AsyncIterator[Watching]:
    changes = client.watch(ConfigMap, namespace, resource_version=version, labels=labels)
    async with aclosing(changes):
        yield Watching(changes)


async def version_of(client: Client, namespace: str) -> str:
    return (await client.list(ConfigMap, namespace)).resource_version


async def test_changes_come_in_order(client: Client, namespace: str) -> None:
    version = await version_of(client, namespace)
    await client.create(notes(namespace, "a"))
    await client.patch(ConfigMap, "a", namespace, {"data": {"text": "2"}})
    await client.create(notes(namespace, "b"))
    await client.delete(ConfigMap, "a", namespace)

    async with watching(client, namespace, version) as watch:
        seen = await watch.next(4)

    assert seen == [("ADDED", "a"), ("MODIFIED", "a"), ("ADDED", "b"), ("DELETED", "a")]


async def test_changes_come_while_they_happen(client: Client, namespace: str) -> None:
    async with watching(client, namespace, await version_of(client, namespace)) as watch:
        await client.create(notes(namespace, "a"))
        first = await watch.next(1)
        await client.delete(ConfigMap, "a", namespace)
        second = await watch.next(1)

    assert (first, second) == ([("ADDED", "a")], [("DELETED", "a")])


async def test_a_watch_without_a_version_begins_with_what_is_there(
    client: Client, namespace: str
) -> None:
    await client.create(notes(namespace, "a"))
    await client.create(notes(namespace, "b"))

    async with watching(client, namespace) as watch:
        there = await watch.next(2)
        await client.create(notes(namespace, "c"))
        later = await watch.next(1)

    assert sorted(there) == [("ADDED", "a"), ("ADDED", "b")]
    assert later == [("ADDED", "c")]


async def test_a_watch_goes_on_after_the_version_of_an_object(
    client: Client, namespace: str
) -> None:
    created = await client.create(notes(namespace, "a"))
    await client.create(notes(namespace, "b"))

    async with watching(client, namespace, created.metadata.resource_version) as watch:
        assert await watch.next(1) == [("ADDED", "b")]


async def test_a_watch_keeps_to_its_namespace(client: Client, namespace: str) -> None:
    version = await version_of(client, namespace)
    other = f"other-{namespace}"
    await client.create(notes("default", other))
    await client.create(notes(namespace, "a"))

    async with watching(client, namespace, version) as watch:
        assert await watch.next(1) == [("ADDED", "a")]
    await client.delete(ConfigMap, other, "default")


async def test_objects_enter_and_leave_a_selected_watch(client: Client, namespace: str) -> None:
    version = await version_of(client, namespace)
    await client.create(notes(namespace, "a"))
    for team in ("x", "x", "y"):
        body = {"metadata": {"labels": {"team": team}}, "data": {team: team}}
        await client.patch(ConfigMap, "a", namespace, body)
    await client.create(notes(namespace, "b", labels={"team": "x"}))

    async with watching(client, namespace, version, labels="team=x") as watch:
        seen = await watch.next(3)

    assert seen == [("ADDED", "a"), ("DELETED", "a"), ("ADDED", "b")]


async def test_a_deleted_object_shows_its_last_state_and_a_new_version(
    client: Client, namespace: str
) -> None:
    created = await client.create(notes(namespace, "a"))
    await client.delete(ConfigMap, "a", namespace)
    version = created.metadata.resource_version

    changes = client.watch(ConfigMap, namespace, resource_version=version)
    async with aclosing(changes), asyncio.timeout(10):
        change = await anext(changes)

    assert change.type == "DELETED"
    assert change.object.data == {"text": "1"}
    assert int(change.object.metadata.resource_version) > int(version)


async def test_many_watchers_see_the_same(client: Client, namespace: str) -> None:
    version = await version_of(client, namespace)

    async def observe() -> list[tuple[str, str]]:
        async with watching(client, namespace, version) as watch:
            return await watch.next(10)

    async with asyncio.TaskGroup() as group:
        watchers = [group.create_task(observe()) for _ in range(5)]
        for number in range(10):
            await client.create(notes(namespace, f"n{number}"))

    expected = [("ADDED", f"n{number}") for number in range(10)]
    assert [watcher.result() for watcher in watchers] == [expected] * 5


async def test_a_version_that_is_too_old_is_gone(
    server: Server, client: Client, namespace: str
) -> None:
    await client.create(agent(namespace))
    server.compact()

    changes = client.watch(Agent, namespace, resource_version="1")
    with pytest.raises(Gone, match="too old resource version") as caught:
        async with aclosing(changes), asyncio.timeout(10):
            await anext(changes)

    assert (caught.value.status, caught.value.reason) == (410, "Expired")
