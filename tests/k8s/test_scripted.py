from __future__ import annotations

import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from k8s.resources.endpoint import ScriptedRun
from k8s.scripted import scripted_model
from k8s.scripted_scenario import (
    Asked,
    ScenarioError,
    ScriptedReply,
    load_scenario,
    next_reply,
    protocol_fault,
    read_scripts,
    unmet,
)

USER = {"role": "user", "content": "hi"}
CALL = {"id": "c1", "function": {"name": "say", "arguments": "{}"}}
CALLING = {"role": "assistant", "content": "", "tool_calls": [CALL]}
ANSWER = {"role": "tool", "tool_call_id": "c1", "content": "ok"}


def body(*messages: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"model": "m", "stream": True, "messages": list(messages), **more}


def calling(name: str, arguments: str) -> dict[str, Any]:
    call = {"id": "c1", "function": {"name": name, "arguments": arguments}}
    return {**CALLING, "tool_calls": [call]}


def runs(*runs: dict[str, Any]) -> list[ScriptedRun]:
    return [ScriptedRun.model_validate(run) for run in runs]


async def post(
    base_url: str, request: Any, *, headers: dict[str, str] | None = None
) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{base_url}/chat/completions", json=request, headers=headers) as answer,
    ):
        return answer.status, await answer.text()


def events(text: str) -> list[Any]:
    lines = [line.removeprefix("data: ") for line in text.split("\n\n") if line]
    assert lines[-1] == "[DONE]"
    return [json.loads(line) for line in lines[:-1]]


async def test_a_reply_is_streamed_as_openai_does() -> None:
    reply = {
        "text": "hello",
        "calls": [{"name": "say", "arguments": {"x": 1}}],
        "usage": {"prompt": 7, "completion": 3},
    }
    async with scripted_model(runs({"replies": [reply]})) as server:
        status, text = await post(
            server.base_url, body(USER, stream_options={"include_usage": True})
        )

    *chunks, usage = events(text)
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks]
    assert status == 200
    assert deltas[:2] == [{"role": "assistant", "content": ""}, {"content": "hello"}]
    assert deltas[2]["tool_calls"][0]["function"]["name"] == "say"
    assert deltas[3] == {"tool_calls": [{"index": 0, "function": {"arguments": '{"x":1}'}}]}
    assert chunks[-1]["choices"][0]["finish_reason"] == "tool_calls"
    assert (usage["choices"], usage["usage"]["prompt_tokens"]) == ([], 7)


async def test_usage_is_sent_only_where_asked_for() -> None:
    async with scripted_model(runs({"replies": [{"text": "x"}]})) as server:
        _, text = await post(server.base_url, body(USER))

    assert all("usage" not in event for event in events(text))


async def test_the_turn_decides_which_reply_is_next_and_asking_again_changes_nothing() -> None:
    script = {"replies": [{"text": "first"}, {"text": "second"}]}
    async with scripted_model(runs(script)) as server:
        said = [
            await post(server.base_url, body(USER), headers={"X-Foreman-Turn": turn})
            for turn in ("2", "1", "2", "2")
        ]

    assert ["second" in text for _, text in said] == [True, False, True, True]


async def test_without_our_headers_the_turn_is_counted_from_the_messages() -> None:
    script = {"replies": [{"text": "first"}, {"text": "second"}]}
    async with scripted_model(runs(script)) as server:
        _, text = await post(server.base_url, body(USER, CALLING, ANSWER))

    assert "second" in text


@pytest.mark.parametrize(
    ("who", "text"),
    [
        pytest.param(Asked(agent="coder", issue=12, turn=1), "twelve", id="agent and issue"),
        pytest.param(Asked(agent="coder", issue=13, turn=1), "coder", id="agent"),
        pytest.param(Asked(agent="coder", issue=13, round=1, turn=1), "coder", id="any round"),
        pytest.param(Asked(agent="x", kind="review", round=1, turn=1), "round one", id="round"),
        pytest.param(Asked(agent="x", kind="review", turn=1), "review", id="kind"),
    ],
)
def test_the_first_run_that_matches_serves(who: Asked, text: str) -> None:
    scripts = read_scripts(
        runs(
            {"match": {"agent": "coder", "issue": 12}, "replies": [{"text": "twelve"}]},
            {"match": {"agent": "coder"}, "replies": [{"text": "coder"}]},
            {"match": {"kind": "review", "round": 1}, "replies": [{"text": "round one"}]},
            {"match": {"kind": "review"}, "replies": [{"text": "review"}]},
        )
    )

    reply = next_reply(scripts, who)

    assert isinstance(reply, ScriptedReply)
    assert reply.text == text


