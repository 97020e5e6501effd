from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import aiohttp
import pytest

from k8s.embedded.serve import EmbeddedApi, EmbeddedSettings, serve
from tests.k8s.embedded.embedded_support import (
    OURS,
    TASKS,
    Caller,
    calling,
    task,
    watching,
)

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"


def labelled(name: str, **labels: str) -> dict[str, object]:
    return {**task(name), "metadata": {"name": name, "labels": labels}}


async def version(admin: Caller) -> str:
    listed = await admin("GET", TASKS)
    return str(listed.body["metadata"]["resourceVersion"])


async def test_a_watch_from_a_version_tells_each_change_once_in_order(admin: Caller) -> None:
    await admin.made(TASKS, task("before"))
    start = await version(admin)
    await admin.made(TASKS, task("missed"))

    async with watching(admin, TASKS, resourceVersion=start) as stream:
        await admin.made(TASKS, task("live"))
        await admin.patched(f"{TASKS}/live/status", {"status": {"phase": "Running"}})
        await admin("DELETE", f"{TASKS}/live")

        assert await stream.names(4) == [
            ("ADDED", "missed"),
            ("ADDED", "live"),
            ("MODIFIED", "live"),
            ("DELETED", "live"),
        ]


async def test_a_watch_from_nowhere_begins_with_what_there_is(admin: Caller) -> None:
    await admin.made(TASKS, task("b"))
    await admin.made(TASKS, task("a"))

    async with watching(admin, TASKS) as stream:
        await admin.made(TASKS, task("c"))

        assert await stream.names(3) == [("ADDED", "a"), ("ADDED", "b"), ("ADDED", "c")]


async def test_a_watched_object_is_the_stored_one(admin: Caller) -> None:
    start = await version(admin)

    async with watching(admin, TASKS, resourceVersion=start) as stream:
        made = await admin.made(TASKS, task("a"))
        added = await stream.next()
        await admin("DELETE", f"{TASKS}/a")
        deleted = await stream.next()

    assert added["object"] == made
    assert int(deleted["object"]["metadata"]["resourceVersion"]) > int(
        made["metadata"]["resourceVersion"]
    )


async def test_an_object_that_leaves_a_selection_is_deleted_from_it(admin: Caller) -> None:
    await admin.made(TASKS, labelled("a", app="x"))
    start = await version(admin)

    async with watching(admin, TASKS, resourceVersion=start, labelSelector="app=x") as stream:
        await admin.made(TASKS, labelled("other", app="y"))
        await admin.patched(f"{TASKS}/a", {"metadata": {"labels": {"tier": "1"}}})
        await admin.patched(f"{TASKS}/a", {"metadata": {"labels": {"app": "y"}}})
        await admin.patched(f"{TASKS}/a", {"metadata": {"labels": {"app": "x"}}})

        assert await stream.names(3) == [("MODIFIED", "a"), ("DELETED", "a"), ("ADDED", "a")]


async def test_a_watch_of_one_name_hears_of_no_other(admin: Caller) -> None:
    start = await version(admin)

    async with watching(
        admin, TASKS, resourceVersion=start, fieldSelector="metadata.name=b"
    ) as stream:
        await admin.made(TASKS, task("a"))
        await admin.made(TASKS, task("b"))

        assert await stream.names(1) == [("ADDED", "b")]


async def test_a_watch_stays_in_its_namespace(admin: Caller) -> None:
    start = await version(admin)
    elsewhere = TASKS.replace("default", "foreman-system")

    async with (
        watching(admin, elsewhere, resourceVersion=start) as narrow,
        watching(admin, f"{OURS}/agentictasks", resourceVersion=start) as wide,
    ):
        await admin.made(TASKS, task("a"))
        await admin.made(elsewhere, task("b"))

        assert await narrow.names(1) == [("ADDED", "b")]
        assert await wide.names(2) == [("ADDED", "a"), ("ADDED", "b")]


async def test_a_forgotten_version_is_gone(admin: Caller, api: EmbeddedApi) -> None:
    start = await version(admin)
    await admin.made(TASKS, task("a"))
    api.store.history.compact()

    async with watching(admin, TASKS, resourceVersion=start) as stream:
        event = await stream.next()
        end = await stream.next()

    assert event["type"] == "ERROR"
    assert (event["object"]["code"], event["object"]["reason"]) == (410, "Expired")
    assert event["object"]["message"].startswith("too old resource version: ")
    assert end is None


