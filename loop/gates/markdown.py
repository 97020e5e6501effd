"""Fenced blocks of a Markdown text, by the lines they stand on. Pure.

https://spec.commonmark.org/0.31.2/#fenced-code-blocks, with any indentation: lists indent as they
like.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

MARKDOWN = (".md", ".mdx", ".markdown")

# A quotation or a list item may stand before the marks. An info string after ``` has no backtick.
_OPENS = re.compile(
    r"(?P<quote>(?:[ \t]*>)*)(?P<item>[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?)"
    r"(?P<marks>`{3,}(?=[^`]*$)|~{3,})[ \t]*(?P<info>.*)$"
)
_WORD = re.compile(r"[\w+#-]+")


@dataclass(frozen=True)
class Fence:
    """*first* and *last* are the 1-based lines of its marks; *lines* what is between them."""

    info: str
    first: int
    last: int
    lines: tuple[str, ...]

    @property
    def language(self) -> str:
        """The first word of what stands beside the opening marks, in lower case."""
        word = _WORD.search(self.info)
        return word[0].lower() if word else ""

    @property
    def text(self) -> str:
        return "".join(f"{line}\n" for line in self.lines)


def fences(lines: Sequence[str]) -> list[Fence]:
    """In order. One that is never closed reaches to the end."""
    found: list[Fence] = []
    at = 0
    while at < len(lines):
        match = _OPENS.match(lines[at])
        if not match:
            at += 1
            continue
        end = _closing(lines, at + 1, match["marks"])
        depth = match["quote"].count(">")
        body = [_unquoted(line, depth) for line in lines[at + 1 : end]]
        fence = Fence(match["info"].strip(), at + 1, min(end + 1, len(lines)), _dedented(body))
        found.append(fence)
        at = end + 1
    return found


def _closing(lines: Sequence[str], at: int, marks: str) -> int:
    """The index of the line that closes, or the number of lines."""
    while at < len(lines):
        bare = lines[at].lstrip(" \t>").rstrip()
        if len(bare) >= len(marks) and not bare.strip(marks[0]):
            return at
        at += 1
    return at


def _unquoted(line: str, depth: int) -> str:
    for _ in range(depth):
        line = re.sub(r"^[ \t]*>[ ]?", "", line, count=1)
    return line


def _dedented(lines: Sequence[str]) -> tuple[str, ...]:
    """Without the indentation that all lines share."""
    indents = [len(line) - len(line.lstrip(" ")) for line in lines if line.strip()]
    shared = min(indents, default=0)
    return tuple(line[shared:] for line in lines)
