"""A reply put together from the chunks of a streaming chat completion.

Pure: chunks come in as plain JSON objects, oddities of servers are met here. Seen in the wild:
deltas without an index, several calls that all claim index 0, arguments sent as an object, ids
that are empty or repeated, names repeated in each delta, `reasoning` instead of
`reasoning_content`, usage in the last content chunk instead of one of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from loop.arguments import read_arguments
from loop.encoding import clean, dump
from loop.model import Reply, ToolCall, Usage

_ODD = re.compile(r"[^A-Za-z0-9_-]")


@dataclass
class _Slot:
    id: str = ""
    name: str = ""
    arguments: list[str] = field(default_factory=list)


class Aggregate:
    """What has arrived of one reply."""

    def __init__(self) -> None:
        self.finish_reason = ""
        self.usage: Usage | None = None
        self.characters = 0
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._slots: list[_Slot] = []
        self._by_index: dict[int, _Slot] = {}

    def add(self, chunk: Any) -> None:
        """Take in one chunk; only the first choice counts."""
        if not isinstance(chunk, Mapping):
            return
        if isinstance(chunk.get("usage"), Mapping):
            self.usage = _usage(chunk["usage"])
        choices = chunk.get("choices")
        if not isinstance(choices, list) or not choices or not isinstance(choices[0], Mapping):
            return
        choice = choices[0]
        if choice.get("index"):
            return
        delta = choice.get("delta")
        if isinstance(delta, Mapping):
            self._delta(delta)
        self.finish_reason = _words(choice.get("finish_reason")) or self.finish_reason

    def _delta(self, delta: Mapping[str, Any]) -> None:
        text = _words(delta.get("content"))
        reasoning = _words(delta.get("reasoning_content")) or _words(delta.get("reasoning"))
        self._text.append(text)
        self._reasoning.append(reasoning)
        self.characters += len(text) + len(reasoning)
        calls = delta.get("tool_calls")
        for call in calls if isinstance(calls, list) else ():
            if isinstance(call, Mapping):
                self._call(call)

    def _call(self, delta: Mapping[str, Any]) -> None:
        function = delta.get("function")
        function = function if isinstance(function, Mapping) else {}
        name = _words(function.get("name"))
        slot = self._slot(delta.get("index"), _words(delta.get("id")), name)
        slot.name = slot.name or name
        arguments = function.get("arguments")
        text = dump(arguments).decode() if isinstance(arguments, Mapping) else _words(arguments)
        slot.arguments.append(text)
        self.characters += len(text)

    def _slot(self, index: Any, call_id: str, name: str) -> _Slot:
        """The call a delta belongs to: by index, unless it plainly opens another one."""
        known = self._by_index.get(index) if isinstance(index, int) else None
        if known is None and not isinstance(index, int) and self._slots:
            known = self._slots[-1]
        opens = bool(name and call_id) and known is not None and known.id not in ("", call_id)
        if known is None or opens:
            known = _Slot()
            self._slots.append(known)
            if isinstance(index, int):
                self._by_index[index] = known
        known.id = known.id or call_id
        return known

    def reply(self, *, turn: int, sent_bytes: int) -> Reply:
        """The finished reply. Where the server sent no usage it is estimated from the sizes."""
        text = clean("".join(self._text))
        reasoning = clean("".join(self._reasoning))
        calls = self._calls(turn)
        said = len(text) + len(reasoning) + sum(len(c.name) + len(c.arguments_text) for c in calls)
        return Reply(
            text=text,
            reasoning=reasoning,
            calls=calls,
            finish_reason=self.finish_reason,
            usage=self.usage or Usage(sent_bytes // 4, said // 4, estimated=True),
        )

    def _calls(self, turn: int) -> tuple[ToolCall, ...]:
        calls: list[ToolCall] = []
        taken: set[str] = set()
        for number, slot in enumerate(self._slots):
            call_id = clean(slot.id)
            if not call_id or call_id in taken:
                # nine letters and digits: the one form that Mistral's template takes too
                call_id = f"t{turn % 10_000:04d}{number % 10_000:04d}"
            taken.add(call_id)
            read = read_arguments(clean("".join(slot.arguments)))
            calls.append(
                ToolCall(
                    id=call_id,
                    name=_name(slot.name),
                    arguments_text=read.text,
                    arguments=read.value,
                    problem=read.problem,
                    cut=read.cut,
                )
            )
        return tuple(calls)


def _name(name: str) -> str:
    """*name* as servers take it back: they refuse a history that holds any other, for ever."""
    # https://platform.openai.com/docs/api-reference/chat/create: letters, digits, _ and -, up to 64
    return _ODD.sub("_", name.strip())[:64] or "unnamed"


def _words(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _usage(usage: Mapping[str, Any]) -> Usage:
    details = usage.get("prompt_tokens_details")
    cached = details.get("cached_tokens") if isinstance(details, Mapping) else 0
    return Usage(
        prompt=_count(usage.get("prompt_tokens")),
        completion=_count(usage.get("completion_tokens")),
        cached=_count(cached),
    )


def _count(value: Any) -> int:
    return value if isinstance(value, int) and value >= 0 else 0
