"""Which lines of which files a unified diff shows, on both sides. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tools.tool import Shown

CUT = re.compile(r"\[\d+ bytes cut here\]")  # how a shell's answer says that its middle is missing

_STAT = re.compile(r" (\S.*?) +\| +(?:Bin\b|\d).*")
_BRACED = re.compile(r"\{.*? => (.*?)\}")
_LISTED = re.compile(r"(?:[ACDMRT]\d*\t(?:[^\t]+\t)?)?([^\t]+)")
_HEADER_ROWS = 8  # of a section, before its lines
_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


class Pages:
    """The rows of long answers that were read page by page, each by the command that gave it."""

    def __init__(self) -> None:
        self._rows: dict[str, dict[int, str]] = {}

    def around(self, command: str, first: int, text: str) -> str:
        """*text*, which begins at row *first*, with the pages before and after that join it."""
        rows = self._rows.setdefault(command, {})
        for number, row in enumerate(text.removesuffix("\n").split("\n"), start=first):
            if CUT.fullmatch(row):
                break  # what follows has no number
            rows[number] = row
        start = end = first
        while start - 1 in rows:
            start -= 1
        while end in rows:
            end += 1
        return "".join(f"{rows[number]}\n" for number in range(start, end))


def lines_shown(text: str) -> Iterator[Shown]:
    """The lines of each hunk in *text* as far as it came through: new side, then old side.

    Of a file that is only named (moved, of another mode, binary) lines 0 to 0.
    """
    rows = text.split("\n")
    old = new = ""
    at = 0
    while at < len(rows):
        row = rows[at]
        at += 1
        if CUT.fullmatch(row):
            old = new = ""  # what follows may belong to another file
        elif row.startswith("diff --git "):
            if named := _without_lines(rows, at):
                yield Shown(named, 0, 0)
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


def files_listed(text: str) -> Iterator[Shown]:
    """The files that the answer of `git diff --name-status`, `--name-only` or `--stat` names."""
    for row in text.split("\n"):
        if stat := _STAT.fullmatch(row):
            whole = _BRACED.sub(r"\1", stat[1]).replace("//", "/")
            yield Shown(_unquoted(whole.rpartition(" => ")[2]), 0, 0)
        elif listed := _LISTED.fullmatch(row):
            yield Shown(_unquoted(listed[1]), 0, 0)


def _without_lines(rows: Sequence[str], at: int) -> str:
    """The file whose section begins before row *at*; "" if lines of it follow."""
    both = rows[at - 1].removeprefix("diff --git ")
    half = len(both) // 2
    path = _name(both[half + 1 :]) if _name(both[:half]) == _name(both[half + 1 :]) else ""
    for row in rows[at : at + _HEADER_ROWS]:
        if row.startswith(("--- ", "@@ ")):
            return ""
        if row.startswith("diff --git "):
            break
        if row.startswith(("rename to ", "copy to ")):
            path = _name(row.partition(" to ")[2])
    return path


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
    """The path of a `---` or `+++` line, "" for none."""
    side = _unquoted(side.split("\t", maxsplit=1)[0].strip())
    if side == "/dev/null":
        return ""
    return side[2:] if side[:2] in ("a/", "b/", "i/", "w/", "c/", "o/") else side


def _unquoted(path: str) -> str:
    """Git quotes odd names as C does."""
    if not (path.startswith('"') and path.endswith('"')):
        return path
    raw = path[1:-1].encode("latin-1", "backslashreplace").decode("unicode_escape")
    return raw.encode("latin-1", "replace").decode(errors="replace")