async def test_a_version_of_the_future_is_gone_too(admin: Caller) -> None:
    async with watching(admin, TASKS, resourceVersion="99999") as stream:
        event = await stream.next()

    assert event["object"]["code"] == 410


async def test_a_watch_ends_after_its_time(admin: Caller) -> None:
    async with watching(admin, TASKS, timeoutSeconds="1") as stream:
        assert await stream.next() is None


async def test_initial_events_end_with_a_bookmark(admin: Caller) -> None:
    await admin.made(TASKS, task("a"))

    async with watching(
        admin,
        TASKS,
        sendInitialEvents="true",
        resourceVersionMatch="NotOlderThan",
        allowWatchBookmarks="true",
    ) as stream:
        added, bookmark = await stream.next(), await stream.next()

    assert (added["type"], bookmark["type"]) == ("ADDED", "BOOKMARK")
    assert bookmark["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}
    assert bookmark["object"]["metadata"]["resourceVersion"] == await version(admin)


async def test_initial_events_need_a_version_match(admin: Caller) -> None:
    answer = await admin("GET", f"{TASKS}?watch=1&sendInitialEvents=true")

    assert answer.status == 422


async def test_a_watch_of_tables_names_the_columns_once(admin: Caller) -> None:
    await admin.made(TASKS, task("a"))

    async with watching(admin, TASKS, accept=TABLE) as stream:
        first = await stream.next()
        await admin.patched(f"{TASKS}/a/status", {"status": {"phase": "Running"}})
        second = await stream.next()

    assert first["object"]["columnDefinitions"][0]["name"] == "Name"
    assert second["object"]["columnDefinitions"] is None
    assert second["object"]["rows"][0]["cells"][:2] == ["a", "Running"]


async def test_watches_end_when_the_server_does(tmp_path: Path) -> None:
    settings = EmbeddedSettings(directory=tmp_path / "api", port=None)

    async with serve(settings) as api:
        client = calling(api.socket, api.admin_token)
        admin = await client.__aenter__()
        watch = watching(admin, TASKS)
        stream = await watch.__aenter__()
        await admin.made(TASKS, task("a"))
        await stream.next()

    with contextlib.suppress(aiohttp.ClientError):  # cut mid-chunk: also an end
        assert await stream.next() is None
    await watch.__aexit__(None, None, None)
    await client.__aexit__(None, None, None)


async def test_a_watcher_that_left_is_forgotten(admin: Caller, api: EmbeddedApi) -> None:
    async with watching(admin, TASKS, timeoutSeconds="100"):
        assert api.store.history.watchers == 1

    async with asyncio.timeout(5):
        while api.store.history.watchers:
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("readers", [5])
async def test_many_watchers_hear_the_same(admin: Caller, readers: int) -> None:
    start = await version(admin)

    async def read() -> list[tuple[str, str]]:
        async with watching(admin, TASKS, resourceVersion=start) as stream:
            return await stream.names(50)

    reading = [asyncio.create_task(read()) for _ in range(readers)]
    await asyncio.gather(*(admin.made(TASKS, task(f"t-{n}")) for n in range(50)))
    heard = await asyncio.gather(*reading)

    assert all(one == heard[0] for one in heard)
    assert {name for _, name in heard[0]} == {f"t-{n}" for n in range(50)}


async def test_a_quiet_watch_is_told_how_far_it_is(tmp_path: Path) -> None:
    settings = EmbeddedSettings(directory=tmp_path / "api", port=None, bookmark_seconds=0.01)
    async with serve(settings) as api, calling(api.socket, api.admin_token) as admin:
        start = await version(admin)
        await admin.made("/api/v1/namespaces", {"metadata": {"name": "elsewhere"}})

        async with watching(
            admin, TASKS, resourceVersion=start, allowWatchBookmarks="true"
        ) as stream:
            bookmark = await stream.next()

        assert bookmark["type"] == "BOOKMARK"
        assert bookmark["object"]["kind"] == "AgenticTask"
        assert bookmark["object"]["metadata"] == {"resourceVersion": await version(admin)}


async def test_initial_events_are_of_the_selection(admin: Caller) -> None:
    await admin.made(TASKS, labelled("a", app="x"))
    await admin.made(TASKS, labelled("b", app="y"))

    async with watching(admin, TASKS, labelSelector="app=y") as stream:
        assert await stream.names(1) == [("ADDED", "b")]
