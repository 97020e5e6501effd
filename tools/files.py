"""`read_file` and `write_file`."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from pydantic import Field

from tools.errors import ToolError
from tools.jail import Content, Jail
from tools.parameters import Parameters, parse, schema
from tools.tool import Shown, ToolResult

READ_LIMIT = 16 * 1024
_MOST_BYTES = 32 * 2**20  # of a file that is looked at at all
_SNIFFED = 8192

_READ = (
    "Read a text file of the workspace. Give offset and limit for a window with line numbers; "
    "at most 16 KiB are shown, and a last line says what was cut."
)
_WRITE = (
    "Write a whole file of the workspace, making folders as needed. To change part of a file, "
    "use str_replace."
)


class ReadArguments(Parameters):
    path: Annotated[str, Field(description="File, relative to the workspace")]
    offset: Annotated[int | None, Field(ge=1, description="First line, from 1")] = None
    limit: Annotated[int | None, Field(ge=0, description="Number of lines; 0: to the end")] = None


class WriteArguments(Parameters):
    path: Annotated[str, Field(description="File, relative to the workspace")]
    content: Annotated[str, Field(description="The whole new content")]


class ReadFile:
    name = "read_file"
    description = _READ
    parameters = schema(ReadArguments)
    read_only = True

    def __init__(self, jail: Jail) -> None:
        self._jail = jail

    async def call(self, arguments: dict[str, Any]) -> ToolResult:
        wanted = parse(ReadArguments, arguments)
        content = await asyncio.to_thread(self._jail.read, wanted.path, most=_MOST_BYTES)
        if is_binary(content.data):
            return ToolResult({"path": content.path, "bytes": content.size, "binary": True})
        if content.size > _MOST_BYTES:
            raise ToolError(
                f"{content.path}: {content.size} bytes; too large to read, "
                "use grep or `sed -n` in bash"
            )
        return window(
            content,
            offset=wanted.offset or 1,
            limit=wanted.limit or 0,
            numbered=wanted.offset is not None or wanted.limit is not None,
        )


def is_binary(data: bytes) -> bool:
    """As git decides it: a NUL among the first 8,000 bytes or so."""
    return b"\0" in data[:_SNIFFED]


def lines_of(data: bytes) -> list[bytes]:
    """Lines with their ends, split at newlines only."""
    lines = data.split(b"\n")
    ended = [line + b"\n" for line in lines[:-1]]
    return [*ended, lines[-1]] if lines[-1] else ended


def window(content: Content, *, offset: int, limit: int, numbered: bool) -> ToolResult:
    """Lines from 1-based *offset*, *limit* of them (0: all), as far as 16 KiB go."""
    lines = lines_of(content.data)
    if offset > max(len(lines), 1):
        raise ToolError(f"{content.path}: has {len(lines)} lines; offset {offset} is past the end")
    asked = lines[offset - 1 : offset - 1 + limit] if limit else lines[offset - 1 :]
    width = len(str(offset + len(asked)))
    kept: list[bytes] = []
    room = READ_LIMIT
    for number, line in enumerate(asked, offset):
        entry = b"%*d\t%s" % (width, number, line) if numbered else line
        if len(entry) > room:
            break
        room -= len(entry)
        kept.append(entry)
    end = offset + len(kept) - 1
    text = b"".join(kept).decode(errors="replace")
    if len(kept) < len(asked):
        text += _cut(content, asked[len(kept)], first=end + 1, last=offset + len(asked) - 1)
    output = {
        "path": content.path,
        "content": text,
        "bytes": content.size,
        "truncated": len(kept) < len(asked),
        "start_line": offset,
        "end_line": end,
        "total_lines": len(lines),
    }
    shown = (Shown(content.path, offset, end),) if kept and not content.altered else ()
    return ToolResult(output, shown=shown)


def _cut(content: Content, line: bytes, *, first: int, last: int) -> str:
    if len(line) > READ_LIMIT // 2:
        return (
            f"[cut: line {first} alone has {len(line)} bytes; lines {first} to {last} not shown, "
            f"go on with offset={first + 1} or use `cut -c` in bash]"
        )
    return f"[cut: lines {first} to {last} not shown; go on with offset={first}]"


class WriteFile:
    name = "write_file"
    description = _WRITE
    parameters = schema(WriteArguments)
    read_only = False

    def __init__(self, jail: Jail) -> None:
        self._jail = jail

    async def call(self, arguments: dict[str, Any]) -> ToolResult:
        wanted = parse(WriteArguments, arguments)
        data = encoded(wanted.content)
        before = await asyncio.to_thread(self._before, wanted.path)
        path, created = await asyncio.to_thread(self._jail.write, wanted.path, data)
        added, removed = changed_lines(before, data)
        output = {
            "path": path,
            "bytes": len(data),
            "created": created,
            "lines_added": added,
            "lines_removed": removed,
        }
        return ToolResult(output, edited=created or before != data)

    def _before(self, path: str) -> bytes:
        try:
            return self._jail.read(path, most=_MOST_BYTES).data
        except ToolError:
            return b""  # not there, or refused: writing says which


def encoded(text: str) -> bytes:
    """UTF-8; half characters that JSON can carry are refused."""
    try:
        return text.encode()
    except UnicodeEncodeError as exc:
        raise ToolError(f"content: half a character at {exc.start}; send whole text") from exc


def changed_lines(before: bytes, after: bytes) -> tuple[int, int]:
    """Lines added and removed, by how often each line stands in either; moves do not count."""
    counts: dict[bytes, int] = {}
    for line in lines_of(after):
        counts[line] = counts.get(line, 0) + 1
    for line in lines_of(before):
        counts[line] = counts.get(line, 0) - 1
    return sum(n for n in counts.values() if n > 0), -sum(n for n in counts.values() if n < 0)
