"""Rail 4: nobody waves a change through that was not shown to him. Pure.

Counted are the changed lines that an answer of a tool showed, of either side. A line that went and
was replaced counts with what came in its place, within reason; one that only went has to be seen.
"""

from __future__ import annotations

import math
import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from loop.evidence import ChangedFile, Hunk, Record
from loop.rails.places import kind
from loop.rails.rail import Outcome, Rail, SoFar, could_not_run
from loop.rails.seats import NEVER_LOOKED as NAME
from tools.result import Ruling

ALL_LINES = 400  # a change of so many lines or fewer is read whole
SHARE = 0.8  # of a larger one
REPLACED = 3  # lines gone that one shown line in their place stands for; more is a removal
# Written by package managers. In a large change nobody reads them, and nobody should have to.
_LOCKS = frozenset(
    {
        *("cargo.lock", "composer.lock", "gemfile.lock", "go.sum", "npm-shrinkwrap.json"),
        *("package-lock.json", "pdm.lock", "pipfile.lock", "pnpm-lock.yaml", "poetry.lock"),
        *("uv.lock", "yarn.lock"),
    }
)

Ranges = Mapping[tuple[str, bool], Sequence[tuple[int, int]]]
"""By path and whether the old side is meant: first and last lines, in order, apart."""


@dataclass(frozen=True)
class Look:
    """One changed file, how many changed lines it has, and how many of them were shown."""

    file: ChangedFile
    lines: int
    seen: int


def unseen(record: Record) -> list[Look]:
    """The changed files that the reviewer was not shown, or too little of; in git's order.

    Of a change of at most 400 lines everything counts, of a larger one 80 % of each file. In one
    without lines any file stands for the others.
    """
    looks = _looks(record)
    if not looks and not _any_shown(record):
        return [Look(file, 0, 0) for file in record.files or []]
    all_of_it = sum(look.lines for look in looks) <= ALL_LINES
    return [look for look in looks if look.seen < (look.lines if all_of_it else _mark(look.lines))]


def judge(record: Record, so_far: SoFar) -> Outcome:
    if record.files is None:
        # Nobody can say what was approved. The reviewer is not to blame, and was not found wanting.
        unknown = could_not_run(NAME, record.fault or "there is no diff")
        if so_far.verdict != "GO":
            return unknown
        return replace(unknown, demoted_to="INCOMPLETE", failure_reason="InfrastructureError")
    looks = _looks(record)
    lines, seen = sum(look.lines for look in looks), sum(look.seen for look in looks)
    if seen and (record.files_omitted or any(file.hunks_omitted for file in record.files)):
        return could_not_run(NAME, "the diff is too large to be kept whole")
    blind = any(not x.seen and kind(record, x.file.path) == "source" for x in looks)
    enough = seen >= _mark(lines) and not blind and (lines > 0 or _any_shown(record))
    if not enough and (record.calls_omitted or any(call.shown_omitted for call in record.calls)):
        return could_not_run(NAME, "the reviewer was shown more than is kept")
    missed = unseen(record)
    ruling = Ruling(rail=NAME, ruling="kept", found=f"{seen} of {lines} changed lines were shown")
    changes = {"unseen_files": [look.file.path for look in missed] or None}
    if enough:
        return Outcome(ruling, changes)
    reason = f"not shown to the reviewer: {_listed(missed) or 'any of the change'}"
    if so_far.verdict != "GO":
        return Outcome(ruling.replace(ruling="annotated", reason=reason), changes)
    return Outcome(
        ruling.replace(ruling="demoted", claimed="GO", reason=reason),
        changes,
        demoted_to="INCOMPLETE",
    )


def _any_shown(record: Record) -> bool:
    """Whether the reviewer saw anything of a change that has no lines: files moved, pictures."""
    shown = {lines.path for call in record.calls for lines in call.shown}
    files = record.files or []
    return not files or any(path in shown for f in files for path in (f.path, f.old_path))


def _mark(lines: int) -> int:
    return lines if lines <= ALL_LINES else math.ceil(SHARE * lines)


def _listed(looks: Sequence[Look]) -> str:
    parts = [
        look.file.path if not look.seen else f"{look.file.path} ({look.seen} of {look.lines} lines)"
        for look in looks[:20]
    ]
    more = len(looks) - len(parts)
    return ", ".join(parts) + (f" and {more} more" if more else "")


def _looks(record: Record) -> list[Look]:
    shown = _shown(record)
    looks = [_look(file, shown) for file in record.files or [] if file.hunks]
    if sum(look.lines for look in looks) > ALL_LINES:
        looks = [x for x in looks if posixpath.basename(x.file.path).lower() not in _LOCKS]
    return looks


def _look(file: ChangedFile, shown: Ranges) -> Look:
    new = shown.get((file.path, False), ())
    old = shown.get((file.old_path or file.path, True), ())
    return Look(
        file,
        sum(hunk.old_count + hunk.new_count for hunk in file.hunks),
        sum(_seen(hunk, old, new) for hunk in file.hunks),
    )


def _seen(hunk: Hunk, old: Sequence[tuple[int, int]], new: Sequence[tuple[int, int]]) -> int:
    came = _covered(new, hunk.new_start, hunk.new_count)
    gone = _covered(old, hunk.old_start, hunk.old_count)
    if came == hunk.new_count:
        gone = max(gone, min(hunk.old_count, REPLACED * came))
    return came + gone


def _covered(ranges: Sequence[tuple[int, int]], start: int, count: int) -> int:
    end = start + count - 1
    return sum(max(0, min(end, last) - max(start, first) + 1) for first, last in ranges)


def _shown(record: Record) -> Ranges:
    """What all calls together showed."""
    found: dict[tuple[str, bool], list[tuple[int, int]]] = {}
    for call in record.calls:
        for lines in call.shown:
            found.setdefault((lines.path, lines.side == "old"), []).append((lines.start, lines.end))
    return {key: _apart(ranges) for key, ranges in found.items()}


def _apart(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if merged and start <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


RAIL = Rail(NAME, judge)
