"""Carrying out the tool calls of one turn: N calls, N answers, in their order.

Neighbouring read-only calls run side by side, writing ones alone, so that a read after a write
sees what was written. What goes wrong with a call is told to the model as its answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from loop.encoding import clean, dump
from loop.model import Message, ToolCall
from loop.task import CallRecord
from tools.errors import ToolError
from tools.submit import Submission
from tools.tool import ToolResult

_SIDE_BY_SIDE = 8


class Tools(Protocol):
    """What the loop needs of a registry."""

    def schemas(self) -> list[dict[str, Any]]: ...
    def read_only(self, name: str) -> bool: ...
    async def call(self, name: str, arguments: dict[str, Any]) -> ToolResult: ...


@dataclass(frozen=True)
class Answer:
    """What one call came to."""

    call: ToolCall
    output: dict[str, Any] | str
    record: CallRecord
    submission: Submission | None = None  # None: the call hands in nothing

    def refused(self, why: str) -> Answer:
        """The same call, its submission turned down."""
        record = replace(self.record, succeeded=False)
        return Answer(call=self.call, output={"error": why}, record=record)

    def message(self) -> Message:
        text = self.output if isinstance(self.output, str) else dump(self.output).decode()
        return Message(role="tool", content=clean(text), call_id=self.call.id, name=self.call.name)


async def carry_out(
    calls: Sequence[ToolCall],
    *,
    tools: Tools,
    turn: int,
    refuse: Callable[[ToolCall], str],
) -> list[Answer]:
    """The answers to *calls*. *refuse* says why a call is not accepted now, "" if it is."""

    async def answer(call: ToolCall) -> Answer:
        if why := refuse(call):
            return _failed(call, why, turn=turn)
        return await _answer(call, tools=tools, turn=turn)

    answers: list[Answer] = []
    for batch in _batches(calls, read_only=tools.read_only):
        if len(batch) == 1:
            answers.append(await answer(batch[0]))
            continue
        async with asyncio.TaskGroup() as group:
            running = [group.create_task(answer(call)) for call in batch]
        answers += [task.result() for task in running]
    return answers


async def _answer(call: ToolCall, *, tools: Tools, turn: int) -> Answer:
    if call.arguments is None:
        return _failed(call, f"{call.name}: {call.problem}; send the call again", turn=turn)
    try:
        result = await tools.call(call.name, call.arguments)
    except ToolError as exc:
        return _failed(call, str(exc), turn=turn)
    record = CallRecord(
        turn=turn, tool=call.name, succeeded=True, shown=result.shown, edited=result.edited
    )
    output = result.output
    if call.problem:
        output = {"note": call.problem, "result": output}
    return Answer(call=call, output=output, record=record, submission=result.submission)


def _failed(call: ToolCall, why: str, *, turn: int) -> Answer:
    record = CallRecord(turn=turn, tool=call.name, succeeded=False)
    return Answer(call=call, output={"error": why}, record=record)


def _batches(
    calls: Sequence[ToolCall], *, read_only: Callable[[str], bool]
) -> list[list[ToolCall]]:
    """*calls* cut into runs that may go side by side."""
    batches: list[list[ToolCall]] = []
    open_batch = False
    for call in calls:
        reads = read_only(call.name)
        if reads and open_batch and len(batches[-1]) < _SIDE_BY_SIDE:
            batches[-1].append(call)
        else:
            batches.append([call])
        open_batch = reads
    return batches
