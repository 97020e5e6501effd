from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from loop.agent import Callbacks
from loop.nudges import INTERRUPTED
from loop.task import Progress
from tests.loop.loop_support import (
    HeldClock,
    Say,
    call,
    converse,
    kept,
    registry,
    serving,
    submit,
)
from tools.submit import Submission
from tools.tool import Shown


def contents(path: Path, role: str) -> list[str]:
    return [m.content for m in kept(path).messages if m.role == role]


async def test_a_submission_ends_the_run(tmp_path: Path) -> None:
    async with serving(call("say", text="hi"), submit("NO-GO")) as served:
        ending = await converse(served, tmp_path)

    assert (ending.verdict, ending.outcome, ending.failure_reason) == (
        "NO-GO",
        "MODEL-DECIDED",
        None,
    )
    assert ending.turns == 2
    assert ending.tokens.total > 0
    assert not ending.tokens.estimated
    assert ending.submission is not None
    assert served.server.problems == []


async def test_an_error_verdict_is_incomplete(tmp_path: Path) -> None:
    async with serving(submit("ERROR")) as served:
        ending = await converse(served, tmp_path)

    assert (ending.verdict, ending.failure_reason) == ("INCOMPLETE", "ModelReportedError")


@pytest.mark.parametrize(
    ("declared", "outcome"),
    [
        pytest.param("ALREADY-RESOLVED", "ALREADY-RESOLVED", id="declarable"),
        pytest.param("PUSH-FAILED", "MODEL-DECIDED", id="not the model's to say"),
    ],
)
async def test_a_model_may_declare_some_outcomes(
    tmp_path: Path, declared: str, outcome: str
) -> None:
    async with serving(submit("NO-GO", outcome=declared)) as served:
        ending = await converse(served, tmp_path)

    assert ending.outcome == outcome


async def test_each_call_gets_its_answer_in_order(tmp_path: Path) -> None:
    calls = [
        {"name": "say", "arguments": {"text": "one"}},
        {"name": "say", "arguments": {"text": "boom"}},
        {"name": "wirte", "arguments": {}},
        {"name": "write", "arguments_text": "{'text': no}"},
        {"name": "write", "arguments": {"text": "two"}},
        {"name": "say", "arguments": {"text": "three"}},
    ]
    async with serving({"calls": calls}, submit()) as served:
        ending = await converse(served, tmp_path)

    answers = contents(tmp_path, "tool")
    assert ending.verdict == "GO"
    assert json.loads(answers[0]) == {"said": {"text": "one"}}
    assert "say something else" in answers[1]
    assert "did you mean write" in answers[2]
    assert "not valid JSON" in answers[3]
    assert json.loads(answers[4]) == {"said": {"text": "two"}}
    assert served.server.problems == []  # which would tell of answers out of order


async def test_neighbouring_reads_run_side_by_side_and_writes_alone(tmp_path: Path) -> None:
    gate = asyncio.Barrier(2)
    running: list[str] = []

    class Meet(Say):
        async def call(self, arguments: dict[str, Any]) -> Any:
            running.append(arguments["text"])
            await gate.wait()
            return await super().call(arguments)

    reads = [{"name": "meet", "arguments": {"text": text}} for text in ("a", "b")]
    calls = [*reads, {"name": "write", "arguments": {"text": "w"}}]
    async with serving({"calls": calls}, submit()) as served:
        ending = await asyncio.wait_for(
            converse(served, tmp_path, tools=registry(Meet(name="meet"))), 10
        )

    assert running == ["a", "b"]
    assert [record.tool for record in ending.calls] == ["meet", "meet", "write", "submit_result"]


async def test_what_calls_showed_and_edited_is_recorded(tmp_path: Path) -> None:
    async with serving(call("say", text="x"), call("write", text="y"), submit()) as served:
        ending = await converse(served, tmp_path)

    assert [(c.turn, c.tool, c.shown, c.edited) for c in ending.calls] == [
        (1, "say", (Shown("a.py", 1, 3),), False),
        (2, "write", (), True),
        (3, "submit_result", (), False),
    ]
    assert ending.edited


