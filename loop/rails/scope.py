"""Rail 5: a change touches one of the files that the issue names, or it is about something else."""

from __future__ import annotations

import posixpath
from typing import Any

from loop.evidence import Record, Surroundings
from loop.rails.named import Paths, refs, text_of
from loop.rails.places import kind
from loop.rails.rail import Outcome, Rail, SoFar, could_not_run
from loop.sources import language_of
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
    reach, imported = _Reach(record), _Reach(record, by_import=True)
    matched = [ref for ref in named if reach.has(ref)]
    content = [ref for ref in named if ref not in matched and imported.has(ref)]
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


class _Reach:
    """What a change reaches: its files, what its tests are of, and by which names these go."""

    def __init__(self, record: Record, *, by_import: bool = False) -> None:
        around = record.surroundings or Surroundings()
        self._there = Paths(around.named)
        self._tests = {
            path: covers.by_import if by_import else covers.by_name
            for path, covers in around.tests.items()
        }
        files = record.files or []
        self._changed = {path for file in files for path in (file.path, file.old_path) if path}
        tested = {source for path in self._changed for source in self._tests.get(path, ())}
        self._all = tested if by_import else self._changed | tested
        self._paths = Paths(self._all)
        self._names = {posixpath.basename(path) for path in self._all}

    def has(self, ref: str) -> bool:
        """Whether it reaches *ref*, or what *ref* is a test of."""
        known = self._there.meant(ref)
        if any(not self._changed.isdisjoint(self._tests.get(path, ())) for path in known):
            return True
        if ref.endswith("/"):
            return any(path.startswith(tuple(known)) for path in self._all)
        if known:
            return any(path in self._all or self._has_twin(path) for path in known)
        # A name that is none of the repository's may have moved.
        return bool(self._paths.meant(ref)) or posixpath.basename(ref) in self._names

    def _has_twin(self, path: str) -> bool:
        """Whether the change reaches the other half of *path*: a header's source, a stub's module."""
        return language_of(path) is not None and any(
            _halves(path) == _halves(other) and (_is_c(path) or _folder(path) == _folder(other))
            for other in self._all
        )


def _halves(path: str) -> tuple[str, bool, bool]:
    """What both halves share: the name without its extension, that they are code, or C or C++."""
    name = posixpath.basename(path).partition(".")[0]
    return name, language_of(path) is not None, _is_c(path)


def _is_c(path: str) -> bool:
    return language_of(path) in ("c", "cpp")


def _folder(path: str) -> str:
    return posixpath.dirname(path)


def _words_in_change(record: Record, named: list[str]) -> list[str]:
    """Names in code that stand in the issue and in the change.

    They vouch only where the issue names no code: a document or a setting may be where something
    shows, and not where it has to be mended.
    """
    if not record.surroundings:
        return []
    there = Paths(record.surroundings.named)
    paths = [path for ref in named for path in (there.meant(ref) or [ref])]
    if any(path.endswith("/") or kind(record, path) in ("source", "test") for path in paths):
        return []
    return record.surroundings.identifiers


def _listed(names: list[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


RAIL = Rail(NAME, judge)
