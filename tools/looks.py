"""Which lines of which files a shell command showed, read off the command and its output.

Best effort, and never generous: a command counts when every part of it only looks (`cd`, `cat`,
`sed -n`, `git diff` and the like), so that nothing printed by hand passes for a diff.
"""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from tools.patches import CUT, Pages, files_listed, lines_shown
from tools.tool import Shown
from tools.windows import Window, asked_lines, handed_on

_LOOKING = frozenset(
    {"cat", "cd", "grep", "head", "less", "ls", "nl", "pwd", "rg", "sed", "tail", "true", "wc"}
)
_PRINTING = frozenset({"cat", "grep", "head", "less", "nl", "rg", "sed", "tail"})
_WORDY = ("-p", "-u", "--patch", "--format", "--pretty")
# How a commit's head is printed where none of its lines can pass for a diff's.
_PLAIN_HEADS = re.compile(
    r"(?:--pretty|--(?:format|pretty)=(?:oneline|short|medium|full|fuller|reference|"
    r"(?:t?format:)?(?:%(?:[Hh]|[ac][nd])|[ \w:-])*))"
)
_SILENT = frozenset({"cd", "echo", "pwd", "true"})
_CERTAIN = frozenset({"cat", "head", "less", "nl", "sed", "tail"})  # of a file that is there
# What models put around a command that only looks: complaints out of sight, and no pager.
_QUIET = re.compile(r"\s*2>(?:&1|\s*/dev/null)(?=\s|$|[|;&])")
_NO_PAGER = re.compile(r"(?:GIT_)?PAGER=(?:cat)?$")
# The one commit that a command may be asked for: a diff may begin at any.
_MERGE_BASE = re.compile(r"\$\(git merge-base (?!-)[\w/.@-]+ (?!-)[\w/.@-]+\)")
# A heading printed between two looks cannot pass for a hunk.
_HEADING = re.compile(r"[\w =*#:.,/()\[\]-]*")
_GIT_LOOKING = frozenset(
    {"blame", "branch", "diff", "log", "ls-files", "merge-base", "rev-parse", "show", "status"}
)
_LISTS = frozenset({"--name-only", "--name-status", "--stat"})
_ODD_DIFFS = (
    *("--color", "--dst", "--ext-diff", "--line-prefix", "--no-index", "--no-prefix", "--output"),
    *("--relative", "--reverse", "--src", "--word-diff"),
)
_PATCHES = frozenset({"-p", "-u", "--patch"})
_LOG_OPTION = re.compile(r"-p|-u|--patch|--stat|--no-merges|-\d+|-U\d+|--unified=\d+")


@dataclass(frozen=True)
class _Part:
    """One simple command, run in *folder* of the workspace; *piped* into others."""

    words: list[str]
    folder: str
    windows: tuple[Window, ...]
    sure: bool = True  # False: it runs only if a command before it went well

    @property
    def piped(self) -> bool:
        return bool(self.windows)


@dataclass(frozen=True)
class Revisions:
    """Names of the commit that is checked out, and of the one that it is compared with.

    A commit's own name may be cut short. Diffs up to other commits show other lines.
    """

    heads: tuple[str, ...] = ("HEAD", "@")
    bases: tuple[str, ...] = ()


def shown(
    command: str,
    stdout: str,
    *,
    workspace: str,
    lines_of: Callable[[str], int | None],
    revisions: Revisions | None = None,
    pages: Pages | None = None,
) -> tuple[Shown, ...]:
    """*lines_of* tells how many lines a file of the workspace has; None: it cannot be read.

    *pages* are of the commands before this one.
    """
    revisions = revisions or Revisions()
    parts = _parts(command, workspace)
    if not parts:
        return ()
    loud = [p for p in parts if p.words[0] not in _SILENT]
    echoed = sum(p.words[0] in ("echo", "pwd") for p in parts)
    alone = len(loud) == 1 and not echoed
    diffs = [p for p in parts if _is_diff(p)]
    found: list[Shown] = []
    if diffs and all(_ends_here(p.words, revisions.heads, lines_of) for p in diffs):
        of_tree = any(_is_of_tree(p.words, lines_of) for p in diffs)
        found += [
            one
            for one in lines_shown(_of_diffs(parts, stdout, workspace, lines_of))
            if one.old or not one.end or not of_tree or lines_of(one.path) is not None
        ]
        if pages and alone:
            found += lines_shown(_paged(diffs[0], stdout, pages))
        if any(w in _LISTS or w.startswith("--stat=") for p in diffs for w in p.words):
            found += files_listed(stdout)
    if alone and _is_log(loud[0]) and _ends_here(loud[0].words, revisions.heads, lines_of):
        found += lines_shown(_newest(stdout))
    if alone:
        found += _printed(loud[0], stdout, workspace, lines_of)
        found += _version(loud[0], stdout, workspace, revisions)
    elif not CUT.search(stdout):
        # What did not run printed nothing, but what stands behind it may have printed as much.
        ran = [p for p in loud if p.sure or not any(q.sure for q in loud[loud.index(p) :])]
        files = [s for p in ran if not p.piped for s in _files(p, workspace, lines_of)]
        found += files if _lines(files) + echoed <= _rows(stdout) else []
    return tuple(dict.fromkeys(found))


