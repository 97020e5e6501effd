from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loop.context import Session
from loop.model import Message

OPENING = [Message(role="system", content="rules"), Message(role="user", content="task")]


def encode(message: Message) -> bytes:
    return json.dumps([message.role, message.content]).encode()


def session(*, context_tokens: int = 1000, percent: int = 80) -> Session:
    return Session(
        OPENING, encode=encode, context_tokens=context_tokens, compact_at_percent=percent
    )


def turn(into: Session, words: str) -> None:
    into.append(Message(role="assistant", content=words))
    into.append(Message(role="tool", content=words))


def test_messages_are_kept_in_order() -> None:
    view = session()
    turn(view, "one")
    turn(view, "two")

    assert [json.loads(m)[1] for m in view.wire()] == ["rules", "task", "one", "one", "two", "two"]


def test_below_the_budget_nothing_is_dropped() -> None:
    view = session()
    turn(view, "x" * 100)

    assert not view.is_over_budget


def test_whole_turns_go_until_60_percent_of_the_budget() -> None:
    view = session()
    for number in range(10):
        turn(view, f"{number}" * 160)
    assert view.is_over_budget

    assert view.compact()

    assert view.tokens <= 0.6 * 800 + 30  # and the marker
    kept = [json.loads(m) for m in view.wire()]
    assert kept[2][0] == "assistant"
    assert kept[-1][1] == "9" * 160
    assert f"[{view.dropped} earlier turns" in kept[1][1]
    assert kept[1][1].startswith("task\n\n")


def test_the_newest_turn_is_never_dropped() -> None:
    view = session()
    turn(view, "x" * 10_000)

    assert not view.compact()
    assert len(view.wire()) == 4


def test_the_drop_point_is_sticky() -> None:
    view = session()
    for number in range(10):
        turn(view, f"{number}" * 160)
    view.compact()
    before = view.wire()

    turn(view, "new")

    assert view.wire()[: len(before)] == before


def test_measured_tokens_win_over_the_estimate() -> None:
    view = session()
    view.append(Message(role="assistant", content="x" * 400))
    view.measured(700)
    assert view.tokens == 700

    view.append(Message(role="tool", content="y" * 400))

    assert view.tokens == pytest.approx(800, abs=10)


def test_an_overflow_below_our_budget_still_drops() -> None:
    view = session(context_tokens=10**6)
    for number in range(10):
        turn(view, f"{number}" * 160)
    before = view.tokens

    assert view.compact()
    assert view.tokens <= 0.65 * before


@given(st.lists(st.integers(0, 3000), max_size=30), st.integers(10, 100))
def test_head_and_newest_turn_survive_any_sizes(sizes: list[int], percent: int) -> None:
    view = session(context_tokens=1500, percent=percent)
    for number, size in enumerate(sizes):
        turn(view, f"{number}:" + "x" * size)
        if view.is_over_budget:
            view.compact()

    kept = [json.loads(m)[1] for m in view.wire()]
    assert kept[0] == "rules"
    assert kept[1].startswith("task")
    if sizes:
        assert kept[-1].startswith(f"{len(sizes) - 1}:")
    assert len(kept) == 2 + 2 * (len(sizes) - view.dropped)
