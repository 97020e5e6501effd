"""Names in a summary or commit message that the change does not bear out. Pure.

Only what stands in backticks and looks like a path, a route or an identifier is held against the
change; prose is not read. Nothing is refused for it: people see the names marked.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator

from loop.gates.check import Change, ChangedText
from loop.gates.markdown import fences

SHOWN = 5
_CONTEXT = 3  # lines around a hunk, as people are shown it
_LONGEST = 120

_SPAN = re.compile(r"(?<!`)(`{1,2})(?!`)([^`\n]+?)\1(?!`)")
_PATH = re.compile(r"\.{0,2}/?[\w.@+-]+(?:/[\w.@+\[\]-]+)+/?|[\w.@+-]*\w\.[A-Za-z][A-Za-z0-9]{0,7}")
_ROUTE = re.compile(r"(?:(?:GET|POST|PUT|PATCH|DELETE|HEAD)\s+)?(/[\w.{}:<>*/-]+)")
_IDENTIFIER = re.compile(
    r"(?:[A-Za-z_$][\w$]*(?:(?:\.|::|->|#)[A-Za-z_$][\w$]*)*)(?:\(\s*\)|\(.*\))?|--?[A-Za-z][\w-]+"
)
# What marks a word as code: an inner capital, an underscore, a dot, a call, an option.
_CODE = re.compile(r"_|\w[.#]\w|::|->|\(|[a-z][A-Z]|^--|^[A-Z]{2,}\d*$|\d")
_WORDS = re.compile(r"[A-Za-z_$][\w$-]*")


def unverified_names(text: str, change: Change, *, paths: Collection[str]) -> list[str]:
    """At most five of *text*'s names that neither the diff nor a file name shows.

    *paths* are the files of the work tree: naming one of them is no lie.
    """
    shown = "\n".join(line for file in change.files for line in _shown(file))
    names = {name for file in change.files for name in (file.path, file.change.old_path)}
    known = names | set(paths)
    found: list[str] = []
    for span in _spans(text):
        if span not in found and not _is_known(span, shown, names=names, paths=known):
            found.append(span)
    return found[:SHOWN]


def _spans(text: str) -> Iterator[str]:
    """What stands in backticks outside of fences and may be held against the change."""
    lines = text.split("\n")
    fenced = {n for block in fences(lines) for n in range(block.first, block.last + 1)}
    for number, line in enumerate(lines, start=1):
        if number in fenced:
            continue
        for match in _SPAN.finditer(line):
            span = match[2].strip()
            if len(span) <= _LONGEST and _is_name(span):
                yield span


def _is_name(span: str) -> bool:
    if _PATH.fullmatch(span) or _ROUTE.fullmatch(span):
        return True
    return bool(_IDENTIFIER.fullmatch(span) and _CODE.search(span))


def _is_known(span: str, shown: str, *, names: Collection[str], paths: Collection[str]) -> bool:
    if span in shown or any(span in name for name in names):
        return True
    if _PATH.fullmatch(span) and _is_path(span.removeprefix("./").rstrip("/"), paths):
        return True
    route = _ROUTE.fullmatch(span)
    if route:
        return route[1] in shown
    return _parts_known(span, shown, paths)


def _is_path(span: str, paths: Collection[str]) -> bool:
    return any(
        path == span or path.endswith(f"/{span}") or f"/{path}".find(f"/{span}/") >= 0
        for path in paths
    )


def _parts_known(span: str, shown: str, paths: Collection[str]) -> bool:
    """`module.Class.method(x)`: each part is in the diff, or names a file's module."""
    head = span.partition("(")[0]
    modules = {posixpath.splitext(posixpath.basename(path))[0] for path in paths}
    folders = {part for path in paths for part in path.split("/")[:-1]}
    parts = [part for part in re.split(r"\.|::|->|#", head) if part]
    return (
        bool(parts)
        and all(
            _has_word(shown, part) or (len(parts) > 1 and (part in modules or part in folders))
            for part in parts
        )
        and any(_has_word(shown, part) for part in parts)
    )


def _has_word(shown: str, word: str) -> bool:
    return re.search(rf"(?<![\w$]){re.escape(word)}(?![\w$])", shown) is not None


def _shown(file: ChangedText) -> Iterator[str]:
    """The lines of a diff as people see it: changed ones, some around, and what they stand in."""
    old, new = file.old_lines, file.new_lines
    for hunk in file.change.hunks:
        yield from hunk.removed
        yield from hunk.added
        yield from _around(new, hunk.new_start, hunk.new_count)
        yield from _around(old, hunk.old_start, hunk.old_count)


def _around(lines: list[str], start: int, count: int) -> Iterator[str]:
    """Context of a hunk, and the lines of lesser indentation above that it belongs to."""
    first = max(0, start - 1 - _CONTEXT)
    yield from lines[first : start + max(count, 1) + _CONTEXT]
    inside = [line for line in lines[max(0, start - 1) : start + count] if line.strip()]
    depth = min((_indent(line) for line in inside), default=0)
    at = max(0, start - 1)
    while depth > 0 and at > 0:
        at -= 1
        line = lines[at]
        if line.strip() and _indent(line) < depth:
            depth = _indent(line)
            yield line


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
