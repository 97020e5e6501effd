"""Which lines of which files a unified diff shows, on both sides. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tools.tool import Shown

CUT = re.compile(r"\[\d+ bytes cut here\]")  # how a shell's answer says that its middle is missing

_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


def lines_shown(text: str) -> Iterator[Shown]:
    """The lines of each hunk in *text* as far as it came through: new side, then old side."""
    rows = text.split("\n")
    old = new = ""
    at = 0
    while at < len(rows):
        row = rows[at]
        at += 1
        if CUT.fullmatch(row):
            old = new = ""  # what follows may belong to another file
        elif row.startswith("--- "):
            old = _name(row[4:])
        elif row.startswith("+++ "):
            new = _name(row[4:])
        elif match := _HUNK.match(row):
            start, old_count, new_start, new_count = (int(n or 1) for n in match.groups())
            at, gone, came = _walk(rows, at, old_count, new_count)
            if came and new:
                yield Shown(new, new_start, new_start + came - 1)
            if gone and old:
                yield Shown(old, start, start + gone - 1, old=True)


def _walk(rows: Sequence[str], at: int, old: int, new: int) -> tuple[int, int, int]:
    """Where the hunk that begins at row *at* ends, and how many lines of each side it showed."""
    gone = came = 0
    while at < len(rows) and (gone < old or came < new):
        kind = rows[at][:1]
        # A diff may leave the blank off an empty line; the last row is none, but the end of the text.
        if CUT.fullmatch(rows[at]) or kind not in " +-\\" or (not kind and at == len(rows) - 1):
            break
        gone += kind in ("-", " ", "")
        came += kind in ("+", " ", "")
        at += 1
    return at, min(gone, old), min(came, new)


def _name(side: str) -> str:
    """The path of a `---` or `+++` line, "" for none; git quotes odd names as C does."""
    side = side.split("\t", maxsplit=1)[0].strip()
    if side == "/dev/null":
        return ""
    if side.startswith('"') and side.endswith('"'):
        raw = side[1:-1].encode("latin-1", "backslashreplace").decode("unicode_escape")
        side = raw.encode("latin-1", "replace").decode(errors="replace")
    return side[2:] if side[:2] in ("a/", "b/", "i/", "w/", "c/", "o/") else side
