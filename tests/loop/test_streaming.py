from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loop.streaming import Aggregate


def chunk(finish: str | None = None, **delta: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def part(index: Any = 0, call_id: Any = None, name: Any = None, text: Any = "") -> dict[str, Any]:
    call: dict[str, Any] = {"function": {"name": name, "arguments": text}, "id": call_id}
    return call if index is None else {**call, "index": index}


def calls(*parts: dict[str, Any]) -> list[tuple[str, str, Any]]:
    received = Aggregate()
    for each in parts:
        received.add(chunk(tool_calls=[each]))
    reply = received.reply(turn=3, sent_bytes=0)
    return [(c.id, c.name, c.arguments) for c in reply.calls]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        pytest.param(
            [part(0, "a", "x", '{"n'), part(0, text='": 1}'), part(1, "b", "y", "{}")],
            [("a", "x", {"n": 1}), ("b", "y", {})],
            id="by index",
        ),
        pytest.param(
            [part(1, "b", "y", '{"n'), part(0, "a", "x", "{}"), part(1, text='": 1}')],
            [("b", "y", {"n": 1}), ("a", "x", {})],
            id="interleaved",
        ),
        pytest.param(
            [part(0, "a", "x", "{}"), part(0, "b", "y", "{}")],
            [("a", "x", {}), ("b", "y", {})],
            id="all claim index 0",
        ),
        pytest.param(
            [part(None, "a", "x", '{"n"'), part(None, text=": 1}"), part(None, "b", "y", "{}")],
            [("a", "x", {"n": 1}), ("b", "y", {})],
            id="no index",
        ),
        pytest.param(
            [part(0, "a", "x"), part(0, "a", "x", "{}")], [("a", "x", {})], id="name repeated"
        ),
        pytest.param(
            [part(0, "", "x", "{}"), part(1, None, "y", "{}")],
            [("t00030000", "x", {}), ("t00030001", "y", {})],
            id="no ids",
        ),
        pytest.param(
            [part(0, "a", "x", "{}"), part(1, "a", "y", "{}")],
            [("a", "x", {}), ("t00030001", "y", {})],
            id="one id for all",
        ),
        pytest.param(
            [part(0, "a", "f.x y", "{}"), part(1, "b", "", "{}")],
            [("a", "f_x_y", {}), ("b", "unnamed", {})],
            id="names that servers refuse",
        ),
        pytest.param([part(0, "a", "x", {"n": 1})], [("a", "x", {"n": 1})], id="an object"),
        pytest.param([part(0, "a", "x", None)], [("a", "x", {})], id="no arguments"),
    ],
)
def test_calls_are_put_together(
    parts: list[dict[str, Any]], expected: list[tuple[str, str, Any]]
) -> None:
    assert calls(*parts) == expected


def test_a_torn_surrogate_pair_is_joined() -> None:
    received = Aggregate()
    received.add(chunk(content="\ud83e"))
    received.add(chunk(content="\udd4a and \ud83e", finish="stop"))

    reply = received.reply(turn=1, sent_bytes=0)

    assert reply.text == "🥊 and \N{REPLACEMENT CHARACTER}"


def test_only_the_first_choice_counts() -> None:
    received = Aggregate()
    received.add({"choices": [{"index": 1, "delta": {"content": "x"}, "finish_reason": "stop"}]})

    assert (received.reply(turn=1, sent_bytes=0).text, received.finish_reason) == ("", "")


def test_usage_may_come_with_the_last_content() -> None:
    received = Aggregate()
    received.add(
        {**chunk("stop", content="x"), "usage": {"prompt_tokens": 3, "completion_tokens": 1}}
    )

    assert received.reply(turn=1, sent_bytes=0).usage.total == 4


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["choices", "delta", "index", "tool_calls", "function", "id", "name", "arguments",
                 "content", "usage", "prompt_tokens", "finish_reason", "prompt_tokens_details"]
            ),
            inner,
            max_size=4,
        )
    ),
)  # fmt: skip


@given(st.lists(JSON, max_size=5))
def test_no_chunk_breaks_the_reader(chunks: list[Any]) -> None:
    received = Aggregate()
    for each in chunks:
        received.add(each)

    reply = received.reply(turn=1, sent_bytes=10)

    assert len({c.id for c in reply.calls}) == len(reply.calls)
