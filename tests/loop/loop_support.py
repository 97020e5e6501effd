"""Tools, scripts and runs for the tests of the loop."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from k8s.resources.endpoint import ScriptedRun
from k8s.scripted import ScriptedModel, scripted_model
from loop import agent
from loop.agent import Callbacks
from loop.model import Message, Model
from loop.openai_model import Patience, Sampling, connect
from loop.retries import Clock
from loop.task import Ending, Identity, RunSettings
from loop.transcript import Recorded, Transcript, read_transcript
from tools.errors import ToolError
from tools.submit import Submission
from tools.tool import Registry, Shown, ToolResult

OPENING = (
    Message(role="system", content="You fix bugs."),
    Message(role="user", content="Fix the bug."),
)


def call(name: str, **arguments: Any) -> dict[str, Any]:
    return {"calls": [{"name": name, "arguments": arguments}]}


def submit(verdict: str = "GO", **extra: Any) -> dict[str, Any]:
    return call("submit_result", verdict=verdict, summary="done", extra=extra)


def runs(*replies: dict[str, Any]) -> list[ScriptedRun]:
    return [ScriptedRun(replies=list(replies))]


@dataclass
class Say:
    """Answers with its argument; `boom` is refused, `bug` is a defect of the tool."""

    name: str = "say"
    read_only: bool = True
    description: str = "Say something."
    edited: bool = False
    parameters: dict[str, Any] = field(default_factory=lambda: {"type": "object", "properties": {}})
    heard: list[dict[str, Any]] = field(default_factory=list)

    async def call(self, arguments: dict[str, Any]) -> ToolResult:
        self.heard.append(arguments)
        match arguments.get("text"):
            case "boom":
                raise ToolError("boom: no such thing; say something else")
            case "bug":
                raise RuntimeError("a defect")
        shown = (Shown("a.py", 1, 3),) if self.read_only else ()
        return ToolResult(output={"said": arguments}, shown=shown, edited=self.edited)


@dataclass
class Submit:
    name: str = "submit_result"
    read_only: bool = False
    description: str = "Hand in."
    parameters: dict[str, Any] = field(
        default_factory=lambda: {
            "type": "object",
            "properties": {"verdict": {"enum": ["GO", "NO-GO", "ERROR"]}},
        }
    )

    async def call(self, arguments: dict[str, Any]) -> ToolResult:
        submission = Submission.model_validate(arguments)
        return ToolResult(output={"accepted": True}, submission=submission)


def registry(*more: Any, submits: bool = True) -> Registry:
    tools = [Say(), Say(name="write", read_only=False, edited=True), *more]
    tools = [*tools, Submit()] if submits else tools
    return Registry(tools, [tool.name for tool in tools])


class HeldClock:
    """Time stands still; what would have been slept is written down."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def clock(self) -> Clock:
        async def sleep(seconds: float) -> None:
            self.slept.append(seconds)

        return Clock(monotonic=lambda: 100.0, sleep=sleep, spread=lambda low, high: 1.0)


@dataclass
class Served:
    """A scripted server with a list of the bodies it was sent."""

    server: ScriptedModel
    bodies: list[bytes]
    asked: list[Any]


@asynccontextmanager
async def serving(*replies: dict[str, Any], **options: Any) -> AsyncIterator[Served]:
    served: list[Any] = []
    bodies: list[bytes] = []

    def note(who: Any, body: bytes) -> None:
        served.append(who)
        bodies.append(body)

    async with scripted_model(runs(*replies), on_request=note, **options) as server:
        yield Served(server, bodies, served)


def settings(**changes: Any) -> RunSettings:
    return RunSettings(**{"identity": Identity(task="t-1", agent="coder"), **changes})


def transcript(path: Path) -> Transcript:
    return Transcript(path, redact=lambda text: text, now=lambda: datetime(2030, 1, 1, tzinfo=UTC))


async def converse(
    served: Served,
    directory: Path,
    *,
    tools: Any = None,
    opening: Sequence[Message] = OPENING,
    callbacks: Callbacks | None = None,
    recorded: Recorded | None = None,
    patience: Patience | None = None,
    sampling: Sampling | None = None,
    clock: Clock | None = None,
    wrap: Callable[[Model], Model] = lambda model: model,
    **changes: Any,
) -> Ending:
    """One run against *served*; its transcript is `run.jsonl` in *directory*."""
    async with connect(served.server.base_url) as connection:
        with transcript(directory / "run.jsonl") as written:
            return await agent.run(
                opening,
                model=wrap(connection.model(sampling or Sampling(model="scripted"), patience)),
                tools=tools or registry(),
                settings=settings(**changes),
                transcript=written,
                callbacks=callbacks,
                recorded=recorded,
                clock=clock or HeldClock().clock(),
            )


def kept(directory: Path) -> Recorded:
    return read_transcript(directory / "run.jsonl")
