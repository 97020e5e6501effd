"""Which lines of a pull request GitHub takes comments on. Pure."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

_HUNK = re.compile(r"@@ -\d+(?:,\d+)? \+(\d+)(?:,\d+)? @@")

Places = Mapping[str, frozenset[int]]
"""Path → lines of the new side that stand in a hunk, context included."""


def places(files: Iterable[Mapping[str, Any]]) -> Places:
    """Of a pull request's files as GitHub lists them; those without a patch have no place."""
    return {
        file["filename"]: frozenset(right_lines(file["patch"]))
        for file in files
        if file.get("patch")
    }


def right_lines(patch: str) -> Iterator[int]:
    """The lines of the new side that *patch* shows."""
    line = 0
    for text in patch.split("\n"):
        if match := _HUNK.match(text):
            line = int(match[1])
        elif line and (not text or text[0] in "+ "):
            yield line
            line += 1


def located(path: str | None, line: int | None, there: Places) -> tuple[str, int] | None:
    """Where a comment for *path* and *line* may stand. A unique end of a path will do."""
    if not path or not line:
        return None
    name = posixpath.normpath(path.strip()).lstrip("/")
    ends = [known for known in there if f"/{known}".endswith(f"/{name}")]
    found = name if name in there else ends[0] if len(ends) == 1 else None
    return (found, line) if found and line in there[found] else None