async def test_attempts_are_told_apart_by_their_header() -> None:
    reply = {
        "text": "x",
        "attempts": [{"fault": 429}, None, {"error": {"status": 503, "message": "m"}}],
    }
    async with scripted_model(runs({"replies": [reply]})) as server:
        statuses = [
            (await post(server.base_url, body(USER), headers={"X-Foreman-Attempt": n}))[0]
            for n in ("1", "2", "3", "4", "1")
        ]

    assert statuses == [429, 200, 503, 200, 429]


@pytest.mark.parametrize(
    ("request_body", "headers", "status", "problem"),
    [
        pytest.param(body(USER), {"X-Foreman-Turn": "2"}, 422, "exhausted", id="exhausted"),
        pytest.param(body(USER), {"X-Foreman-Agent": "x"}, 422, "no script serves", id="nobody's"),
        pytest.param(body(USER), {"X-Foreman-Turn": "x"}, 400, "is no number", id="bad header"),
        pytest.param(body(CALLING), {}, 400, "have no answer", id="refused as by a real server"),
        pytest.param(body({"role": "user", "content": "bye"}), {}, 422, "should hold", id="unmet"),
    ],
)
async def test_what_is_not_in_the_script_is_an_error_and_a_problem(
    request_body: dict[str, Any], headers: dict[str, str], status: int, problem: str
) -> None:
    script = {"match": {"agent": ""}, "replies": [{"text": "x", "expect": ["hi"]}]}
    async with scripted_model(runs(script)) as server:
        answered, text = await post(server.base_url, request_body, headers=headers)

        assert answered == status
        assert problem in server.problems[0]
        assert "they end with" not in text


async def test_an_unknown_path_is_a_problem() -> None:
    async with scripted_model([]) as server, aiohttp.ClientSession() as session:
        async with session.get(f"{server.base_url}/embeddings") as answer:
            assert answer.status == 404
        assert server.problems == ["unexpected request GET /v1/embeddings"]
        root = server.base_url.removesuffix("/v1")
        async with session.get(f"{root}/problems") as answer:
            assert await answer.json() == server.problems


async def test_it_answers_what_probes_ask() -> None:
    async with scripted_model([], api_key="k") as server, aiohttp.ClientSession() as session:
        root = server.base_url.removesuffix("/v1")
        async with session.get(f"{root}/health") as answer:
            assert answer.status == 200
        async with session.get(f"{server.base_url}/models") as answer:
            assert answer.status == 401
        known = {"Authorization": "Bearer k"}
        async with session.get(f"{server.base_url}/models", headers=known) as answer:
            assert (await answer.json())["data"][0]["id"] == "scripted"


@pytest.mark.parametrize(
    ("messages", "fault"),
    [
        pytest.param([USER], "", id="a question"),
        pytest.param([USER, CALLING, ANSWER], "", id="an answered call"),
        pytest.param([USER, CALLING], "1 tool calls at the end", id="an open call at the end"),
        pytest.param([USER, CALLING, USER], "1 tool calls before it", id="an open call"),
        pytest.param([USER, ANSWER], "answers no open tool call", id="an answer to nothing"),
        pytest.param(
            [USER, CALLING, {**ANSWER, "tool_call_id": "x"}], "answers no open", id="a wrong id"
        ),
        pytest.param([{"role": "user"}], "content is missing", id="no content"),
        pytest.param([{"role": "robot", "content": ""}], "unknown role", id="a strange role"),
        pytest.param(
            [USER, {"role": "assistant", "content": ""}, USER], "neither content", id="empty"
        ),
        pytest.param(
            [USER, calling("say", "{")],
            "no JSON object",
            id="malformed arguments",
        ),
        pytest.param([USER, calling("", "{}")], "no proper name", id="a call without a name"),
        pytest.param([USER, {"role": "assistant", "content": "x"}], "last message", id="prefill"),
        pytest.param([], "last message", id="nothing"),
        pytest.param(["x"], "no object", id="no object"),
    ],
)
def test_it_refuses_what_strict_servers_refuse(messages: list[Any], fault: str) -> None:
    found = protocol_fault(body(*messages))

    assert fault in found
    assert bool(found) == bool(fault)


