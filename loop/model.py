"""What the loop says to a model and what it hears back.

A message is encoded exactly once, by the model that will read it, and sent as those bytes in every
later request. So the prefix of a conversation stays byte-identical, and a turn costs the same
whether it is the fifth or the five hundredth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

MessageRole = Literal["system", "user", "assistant", "tool"]


@dataclass(frozen=True)
class Usage:
    """Tokens as the server counted them; *estimated* where it did not."""

    prompt: int = 0
    completion: int = 0
    cached: int = 0
    estimated: bool = False

    @property
    def total(self) -> int:
        return self.prompt + self.completion

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            prompt=self.prompt + other.prompt,
            completion=self.completion + other.completion,
            cached=self.cached + other.cached,
            estimated=self.estimated or other.estimated,
        )


@dataclass(frozen=True)
class ToolCall:
    """One call the model made.

    *arguments_text* is always valid JSON of an object: what the model wrote if that was, else the
    repaired form, else `{}`. *arguments* is None when nothing could be read; then, and after a
    repair, *problem* says what was wrong. *cut*: the text ended in the middle.
    """

    id: str
    name: str
    arguments_text: str
    arguments: dict[str, Any] | None
    problem: str = ""
    cut: bool = False


@dataclass(frozen=True)
class Reply:
    """One assistant turn. *finish_reason* is the server's word: stop, tool_calls, length."""

    text: str = ""
    reasoning: str = ""
    calls: tuple[ToolCall, ...] = ()
    finish_reason: str = "stop"
    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True)
class Message:
    """One entry of a conversation. *call_id* and *name* belong to the role `tool`.

    *reasoning* is kept in the transcript and never sent.
    """

    role: MessageRole
    content: str
    reasoning: str = ""
    calls: tuple[ToolCall, ...] = ()
    call_id: str = ""
    name: str = ""


@dataclass(frozen=True)
class Request:
    """What one turn sends. *tools* is the same JSON array in every turn of a run.

    *only* names the one tool the model may call in this turn; "" leaves it free, "none" asks for
    text.
    """

    messages: Sequence[bytes]
    tools: bytes
    turn: int
    only: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


class Model(Protocol):
    """Something that continues conversations."""

    def encode(self, message: Message) -> bytes:
        """*message* as it will stand in every request from now on."""
        ...

    async def complete(self, request: Request) -> Reply:
        """The next assistant turn. Raises a `ModelError`."""
        ...
