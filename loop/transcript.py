"""The whole conversation of a run, appended turn by turn as JSON lines.

Nothing is rewritten and everything is redacted on the way in. A crash loses at most the turn in
flight: a torn last line is cut off, calls without an answer read as interrupted. Beside each
message stands what a resumed run needs: tokens and seconds spent so far, what each call showed,
the git tree after the turn, an accepted submission.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson

from loop.arguments import read_arguments
from loop.encoding import dump
from loop.errors import TranscriptError
from loop.model import Message, ToolCall, Usage
from loop.nudges import INTERRUPTED
from loop.task import CallRecord
from tools.submit import Submission
from tools.tool import Shown

Redact = Callable[[str], str]


@dataclass(frozen=True)
class Recorded:
    """What a transcript holds. *messages* are complete: each call has its answer.

    *missing* are the answers at the end that the file itself lacks. *tree* is the git tree after
    the last turn that named one, else "". *turn* is the last one the model replied in.
    *submission* is None unless the run had been decided.
    """

    messages: tuple[Message, ...] = ()
    missing: tuple[Message, ...] = ()
    turn: int = 0
    usage: Usage = field(default_factory=Usage)
    seconds: float = 0.0
    tree: str = ""
    calls: tuple[CallRecord, ...] = ()
    submission: Submission | None = None


class Transcript:
    """Appends to the file at *path*, which is made if there is none."""

    def __init__(self, path: Path, *, redact: Redact, now: Callable[[], datetime]) -> None:
        self._redact = redact
        self._now = now
        _cut_torn_line(path)
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._file)

    def opening(self, messages: Iterable[Message]) -> None:
        """All of it in one line: a torn opening must not pass for a short one."""
        self._append({"turn": 0, "opening": [message_wire(m) for m in messages]})

    def reply(self, turn: int, message: Message, *, usage: Usage, seconds: float) -> None:
        """*usage* is this turn's, *seconds* those of the run so far."""
        self._append(
            {
                "turn": turn,
                "usage": asdict(usage),
                "seconds": round(seconds, 3),
                "message": message_wire(message),
            }
        )

    def note(self, turn: int, message: Message) -> None:
        """A message of the harness."""
        self._append({"turn": turn, "message": message_wire(message)})

    def answers(
        self,
        answers: Iterable[tuple[Message, CallRecord]],
        *,
        accepted: Submission | None = None,
    ) -> None:
        """All answers of one turn at once; with *accepted* the run is decided by it."""
        entries: list[dict[str, Any]] = [
            {
                "turn": record.turn,
                "succeeded": record.succeeded,
                "edited": record.edited,
                "shown": [[s.path, s.start, s.end, s.old] for s in record.shown],
                "message": message_wire(message),
            }
            for message, record in answers
        ]
        if accepted:
            entries[-1]["submission"] = accepted.wire()
        self._append(*entries)

    def tree(self, turn: int, tree: str) -> None:
        self._append({"turn": turn, "tree": tree})

    def _append(self, *entries: Mapping[str, Any]) -> None:
        at = self._now().isoformat()
        lines = [dump({"at": at, **redacted(entry, self._redact)}) + b"\n" for entry in entries]
        left = memoryview(b"".join(lines))
        while left:
            left = left[os.write(self._file, left) :]


def redacted(value: Any, redact: Redact) -> Any:
    """*value* with each of its strings redacted; keys are ours."""
    match value:
        case str():
            return redact(value)
        case Mapping():
            return {key: redacted(item, redact) for key, item in value.items()}
        case list() | tuple():
            return [redacted(item, redact) for item in value]
        case _:
            return value


def message_wire(message: Message) -> dict[str, Any]:
    """OpenAI's form, with the reasoning."""
    wire: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.reasoning:
        wire["reasoning_content"] = message.reasoning
    if message.calls:
        wire["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments_text},
            }
            for call in message.calls
        ]
    if message.role == "tool":
        wire |= {"tool_call_id": message.call_id, "name": message.name}
    return wire


