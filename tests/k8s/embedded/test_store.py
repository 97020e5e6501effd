from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from k8s.embedded.history import Interest, Key
from k8s.embedded.store import Store, StoreError

KEY = Key("things", "default", "a")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path)
    yield store
    store.close()


def thing(name: str = "a", *, uid: str = "", owners: tuple[str, ...] = ()) -> dict[str, Any]:
    meta: dict[str, Any] = {"name": name, "uid": uid or f"uid-{name}"}
    if owners:
        meta["ownerReferences"] = [{"uid": owner} for owner in owners]
    return {"metadata": meta}


def key(name: str) -> Key:
    return Key("things", "default", name)


async def test_versions_count_up_and_outlive_the_process(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.create(key("a"), thing("a"))
    body = thing("b")
    store.create(key("b"), body)
    store.delete(key("b"), body)
    last = store.version
    store.close()

    again = Store(tmp_path)

    assert (again.version, again.history.oldest) == (last, last)
    assert again.get(key("a")) is not None
    assert again.get(key("b")) is None
    again.close()


async def test_nobody_hears_of_a_write_before_its_commit(store: Store) -> None:
    with store.history.watching(Interest("things")) as watcher:
        store.create(KEY, thing())
        assert store.history.version < store.version
        assert await watcher.next(timeout_seconds=0.0) == ()  # nothing waits yet

        await store.settled()

        assert [seen.type for seen in await watcher.next(timeout_seconds=1)] == ["ADDED"]
    assert store.history.version == store.version


async def test_writers_of_one_turn_share_a_commit(store: Store) -> None:
    commits: list[str] = []
    store._db.set_trace_callback(commits.append)

    for name in "abc":
        store.create(key(name), thing(name))
    await store.settled()

    assert commits.count("COMMIT") == 1


async def overflow(store: Store) -> None:
    for number in range(50):
        body = {**thing(f"n{number}"), "data": "x" * 100_000}
        store.create(key(f"n{number}"), body)
    await store.settled()


async def test_a_failed_commit_undoes_the_turn_and_tells_its_writers(
    store: Store, tmp_path: Path
) -> None:
    before = store.version
    store._db.execute("PRAGMA max_page_count = 1")  # a full disk
    store._db.execute("PRAGMA cache_size = 1")

    with pytest.raises(StoreError, match="did not take the write"):
        await overflow(store)

    assert store.version == before
    assert store.list("things") == []
    store._db.execute("PRAGMA max_page_count = 1000000")
    store.create(KEY, thing())
    await store.settled()
    assert store.get(KEY) is not None


async def test_a_writer_hears_of_a_commit_that_failed(store: Store) -> None:
    before = store.version
    store.create(KEY, thing())
    store._db.execute("PRAGMA query_only = 1")

    with pytest.raises(StoreError, match="did not take the write: attempt to write"):
        await store.settled()

    assert store.get(KEY) is None
    assert (store.version, store.history.version) == (before, before)


async def test_a_writer_that_stopped_waiting_does_no_harm(store: Store) -> None:
    store.create(KEY, thing())
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await store.settled()

    store.create(key("b"), thing("b"))
    await store.settled()

    assert store.get(KEY) is not None


def test_a_file_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    Store(tmp_path).close()
    with sqlite3.connect(tmp_path / "objects.db") as db:
        db.execute("PRAGMA user_version = 7")
    db.close()

    with pytest.raises(StoreError, match=r"newer version \(schema 7, this one knows 1\); update"):
        Store(tmp_path)


def test_a_file_of_another_application_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "objects.db") as db:
        db.execute("CREATE TABLE theirs (x)")
    db.close()

    with pytest.raises(StoreError, match="belongs to another application"):
        Store(tmp_path)


def test_garbage_is_refused(tmp_path: Path) -> None:
    (tmp_path / "objects.db").write_bytes(b"no database" * 500)

    with pytest.raises(StoreError, match="not a database of ours"):
        Store(tmp_path)


def test_one_process_serves_a_directory(store: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="another process serves this directory"):
        Store(tmp_path)


def test_the_file_is_its_owners_alone(store: Store, tmp_path: Path) -> None:
    assert {path.stat().st_mode & 0o077 for path in tmp_path.iterdir()} == {0}


async def test_dependents_are_found_by_the_uid_of_their_owner(store: Store) -> None:
    store.create(key("a"), thing("a", owners=("uid-x", "uid-y")))
    store.create(key("b"), thing("b", owners=("uid-x",)))
    store.create(key("free"), thing("free"))

    assert store.dependents("uid-x") == [key("a"), key("b")]
    assert store.dependents("uid-y") == [key("a")]
    assert set(store.owned()) == {key("a"), key("b")}

    store.replace(
        key("a"), thing("a", owners=("uid-y",)), before=thing("a", owners=("uid-x", "uid-y"))
    )
    store.delete(key("b"), thing("b", owners=("uid-x",)))

    assert store.dependents("uid-x") == []
    assert store.owned() == [key("a")]