def _of_diffs(
    parts: Sequence[_Part], stdout: str, workspace: str, lines_of: Callable[[str], int | None]
) -> str:
    """What of *stdout* the diffs among *parts* printed.

    The content of a file could pass for a diff. It is left out where it was printed last, and as
    many rows as it has; anything else leaves nothing.
    """
    last = max(at for at, part in enumerate(parts) if _is_diff(part))
    if any(_prints_text(part) for part in parts[:last] if not _is_diff(part)):
        return ""
    behind = [part for part in parts[last + 1 :] if part.words[0] not in ("cd", "true")]
    if not any(map(_prints_text, behind)):
        return stdout
    rows = 0
    for part in behind:
        asked, files = asked_lines(part.words), _files(part, workspace, lines_of)
        if part.words[0] in ("echo", "pwd"):
            rows += 1
        elif part.piped or not asked or len(files) != len(asked[0]):
            return ""
        else:
            rows += _lines(files)
    kept = stdout.removesuffix("\n").split("\n")[:-rows]
    return "" if CUT.search(stdout) else "\n".join([*kept, ""])


def _is_diff(part: _Part) -> bool:
    return part.words[0] == "git" and _git_verb(part.words) in ("diff", "show")


def _is_log(part: _Part) -> bool:
    """Whether it prints commits with their patches and, as git does by itself, messages indented."""
    if part.words[0] != "git" or _git_verb(part.words) != "log":
        return False
    words = part.words[part.words.index("log") + 1 :]
    words = words[: (*words, "--").index("--")]
    options = [w for w in words if w.startswith("-")]
    if any("..." in word for word in words):
        return False  # commits of both sides
    return not _PATCHES.isdisjoint(options) and all(map(_LOG_OPTION.fullmatch, options))


def _newest(stdout: str) -> str:
    """What a log printed of its first commit: patches of older ones count lines as they were then."""
    rows = stdout.split("\n")
    commits = [at for at, row in enumerate(rows) if row.startswith("commit ")]
    return "\n".join([*rows[: commits[1]], ""]) if len(commits) > 1 else stdout


def _prints_text(part: _Part) -> bool:
    """Whether it prints what others wrote, in words of their own."""
    if part.words[0] != "git":
        return part.words[0] in _PRINTING
    return _git_verb(part.words) == "blame" or any(w.startswith(_WORDY) for w in part.words[1:])


def _paged(part: _Part, stdout: str, pages: Pages) -> str:
    """What *part* printed now, and the pages of the same diff that join it."""
    first = 1
    for start, _ in part.windows:
        if start < 0:
            return ""
        first += start - 1
    return pages.around(shlex.join([part.folder, *part.words]), first, stdout)


def _version(part: _Part, stdout: str, workspace: str, revisions: Revisions) -> list[Shown]:
    """What `git show REVISION:path` printed: the file as it is, or as it was before."""
    words = [w for w in part.words if w not in ("--no-pager", "-P")]
    if words[:2] != ["git", "show"] or len(words) != 3 or CUT.search(stdout):
        return []
    revision, colon, name = words[2].partition(":")
    folder = part.folder if name.startswith((".", "..")) else ""
    is_old = _names(revision, revisions.bases)
    known = colon and (is_old or _names(revision, revisions.heads))
    path = _inside(name, folder, workspace) if known else None
    if not path or not stdout:
        return []
    start, end = 1, _rows(stdout)
    for first, _ in part.windows:
        if first < 0:
            return []
        start, end = start + first - 1, end + first - 1
    return [Shown(path, start, end, old=is_old)]


def _names(revision: str, commits: Collection[str]) -> bool:
    """Whether *revision* is one of *commits*, or the beginning of one's own name."""
    short = re.fullmatch("[0-9a-f]{7,40}", revision)
    return revision in commits or bool(short and any(c.startswith(revision) for c in commits))


def _lines(ranges: Sequence[Shown]) -> int:
    return sum(one.end - one.start + 1 for one in ranges)


def _rows(text: str) -> int:
    return text.count("\n") + (not text.endswith("\n") and bool(text))


