"""A scripted reply as the chunks of a streaming chat completion."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from k8s.scripted_scenario import ScriptedReply, ScriptedUsage

_PIECE = 64
DONE = b"data: [DONE]\n\n"


def chunks(
    reply: ScriptedReply, *, model: str, turn: int, sent_bytes: int, usage: bool
) -> list[bytes]:
    """Server-sent events, one per chunk, without `[DONE]`."""
    text, reasoning, calls, finish = _content(reply)
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    deltas += [{"reasoning_content": piece} for piece in _pieces(reasoning)]
    deltas += [{"content": piece} for piece in _pieces(text)]
    for index, (name, call_id, arguments) in enumerate(calls):
        known = call_id or f"call_{turn}_{index}"
        head = {"index": index, "id": known, "type": "function"}
        deltas.append({"tool_calls": [{**head, "function": {"name": name, "arguments": ""}}]})
        deltas += [
            {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}
            for piece in _pieces(arguments)
        ]
    events = [_event(model, delta=delta) for delta in deltas]
    events.append(_event(model, delta={}, finish=finish))
    if usage and reply.usage is not False:
        said = len(text) + len(reasoning) + sum(len(arguments) for *_, arguments in calls)
        counted = reply.usage or ScriptedUsage(prompt=sent_bytes // 4, completion=said // 4)
        events.append(_usage_event(model, counted))
    return events


Calls = list[tuple[str, str | None, str]]


def _content(reply: ScriptedReply) -> tuple[str, str, Calls, str]:
    """Text, reasoning, calls and finish reason, with the reply's own fault in them."""
    calls: Calls = [(call.name, call.id, call.text) for call in reply.calls]
    text, reasoning, finish = reply.text, reply.reasoning, "tool_calls" if calls else "stop"
    if reply.fault == "empty":
        return "", "", [], "stop"
    if reply.fault in ("truncated_json", "length") and calls:
        name, call_id, arguments = calls[-1]
        calls[-1] = (name, call_id, arguments[: max(1, len(arguments) // 2)])
    if reply.fault == "length":
        finish = "length"
        if not calls:
            text, reasoning = _half(text), reasoning if text else _half(reasoning)
    return text, reasoning, calls, finish


def _half(text: str) -> str:
    return text[: (len(text) + 1) // 2]


def _pieces(text: str) -> Iterator[str]:
    for at in range(0, len(text), _PIECE):
        yield text[at : at + _PIECE]


def _event(model: str, *, delta: dict[str, Any], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return _sse({**_head(model), "choices": [choice]})


def _usage_event(model: str, usage: ScriptedUsage) -> bytes:
    counted = {
        "prompt_tokens": usage.prompt,
        "completion_tokens": usage.completion,
        "total_tokens": usage.prompt + usage.completion,
        "prompt_tokens_details": {"cached_tokens": usage.cached},
    }
    return _sse({**_head(model), "choices": [], "usage": counted})


def _head(model: str) -> dict[str, Any]:
    return {"id": "scripted", "object": "chat.completion.chunk", "created": 0, "model": model}


def _sse(value: dict[str, Any]) -> bytes:
    return b"data: " + orjson.dumps(value) + b"\n\n"
