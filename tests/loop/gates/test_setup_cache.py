"""What setups made, kept whole, within bounds, and not deleted under its user."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from loop.gates.setup_cache import SetupCache

KIB = 1024
USUAL = 200 * KIB


async def kept(cache: SetupCache, key: str, *, size: int = 64 * KIB) -> Path | None:
    async with cache.building() as folder:
        made = folder / "entry"
        (made / "workspace").mkdir(parents=True)
        (made / "workspace" / "file").write_bytes(os.urandom(size))
        return await cache.keep(key, made)


async def found(cache: SetupCache, key: str) -> bool:
    async with cache.using(key) as entry:
        return entry is not None


def aged(entry: Path | None, seconds: int) -> None:
    assert entry
    at = entry.stat().st_mtime - seconds
    os.utime(entry, (at, at))


async def test_what_is_kept_is_found_again_by_its_name_alone(tmp_path: Path) -> None:
    cache = SetupCache(tmp_path, most_bytes=USUAL)

    entry = await kept(cache, "a")

    async with cache.using("a") as again:
        assert again == entry
        assert entry
        assert (entry / "workspace" / "file").stat().st_size == 64 * KIB
    assert not await found(cache, "b")


async def test_a_later_process_finds_it_too(tmp_path: Path) -> None:
    await kept(SetupCache(tmp_path, most_bytes=USUAL), "a")
    later = SetupCache(tmp_path, most_bytes=USUAL)
    await later.open()

    assert await found(later, "a")


async def test_the_longest_unused_goes_first(tmp_path: Path) -> None:
    cache = SetupCache(tmp_path, most_bytes=USUAL)
    aged(await kept(cache, "a"), 300)
    aged(await kept(cache, "b"), 200)
    assert await found(cache, "a")  # used last now

    await kept(cache, "c")

    assert [await found(cache, key) for key in "abc"] == [True, False, True]


async def test_what_is_in_use_stays(tmp_path: Path) -> None:
    cache = SetupCache(tmp_path, most_bytes=USUAL)
    entry = await kept(cache, "a")
    async with cache.using("a"):
        aged(entry, 300)
        await kept(cache, "b")
        await kept(cache, "c")

        assert entry
        assert (entry / "workspace" / "file").exists()
    await kept(cache, "d")
    assert [await found(cache, key) for key in "acd"] == [False, True, True]


async def test_what_is_larger_than_the_whole_is_not_kept(tmp_path: Path) -> None:
    cache = SetupCache(tmp_path, most_bytes=USUAL)
    await kept(cache, "a")

    assert await kept(cache, "b", size=300 * KIB) is None
    assert [await found(cache, key) for key in "ab"] == [True, False]


async def test_a_smaller_bound_holds_from_the_next_start(tmp_path: Path) -> None:
    before = SetupCache(tmp_path, most_bytes=USUAL)
    aged(await kept(before, "a"), 300)
    await kept(before, "b")
    cache = SetupCache(tmp_path, most_bytes=100 * KIB)

    await cache.open()

    assert [await found(cache, key) for key in "ab"] == [False, True]


async def test_what_a_killed_node_was_building_is_swept(tmp_path: Path) -> None:
    cache = SetupCache(tmp_path, most_bytes=USUAL)
    left = cache.building()
    folder = await left.__aenter__()
    (folder / "half").write_text("x")
    (folder / "locked").mkdir(mode=0o500)

    await SetupCache(tmp_path, most_bytes=USUAL).open()

    assert not folder.exists()
    assert [p for p in tmp_path.rglob("*") if p.name in ("half", "locked")] == []
    await left.__aexit__(None, None, None)


async def test_of_two_that_need_the_same_the_second_finds_what_the_first_made(
    tmp_path: Path,
) -> None:
    cache = SetupCache(tmp_path, most_bytes=USUAL)
    made: list[str] = []

    async def need(who: str) -> None:
        async with cache.using("a") as entry:
            if entry is None:
                await kept(cache, "a")
                made.append(who)

    await asyncio.gather(need("first"), need("second"))

    assert made == ["first"]
