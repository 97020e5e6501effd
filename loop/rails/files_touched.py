"""Rail 1: the files touched are git's list, whatever the reviewer says they are."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

from loop.evidence import Record
from loop.rails.rail import Outcome, Rail, SoFar, could_not_run
from tools.result import Ruling

NAME = "filesTouched"
_SHOWN = 30  # names in a ruling; all of them are in the result


def judge(record: Record, so_far: SoFar) -> Outcome:
    claimed = so_far.extra.files_touched
    told = _list(claimed or [])
    if record.files is None:
        return could_not_run(NAME, record.fault or "there is no diff", claimed=told)
    if record.files_omitted:
        count = len(record.files) + record.files_omitted
        return could_not_run(NAME, f"the diff has {count} files, too many to keep", claimed=told)
    found = [file.path for file in record.files]
    changes = {"files_touched": found}
    ruling = Ruling(rail=NAME, ruling="kept", claimed=told, found=_list(found))
    if claimed is None:
        return Outcome(ruling.replace(reason="nothing was claimed"), changes)
    if _same(claimed, record):
        return Outcome(ruling, changes)
    return Outcome(
        ruling.replace(ruling="overridden", reason=_difference(claimed, found)),
        {**changes, "files_touched_claimed": claimed},
    )


def _same(claimed: Iterable[str], record: Record) -> bool:
    """Whether both are the same files; the old name of a renamed one may be among them."""
    files = record.files or []
    names, found = {_path(name) for name in claimed}, {file.path for file in files}
    return found <= names <= found | {file.old_path for file in files if file.old_path}


def _path(name: str) -> str:
    return posixpath.normpath(name.strip()).lstrip("/")


def _difference(claimed: Iterable[str], found: Iterable[str]) -> str:
    names, there = {_path(name) for name in claimed}, set(found)
    parts = []
    if invented := sorted(names - there):
        parts.append(f"not in the diff: {_list(invented)}")
    if missed := sorted(there - names):
        parts.append(f"not named: {_list(missed)}")
    return "; ".join(parts)


def _list(names: list[str]) -> str:
    shown = ", ".join(names[:_SHOWN])
    more = len(names) - _SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


RAIL = Rail(NAME, judge)
