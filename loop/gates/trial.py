"""What the bite check tries: which files are put back as they were, and which tests must notice.

Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from loop.gates.check import Change, ChangedText, Found
from loop.languages.inline_tests import grafted, inline_tests
from loop.repo.diff import ABSENT, FileChange
from loop.repo.variant import Entry
from loop.sources import is_test, kind_of
from loop.tested import TestLayout

_NAMED = 5


@dataclass(frozen=True)
class Trial:
    """*entries* of the tree are as before; of these, *sources* are code.

    *contents* are files as they were, but for the *tests* inside them. *undone* is what *entries*
    undo.
    """

    tests: tuple[str, ...]
    sources: tuple[str, ...]
    entries: tuple[Entry, ...]
    undone: tuple[ChangedText, ...]
    contents: Mapping[str, bytes] = field(default_factory=dict)

    def entries_of_code(self) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.entries if entry.path in self.sources)


def planned(change: Change) -> Trial | Found:
    """What to try; why there is nothing to, where there is not."""
    layout = change.profile.test_layout
    code = [file for file in change.files if not _is_test(file.path, layout)]
    tests = [f.path for f in change.files if f not in code and f.change.status != "D"]
    contents = {f.change.old_path: content for f in code if (content := _grafted(f))}
    if not tests and not contents:
        new = [f.path for f in code if f.change.status == "A" and _has_tests(f)]
        if new:
            return Found("passed", f"weak: the tests are inside {listed(new)}, which is new")
        return Found("waived", "the change touches no test")
    entries = {file: _before(file.change, layout) for file in change.files}
    paths = dict.fromkeys(entry.path for found in entries.values() for entry in found)
    sources = [p for p in paths if kind_of(p, change.profile.source_extensions) == "source"]
    if not sources:
        return Found("waived", "the change touches no source file")
    if "test" not in change.profile.commands:
        return Found("could not run", "this repository has no test command")
    return Trial(
        tests=(*tests, *contents),
        sources=tuple(sources),
        entries=tuple(entry for found in entries.values() for entry in found),
        undone=tuple(file for file, found in entries.items() if found),
        contents=contents,
    )


def listed(names: Sequence[str]) -> str:
    """The first of *names*, and how many more there are."""
    rest = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {rest} more" if rest > 0 else "")


def _is_test(path: str, layout: TestLayout | None) -> bool:
    root = layout.test_root.strip("/") if layout else ""
    return is_test(path) or bool(root and path.startswith(f"{root}/"))


def _before(change: FileChange, layout: TestLayout | None) -> list[Entry]:
    """Both paths of *change* as they were, but for those that are tests."""
    entries = []
    if change.status in ("D", "R") and not _is_test(change.old_path, layout):
        entries.append(Entry(change.old_path, change.old_mode, change.old_sha))
    if change.status in ("M", "T") and not _is_test(change.path, layout):
        entries.append(Entry(change.path, change.old_mode, change.old_sha))
    if change.status in ("A", "C", "R") and not _is_test(change.path, layout):
        entries.append(Entry(change.path, ABSENT))
    return entries


def _grafted(file: ChangedText) -> bytes | None:
    """What *file* was, with the tests that it holds now; None where those are no news."""
    if file.before is None or file.after is None:
        return None
    return grafted(file.path, file.before, file.after)


def _has_tests(file: ChangedText) -> bool:
    return bool(inline_tests(file.path, file.after or b""))
