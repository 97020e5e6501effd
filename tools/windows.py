"""Which lines the commands that print a part of a text print. Pure."""

from __future__ import annotations

import re

_RANGE = re.compile(r"(\d+)(?:,(\d+|\$))?p")

Window = tuple[int, int]
"""First line (negative: that many from the end) and last line (0: the end)."""


def handed_on(words: list[str]) -> Window | None:
    """The lines that this end of a pipe hands on as they were; None: it does something else."""
    if words in (["cat"], ["less"]):
        return (1, 0)
    if words[:2] == ["sed", "-n"] and len(words) == 3:
        return _sed_range(words[2])
    options = [w for w in words[1:] if w.startswith("-")]
    count, files = _count(options, [w for w in words[1:] if not w.startswith("-")])
    if words[:1] == ["head"] and count is not None and not files:
        return (1, count)
    if words[:1] == ["tail"] and len(files) <= 1:
        if count is not None and not files:
            return (-count, 0)
        start = re.fullmatch(r"(?:-n)?\+(\d+)", "".join(words[1:]))
        return (int(start[1]), 0) if start else None
    return None


def asked_lines(words: list[str]) -> tuple[list[str], int, int] | None:
    """Files, first line (negative: that many from the end) and last line (0: the end)."""
    name, *rest = words
    options = [w for w in rest if w.startswith("-") and w != "--"]
    names = [w for w in rest if not w.startswith("-")]
    if name in ("cat", "nl", "less"):
        squeezing = any("s" in option for option in options)
        return None if squeezing else (names, 1, 0)
    if name == "sed" and options == ["-n"] and len(names) >= 2:
        lines = _sed_range(names[0])
        return (names[1:], *lines) if lines else None
    if name not in ("head", "tail"):
        return None
    count, names = _count(options, names)
    if count is None or len(names) != 1:
        return None
    return (names, 1, count) if name == "head" else (names, -count, 0)


def _sed_range(script: str) -> Window | None:
    match = _RANGE.fullmatch(script)
    if not match:
        return None
    last = match[2] or match[1]
    return (int(match[1]), 0 if last == "$" else int(last))


def _count(options: list[str], names: list[str]) -> tuple[int | None, list[str]]:
    """The number of lines of `head` or `tail`, and the files that are left of *names*."""
    if not options:
        return 10, names
    if options == ["-n"] and names and names[0].isdigit():
        return int(names[0]), names[1:]
    match = re.fullmatch(r"(?:-n?|--lines=)(\d+)", options[0])
    return (int(match[1]), names) if match and len(options) == 1 else (None, names)
