from __future__ import annotations

from k8s.embedded.history import Change, ChangeType, History, Interest, Key
from k8s.embedded.selectors import Selectable, selector

PLAIN = frozenset({"metadata.name"})


def change(version: int, *, type_: ChangeType = "ADDED", size: int = 10) -> Change:
    item = Selectable({}, {"metadata.name": f"n{version}"})
    key = Key("things", "default", f"n{version}")
    return Change(version, type_, key, b"x" * size, item, None)


def versions(history: History, after: int) -> list[int]:
    return [seen.version for seen in history.since(after, Interest("things"))]


def test_the_past_is_bounded_in_number() -> None:
    history = History(version=0, changes=3)
    for version in range(1, 6):
        history.publish([change(version)], version=version)

    assert (history.oldest, history.version) == (2, 5)
    assert versions(history, 2) == [3, 4, 5]


def test_the_past_is_bounded_in_bytes() -> None:
    history = History(version=0, size_bytes=100)
    history.publish([change(1, size=60), change(2, size=60)], version=2)

    assert history.oldest == 1
    assert versions(history, 1) == [2]


async def test_a_watcher_that_does_not_read_is_cut_off(monkeypatch: object) -> None:
    history = History(version=0)
    with history.watching(Interest("things")) as watcher:
        history.publish([change(version) for version in range(20_002)], version=20_001)

        assert watcher.ended
        assert await watcher.next(timeout_seconds=1) == []


async def test_silence_ends_with_nothing() -> None:
    with History(version=0).watching(Interest("things")) as watcher:
        assert await watcher.next(timeout_seconds=0.001) == ()


def test_the_deletion_of_something_unselected_is_not_told() -> None:
    interest = Interest("things", selector=selector("app=x", "", known_fields=PLAIN))
    other = Selectable({"app": "y"}, {})

    gone = Change(1, "DELETED", Key("things", "", "a"), b"", other, other)

    assert interest.sees(gone) is None