async def test_an_edit_that_no_tool_reports_is_seen_in_the_tree(tmp_path: Path) -> None:
    trees = iter(["t0", "t0", "t1"])

    async def tree() -> str:
        return next(trees)

    shell = Say(name="shell", read_only=False)
    replies = (call("shell", text="ls"), call("shell", text="sed -i"), submit())
    async with serving(*replies) as served:
        ending = await converse(
            served, tmp_path, tools=registry(shell), callbacks=Callbacks(tree=only(tree, 3))
        )

    assert [c.edited for c in ending.calls] == [False, True, False]
    assert kept(tmp_path).tree == "t1"


def only(tree: Any, count: int) -> Any:
    """*tree* for the first *count* asks, then the same answer as last time."""
    seen: list[str] = []

    async def limited() -> str:
        if len(seen) < count:
            seen.append(await tree())
        return seen[-1]

    return limited


async def test_prose_is_nudged_twice_then_ends_the_run(tmp_path: Path) -> None:
    async with serving(*[{"text": "All done!"}] * 3) as served:
        ending = await converse(served, tmp_path)

    assert (ending.outcome, ending.reason, ending.failure_reason) == (
        "LOOP-INCOMPLETE",
        "AssistantHallucinatedFinish",
        "ModelMisunderstood",
    )
    assert ending.turns == 3
    nudges = contents(tmp_path, "user")[1:]
    assert len(nudges) == 2
    assert "submit_result (verdict GO, NO-GO, ERROR)" in nudges[0]


@pytest.mark.parametrize(
    ("reply", "forgiven", "reason"),
    [
        pytest.param({"reasoning": "hm"}, 4, "ReasoningOnly", id="reasoning only"),
        pytest.param(
            {"reasoning": "hm " * 50, "fault": "length"}, 3, "Truncated", id="cut reasoning"
        ),
        pytest.param(
            {**call("write", text="long " * 50), "fault": "length"}, 3, "Truncated", id="cut call"
        ),
        pytest.param({"fault": "empty"}, 2, "AssistantHallucinatedFinish", id="empty"),
    ],
)
async def test_a_stalling_model_is_forgiven_so_often(
    tmp_path: Path, reply: dict[str, Any], forgiven: int, reason: str
) -> None:
    async with serving(*[reply] * (forgiven + 1)) as served:
        ending = await converse(served, tmp_path)

    assert (ending.reason, ending.turns) == (reason, forgiven + 1)
    assert all(contents(tmp_path, "assistant"))  # placeholders: never empty
    assert served.server.problems == []


async def test_a_turn_with_calls_resets_the_counters(tmp_path: Path) -> None:
    stalls = [{"text": "hm"}, {"text": "hm"}, call("say", text="x")] * 3
    async with serving(*stalls, submit()) as served:
        ending = await converse(served, tmp_path)

    assert ending.verdict == "GO"


async def test_cut_reasoning_is_shown_in_one_request_only(tmp_path: Path) -> None:
    thought = "the cause is in parser.py " * 4
    replies = ({"reasoning": thought, "fault": "length"}, call("say", text="x"), submit())
    async with serving(*replies) as served:
        await converse(served, tmp_path)

    assert ["parser.py" in body.decode() for body in served.bodies] == [False, True, False]
    assert "parser.py" in kept(tmp_path).messages[2].reasoning


async def test_reasoning_stays_off_the_wire(tmp_path: Path) -> None:
    replies = ({"reasoning": "secret thoughts", **call("say", text="x")}, submit())
    async with serving(*replies) as served:
        await converse(served, tmp_path)

    assert all(b"secret thoughts" not in body for body in served.bodies)
    assert kept(tmp_path).messages[2].reasoning == "secret thoughts"


async def test_the_last_turns_accept_only_a_submission(tmp_path: Path) -> None:
    async with serving(*[call("write", text="x")] * 5) as served:
        ending = await converse(served, tmp_path, max_turns=5)

    assert (ending.outcome, ending.reason, ending.failure_reason) == (
        "LOOP-INCOMPLETE",
        "MaxTurnsExhausted",
        "MaxTurnsExhausted",
    )
    assert [c.succeeded for c in ending.calls] == [True, True, False, False, False]
    requests = [json.loads(body) for body in served.bodies]
    forced = {"type": "function", "function": {"name": "submit_result"}}
    assert [r.get("tool_choice") for r in requests] == [None, None, forced, forced, forced]
    assert all(r["tools"] == requests[0]["tools"] for r in requests)
    said = contents(tmp_path, "user")[1:]
    assert [text.partition(".")[0] for text in said] == [
        "3 turns are left",
        "2 turns are left",
        "This is the last turn",
    ]


