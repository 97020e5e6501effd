"""Tests say no less than before: no assertions lost, none skipped, no expectation bent.

Advisory: there are good reasons for each, and a reviewer is to hear them. What only moved does not
count, nor what tested code that is gone, nor a value that the issue asks for.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from loop.gates.assertions import HABITS, Habits, expects, masked
from loop.gates.check import PASSED, Change, ChangedText, Check, Found, lines_of
from loop.gates.idle_tests import idle_tests, new_lines
from loop.languages.outline import Outline
from loop.languages.source_text import SourceText
from loop.sources import is_test, kind_of, language_of

_SHOWN = 12
_WIDTH = 120
_LINE = 2000  # characters; a longer one is data

# What tools write down and compare with the next time.
_RECORDED = re.compile(
    r"(?:^|/)__snapshots__/|\.snap$|(?:^|[/._-])goldens?(?:[/._-]|$)|\.(?:approved|verified)\.\w+$"
)
# Words of an issue that may ask for the contrary of what a test asserts.
_TURNS = re.compile(
    r"\b(?:false|true|not|never|no longer|instead|only|reject\w*|accept\w*)\b|n't\b"
)

Line = tuple[int, str]


@dataclass(frozen=True)
class _Edit:
    """One hunk of a test file: the lines that went and came, comments blanked."""

    removed: tuple[Line, ...]
    added: tuple[Line, ...]


@dataclass(frozen=True)
class _Tests:
    """A test file as it changed, or the tests within a source file."""

    file: ChangedText
    habits: Habits
    edits: tuple[_Edit, ...]

    @cached_property
    def lost(self) -> list[Line]:
        return [x for e in self.edits for x in e.removed if self.habits.asserts(x[1])]

    @cached_property
    def gained(self) -> list[Line]:
        return [x for e in self.edits for x in e.added if self.habits.asserts(x[1])]


def judge(change: Change) -> Found:
    tests = [_tests(file) for file in change.files if _may_hold_tests(file)]
    if not tests and not any(_RECORDED.search(file.path) for file in change.files):
        unknown = [f.path for f in change.files if kind_of(f.path) == "test" and _is_foreign(f)]
        if unknown:
            why = f"no habits of its language are known: {', '.join(unknown[:5])}"
            return Found("could not run", why)
        return PASSED
    moved = _moved(tests)
    gone = _gone_names(change) if any(found.lost for found in tests) else set()
    told = [
        f"{found.file.path}{fault}"
        for found in tests
        for fault in (
            *_lost(found, moved, gone),
            *_skipped(found),
            *_idle(found),
            *_weaker(found, moved),
            *_bent(found, change, moved),
        )
    ]
    told += _recorded(change)
    if not told:
        return PASSED
    more = [f"… and {len(told) - _SHOWN} more"] if len(told) > _SHOWN else []
    return Found("failed", "\n".join(["Tests say less than before:", *told[:_SHOWN], *more]))


CHECK = Check("test-dilution", "advisory", judge)


def _may_hold_tests(file: ChangedText) -> bool:
    """Rust keeps tests in the file that they test."""
    language = language_of(file.path)
    return language in HABITS and (
        language == "rust" or is_test(file.path) or is_test(file.change.old_path)
    )


def _is_foreign(file: ChangedText) -> bool:
    """Code of a language that nothing is known of; data of tests is none."""
    extension = posixpath.splitext(file.path)[1]
    return kind_of(f"code{extension}") == "source" and language_of(file.path) is None


def _tests(file: ChangedText) -> _Tests:
    """With comments blanked where lines went or came that speak of assertions, skips, values."""
    language = language_of(file.path)
    assert language is not None, "asked of files that may hold tests"
    habits = HABITS[language]
    removed = [line for hunk in file.change.hunks for line in hunk.removed]
    added = [line for hunk in file.change.hunks for line in hunk.added]
    talks = any(expects(line[:_LINE], habits) for line in removed) or any(
        habits.skips(line[:_LINE]) or habits.is_empty(line[:_LINE]) for line in added
    )
    old, new = (_code(side if talks else None) for side in (file.old, file.new))
    whole = is_test(file.path) or is_test(file.change.old_path)
    within = _tested_lines(file) if talks and not whole else (None, None)
    return _Tests(
        file,
        habits,
        tuple(
            _Edit(
                _lines(old, hunk.old_start, hunk.removed, within[0]),
                _lines(new, hunk.new_start, hunk.added, within[1]),
            )
            for hunk in file.change.hunks
        ),
    )


def _lines(
    code: Sequence[str], start: int, lines: Sequence[str], within: Collection[int] | None
) -> tuple[Line, ...]:
    """*lines* as they stand in *code*; only those *within*, unless that is None."""
    return tuple(
        (number, (code[number - 1] if number <= len(code) else line)[:_LINE])
        for number, line in enumerate(lines, start=start)
        if within is None or number in within
    )


def _code(side: SourceText | None) -> list[str]:
    """Lines without comments, so that one which is commented out is gone."""
    return lines_of(side.code if side else b"")


def _tested_lines(file: ChangedText) -> tuple[set[int], set[int]]:
    old, new = (side.outline if side else None for side in (file.old, file.new))
    return _of_tests(old), _of_tests(new)


def _of_tests(seen: Outline | None) -> set[int]:
    """The lines of all tests, and of the marks above each."""
    tests = seen.tests if seen else ()
    return {number for test in tests for number in range(test.start - 2, test.end + 1)}


def _moved(tests: Sequence[_Tests]) -> Counter[str]:
    """Assertions that went in one place and came in another, word for word."""
    lost = Counter(text.strip() for found in tests for _, text in found.lost)
    return lost & Counter(text.strip() for found in tests for _, text in found.gained)


def _gone_names(change: Change) -> set[str]:
    """What source files define no more: its tests may go, too."""
    before: set[str] = set()
    after: set[str] = set()
    for file in change.files:
        if kind_of(file.change.old_path) != "source" or not file.change.removed_lines:
            continue
        old, new = (side.outline if side else None for side in (file.old, file.new))
        before |= {d.name for d in old.definitions} if old else set()
        after |= {d.name for d in new.definitions} if new else set()
    return before - after


def _lost(found: _Tests, moved: Counter[str], gone: Collection[str]) -> Iterator[str]:
    kept = Counter(moved)
    lost = [line for line in found.lost if not _taken(kept, line)]
    kept = Counter(moved)
    gained = [line for line in found.gained if not _taken(kept, line)]
    if lost and gone:
        seen = found.file.old.outline if found.file.old else None
        lost = [line for line in lost if not (seen and _tests_gone(seen, line[0], gone))]
    fewer = len(lost) - len(gained)
    if fewer > 0:
        number, text = lost[0]
        yield (
            f":{number} (as it was): {fewer} fewer assertions"
            f" ({len(lost)} removed, {len(gained)} added): {_cut(text)}"
        )
    for number, text in (line for edit in found.edits for line in edit.added):
        if found.habits.is_empty(text):
            yield f":{number}: asserts nothing: {_cut(text)}"


def _taken(left: Counter[str], line: Line) -> bool:
    text = line[1].strip()
    if left[text] <= 0:
        return False
    left[text] -= 1
    return True


def _tests_gone(seen: Outline, number: int, gone: Collection[str]) -> bool:
    """Whether the test that line *number* is of uses a name that is *gone*."""
    for test in seen.tests:
        if test.start <= number <= test.end:
            lines = range(test.start, test.end + 1)
            return any(n in lines for name in gone for n in seen.references.get(name, ()))
    return False


def _skipped(found: _Tests) -> Iterator[str]:
    """Skips of tests that were there; a new one may say where it cannot run."""
    habits = found.habits
    before = [x for e in found.edits for x in e.removed if habits.skips(x[1])]
    after = [x for e in found.edits for x in e.added if habits.skips(x[1])]
    if len(after) > len(before):
        fresh = new_lines(found.file)
        after = [line for line in after if line[0] not in fresh]
    for number, text in after[: max(0, len(after) - len(before))]:
        yield f":{number}: not run: {_cut(text)}"


def _idle(found: _Tests) -> Iterator[str]:
    for number, name in idle_tests(found.file, found.habits.asserts):
        yield f":{number}: still there, but no test any more: `{name}`"


def _weaker(found: _Tests, moved: Counter[str]) -> Iterator[str]:
    """An assertion that named its value gave way to one that names none."""
    habits = found.habits
    for edit in found.edits:
        lost = [x for x in edit.removed if habits.asserts(x[1]) and not moved[x[1].strip()]]
        gained = [x for x in edit.added if habits.asserts(x[1]) and not moved[x[1].strip()]]
        exact = [x for x in lost if habits.is_exact(x[1])]
        vague = [x for x in gained if not habits.is_exact(x[1])]
        if vague and len(exact) > len(gained) - len(vague):
            yield f":{vague[0][0]}: asserts less: {_cut(vague[0][1])} for {_cut(exact[0][1])}"


def _bent(found: _Tests, change: Change, moved: Counter[str]) -> Iterator[str]:
    """A wanted value is another now, and the issue does not name the new one."""
    asked = f"{change.issue.title}\n{change.issue.body}".casefold() if change.issue else ""
    for edit in found.edits:
        left = [
            (masked(text), text)
            for _, text in edit.removed
            if expects(text, found.habits) and not moved[text.strip()]
        ]
        for number, text in edit.added:
            shape, literals = masked(text)
            pair = next((x for x in left if x[0][0] == shape), None)
            if pair is None or _names_arguments(found.file.new_lines, number):
                continue
            left.remove(pair)
            (was, *old), (now, *new) = pair[0][1], literals
            turned = was != now and not _TURNS.search(asked)
            other = [b for a, b in zip(old, new, strict=False) if a != b]
            if turned or any(not _is_asked(value, asked) for value in other):
                yield f":{number}: expects other values: {_cut(text)} for {_cut(pair[1])}"


def _names_arguments(lines: Sequence[str], number: int) -> bool:
    """Whether the line only tells what the columns of a table of cases are called."""
    return number > 1 and lines[number - 2].rstrip().endswith("parametrize(")


def _recorded(change: Change) -> list[str]:
    """Recorded output that was rewritten, where the issue does not show what it has to be."""
    asked = " ".join(change.issue.body.casefold().split()) if change.issue else ""
    return [
        f"{file.path}: recorded anew ({file.change.removed_lines} lines went,"
        f" {file.change.added_lines} came)"
        for file in change.files
        if _RECORDED.search(file.path) and file.change.status in "MR" and file.change.removed_lines
        if not all(" ".join(line.casefold().split()) in asked for _, line in file.change.added())
    ]


def _is_asked(value: str, asked: str) -> bool:
    plain = value.strip("\"'`").casefold()
    return re.search(rf"(?<![\w.]){re.escape(plain)}(?!\.?\w)", asked) is not None


def _cut(text: str) -> str:
    plain = " ".join(text.split())
    return f"`{plain if len(plain) <= _WIDTH else plain[:_WIDTH] + '…'}`"