def _parts(command: str, workspace: str) -> list[_Part]:
    """The simple commands of *command*; none if it does anything but look."""
    command = _MERGE_BASE.sub("MERGE_BASE", _QUIET.sub("", command))
    if re.search(r"[`<>]|\$\(|\|\||[^&]&(?:[^&]|$)", command):
        return []
    folder, sure = "", True
    parts: list[_Part] = []
    for joint, statement in zip(
        *[iter(re.split(r"(&&|;|\n)", f";{command}")[1:])] * 2, strict=True
    ):
        sure = sure or joint != "&&"
        try:
            words, *filters = [shlex.split(text) for text in statement.split("|")]
        except ValueError:
            return []
        if not words and not filters:
            continue
        while words and _NO_PAGER.match(words[0]):
            words = words[1:]
        place: str | None = folder
        if words[:2] == ["git", "-C"] and len(words) > 3:
            place, words = _inside(words[2], folder, workspace), ["git", *words[3:]]
        windows = tuple(w for f in filters if (w := handed_on(f)))
        if not words or not _only_looks(words) or len(windows) < len(filters) or place is None:
            return []
        if words[0] == "cd":
            inside = _inside(words[1] if len(words) > 1 else "", folder, workspace)
            if inside is None:
                return []
            folder = inside
            place = folder
        parts.append(_Part(words, place, windows, sure))
        sure = sure and words[0] in _SILENT | _CERTAIN
    return parts


def _only_looks(words: list[str]) -> bool:
    if words[0] == "git":
        return _git_verb(words) in _GIT_LOOKING
    if words[0] == "sed":
        return "-n" in words[1:2] and not any(w.startswith("-i") for w in words)
    if words[0] == "echo":
        return all(map(_HEADING.fullmatch, words[1:])) and words[1:2] not in (["-e"], ["-n"])
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
    heads_printed = (w for w in words if w.startswith(("--format", "--pretty")))
    if not all(map(_PLAIN_HEADS.fullmatch, heads_printed)):
        return False
    names = _revisions(words, lines_of)
    if any(":" in name for name in names):
        return False  # a file as it is, which may hold a diff of somebody's making
    if not names or _is_of_tree(words, lines_of):
        return True
    last = names[-1].rpartition("..")[2]
    return len(names) <= 2 and (not last or _names(last, heads))


def _revisions(words: list[str], lines_of: Callable[[str], int | None]) -> list[str]:
    """What a diff is told to compare, without the paths."""
    given = words[words.index(_git_verb(words)) + 1 :]
    given = given[: given.index("--")] if "--" in given else given
    names = [w for w in given if not w.startswith("-")]
    while names and lines_of(names[-1]) is not None:
        names.pop()  # paths, given without `--` before them
    return names


def _is_of_tree(words: list[str], lines_of: Callable[[str], int | None]) -> bool:
    """Whether the new side of this diff are the files as they stand in the workspace."""
    names = _revisions(words, lines_of)
    return _git_verb(words) == "diff" and (not names or (len(names) == 1 and ".." not in names[0]))


def _inside(path: str, folder: str, workspace: str) -> str | None:
    """*path* relative to the workspace, "" for itself; None outside."""
    whole = posixpath.normpath(posixpath.join(workspace, folder, path))
    if whole == workspace:
        return ""
    return whole.removeprefix(workspace + "/") if whole.startswith(workspace + "/") else None


def _printed(
    part: _Part, stdout: str, workspace: str, lines_of: Callable[[str], int | None]
) -> list[Shown]:
    """What of the files of *part*, the only one that prints, came through to *stdout*."""
    files = _files(part, workspace, lines_of)
    if not part.piped and not CUT.search(stdout):
        return files if _lines(files) <= _rows(stdout) else []
    if len(files) != 1:
        return []
    whole = files[0]
    for window in part.windows:
        whole = _narrowed(whole, window)
    head, *tail = re.split(rf"(?m)^{CUT.pattern}\n", stdout, maxsplit=1)
    end = min(whole.end, whole.start + _rows(head) - 1)
    found = [Shown(whole.path, whole.start, end)] if end >= whole.start else []
    start = whole.end - _rows(tail[0]) + 1 if tail else whole.end + 1
    if end < start <= whole.end:
        found.append(Shown(whole.path, start, whole.end))
    return found


def _narrowed(whole: Shown, window: Window) -> Shown:
    first, last = window
    start = max(whole.start, whole.end + first + 1) if first < 0 else whole.start + first - 1
    end = min(whole.end, whole.start + last - 1) if last else whole.end
    return Shown(whole.path, start, end)


def _files(part: _Part, workspace: str, lines_of: Callable[[str], int | None]) -> list[Shown]:
    """What `cat`, `nl`, `head`, `tail` and `sed -n` of *part* print, when nothing is cut."""
    asked = asked_lines(part.words)
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
