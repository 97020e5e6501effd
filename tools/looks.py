"""Which lines of which files a shell command showed, read off the command and its output.

Best effort, and never generous: a command counts when every part of it only looks (`cd`, `cat`,
`sed -n`, `git diff` and the like), so that nothing printed by hand passes for a diff.
"""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from tools.tool import Shown

_LOOKING = frozenset(
    {"cat", "cd", "grep", "head", "less", "ls", "nl", "pwd", "rg", "sed", "tail", "true", "wc"}
)
_GIT_LOOKING = frozenset(
    {"blame", "branch", "diff", "log", "ls-files", "merge-base", "rev-parse", "show", "status"}
)
_ODD_DIFFS = ("--word-diff", "--color", "--reverse", "--no-prefix", "--src", "--dst", "--output")
_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_CUT = re.compile(r"\[\d+ bytes cut here\]")
_RANGE = re.compile(r"(\d+)(?:,(\d+|\$))?p")


@dataclass(frozen=True)
class _Part:
    """One simple command, run in *folder* of the workspace; *piped* into others."""

    words: list[str]
    folder: str
    piped: bool


def shown(
    command: str,
    stdout: str,
    *,
    workspace: str,
    lines_of: Callable[[str], int | None],
    heads: Collection[str] = ("HEAD", "@"),
) -> tuple[Shown, ...]:
    """*lines_of* tells how many lines a file of the workspace has; None: it cannot be read.

    *heads* are the names of the commit that is checked out: diffs up to others show other lines.
    """
    parts = _parts(command, workspace)
    if not parts:
        return ()
    diffs = [p for p in parts if p.words[0] == "git" and _git_verb(p.words) in ("diff", "show")]
    found: list[Shown] = []
    if diffs and all(_ends_here(p.words, heads, lines_of) for p in diffs):
        found += _hunks(stdout)
    loud = [p for p in parts if p.words[0] not in ("cd", "true", "pwd")]
    if len(loud) == 1:
        found += _printed(loud[0], stdout, workspace, lines_of)
    elif not _CUT.search(stdout):
        files = [s for p in loud if not p.piped for s in _files(p, workspace, lines_of)]
        found += files if _lines(files) <= _rows(stdout) else []
    return tuple(dict.fromkeys(found))


def _lines(ranges: Sequence[Shown]) -> int:
    return sum(one.end - one.start + 1 for one in ranges)


def _rows(text: str) -> int:
    return text.count("\n") + (not text.endswith("\n") and bool(text))


def _parts(command: str, workspace: str) -> list[_Part]:
    """The simple commands of *command*; none if it does anything but look."""
    if re.search(r"[`<>]|\$\(|\|\||[^&]&(?:[^&]|$)", command):
        return []
    folder = ""
    parts: list[_Part] = []
    for statement in re.split(r"&&|;|\n", command):
        try:
            words, *filters = [shlex.split(text) for text in statement.split("|")]
        except ValueError:
            return []
        if not words and not filters:
            continue
        if not words or not _only_looks(words) or not all(map(_keeps_lines, filters)):
            return []
        if words[0] == "cd":
            inside = _inside(words[1] if len(words) > 1 else "", folder, workspace)
            if inside is None:
                return []
            folder = inside
        parts.append(_Part(words, folder, bool(filters)))
    return parts


def _keeps_lines(words: list[str]) -> bool:
    """Whether this end of a pipe hands on lines as they were, perhaps only the first of them."""
    if words[:1] == ["head"]:
        options = [w for w in words[1:] if w.startswith("-")]
        count, files = _count(options, [w for w in words[1:] if not w.startswith("-")])
        return count is not None and not files
    return words in (["cat"], ["less"])


def _only_looks(words: list[str]) -> bool:
    if words[0] == "git":
        return _git_verb(words) in _GIT_LOOKING
    if words[0] == "sed":
        return "-n" in words[1:2] and not any(w.startswith("-i") for w in words)
    return words[0] in _LOOKING


def _git_verb(words: list[str]) -> str:
    rest = [w for w in words[1:] if w not in ("--no-pager", "-P")]
    return rest[0] if rest else ""


def _ends_here(
    words: list[str], heads: Collection[str], lines_of: Callable[[str], int | None]
) -> bool:
    """Whether the new side of this diff is the tree that is checked out."""
    if any(w == "-R" or w.startswith(_ODD_DIFFS) for w in words):
        return False
    given = words[words.index(_git_verb(words)) + 1 :]
    given = given[: given.index("--")] if "--" in given else given
    names = [w for w in given if not w.startswith("-")]
    while names and lines_of(names[-1]) is not None:
        names.pop()  # paths, given without `--` before them
    if not names or (_git_verb(words) == "diff" and len(names) == 1 and ".." not in names[0]):
        return True
    return names[-1].rpartition("..")[2] in {*heads, ""} if len(names) <= 2 else False


