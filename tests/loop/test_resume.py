"""A run that was killed goes on from its transcript."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from loop import agent
from loop.agent import Callbacks
from loop.nudges import INTERRUPTED
from loop.openai_model import Sampling, connect
from loop.transcript import Transcript, read_transcript
from tests.loop.loop_support import (
    OPENING,
    HeldClock,
    call,
    converse,
    kept,
    registry,
    serving,
    settings,
    submit,
)
from tools.submit import Submission

NOW = datetime(2030, 1, 1, tzinfo=UTC)


def cut_after(directory: Path, mark: str) -> None:
    """The transcript as a kill right after the first line with *mark* leaves it."""
    path = directory / "run.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    end = next(number for number, line in enumerate(lines) if mark in line)
    path.write_text("".join(lines[: end + 1]))


async def test_a_turn_in_flight_is_answered_as_interrupted(tmp_path: Path) -> None:
    script = (call("write", text="one"), {**submit(), "expect": [INTERRUPTED]})
    async with serving(call("write", text="one"), submit()) as served:
        await converse(served, tmp_path)
    cut_after(tmp_path, '"tool_calls"')

    async with serving(*script) as served:
        ending = await converse(served, tmp_path, recorded=kept(tmp_path))

    assert (ending.verdict, ending.turns) == ("GO", 2)
    assert [who.turn for who in served.asked] == [2]
    assert served.server.problems == []


async def test_an_accepted_submission_is_not_asked_for_again(tmp_path: Path) -> None:
    async with serving(call("say", text="x"), submit("NO-GO")) as served:
        first = await converse(served, tmp_path)
        again = await converse(served, tmp_path, recorded=kept(tmp_path))

    assert len(served.bodies) == 2
    assert (again.verdict, again.submission) == ("NO-GO", first.submission)
    assert (again.turns, again.tokens, again.calls) == (2, first.tokens, first.calls)


async def test_a_submission_in_flight_is_judged_again(tmp_path: Path) -> None:
    """Killed while the gate ran: the model is not asked for the same once more."""
    verdicts = iter(["red", None])

    async def gate(submission: Submission) -> str | None:
        return next(verdicts)

    callbacks = Callbacks(verify_terminal=gate)
    async with serving(submit(), {**submit(), "expect": ["red"]}) as served:
        await converse(served, tmp_path)
        cut_after(tmp_path, '"tool_calls"')
        ending = await converse(served, tmp_path, callbacks=callbacks, recorded=kept(tmp_path))

    assert (ending.verdict, ending.turns, ending.gate_attempts) == ("GO", 2, 2)
    assert [who.turn for who in served.asked] == [1, 2]
    assert served.server.problems == []
    assert kept(tmp_path).missing == ()


async def test_a_submission_beside_an_interrupted_write_is_not_judged(tmp_path: Path) -> None:
    both = {"calls": [*call("write", text="x")["calls"], *submit("NO-GO")["calls"]]}
    async with serving(both, submit()) as served:
        await converse(served, tmp_path)
        cut_after(tmp_path, '"tool_calls"')
        ending = await converse(served, tmp_path, recorded=kept(tmp_path))

    assert (ending.verdict, ending.turns) == ("GO", 2)


async def test_prose_before_the_kill_is_nudged_after_it(tmp_path: Path) -> None:
    async with serving({"text": "Done!"}, submit()) as served:
        await converse(served, tmp_path)
        cut_after(tmp_path, "Done!")
        ending = await converse(served, tmp_path, recorded=kept(tmp_path))

    assert ending.verdict == "GO"
    assert served.server.problems == []
    assert "called no tool" in kept(tmp_path).messages[3].content


async def test_what_was_said_before_the_kill_is_not_said_twice(tmp_path: Path) -> None:
    async with serving(call("say", text="x"), submit()) as served:
        await converse(served, tmp_path, max_turns=2)
        cut_after(tmp_path, "This is the last turn")
        ending = await converse(served, tmp_path, max_turns=2, recorded=kept(tmp_path))

    said = [m.content for m in kept(tmp_path).messages if m.role == "user"]
    assert ending.verdict == "GO"
    assert sum("This is the last turn" in text for text in said) == 1


async def test_budgets_go_on_where_they_were(tmp_path: Path) -> None:
    spends = {**call("say", text="x"), "usage": {"prompt": 90, "completion": 10}}
    async with serving(spends, spends, spends) as served:
        await converse(served, tmp_path, max_tokens=100)
        ending = await converse(served, tmp_path, max_tokens=200, recorded=kept(tmp_path))

    assert (ending.reason, ending.turns, ending.tokens.total) == ("TokensExhausted", 2, 200)


async def test_seconds_spent_before_the_kill_count(tmp_path: Path) -> None:
    async with serving(call("say", text="x"), submit()) as served:
        await converse(served, tmp_path)
        cut_after(tmp_path, '"usage"')
        path = tmp_path / "run.jsonl"
        path.write_text(path.read_text().replace('"seconds":0.0', '"seconds":50.0'))
        ending = await converse(served, tmp_path, seconds=40, recorded=kept(tmp_path))

    assert (ending.outcome, ending.seconds) == ("LOOP-BUDGET-EXHAUSTED", 50.0)


async def test_a_full_disk_still_ends_in_an_envelope(tmp_path: Path) -> None:
    written = 0

    def redact(text: str) -> str:
        nonlocal written
        written += 1
        if written > 8:
            raise OSError(28, os.strerror(28))
        return text

    async with (
        serving(*[call("say", text="x")] * 5) as served,
        connect(served.server.base_url) as connection,
    ):
        path = tmp_path / "run.jsonl"
        with Transcript(path, redact=redact, now=lambda: NOW) as transcript:
            ending = await agent.run(
                OPENING,
                model=connection.model(Sampling(model="m")),
                tools=registry(),
                settings=settings(),
                transcript=transcript,
                clock=HeldClock().clock(),
            )

    assert (ending.verdict, ending.failure_reason) == ("INCOMPLETE", "InfrastructureError")
    assert "No space left" in str(ending.error)
    assert read_transcript(path).messages[:2] == OPENING
