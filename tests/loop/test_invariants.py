"""The invariants of the loop, against a server that refuses what strict servers refuse."""

from __future__ import annotations

import itertools
import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from loop.model import Message, Model, Reply, Request
from loop.task import Ending
from tests.loop.loop_support import OPENING, Served, call, converse, kept, serving, submit

words = st.text(max_size=30)
arguments = st.one_of(
    st.dictionaries(words, words | st.integers() | st.none(), max_size=3).map(json.dumps),
    st.sampled_from(['{"text": "boom"}', "{'text': 'x'}", '{"text": "a', "[]", "", "no", "{}}"]),
    words,
)
calls = st.lists(
    st.builds(
        lambda name, text: {"name": name, "argumentsText": text},
        st.sampled_from(["say", "write", "wirte", ""]),
        arguments,
    ),
    min_size=1,
    max_size=4,
)
turns = st.one_of(
    calls.map(lambda made: {"calls": made}),
    calls.map(lambda made: {"calls": made, "fault": "length"}),
    words.filter(bool).map(lambda text: {"text": text}),
    words.filter(bool).map(lambda text: {"reasoning": text}),
    st.just({"fault": "empty"}),
    st.just({"fault": "500"}),
    st.just({**submit(), "attempts": [{"fault": "cut", "text": "x"}]}),
)
scripts = st.lists(turns, min_size=1, max_size=8)


def prefix(body: bytes) -> bytes:
    """A request up to the end of its last message."""
    return body[: body.rindex(b'],"max_tokens"')]


async def hold_talk(script: list[dict[str, Any]], directory: Path) -> tuple[Ending, Served]:
    async with serving(*script, submit()) as served:
        ending = await converse(served, directory, max_retries=1)
        return ending, served


@settings(max_examples=30, deadline=None)
@given(scripts)
async def test_every_run_ends_and_no_request_is_refused(script: list[dict[str, Any]]) -> None:
    """1 to 3: calls have their answers, nothing malformed goes back, there is an envelope."""
    with tempfile.TemporaryDirectory() as name:
        ending, served = await hold_talk(script, Path(name))
        recorded = kept(Path(name))

    assert served.server.problems == []
    assert ending.reason
    assert ending.turns == recorded.turn or ending.reason == "ModelUnavailable"
    assert recorded.missing == ()
    ids = [c.id for m in recorded.messages for c in m.calls]
    assert [m.call_id for m in recorded.messages if m.role == "tool"] == ids
    ending.result().wire()


@settings(max_examples=25, deadline=None)
@given(scripts.map(lambda script: [t for t in script if t.get("fault") != "length"]))
async def test_each_request_begins_with_the_one_before(script: list[dict[str, Any]]) -> None:
    """4; a reply cut in its reasoning is the one exception: it is shown once."""
    with tempfile.TemporaryDirectory() as name:
        _, served = await hold_talk(script, Path(name))

    for before, after in itertools.pairwise(served.bodies):
        assert after.startswith(prefix(before))


@settings(max_examples=30, deadline=None)
@given(scripts, st.floats(0, 1))
async def test_a_killed_run_goes_on_from_any_byte(
    script: list[dict[str, Any]], share: float
) -> None:
    """1, after a crash: the transcript ends anywhere, and the conversation is still a valid one."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        ending, _ = await hold_talk(script, directory)
        path = directory / "run.jsonl"
        whole = path.read_bytes()
        path.write_bytes(whole[: int(len(whole) * share)])
        recorded = kept(directory)
        async with serving(*script, submit()) as served:
            resumed = await converse(served, directory, recorded=recorded, max_retries=1)
        healed = kept(directory)

    strays = [p for p in served.server.problems if "exhausted" not in p]
    assert strays == []  # counters start anew, so the resumed run may outlive its script
    assert resumed.turns >= recorded.turn
    said = len(recorded.messages) - len(recorded.missing)
    assert healed.messages[:said] == recorded.messages[:said]
    assert healed.missing == ()
    if ending.verdict == "GO" and recorded.submission:
        assert resumed.verdict == "GO"


class Counting:
    """A model that counts what it encodes and what it is sent."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self.encoded: list[int] = []
        self.sent: list[list[bytes]] = []

    def encode(self, message: Message) -> bytes:
        encoded = self._model.encode(message)
        self.encoded.append(len(encoded))
        return encoded

    async def complete(self, request: Request) -> Reply:
        self.sent.append(list(request.messages))
        return await self._model.complete(request)


async def test_each_message_is_encoded_once(tmp_path: Path) -> None:
    """5: what a turn costs does not grow with the turns before it."""
    counting: list[Counting] = []

    def wrap(model: Model) -> Model:
        counting.append(Counting(model))
        return counting[0]

    turns = 40
    script = [call("say", text=f"hello {n}") for n in range(turns)]
    async with serving(*script, submit()) as served:
        await converse(served, tmp_path, wrap=wrap)

    model = counting[0]
    assert len(model.encoded) == len(OPENING) + 2 * (turns + 1)
    assert sum(model.encoded) <= len(served.bodies[-1]) + 1000
    first, last = model.sent[1], model.sent[-1]
    assert all(a is b for a, b in zip(first, last, strict=False))  # the same bytes, not equal ones


async def test_a_long_run_compacts_rarely_and_keeps_its_prefix_between(tmp_path: Path) -> None:
    script = [call("say", text=f"{n} " + "word " * 60) for n in range(60)]
    async with serving(*script, submit()) as served:
        ending = await converse(
            served, tmp_path, max_turns=70, context_tokens=4000, compact_at_percent=80
        )

    breaks = [
        n
        for n, (before, after) in enumerate(itertools.pairwise(served.bodies))
        if not after.startswith(prefix(before))
    ]
    assert ending.verdict == "GO"
    assert served.server.problems == []
    assert 2 <= len(breaks) <= 8
    assert all(later - earlier >= 5 for earlier, later in itertools.pairwise(breaks))
    assert max(map(len, served.bodies)) <= 4000 * 4
    assert all(b"You fix bugs." in body and b"Fix the bug." in body for body in served.bodies)


async def test_a_prefix_cache_serves_97_percent_of_a_run_of_80_turns(tmp_path: Path) -> None:
    opening = [OPENING[0], Message(role="user", content="issue " * 700)]
    script = [call("say", text=f"{n} " + "word " * 40) for n in range(79)]
    async with serving(*script, submit()) as served:
        await converse(served, tmp_path, opening=opening, max_turns=100, context_tokens=10**6)

    served_bytes = sum(len(prefix(body)) for body in served.bodies[:-1])
    assert len(served.bodies) == 80
    assert served_bytes / sum(map(len, served.bodies)) >= 0.97