@pytest.mark.parametrize(
    ("request_body", "fault"),
    [
        ([], "no chat completion"),
        ({"messages": []}, "only streaming"),
        ({"messages": [], "stream": True}, "model is missing"),
    ],
)
def test_it_refuses_what_is_no_request(request_body: Any, fault: str) -> None:
    assert fault in protocol_fault(request_body)


@pytest.mark.parametrize(
    ("reply", "met"),
    [
        pytest.param({"expect": ["1 failed (x)"]}, True, id="plain words"),
        pytest.param({"expect": [r"\d failed"]}, True, id="a pattern"),
        pytest.param({"expect": ["1 failed", "2 failed"]}, False, id="all must be there"),
        pytest.param({"expect": ["hi"]}, False, id="only what is new counts"),
        pytest.param({"expectRequest": ["hi"]}, True, id="anywhere"),
        pytest.param({"expect": ["(unclosed"]}, False, id="no pattern"),
    ],
)
def test_a_reply_may_expect_words(reply: dict[str, Any], *, met: bool) -> None:
    failure = {**ANSWER, "content": "1 failed (x)"}
    scripted = ScriptedReply.model_validate({"text": "x", **reply})

    assert (unmet(scripted, body(USER, CALLING, failure)) == "") is met


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("[{replies: [{txt: x}]}]", "txt", id="unknown key"),
        pytest.param("[{replies: [{}]}]", "needs text", id="says nothing"),
        pytest.param("[{replies: [{fault: sulk}]}]", "fault", id="unknown fault"),
        pytest.param("{run: []}", "scriptedReplies", id="no runs"),
        pytest.param("[", "not a scenario", id="no YAML"),
    ],
)
def test_a_wrong_scenario_is_refused(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "scenario.yaml"
    path.write_text(text)

    with pytest.raises(ScenarioError, match=words):
        read_scripts(load_scenario(path))


@pytest.mark.parametrize("text", ["[{}]", "scriptedReplies: [{}]", "{people: [], runs: [{}]}"])
def test_a_scenario_is_a_list_or_holds_one(tmp_path: Path, text: str) -> None:
    path = tmp_path / "scenario.yaml"
    path.write_text(text)

    assert load_scenario(path) == [ScriptedRun()]


async def test_it_runs_as_a_process_of_its_own(tmp_path: Path) -> None:
    scenario = tmp_path / "scenario.yaml"
    scenario.write_text("scriptedReplies:\n- match: {}\n  replies:\n  - text: from afar\n")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "k8s.scripted",
        "--scenario",
        str(scenario),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    base_url = (await process.stdout.readline()).decode().strip()

    status, text = await post(base_url, body(USER))
    process.send_signal(signal.SIGTERM)

    assert await process.wait() == 0
    assert (status, "from afar" in text) == (200, True)


async def test_a_hanging_reply_does_not_hold_up_the_end() -> None:
    asked = asyncio.Event()

    async def ask(base_url: str) -> None:
        with pytest.raises(aiohttp.ClientError):
            await post(base_url, body(USER))

    script = runs({"replies": [{"fault": "hang"}]})
    async with (
        asyncio.timeout(10),
        asyncio.TaskGroup() as group,
        scripted_model(script, on_request=lambda who, sent: asked.set()) as server,
    ):
        group.create_task(ask(server.base_url))
        await asked.wait()
