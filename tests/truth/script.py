"""The model of a case: it makes the calls of its script, and hands in what the script says."""

from __future__ import annotations

import base64
import json
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from loop.model import Message, Reply, Request, ToolCall, Usage
from tests.truth.case import Case, Story
from tests.truth.repository import EXECUTABLE, SYMLINK, States, Tree

DIFF = "git diff origin/main...HEAD"
_GIVEN_UP: tuple[str, Mapping[str, Any]] = (
    "submit_result",
    {"verdict": "NO-GO", "summary": "I give up.", "commit_message": "", "extra": {}},
)


@dataclass
class Script:
    """A `Model` that answers with *turns*, and from then on with the last of them."""

    turns: Sequence[Sequence[tuple[str, Mapping[str, Any]]]]
    heard: list[str] = field(default_factory=list)
    """What tools and harness answered."""

    def encode(self, message: Message) -> bytes:
        if message.role == "tool":
            self.heard.append(message.content)
        return json.dumps({"role": message.role, "content": message.content}).encode()

    async def complete(self, request: Request) -> Reply:
        turn = min(request.turn, len(self.turns))
        calls = tuple(
            ToolCall(f"c{request.turn}-{n}", name, json.dumps(arguments), dict(arguments))
            for n, (name, arguments) in enumerate(self.turns[turn - 1])
        )
        return Reply(calls=calls, finish_reason="tool_calls", usage=Usage(prompt=1, completion=1))


def reviewer(case: Case) -> Script:
    looks = case.story.calls if case.story.calls is not None else ("diff", "issue")
    return Script([*([call(case, look)] for look in looks), [hand_in(case.story)]])


def coder(case: Case, found: States, gives_up: bool = False) -> Script:
    """Looks, makes the whole change in one turn, and hands in until the run ends, or once."""
    looks = [[call(case, look)] for look in case.story.calls or ()]
    edits = list(_edits(found.before, found.change))
    turns = [*looks, *([edits] if edits else []), [hand_in(case.story)]]
    return Script([*turns, [_GIVEN_UP]] if gives_up else turns)


def call(case: Case, look: str | Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """`diff`, `issue`, or a tool with its main argument or all of them."""
    if look == "diff":
        return "bash", {"command": DIFF}
    if look == "issue":
        return "fetch_issue", {"repo": repository_of(case), "number": 7}
    assert isinstance(look, Mapping), look
    [(name, arguments)] = look.items()
    if isinstance(arguments, str):
        arguments = {"bash": "command", "read_file": "path", "grep": "pattern"}[name], arguments
        arguments = dict([arguments])
    return name, arguments


def repository_of(case: Case) -> str:
    return f"acme/{case.name}"


def hand_in(story: Story) -> tuple[str, Mapping[str, Any]]:
    said = {"summary": "Done.", **story.says}
    arguments = {
        "verdict": said.pop("verdict"),
        "summary": said.pop("summary"),
        "extra": said,
    }
    if story.role == "coder":
        arguments["commit_message"] = said.pop("commitMessage", "Do what the issue asks")
    return "submit_result", arguments


def _edits(before: Tree, after: Tree) -> Iterable[tuple[str, Mapping[str, Any]]]:
    gone = [path for path in before if path not in after]
    if gone:
        yield "bash", {"command": f"rm -- {shlex.join(gone)}"}
    for path, (mode, content) in after.items():
        if before.get(path) == (mode, content):
            continue
        known = before.get(path, (mode,))[0] == mode
        text = _text(content)
        if text is not None and known and mode not in (EXECUTABLE, SYMLINK) and text:
            yield "write_file", {"path": path, "content": text}
        else:
            yield "bash", {"command": _by_shell(path, mode, content)}


def _text(content: bytes) -> str | None:
    """What `write_file` would write byte for byte; None for anything else."""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return None
    return None if "\r" in text or "\0" in text or text.startswith("\ufeff") else text


def _by_shell(path: str, mode: str, content: bytes) -> str:
    name = shlex.quote(path)
    folder = f'mkdir -p "$(dirname -- {name})"'
    if mode == SYMLINK:
        return f"{folder}; ln -sfn {shlex.quote(content.decode())} {name}"
    coded = base64.b64encode(content).decode()
    bits = "755" if mode == EXECUTABLE else "644"
    return f"{folder}; base64 -d > {name} <<< {coded}; chmod {bits} {name}"
