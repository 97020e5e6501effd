"""`grep`: a pattern in the workspace's text files.

git searches, but not as a repository: it is pointed at no git directory and no configuration, so
that nothing a hostile tree contains is run; and it runs in the sandbox like any other command.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any

from pydantic import Field

from tools.errors import ToolError
from tools.jail import DIGESTED, Jail
from tools.parameters import Parameters, parse, schema
from tools.sandbox.runner import CommandResult, Runner
from tools.tool import Shown, ToolResult

_OUTPUT_LIMIT = 8 * 2**20  # of git's output; matches behind it are not counted
_MOST_BYTES = 32 * 1024  # of matches in one answer
_SECONDS = 30.0
_ENVIRONMENT = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null"}
_CUT = re.compile(r"(?m)^\[\d+ bytes cut here\]$")
_NO_PERL = "Perl-compatible"

_DESCRIPTION = (
    "Search the workspace's text files for a regular expression (Perl syntax). Ignored and binary "
    "files are left out, unless path names one that is ignored."
)


class GrepArguments(Parameters):
    pattern: Annotated[str, Field(min_length=1, description="Regular expression")]
    path: Annotated[str, Field(description="File or folder to search")] = "."
    max: Annotated[int, Field(ge=1, description="Most matches to show")] = 200
    maxLineChars: Annotated[int, Field(ge=1, description="Longer lines are clipped")] = 512  # noqa: N815 - upstream's word


class Grep:
    name = "grep"
    description = _DESCRIPTION
    parameters = schema(GrepArguments)
    read_only = True

    def __init__(self, runner: Runner, jail: Jail) -> None:
        self._runner = runner
        self._jail = jail

    async def call(self, arguments: dict[str, Any]) -> ToolResult:
        wanted = parse(GrepArguments, arguments)
        if "\0" in wanted.pattern or "\n" in wanted.pattern:
            raise ToolError("pattern: holds a line break; matches are within one line")
        path, _ = self._jail.locate(wanted.path)
        result = await self._search(wanted.pattern, path, ignored=False)
        if result.exit_code == 1 and path != ".":
            result = await self._search(wanted.pattern, path, ignored=True)
        found = answer(result, most=wanted.max, most_characters=wanted.maxLineChars)
        altered = {s.path for s in found.shown if self._is_altered(s.path)}
        return replace(found, shown=tuple(s for s in found.shown if s.path not in altered))

    def _is_altered(self, path: str) -> bool:
        try:
            return self._jail.read(path, most=DIGESTED).altered
        except ToolError:
            return False  # gone since it was searched

    async def _search(self, pattern: str, path: str, *, ignored: bool) -> CommandResult:
        result = await self._git(pattern, path, "-P", ignored=ignored)
        if result.exit_code == 128 and _NO_PERL in result.stderr:
            result = await self._git(pattern, path, "-E", ignored=ignored)
        if result.could_not_run:
            raise ToolError(f"grep could not run; {result.could_not_run}")
        if result.timed_out:
            raise ToolError(f"grep: took more than {_SECONDS:g} s; give a narrower path")
        if result.exit_code not in (0, 1) and not result.killed:
            raise ToolError(f"pattern: {_said(result.stderr)}")
        return result

    async def _git(self, pattern: str, path: str, syntax: str, *, ignored: bool) -> CommandResult:
        words = ["git", "--git-dir=/dev/null", "--literal-pathspecs", "grep", "--no-index"]
        words += ["--no-exclude-standard" if ignored else "--exclude-standard"]
        words += ["-I", "-n", "-z", "--no-color", syntax, "-e", pattern, "--", path]
        return await self._runner.run(
            shlex.join(words),
            timeout_seconds=_SECONDS,
            environment=_ENVIRONMENT,
            output_limit=_OUTPUT_LIMIT,
        )


def _said(stderr: str) -> str:
    lines = stderr.strip().splitlines() or ["git grep failed"]
    return re.sub(r"^fatal: (-e option, |command line, )?", "", lines[-1])


def answer(result: CommandResult, *, most: int, most_characters: int) -> ToolResult:
    """The first *most* matches, as far as the size of an answer goes, and how many there are."""
    most_characters = min(most_characters, _MOST_BYTES // 4)
    matches: list[dict[str, Any]] = []
    shown: list[Shown] = []
    total = clipped = 0
    room = _MOST_BYTES
    for record in result.stdout.split("\n"):
        path, _, rest = record.partition("\0")
        number, end, text = rest.partition("\0")
        if not end or not number.isdigit():
            continue
        total += 1
        if len(matches) >= most or room <= 0:
            continue
        room -= len(path) + min(len(text), most_characters)
        if len(text) > most_characters:
            clipped += 1
            text = f"{text[:most_characters]}… [{len(text) - most_characters} more]"
        else:
            shown.append(Shown(path, int(number), int(number)))
        matches.append({"path": path, "line": int(number), "text": text})
    whole = not result.killed and not _CUT.search(result.stdout)
    output: dict[str, Any] = {
        "matches": matches,
        "truncated": len(matches) < total,
        "total": total if whole else f"at least {total}",
    }
    if clipped:
        output["clipped_lines"] = clipped
    return ToolResult(output, shown=joined(shown))


def joined(shown: Sequence[Shown]) -> tuple[Shown, ...]:
    """*shown* with neighbouring lines of a file made one range."""
    ranges: list[Shown] = []
    for one in shown:
        last = ranges[-1] if ranges else None
        if last and last.path == one.path and last.end + 1 == one.start:
            ranges[-1] = Shown(one.path, last.start, one.end)
        else:
            ranges.append(one)
    return tuple(ranges)
