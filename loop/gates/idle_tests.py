"""Tests of a file that are new, and those that stand there but no longer run. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from loop.gates.check import ChangedText
from loop.languages.grammar import Unreadable
from loop.languages.outline import Outline, TestCase, outline

_OPENS = re.compile(
    r"\bdef\s+test|\b(?:it|test|describe)\s*\(|\bfunc\s+Test|#\[\w*(?:::)?test|@\w*Test\b|\bTEST\w*\("
    r"|\bfunction\s+test|^\s*(?:it|test)\b|\bclass\s+\w*Test"
)
_FUNCTIONS = ("function", "method")


def idle_tests(file: ChangedText, asserts: Callable[[str], bool]) -> Iterator[tuple[int, str]]:
    """Line and name of each: its assertion is in the file still, and no test is around it."""
    removed = (line for hunk in file.change.hunks for line in hunk.removed)
    if not any(_OPENS.search(line[:500]) for line in removed):
        return
    old = _outline(file.change.old_path, file.before)
    new = _outline(file.path, file.after)
    if old is None or new is None or len(new.tests) >= len(old.tests):
        return
    left = {test.name for test in new.tests}
    outside = _outside(file.new_lines, new)
    for test in old.tests:
        if test.name in left:
            continue
        first = next((line for line in _body(file.old_lines, test) if asserts(line)), "")
        if first and first.strip() in outside:
            yield outside[first.strip()], test.name


def new_lines(file: ChangedText) -> set[int]:
    """Lines of tests and functions that are new, marks above them included.

    None where a test has gone: the new one may be that one under another name.
    """
    new = _outline(file.path, file.after)
    if new is None:
        return set()
    old = _outline(file.change.old_path, file.before) if file.before is not None else None
    known = {t.name for t in old.tests} | {d.name for d in old.definitions} if old else set()
    if old and {test.name for test in old.tests} - {test.name for test in new.tests}:
        return set()
    parts = [(test.name, test.start, test.end) for test in new.tests]
    parts += [(d.name, d.start, d.end) for d in new.definitions if d.kind in _FUNCTIONS]
    fresh = [(start, end) for name, start, end in parts if name not in known]
    return {number for start, end in fresh for number in range(start - 2, end + 1)}


def _outline(path: str, content: bytes | None) -> Outline | None:
    read = outline(path, content or b"")
    return None if isinstance(read, Unreadable) else read


def _body(lines: list[str], test: TestCase) -> list[str]:
    return lines[test.start - 1 : test.end]


def _outside(lines: list[str], seen: Outline) -> dict[str, int]:
    """Lines that are in no test, with their numbers."""
    inside = {number for test in seen.tests for number in range(test.start, test.end + 1)}
    return {
        text.strip(): number
        for number, text in enumerate(lines, start=1)
        if number not in inside and text.strip()
    }