def _inside(path: str, folder: str, workspace: str) -> str | None:
    """*path* relative to the workspace, "" for itself; None outside."""
    whole = posixpath.normpath(posixpath.join(workspace, folder, path))
    if whole == workspace:
        return ""
    return whole.removeprefix(workspace + "/") if whole.startswith(workspace + "/") else None


def _hunks(text: str) -> Iterator[Shown]:
    """New-side lines that the hunks of unified diffs in *text* show; old-side where all is gone."""
    path, gone = "", ""
    line = start = left = old_left = 0
    old = False
    for row in text.split("\n"):
        if left > 0 or old_left > 0:
            kind = row[:1]
            if _CUT.fullmatch(row) or kind not in ("+", "-", " ", "\\", ""):
                if line > start:
                    yield Shown(path, start, line - 1)
                left = old_left = 0
                continue
            counts = kind == "-" if old else kind in ("+", " ", "")
            line += counts
            left -= kind in ("+", " ", "")
            old_left -= kind in ("-", " ", "")
            if left <= 0 and old_left <= 0 and line > start:
                yield Shown(path, start, line - 1)
        elif row.startswith("--- "):
            gone = _name(row[4:])
        elif row.startswith("+++ "):
            old = row[4:].startswith("/dev/null")
            path = gone if old else _name(row[4:])
        elif path and (match := _HUNK.match(row)):
            old_left, left = int(match[2] or 1), int(match[4] or 1)
            line = start = int(match[1] if old else match[3])


def _name(side: str) -> str:
    """The path of a `---` or `+++` line; git quotes odd names as C does."""
    side = side.split("\t", maxsplit=1)[0].strip()
    if side.startswith('"') and side.endswith('"'):
        raw = side[1:-1].encode("latin-1", "backslashreplace").decode("unicode_escape")
        side = raw.encode("latin-1", "replace").decode(errors="replace")
    return side[2:] if side[:2] in ("a/", "b/", "i/", "w/", "c/", "o/") else side


def _printed(
    part: _Part, stdout: str, workspace: str, lines_of: Callable[[str], int | None]
) -> list[Shown]:
    """What of the files of *part*, the only one that prints, came through to *stdout*."""
    files = _files(part, workspace, lines_of)
    if not part.piped and not _CUT.search(stdout):
        return files if _lines(files) <= _rows(stdout) else []
    if len(files) != 1:
        return []
    whole = files[0]
    head, *tail = re.split(rf"(?m)^{_CUT.pattern}\n", stdout, maxsplit=1)
    end = min(whole.end, whole.start + _rows(head) - 1)
    found = [Shown(whole.path, whole.start, end)] if end >= whole.start else []
    start = whole.end - _rows(tail[0]) + 1 if tail else whole.end + 1
    if end < start <= whole.end:
        found.append(Shown(whole.path, start, whole.end))
    return found


def _files(part: _Part, workspace: str, lines_of: Callable[[str], int | None]) -> list[Shown]:
    """What `cat`, `nl`, `head`, `tail` and `sed -n` of *part* print, when nothing is cut."""
    asked = _asked(part.words)
    if asked is None:
        return []
    names, first, last = asked
    found: list[Shown] = []
    for name in names:
        path = _inside(name, part.folder, workspace)
        total = lines_of(path) if path else None
        if not path or not total:
            continue
        start = max(1, total + first + 1) if first < 0 else first
        end = min(last or total, total)
        if start <= end:
            found.append(Shown(path, start, end))
    return found


def _asked(words: list[str]) -> tuple[list[str], int, int] | None:
    """Files, first line (negative: that many from the end) and last line (0: the end)."""
    name, *rest = words
    options = [w for w in rest if w.startswith("-") and w != "--"]
    names = [w for w in rest if not w.startswith("-")]
    if name in ("cat", "nl", "less"):
        squeezing = any("s" in option for option in options)
        return None if squeezing else (names, 1, 0)
    if name == "sed" and options == ["-n"] and len(names) >= 2:
        match = _RANGE.fullmatch(names[0])
        if not match:
            return None
        last = match[2] or match[1]
        return names[1:], int(match[1]), 0 if last == "$" else int(last)
    if name not in ("head", "tail"):
        return None
    count, names = _count(options, names)
    if count is None or len(names) != 1:
        return None
    return (names, 1, count) if name == "head" else (names, -count, 0)


def _count(options: list[str], names: list[str]) -> tuple[int | None, list[str]]:
    """The number of lines of `head` or `tail`, and the files that are left of *names*."""
    if not options:
        return 10, names
    if options == ["-n"] and names and names[0].isdigit():
        return int(names[0]), names[1:]
    match = re.fullmatch(r"(?:-n?|--lines=)(\d+)", options[0])
    return (int(match[1]), names) if match and len(options) == 1 else (None, names)
