from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from k8s.embedded import installation
from k8s.embedded.garbage import Collector
from k8s.embedded.history import Key
from k8s.embedded.serve import EmbeddedSettings, serve
from k8s.embedded.store import Store
from tests.k8s.embedded.embedded_support import (
    CONFIG_MAPS,
    TASKS,
    Caller,
    calling,
    config_map,
    task,
)


def owned(name: str, *owners: dict[str, Any]) -> dict[str, Any]:
    references = [
        {
            "apiVersion": owner["apiVersion"],
            "kind": owner["kind"],
            "name": owner["metadata"]["name"],
            "uid": owner["metadata"]["uid"],
        }
        for owner in owners
    ]
    body = config_map(name)
    return {**body, "metadata": {"name": name, "ownerReferences": references}}


async def gone(admin: Caller, name: str) -> bool:
    async with asyncio.timeout(5):
        while (await admin("GET", f"{CONFIG_MAPS}/{name}")).status != 404:
            await asyncio.sleep(0.01)
    return True


async def test_dependents_follow_their_last_owner_down_the_line(admin: Caller) -> None:
    first, second = await admin.made(TASKS, task("a")), await admin.made(TASKS, task("b"))
    child = await admin.made(CONFIG_MAPS, owned("child", first))
    await admin.made(CONFIG_MAPS, owned("grandchild", child))
    await admin.made(CONFIG_MAPS, owned("shared", first, second))

    await admin("DELETE", f"{TASKS}/a")

    assert await gone(admin, "child")
    assert await gone(admin, "grandchild")
    assert (await admin("GET", f"{CONFIG_MAPS}/shared")).status == 200
    await admin("DELETE", f"{TASKS}/b")
    assert await gone(admin, "shared")


async def test_a_child_of_nobody_does_not_stay(admin: Caller) -> None:
    owner = await admin.made(TASKS, task("a"))
    await admin("DELETE", f"{TASKS}/a")

    await admin.made(CONFIG_MAPS, owned("late", owner))

    assert await gone(admin, "late")


async def test_an_adopted_object_outlives_its_first_owner(admin: Caller) -> None:
    first, second = await admin.made(TASKS, task("a")), await admin.made(TASKS, task("b"))
    await admin.made(CONFIG_MAPS, owned("child", first))
    await admin.patched(
        f"{CONFIG_MAPS}/child",
        {"metadata": {"ownerReferences": owned("", second)["metadata"]["ownerReferences"]}},
    )

    await admin("DELETE", f"{TASKS}/a")
    other = await admin.made(CONFIG_MAPS, owned("other", first))

    assert await gone(admin, other["metadata"]["name"])  # the collector came by
    assert (await admin("GET", f"{CONFIG_MAPS}/child")).status == 200


async def test_what_a_crash_left_over_is_collected_at_start(tmp_path: Path) -> None:
    settings = EmbeddedSettings(directory=tmp_path / "api", port=None)
    async with serve(settings) as api, calling(api.socket, api.admin_token) as admin:
        owner = await admin.made(TASKS, task("a"))
        await admin.made(CONFIG_MAPS, owned("child", owner))
    store = Store(settings.directory)
    store._db.execute("DELETE FROM objects WHERE name = 'a'")
    store.close()

    async with serve(settings) as api, calling(api.socket, api.admin_token) as admin:
        assert await gone(admin, "child")


async def test_a_full_disk_delays_the_collector_only(tmp_path: Path) -> None:
    store = Store(tmp_path)
    types, _ = installation.types()
    collector = Collector(store, types, retry_seconds=0.01)
    owner = {"apiVersion": "v1", "kind": "ConfigMap", "name": "gone", "uid": "u"}
    key = Key("configmaps", "default", "child")
    store.create(key, {"metadata": {"name": "child", "uid": "c", "ownerReferences": [owner]}})
    await store.settled()
    store._db.execute("PRAGMA query_only = 1")

    running = asyncio.create_task(collector.run())
    await asyncio.sleep(0.05)
    kept = store.read(key)
    store._db.execute("PRAGMA query_only = 0")

    async with asyncio.timeout(5):
        while store.read(key) is not None:
            await asyncio.sleep(0.01)
    assert kept is not None
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    store.close()


async def test_an_owner_of_an_unknown_kind_may_well_live(admin: Caller) -> None:
    body = config_map("a")
    owner = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "d", "uid": "u"}
    await admin.made(CONFIG_MAPS, {**body, "metadata": {"name": "a", "ownerReferences": [owner]}})
    first = await admin.made(TASKS, task("t"))
    await admin.made(CONFIG_MAPS, owned("sentinel", first))

    await admin("DELETE", f"{TASKS}/t")

    assert await gone(admin, "sentinel")
    assert (await admin("GET", f"{CONFIG_MAPS}/a")).status == 200
