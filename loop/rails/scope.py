"""Rail 5: a change touches one of the files that the issue names, or it is about something else."""

from __future__ import annotations

import posixpath
from collections.abc import Collection
from typing import Any

from loop.evidence import Record
from loop.rails.named import Paths, refs, text_of
from loop.rails.places import kind
from loop.rails.rail import Outcome, Rail, SoFar, could_not_run
from tools.result import Ruling

NAME = "scope"
_SHOWN = 20  # names in a ruling; all of them are in the result


def judge(record: Record, so_far: SoFar) -> Outcome:
    if record.files is None:
        return could_not_run(NAME, record.fault or "there is no diff")
    if not text_of(record.ask):
        return could_not_run(NAME, "the issue has no text")
    if not record.files:
        return could_not_run(NAME, "the diff is empty")
    named = refs(record)
    if not named:
        return could_not_run(NAME, "the issue names no file")
    matched = [ref for ref in named if _is_touched(record, ref)]
    content = [ref for ref in named if ref not in matched and _is_imported(record, ref)]
    ruling = Ruling(rail=NAME, ruling="kept", claimed=_listed(named))
    changes: dict[str, Any] = {
        "scope_refs": named,
        "scope_matched": matched or None,
        "scope_matched_via_content": content or None,
    }
    if matched or content:
        return Outcome(ruling.replace(found=_listed([*matched, *content])), changes)
    around = record.surroundings
    if record.files_omitted or (around and around.omitted):
        return could_not_run(NAME, "the change is too large to be kept whole")
    if vouched := _words_in_change(record, named):
        reason = f"the change touches what the issue speaks of: {_listed(vouched)}"
        return Outcome(ruling.replace(ruling="annotated", reason=reason), changes)
    return _drifted(record, so_far, ruling=ruling, changes=changes)


def _drifted(record: Record, so_far: SoFar, *, ruling: Ruling, changes: dict[str, Any]) -> Outcome:
    paths = [file.path for file in record.files or []]
    changes["scope_drift_detected"] = True
    reason = "the change touches none of the files that the issue names"
    ruling = ruling.replace(found=_listed(paths), reason=reason)
    if not any(kind(record, path) == "source" for path in paths):
        changes["scope_drift_not_demoted"] = "diff-has-no-source-file"
        note = f"{reason}, but no source file either"
        return Outcome(ruling.replace(ruling="annotated", reason=note), changes)
    if so_far.verdict != "GO":
        changes["scope_drift_not_demoted"] = "verdict-already-non-go"
        return Outcome(ruling.replace(ruling="annotated"), changes)
    return Outcome(ruling.replace(ruling="demoted"), changes, demoted_to="NO-GO")


def _is_touched(record: Record, ref: str) -> bool:
    """Whether the change touches *ref*, or a test that is named after it, or what *ref* tests."""
    changed = _changed(record)
    return (
        any(_is(record, ref, path) for path in changed)
        or any(_is(record, ref, source) for path in changed for source in _tested(record, path))
        or any(
            source in changed for test in _known(record, ref) for source in _tested(record, test)
        )
    )


def _is_imported(record: Record, ref: str) -> bool:
    """As `_is_touched`, by what tests import."""
    changed = _changed(record)
    return any(
        _is(record, ref, source) for path in changed for source in _imported(record, path)
    ) or any(
        source in changed for test in _known(record, ref) for source in _imported(record, test)
    )


def _is(record: Record, ref: str, path: str) -> bool:
    """Whether *ref* means *path*. A name that is none of the repository's may have moved."""
    if ref.endswith("/"):
        return any(path.startswith(folder) for folder in _known(record, ref))
    if there := _known(record, ref):
        return path in there
    return bool(Paths([path]).meant(ref)) or posixpath.basename(ref) == posixpath.basename(path)


def _known(record: Record, ref: str) -> list[str]:
    return Paths(record.surroundings.named).meant(ref) if record.surroundings else []


def _changed(record: Record) -> Collection[str]:
    files = record.files or []
    return dict.fromkeys(path for file in files for path in (file.path, file.old_path) if path)


def _tested(record: Record, path: str) -> list[str]:
    found = record.surroundings.tests.get(path) if record.surroundings else None
    return found.by_name if found else []


def _imported(record: Record, path: str) -> list[str]:
    found = record.surroundings.tests.get(path) if record.surroundings else None
    return found.by_import if found else []


def _words_in_change(record: Record, named: list[str]) -> list[str]:
    """Names in code that stand in the issue and in the change.

    They vouch only where the issue names no code: a document or a setting may be where something
    shows, and not where it has to be mended.
    """
    paths = [path for ref in named for path in (_known(record, ref) or [ref])]
    if not record.surroundings or any(
        path.endswith("/") or kind(record, path) in ("source", "test") for path in paths
    ):
        return []
    return record.surroundings.identifiers


def _listed(names: list[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


RAIL = Rail(NAME, judge)