async def test_a_submission_in_the_last_turn_counts(tmp_path: Path) -> None:
    async with serving(*[call("say", text="x")] * 4, submit()) as served:
        ending = await converse(served, tmp_path, max_turns=5)

    assert (ending.verdict, ending.turns) == ("GO", 5)


async def test_tokens_run_out_before_the_next_request(tmp_path: Path) -> None:
    spends = {**call("say", text="x"), "usage": {"prompt": 90, "completion": 10}}
    async with serving(*[spends] * 3) as served:
        ending = await converse(served, tmp_path, max_tokens=200)

    assert (ending.outcome, ending.reason) == ("LOOP-BUDGET-EXHAUSTED", "TokensExhausted")
    assert (ending.turns, ending.tokens.prompt, ending.tokens.completion) == (2, 180, 20)


async def test_the_whole_run_has_a_time_limit(tmp_path: Path) -> None:
    class Forever(Say):
        async def call(self, arguments: dict[str, Any]) -> Any:
            await asyncio.Event().wait()

    async with serving(call("stuck")) as served:
        ending = await converse(
            served, tmp_path, tools=registry(Forever(name="stuck")), seconds=0.3
        )

    assert (ending.outcome, ending.failure_reason) == ("LOOP-BUDGET-EXHAUSTED", "Timeout")
    assert INTERRUPTED in kept(tmp_path).messages[-1].content
    assert kept(tmp_path).missing == ()


async def test_a_defect_of_a_tool_ends_in_an_envelope(tmp_path: Path) -> None:
    async with serving({"calls": [*call("say", text="bug")["calls"] * 2]}) as served:
        ending = await converse(served, tmp_path)

    assert (ending.verdict, ending.failure_reason) == ("INCOMPLETE", "InfrastructureError")
    assert ending.error == "RuntimeError: a defect"
    assert kept(tmp_path).missing == ()


async def test_cancellation_leaves(tmp_path: Path) -> None:
    waits = asyncio.Event()

    class Forever(Say):
        async def call(self, arguments: dict[str, Any]) -> Any:
            waits.set()
            await asyncio.Event().wait()

    async with serving(call("stuck")) as served, asyncio.TaskGroup() as group:
        task = group.create_task(converse(served, tmp_path, tools=registry(Forever(name="stuck"))))
        await waits.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_the_gate_speaks_before_a_go_is_accepted(tmp_path: Path) -> None:
    verdicts = iter(["1 failed: test_sum", None])

    async def gate(submission: Submission) -> str | None:
        assert submission.verdict == "GO"
        return next(verdicts)

    fixed = {**submit(), "expect": ["1 failed: test_sum"]}
    async with serving(submit(), fixed) as served:
        ending = await converse(served, tmp_path, callbacks=Callbacks(verify_terminal=gate))

    assert (ending.verdict, ending.gate_attempts) == ("GO", 2)
    assert served.server.problems == []


async def test_three_refusals_are_fed_back_and_the_fourth_ends_the_run(tmp_path: Path) -> None:
    async def gate(submission: Submission) -> str | None:
        return "still red"

    async with serving(*[submit()] * 4) as served:
        ending = await converse(served, tmp_path, callbacks=Callbacks(verify_terminal=gate))

    assert (ending.verdict, ending.outcome) == ("INCOMPLETE", "CODER-GATE-FAILED")
    assert (ending.gate_attempts, ending.gate_output) == (4, "still red")
    assert ending.submission is not None
    assert "still red" in contents(tmp_path, "tool")[-1]


async def test_only_a_go_is_taken_to_the_gate(tmp_path: Path) -> None:
    async def gate(submission: Submission) -> str | None:
        raise AssertionError

    async with serving(submit("NO-GO")) as served:
        ending = await converse(served, tmp_path, callbacks=Callbacks(verify_terminal=gate))

    assert ending.verdict == "NO-GO"


async def test_the_first_submission_of_a_turn_wins(tmp_path: Path) -> None:
    both = [*submit("NO-GO")["calls"], *submit("GO")["calls"]]
    async with serving({"calls": both}) as served:
        ending = await converse(served, tmp_path)

    assert ending.verdict == "NO-GO"
    assert "an earlier call handed in a result" in contents(tmp_path, "tool")[1]


