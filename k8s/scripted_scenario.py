"""What a scripted model says, as a function of what it is asked: no memory, no I/O.

A scenario is a list of runs. A run names whom it serves (`match`: agent, kind, issue, round; what
is absent matches any; the first match wins) and its replies, one a turn. The turn comes from a
header that our client sends, so a killed run that asks again hears the same again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import orjson
import yaml
from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError, model_validator

from k8s.resources.endpoint import ScriptedRun
from tools.wire import Wire

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
Fault = Literal[
    "hang",  # never answers
    "silence",  # sends *after_chunks* chunks, then comments for ever
    "cut",  # sends *after_chunks* chunks, then drops the connection
    "429",
    "500",
    "truncated_json",  # the arguments of the last call end in the middle
    "length",  # the reply is cut by the output limit
    "empty",  # neither text nor calls
]


def _word(value: Any) -> Any:
    return str(value) if isinstance(value, int) else value  # YAML reads 429 as a number


class ScenarioError(Exception):
    """The author of the scenario has to mend it."""


class ScriptedCall(Wire):
    """One tool call; *arguments_text* is sent as it is, for arguments that are no JSON."""

    name: str
    arguments: dict[str, Any] = Field(default_factory=dict)
    arguments_text: str | None = None
    id: str | None = None

    @property
    def text(self) -> str:
        if self.arguments_text is not None:
            return self.arguments_text
        return orjson.dumps(self.arguments).decode()


class ScriptedUsage(Wire):
    prompt: int
    completion: int
    cached: int = 0


class ScriptedError(Wire):
    """An error in the place of a reply; with *param* only while the request has that key."""

    status: Annotated[int, Field(ge=400, le=599)]
    message: str
    code: str | None = None
    param: str | None = None
    retry_after: float | None = None


class ScriptedReply(Wire):
    """One turn. *usage* None: counted from the sizes; False: the server sends none.

    *expect*: each must occur, as plain text or as a regular expression, in what came after the
    last assistant message; *expect_request* in any message. *attempts*: what the first attempts
    of the turn get instead (null: this reply).
    """

    text: str = ""
    reasoning: str = ""
    calls: list[ScriptedCall] = Field(default_factory=list)
    usage: ScriptedUsage | Literal[False] | None = None
    delay_seconds: float = 0.0
    chunk_delay_seconds: float = 0.0
    fault: Annotated[Fault | None, BeforeValidator(_word)] = None
    after_chunks: int = 1
    error: ScriptedError | None = None
    expect: list[str] = Field(default_factory=list)
    expect_request: list[str] = Field(default_factory=list)
    attempts: list[ScriptedReply | None] = Field(default_factory=list)

    @model_validator(mode="after")
    def _says_something(self) -> ScriptedReply:
        if not (self.text or self.reasoning or self.calls or self.fault or self.error):
            raise ValueError("a reply needs text, reasoning, calls, a fault or an error")
        return self


@dataclass(frozen=True)
class Script:
    """A run with its replies read."""

    run: ScriptedRun
    replies: tuple[ScriptedReply, ...]

    def serves(self, asked: Asked) -> bool:
        match = self.run.match
        return (
            match.agent in (None, asked.agent)
            and match.kind in (None, asked.kind)
            and match.issue in (None, asked.issue)
            and match.round in (None, asked.round)
        )


@dataclass(frozen=True)
class Asked:
    """Who asks, from the headers. *turn* 0: the client sent none of ours."""

    task: str = ""
    agent: str = ""
    kind: str = ""
    issue: int | None = None  # None: about no issue
    round: int = 0
    turn: int = 0
    attempt: int = 1

    def __str__(self) -> str:
        issue = "" if self.issue is None else f" issue {self.issue}"
        who = self.task or "a client without X-Foreman headers"
        return f"{who} ({self.agent} {self.kind}{issue} round {self.round}) turn {self.turn}"


def asked(headers: Mapping[str, str]) -> Asked:
    """Raises ValueError for a header that should be a number and is not."""

    def number(name: str, default: int) -> int:
        return int(headers.get(f"X-Foreman-{name}") or default)

    return Asked(
        task=headers.get("X-Foreman-Task", ""),
        agent=headers.get("X-Foreman-Agent", ""),
        kind=headers.get("X-Foreman-Kind", ""),
        issue=number("Issue", 0) or None,
        round=number("Round", 0),
        turn=number("Turn", 0),
        attempt=number("Attempt", 1),
    )


def read_scripts(runs: Sequence[ScriptedRun]) -> tuple[Script, ...]:
    """Raises ScenarioError naming the run and the reply that is wrong."""
    scripts: list[Script] = []
    for number, run in enumerate(runs):
        replies: list[ScriptedReply] = []
        for turn, reply in enumerate(run.replies, start=1):
            try:
                replies.append(ScriptedReply.model_validate(reply))
            except ValidationError as exc:
                raise ScenarioError(f"scripted run {number}, reply {turn}: {exc}") from exc
        scripts.append(Script(run=run, replies=tuple(replies)))
    return tuple(scripts)


def load_scenario(path: Path) -> list[ScriptedRun]:
    """The runs of a YAML file: a list, or a mapping with `scriptedReplies` or a demo's `runs`."""
    try:
        document = yaml.safe_load(path.read_text())
        if isinstance(document, dict):
            runs = document["runs"] if "runs" in document else document["scriptedReplies"]
        else:
            runs = document
        return TypeAdapter(list[ScriptedRun]).validate_python(runs)
    except (OSError, yaml.YAMLError, KeyError, ValidationError) as exc:
        raise ScenarioError(f"{path}: not a scenario ({exc}); docs/scripted.md shows one") from exc


