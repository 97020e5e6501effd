"""P2: what the loop adds to a turn of `echo hi`, beside a naive loop over `create(messages=…)`.

The scripted server is another process and does not read what it is sent: its own cost stays flat.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openai
import structlog
import yaml
from rich.console import Console
from rich.table import Table

from loop import agent
from loop.agent import Callbacks
from loop.model import Message
from loop.openai_model import Sampling, connect
from loop.task import Identity, Progress, RunSettings
from loop.transcript import Transcript
from tools.jail import Jail
from tools.sandbox.probe import probe
from tools.sandbox.runner import Box
from tools.shell import Bash
from tools.submit import Submission
from tools.tool import Registry, ToolResult

SHORT, LONG = 51, 501
OPENING = [
    {"role": "system", "content": "You run commands."},
    {"role": "user", "content": "Say hi."},
]


@dataclass
class Child:
    """`bash` without any runner: what a loop costs when commands cost nothing but their process."""

    name: str = "bash"
    description: str = "Run a command."
    read_only: bool = False
    parameters: dict[str, Any] = field(
        default_factory=lambda: {
            "type": "object",
            "properties": {"command": {"type": "string"}},
            "required": ["command"],
        }
    )

    async def call(self, arguments: dict[str, Any]) -> ToolResult:
        code, output = await shell(arguments["command"])
        return ToolResult({"exit_code": code, "stdout": output})


@dataclass
class Submit:
    name: str = "submit_result"
    description: str = "Hand in."
    read_only: bool = False
    parameters: dict[str, Any] = field(default_factory=lambda: {"type": "object"})

    async def call(self, arguments: dict[str, Any]) -> ToolResult:
        return ToolResult({}, submission=Submission.model_validate(arguments))


async def shell(command: str) -> tuple[int | None, str]:
    child = await asyncio.create_subprocess_exec(
        "/bin/sh", "-c", command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await child.communicate()
    return child.returncode, output.decode()


@dataclass
class Timing:
    """Seconds of a run, and the clock at the end of each of its turns."""

    started: float
    turns: list[float] = field(default_factory=list)

    @property
    def total(self) -> float:
        return self.turns[-1] - self.started

    def around(self, turn: int) -> float:
        """The median cost of the 21 turns around *turn*."""
        ends = [self.started, *self.turns]
        costs = [after - before for before, after in itertools.pairwise(ends)]
        return statistics.median(costs[max(0, turn - 11) : turn + 10])


def script(turns: int) -> list[dict[str, Any]]:
    echo = {"calls": [{"name": "bash", "arguments": {"command": "echo hi"}}]}
    done = {"calls": [{"name": "submit_result", "arguments": {"verdict": "GO", "summary": "hi"}}]}
    return [echo] * (turns - 1) + [done]


@contextlib.asynccontextmanager
async def server(
    directory: Path, scripts: Mapping[int, list[dict[str, Any]]]
) -> AsyncIterator[str]:
    """The base URL of a server that serves *scripts* by their number of turns."""
    scenario = directory / "scenario.yaml"
    runs = [{"match": {"issue": turns}, "replies": said} for turns, said in scripts.items()]
    scenario.write_text(yaml.safe_dump(runs))
    command = ("-m", "k8s.scripted", "--unchecked", "--scenario", str(scenario))
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        yield (await process.stdout.readline()).decode().strip()
    finally:
        process.terminate()
        await process.wait()


async def ours(base_url: str, tool: Any, *, turns: int, directory: Path) -> Timing:
    async with connect(base_url) as connection:
        path = directory / f"run-{turns}-{time.monotonic_ns()}.jsonl"
        with Transcript(path, redact=str, now=lambda: datetime.now(UTC)) as transcript:
            timing = Timing(time.perf_counter())

            def told(progress: Progress) -> None:
                timing.turns.append(time.perf_counter())

            ending = await agent.run(
                [Message(**message) for message in OPENING],  # type: ignore[arg-type]  # roles
                model=connection.model(Sampling(model="scripted")),
                tools=Registry([tool, Submit()], ["bash", "submit_result"]),
                settings=RunSettings(
                    identity=Identity(task="bench", issue=turns),
                    max_turns=turns + 3,
                    context_tokens=10**7,
                ),
                transcript=transcript,
                callbacks=Callbacks(on_progress=told),
            )
    assert ending.verdict == "GO", ending
    return timing


async def naive(base_url: str, *, turns: int) -> Timing:
    """The loop that every tutorial has."""
    schemas: Any = Registry([Child(), Submit()], ["bash", "submit_result"]).schemas()
    async with openai.AsyncOpenAI(base_url=base_url, api_key="none") as client:
        messages: list[Any] = [*OPENING]
        timing = Timing(time.perf_counter())
        for turn in range(1, turns + 1):
            stream = await client.chat.completions.create(
                model="scripted",
                messages=messages,
                tools=schemas,
                stream=True,
                extra_headers={"X-Foreman-Turn": str(turn), "X-Foreman-Issue": str(turns)},
            )
            name, call_id, arguments = "", "", ""
            async for chunk in stream:
                for call in chunk.choices[0].delta.tool_calls or ():
                    assert call.function
                    name, call_id = call.function.name or name, call.id or call_id
                    arguments += call.function.arguments or ""
            function = {"name": name, "arguments": arguments}
            made = {"id": call_id, "type": "function", "function": function}
            messages.append({"role": "assistant", "content": "", "tool_calls": [made]})
            if name == "bash":
                _, output = await shell("echo hi")
                messages.append({"role": "tool", "tool_call_id": call_id, "content": output})
            timing.turns.append(time.perf_counter())
    return timing


async def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        (directory / "workspace").mkdir()
        box = Box(directory / "workspace")
        jail = Jail(directory / "workspace")
        tools: dict[str, Any] = {"ours, sh": Child()}
        for sandbox in (await probe(want="plain"), await probe()):
            bash = Bash(sandbox.runner(box), jail, timeout_seconds=10)
            tools[f"ours, {sandbox.name}"] = bash
        table = Table(
            "loop", f"{SHORT} turns s", f"{LONG} turns s", "turn 50 ms", "turn 500 ms", "ratio"
        )
        async with server(directory, {n: script(n) for n in (SHORT, LONG)}) as base_url:
            await ours(base_url, Child(), turns=SHORT, directory=directory)  # warm
            for label, tool in tools.items():
                short = await ours(base_url, tool, turns=SHORT, directory=directory)
                long = await ours(base_url, tool, turns=LONG, directory=directory)
                add(table, label, short, long)
            add(
                table,
                "naive openai, sh",
                await naive(base_url, turns=SHORT),
                await naive(base_url, turns=LONG),
            )
        Console(width=100).print(table)
        print(
            f"P2 wants 0.2 / 2 s without sandbox, 0.6 / 5 s with, ratio 1.2; {os.cpu_count()} cores"
        )


def add(table: Table, label: str, short: Timing, long: Timing) -> None:
    early, late = long.around(50), long.around(490)
    table.add_row(
        label,
        f"{short.total:.2f}",
        f"{long.total:.2f}",
        f"{early * 1000:.2f}",
        f"{late * 1000:.2f}",
        f"{late / early:.2f}",
    )
