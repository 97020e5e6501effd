from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from loop.errors import ContextOverflow, ModelError, Permanent, Transient
from loop.model import Message, Reply, Request, ToolCall
from loop.openai_model import OpenAIModel, Patience, Sampling, connect, is_local, retry_after
from tests.loop.loop_support import Served, call, serving

BRIEF = Patience(first_byte_seconds=0.3, silence_seconds=0.3)
USER = Message(role="user", content="hi")


async def complete(
    served: Served,
    *,
    sampling: Sampling | None = None,
    patience: Patience = BRIEF,
    only: str = "",
    api_key: str = "",
) -> Reply:
    async with connect(served.server.base_url, api_key=api_key) as connection:
        model = connection.model(sampling or Sampling(model="m"), patience)
        return await model.complete(request(model, only=only))


def request(model: OpenAIModel, *, only: str = "") -> Request:
    tools = b'[{"type":"function","function":{"name":"say","parameters":{}}}]'
    headers = {"X-Foreman-Turn": "1", "X-Foreman-Task": "t"}
    return Request([model.encode(USER)], tools, turn=1, only=only, headers=headers)


async def test_a_streamed_reply_is_put_together() -> None:
    said = {
        "text": "Zwölf Boxkämpfer jagen Viktor 🥊 " * 5,
        "reasoning": "hm " * 50,
        "calls": [
            {"name": "say", "arguments": {"text": 'quoted "x"\nline'}},
            {"name": "say", "arguments": {}},
        ],
        "usage": {"prompt": 100, "completion": 20, "cached": 90},
    }
    async with serving(said) as served:
        reply = await complete(served)

    assert (reply.text, reply.reasoning) == (said["text"], said["reasoning"])
    assert [c.arguments for c in reply.calls] == [{"text": 'quoted "x"\nline'}, {}]
    assert reply.finish_reason == "tool_calls"
    assert (reply.usage.prompt, reply.usage.completion, reply.usage.cached) == (100, 20, 90)


async def test_the_body_is_what_was_asked_for() -> None:
    sampling = Sampling(
        model="m",
        temperature=0.0,
        max_output_tokens=7,
        chat_template_kwargs={"enable_thinking": False},
    )
    async with serving({"text": "x"}) as served:
        await complete(served, sampling=sampling, only="say")

    assert json.loads(served.bodies[0]) == {
        "model": "m",
        "stream": True,
        "tools": [{"type": "function", "function": {"name": "say", "parameters": {}}}],
        "messages": [{"role": "user", "content": "hi"}],
        "max_tokens": 7,
        "stream_options": {"include_usage": True},
        "temperature": 0.0,
        "chat_template_kwargs": {"enable_thinking": False},
        "tool_choice": {"type": "function", "function": {"name": "say"}},
    }


async def test_missing_usage_is_estimated_and_marked() -> None:
    async with serving({"text": "four tokens here", "usage": False}) as served:
        reply = await complete(served)

    assert reply.usage.estimated
    assert reply.usage.completion == 4
    assert reply.usage.prompt == len(served.bodies[0]) // 4


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param({"fault": "hang"}, id="before headers"),
        pytest.param({"text": "x", "fault": "silence", "afterChunks": 0}, id="after headers"),
        pytest.param({"text": "x", "fault": "silence", "afterChunks": 2}, id="mid-stream"),
    ],
)
async def test_silence_is_left_even_where_comments_keep_coming(reply: dict[str, Any]) -> None:
    async with serving(reply) as served:
        with pytest.raises(Transient) as caught:
            await complete(served)

    assert caught.value.timed_out
    assert "silent" in caught.value.message


async def test_a_slow_but_steady_stream_is_heard_out() -> None:
    patient = Patience(first_byte_seconds=1.5, silence_seconds=1.5)
    async with serving({"text": "x" * 640, "chunkDelaySeconds": 0.05}) as served:
        reply = await complete(served, patience=patient)

    assert len(reply.text) == 640


async def test_a_finished_reply_needs_no_usage() -> None:
    """The server hangs after the last word: the reply counts."""
    said = {"text": "x", "fault": "silence", "afterChunks": 3}
    async with serving(said) as served:
        reply = await complete(served)

    assert (reply.text, reply.finish_reason, reply.usage.estimated) == ("x", "stop", True)


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        pytest.param({"text": "x", "fault": "cut"}, Transient, "connection failed", id="cut"),
        pytest.param({"fault": "500"}, Transient, "internal error", id="500"),
        pytest.param({"fault": 429}, Transient, "too many requests", id="429"),
        pytest.param({"error": {"status": 408, "message": "m"}}, Transient, "m", id="408"),
        pytest.param({"error": {"status": 409, "message": "m"}}, Transient, "m", id="409"),
        pytest.param(
            {"error": {"status": 401, "message": "no key"}}, Permanent, "no key", id="401"
        ),
        pytest.param({"error": {"status": 404, "message": "m"}}, Permanent, "m", id="404"),
        pytest.param(
            {"error": {"status": 400, "message": "m", "code": "context_length_exceeded"}},
            ContextOverflow,
            "m",
            id="overflow by code",
        ),
        pytest.param(
            {"error": {"status": 400, "message": "exceeds the available context size (4096)"}},
            ContextOverflow,
            "4096",
            id="overflow by words",
        ),
        pytest.param(
            {"error": {"status": 400, "message": "temperature unsupported"}},
            Permanent,
            "temperature",
            id="still unsupported when dropped",
        ),
    ],
)
async def test_errors_are_named_by_who_must_act(
    reply: dict[str, Any], kind: type[ModelError], words: str
) -> None:
    async with serving(reply) as served:
        with pytest.raises(kind) as caught:
            await complete(served)

    assert type(caught.value) is kind
    assert words in caught.value.message