def next_reply(scripts: Sequence[Script], who: Asked) -> ScriptedReply | str:
    """The reply *who* gets, or why there is none."""
    script = next((s for s in scripts if s.serves(who)), None)
    if script is None:
        return f"no script serves {who}"
    if not 1 <= who.turn <= len(script.replies):
        return f"the script for {who} is exhausted: it has {len(script.replies)} replies"
    reply = script.replies[who.turn - 1]
    if who.attempt <= len(reply.attempts):
        return reply.attempts[who.attempt - 1] or reply
    return reply


def protocol_fault(body: Any) -> str:
    """What a strict server would refuse in a request, "" if nothing."""
    if not isinstance(body, dict) or not isinstance(body.get("messages"), list):
        return "the body is no chat completion request"
    if body.get("stream") is not True:
        return "only streaming is scripted"
    if not body.get("model"):
        return "model is missing"
    return _messages_fault(body["messages"])


def _messages_fault(messages: list[Any]) -> str:
    awaited: list[str] = []
    for number, message in enumerate(messages):
        where = f"message {number}"
        if not isinstance(message, dict):
            return f"{where}: no object"
        role, content, calls = (
            message.get("role"),
            message.get("content"),
            message.get("tool_calls"),
        )
        if role == "tool":
            if not awaited or message.get("tool_call_id") != awaited.pop(0):
                return f"{where}: answers no open tool call in order"
        elif awaited:
            return f"{where}: {len(awaited)} tool calls before it have no answer"
        if role not in ("system", "user", "assistant", "tool"):
            return f"{where}: unknown role {role}"
        if role != "assistant" and not isinstance(content, str | list):
            return f"{where}: content is missing"
        if role == "assistant" and not content and not calls:
            return f"{where}: an assistant message with neither content nor calls"
        for call in calls or ():
            awaited.append(call.get("id"))
            if not _NAME.fullmatch(str(call.get("function", {}).get("name"))):
                return f"{where}: a tool call has no proper name"
            if not _is_object(call.get("function", {}).get("arguments")):
                return f"{where}: the arguments of a tool call are no JSON object"
    if awaited:
        return f"{len(awaited)} tool calls at the end have no answer"
    if not messages or messages[-1].get("role") in ("assistant", "system"):
        return "the last message is not the user's or a tool's"
    return ""


def _is_object(text: Any) -> bool:
    try:
        return isinstance(orjson.loads(text), dict)
    except (orjson.JSONDecodeError, TypeError):
        return False


def turn_of(body: Mapping[str, Any]) -> int:
    """The turn a request without our headers asks for."""
    return 1 + sum(1 for message in body["messages"] if message.get("role") == "assistant")


def unmet(reply: ScriptedReply, body: Mapping[str, Any]) -> str:
    """The first expectation that the request does not meet, "" if it meets all."""
    messages = body["messages"]
    assistants = [n for n, message in enumerate(messages) if message["role"] == "assistant"]
    news = messages[assistants[-1] + 1 :] if assistants else messages
    for wanted, where, name in (
        *((w, news, "the last messages") for w in reply.expect),
        *((w, messages, "the request") for w in reply.expect_request),
    ):
        text = "\n".join(str(message.get("content")) for message in where)
        if not _holds(text, wanted):
            return f"{name} should hold {wanted!r}; they end with {text[-300:]!r}"
    return ""


def _holds(text: str, wanted: str) -> bool:
    if wanted in text:
        return True
    try:
        return bool(re.search(wanted, text, re.MULTILINE | re.DOTALL))
    except re.error:
        return False  # plain words that happen to be no pattern
