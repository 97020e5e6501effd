"""`str_replace`: change part of a file."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from pydantic import Field

from tools.errors import ToolError
from tools.files import encoded, is_binary
from tools.jail import Jail
from tools.parameters import Parameters, parse, schema
from tools.replacement import Match, applied, matches, nearest
from tools.tool import ToolResult

_MOST_BYTES = 8 * 2**20
_MOST_LINES_SHOWN = 400
_MOST_CHARACTERS_SHOWN = 32 * 1024
_MISSES_BEFORE_THE_FILE = 2

_DESCRIPTION = (
    "Replace old_string by new_string in a file. old_string must stand there exactly once, blanks "
    "and line breaks included; give lines around it to make it unique, or expected_replacements."
)


class EditArguments(Parameters):
    path: Annotated[str, Field(description="File, relative to the workspace")]
    old_string: Annotated[str, Field(min_length=1, description="Text as it stands in the file")]
    new_string: Annotated[str, Field(description="Text to put in its place")]
    expected_replacements: Annotated[
        int, Field(ge=1, description="How often old_string stands in the file")
    ] = 1


class StrReplace:
    """Counts misses per file; the file is shown after two in a row."""

    name = "str_replace"
    description = _DESCRIPTION
    parameters = schema(EditArguments)
    read_only = False

    def __init__(self, jail: Jail) -> None:
        self._jail = jail
        self._misses: dict[str, int] = {}

    async def call(self, arguments: dict[str, Any]) -> ToolResult:
        wanted = parse(EditArguments, arguments)
        return await asyncio.to_thread(self._replace, wanted)

    def _replace(self, wanted: EditArguments) -> ToolResult:
        path, text = self._text(wanted.path)
        if wanted.old_string == wanted.new_string:
            raise ToolError(f"{path}: old_string and new_string are the same; nothing would change")
        old, new = _ends_as_in(text, wanted.old_string), _ends_as_in(text, wanted.new_string)
        tier, found = matches(text, old, new)
        if len(found) != wanted.expected_replacements:
            self._misses[path] = self._misses.get(path, 0) + 1
            shown = _whole(text) if self._misses[path] >= _MISSES_BEFORE_THE_FILE else ""
            raise ToolError(_missed(path, text, wanted, found) + shown)
        changed = applied(text, found)
        if changed == text:
            raise ToolError(f"{path}: already reads like that; nothing would change")
        self._misses.pop(path, None)
        self._jail.write(path, changed.encode(errors="surrogateescape"))
        output: dict[str, Any] = {
            "path": path,
            "replacements": len(found),
            "lines": [match.line for match in found],
        }
        if tier != "exact":
            output["matched"] = f"ignoring {tier}"
        return ToolResult(output, edited=True)

    def _text(self, path: str) -> tuple[str, str]:
        content = self._jail.read(path, most=_MOST_BYTES)
        if is_binary(content.data):
            raise ToolError(f"{content.path}: binary; str_replace changes text only")
        if content.size > _MOST_BYTES:
            raise ToolError(f"{content.path}: {content.size} bytes; use sed in bash")
        return content.path, content.data.decode(errors="surrogateescape")


def _ends_as_in(text: str, written: str) -> str:
    """*written* with the line ends of *text*, where that has CRLF throughout."""
    encoded(written)
    if "\r\n" in text and "\r" not in written and text.count("\n") == text.count("\r\n"):
        return written.replace("\n", "\r\n")
    return written


def _missed(path: str, text: str, wanted: EditArguments, found: list[Match]) -> str:
    if found:
        lines = ", ".join(str(match.line) for match in found[:20])
        return (
            f"{path}: old_string stands there {len(found)} times (lines {lines}), "
            f"not {wanted.expected_replacements}; add lines around it, "
            f"or set expected_replacements to {len(found)}"
        )
    near = nearest(text, wanted.old_string)
    if near is None:
        return f"{path}: old_string is not there, nor anything like it; read the file first"
    line, lines = near
    return f"{path}: old_string is not there; the nearest is at line {line}:\n{_visible(lines)}\n"


def _whole(text: str) -> str:
    count = text.count("\n") + 1
    if count > _MOST_LINES_SHOWN or len(text) > _MOST_CHARACTERS_SHOWN:
        return f"\nthe file has {count} lines; read_file with offset and limit shows a part"
    return f"\nthe whole file, to copy old_string from:\n{_visible(text)}"


def _visible(text: str) -> str:
    return text.encode(errors="surrogateescape").decode(errors="replace")