def read_transcript(path: Path) -> Recorded:
    """What *path* holds; nothing where there is no file. Raises TranscriptError."""
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return Recorded()
    complete = text[: text.rfind(b"\n") + 1]
    entries: list[dict[str, Any]] = []
    for number, line in enumerate(complete.splitlines(), start=1):
        try:
            entries.append(orjson.loads(line))
        except orjson.JSONDecodeError as exc:
            raise TranscriptError(f"{path}:{number}: no JSON; move the file away") from exc
    try:
        return _recorded(entries)
    except (AttributeError, KeyError, TypeError, ValueError) as exc:
        raise TranscriptError(f"{path}: not a transcript of ours; move the file away") from exc


def _recorded(entries: list[dict[str, Any]]) -> Recorded:
    opening = [wire for entry in entries for wire in entry.get("opening", ())]
    said = [entry["message"] for entry in entries if "message" in entry]
    messages = [_message(wire) for wire in (*opening, *said)]
    healed = _healed(messages)
    usage = Usage()
    for entry in entries:
        usage += Usage(**entry.get("usage", {}))
    submissions = [e["submission"] for e in entries if "submission" in e]
    return Recorded(
        messages=tuple(healed),
        missing=_missing(messages),
        turn=max((entry["turn"] for entry in entries if "usage" in entry), default=0),
        usage=usage,
        seconds=max((entry.get("seconds", 0.0) for entry in entries), default=0.0),
        tree=next((entry["tree"] for entry in reversed(entries) if "tree" in entry), ""),
        calls=tuple(_record(entry) for entry in entries if "succeeded" in entry),
        submission=Submission.model_validate(submissions[-1]) if submissions else None,
    )


def _record(entry: dict[str, Any]) -> CallRecord:
    return CallRecord(
        turn=entry["turn"],
        tool=entry["message"]["name"],
        succeeded=entry["succeeded"],
        shown=tuple(Shown(*shown) for shown in entry["shown"]),
        edited=entry["edited"],
    )


def _message(wire: dict[str, Any]) -> Message:
    return Message(
        role=wire["role"],
        content=wire["content"],
        reasoning=wire.get("reasoning_content", ""),
        calls=tuple(_call(call) for call in wire.get("tool_calls", ())),
        call_id=wire.get("tool_call_id", ""),
        name=wire.get("name", ""),
    )


def _call(wire: dict[str, Any]) -> ToolCall:
    # redaction may have cut into the JSON
    read = read_arguments(wire["function"]["arguments"])
    return ToolCall(
        id=wire["id"],
        name=wire["function"]["name"],
        arguments_text=read.text,
        arguments=read.value,
        problem=read.problem,
    )


def _healed(messages: list[Message]) -> list[Message]:
    """*messages* with the missing answers filled in, each turn's in the order of its calls."""
    healed: list[Message] = []
    at = 0
    while at < len(messages):
        message = messages[at]
        at += 1
        healed.append(message)
        if message.calls:
            answers: dict[str, Message] = {}
            while at < len(messages) and messages[at].role == "tool":
                answers[messages[at].call_id] = messages[at]
                at += 1
            healed += [answers.get(call.id) or interrupted(call) for call in message.calls]
    return healed


def _missing(messages: list[Message]) -> tuple[Message, ...]:
    """The answers that the last turn lacks."""
    answered: set[str] = set()
    for message in reversed(messages):
        if message.role == "tool":
            answered.add(message.call_id)
            continue
        return tuple(interrupted(c) for c in message.calls if c.id not in answered)
    return ()


def interrupted(call: ToolCall) -> Message:
    """The answer to a call that the end of a process left without one."""
    content = dump({"error": INTERRUPTED}).decode()
    return Message(role="tool", content=content, call_id=call.id, name=call.name)


def _cut_torn_line(path: Path) -> None:
    """A process killed while writing leaves half a line, which the next one would be glued to."""
    try:
        with path.open("r+b") as file:
            text = file.read()
            end = text.rfind(b"\n") + 1
            if end != len(text):
                file.truncate(end)
    except FileNotFoundError:
        return