async def test_a_refused_connection_is_transient() -> None:
    async with serving({"text": "x"}) as served:
        pass

    with pytest.raises(Transient, match="connection failed"):
        await complete(served)


@pytest.mark.parametrize("param", ["temperature", "stream_options", "tool_choice", "max_tokens"])
async def test_a_parameter_that_the_server_does_not_know_is_dropped(param: str) -> None:
    error = {"status": 400, "message": f"Unsupported parameter: {param}", "param": param}
    async with serving({"text": "x", "error": error}) as served:
        reply = await complete(served, sampling=Sampling(model="m", temperature=1.0), only="say")

    first, second = (json.loads(body) for body in served.bodies)
    assert reply.text == "x"
    assert set(first) - set(second) == {param}


async def test_the_api_key_is_sent() -> None:
    async with serving({"text": "x"}, api_key="k-1") as served:
        assert (await complete(served, api_key="k-1")).text == "x"
        with pytest.raises(Permanent) as caught:
            await complete(served, api_key="k-2")

    assert caught.value.status == 401


async def test_a_reply_cut_by_the_output_limit_says_so() -> None:
    async with serving({**call("say", text="x" * 50), "fault": "length"}) as served:
        reply = await complete(served)

    assert reply.finish_reason == "length"
    assert reply.calls[0].cut


async def test_messages_are_encoded_as_servers_want_them() -> None:
    async with connect("http://127.0.0.1:1/v1") as connection:
        model = connection.model(Sampling(model="m"))
        calls = (ToolCall(id="c1", name="say", arguments_text='{"a": 1}', arguments={"a": 1}),)
        assistant = Message(role="assistant", content="", reasoning="hm", calls=calls)
        tool = Message(role="tool", content="", call_id="c1", name="say")

        assert json.loads(model.encode(assistant)) == {
            "role": "assistant",
            "content": "",
            "tool_calls": [
                {
                    "id": "c1",
                    "type": "function",
                    "function": {"name": "say", "arguments": '{"a": 1}'},
                }
            ],
        }
        assert json.loads(model.encode(tool)) == {
            "role": "tool",
            "content": "",
            "tool_call_id": "c1",
        }


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://127.0.0.1:8080/v1", True),
        ("http://localhost/v1", True),
        ("http://[::1]:1/v1", True),
        ("http://10.10.10.1:8081", True),
        ("http://qwen.models.svc.cluster.local/v1", True),
        ("http://llama:8000/v1", True),
        ("https://api.openai.com/v1", False),
        ("https://1.1.1.1/v1", False),
    ],
)
def test_proxies_lead_only_to_the_outside(url: str, *, local: bool) -> None:
    assert is_local(url) is local


@pytest.mark.parametrize(
    ("wish", "seconds"),
    [("3", 3.0), ("0.5", 0.5), ("Tue, 01 Jan 2030 00:00:09 GMT", 9.0), ("soon", None), ("", None)],
)
def test_retry_after_is_read(wish: str, seconds: float | None) -> None:
    now = datetime(2030, 1, 1, tzinfo=UTC)

    assert retry_after({"retry-after": wish}, now=now) == seconds


@asynccontextmanager
async def canned(answer: bytes) -> AsyncIterator[str]:
    """A server that answers every connection with the same bytes."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n" + answer)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        yield f"http://{host}:{port}/v1"


STREAM = b"Content-Type: text/event-stream\r\n\r\n"


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        pytest.param(
            b'Content-Type: application/json\r\n\r\n{"choices": []}',
            Transient,
            "ended before the reply",
            id="no stream",
        ),
        pytest.param(STREAM + b'data: {"cho\n\n', Transient, "no JSON", id="garbage"),
        pytest.param(STREAM + b"data: \xff\xfe\n\n", Transient, "no JSON", id="no UTF-8"),
        pytest.param(STREAM + b"data: [DONE]\n\n", Transient, "ended before", id="nothing at all"),
        pytest.param(
            STREAM + b'data: {"error": {"message": "slot lost", "code": 500}}\n\n',
            Transient,
            "slot lost",
            id="an error in the stream",
        ),
        pytest.param(
            STREAM + b'data: {"error": {"message": "bad grammar", "code": 400}}\n\n',
            Permanent,
            "bad grammar",
            id="a refusal in the stream",
        ),
        pytest.param(
            STREAM
            + b'data: {"choices": [{"delta": {"content": "x"}}]}\n\n'
            + b'data: {"error": {"message": "the request exceeds the context size"}}\n\n',
            ContextOverflow,
            "context size",
            id="an overflow in the stream",
        ),
    ],
)
async def test_odd_answers_are_errors_with_a_name(
    answer: bytes, kind: type[ModelError], words: str
) -> None:
    async with canned(answer) as base_url, connect(base_url) as connection:
        model = connection.model(Sampling(model="m"), BRIEF)
        with pytest.raises(kind) as caught:
            await model.complete(request(model))

    assert type(caught.value) is kind
    assert words in caught.value.message


async def test_a_reply_without_end_is_left() -> None:
    chunk = b'data: {"choices": [{"delta": {"content": "%s"}}]}\n\n' % (b"x" * 2**20)
    async with canned(STREAM + chunk * 10) as base_url, connect(base_url) as connection:
        model = connection.model(Sampling(model="m"), BRIEF)
        with pytest.raises(Transient, match="longer than"):
            await model.complete(request(model))