async def test_a_freeform_agent_ends_with_its_answer(tmp_path: Path) -> None:
    async with serving(call("say", text="x"), {"text": "Forty-two.\nSurely."}) as served:
        ending = await converse(served, tmp_path, tools=registry(submits=False))

    assert (ending.verdict, ending.output, ending.summary) == (
        "GO",
        "Forty-two.\nSurely.",
        "Forty-two.",
    )
    assert ending.result().extra.output == "Forty-two.\nSurely."


async def test_a_freeform_agent_is_asked_for_text_in_its_last_turns(tmp_path: Path) -> None:
    async with serving(call("say"), call("say"), {"text": "42"}) as served:
        ending = await converse(served, tmp_path, tools=registry(submits=False), max_turns=3)

    assert (ending.verdict, ending.output) == ("GO", "42")
    assert json.loads(served.bodies[-1])["tool_choice"] == "none"


async def test_progress_is_told_after_each_turn(tmp_path: Path) -> None:
    told: list[Progress] = []
    async with serving(call("say"), call("write"), submit()) as served:
        await converse(served, tmp_path, callbacks=Callbacks(on_progress=told.append))

    assert [(p.turn, p.max_turns, p.last_tool) for p in told] == [
        (1, 50, "say"),
        (2, 50, "write"),
        (3, 50, "submit_result"),
    ]
    assert told[0].tokens < told[2].tokens


async def test_an_error_of_the_server_is_an_ending_in_its_own_words(tmp_path: Path) -> None:
    error = {"status": 404, "message": "model llama not found"}
    async with serving({"error": error}) as served:
        ending = await converse(served, tmp_path)

    assert (ending.outcome, ending.reason, ending.failure_reason) == (
        "LOOP-INCOMPLETE",
        "ModelRefused",
        "InfrastructureError",
    )
    assert ending.error == "model llama not found"
    assert len(served.bodies) == 1


async def test_an_overflow_compacts_once_and_asks_again(tmp_path: Path) -> None:
    overflow = {"error": {"status": 400, "message": "x", "code": "context_length_exceeded"}}
    says = [call("say", text="w" * 400)] * 4
    async with serving(*says, {**submit(), "attempts": [overflow]}) as served:
        ending = await converse(served, tmp_path)

    assert ending.verdict == "GO"
    assert len(served.bodies[5]) < len(served.bodies[4])
    assert b"were dropped to fit the context" in served.bodies[5]
    assert served.server.problems == []


async def test_a_second_overflow_ends_the_run(tmp_path: Path) -> None:
    overflow = {"error": {"status": 400, "message": "prompt is too long"}}
    async with serving(call("say"), call("say"), overflow) as served:
        ending = await converse(served, tmp_path)

    assert ending.reason == "ContextOverflow"
    assert len(served.bodies) == 4


async def test_transient_faults_are_asked_again_with_back_off(tmp_path: Path) -> None:
    held = HeldClock()
    busy = {"error": {"status": 429, "message": "busy", "retryAfter": 7.0}}
    attempts = [{"fault": "500"}, busy, {**submit(), "fault": "cut"}]
    async with serving({**submit(), "attempts": attempts}) as served:
        ending = await converse(served, tmp_path, clock=held.clock())

    assert ending.verdict == "GO"
    assert held.slept == [0.25, 7.0, 4.0]
    assert [who.attempt for who in served.asked] == [1, 2, 3, 4]


async def test_retries_are_bounded(tmp_path: Path) -> None:
    async with serving({"fault": "500"}) as served:
        ending = await converse(served, tmp_path, max_retries=2)

    assert ending.reason == "ModelUnavailable"
    assert len(served.bodies) == 3


async def test_arguments_that_stay_cut_are_told_to_the_model(tmp_path: Path) -> None:
    cut = {**call("write", text="x" * 50), "fault": "truncated_json"}
    async with serving(cut, submit()) as served:
        ending = await converse(served, tmp_path, max_retries=1)

    assert ending.verdict == "GO"
    assert len(served.bodies) == 3
    assert "not valid JSON" in contents(tmp_path, "tool")[0]
