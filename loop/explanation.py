"""A verdict judged again: the stored rulings against what record, git and issue give today. Pure.

The record is what the rails ran on, so it alone gives the same rulings again; git at the pinned
commits and the snapshot of the issue say whether the record tells the truth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from loop.evidence import Ask, ChangedFile, Record
from loop.rails.order import reconcile
from tools.result import Result, Ruling, Verdict


@dataclass(frozen=True)
class Sources:
    """What was read again. None: it could not be, *notes* say why, and the record stands in."""

    files: Sequence[ChangedFile] | None = None
    ask: Ask | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Explanation:
    """*differences* are empty where everything that was stored comes out again."""

    claimed: Verdict
    verdict: Verdict
    rulings: tuple[Ruling, ...]
    differences: tuple[str, ...]
    notes: tuple[str, ...]


def explain(record: Record, result: Result, sources: Sources) -> Explanation:
    """*result* of a review, recomputed."""
    differences = [*_forged(record, sources)]
    found = reconcile(_corrected(record, sources))
    differences += _changed(result.extra.rulings or [], found.rulings)
    if found.verdict != result.verdict:
        differences.append(f"the verdict is stored as {result.verdict}, recomputed {found.verdict}")
    return Explanation(
        claimed=record.claims.verdict,
        verdict=found.verdict,
        rulings=found.rulings,
        differences=tuple(differences),
        notes=sources.notes,
    )


def _corrected(record: Record, sources: Sources) -> Record:
    """*record* with what git and the issue say in the place of what it says of them."""
    if sources.files is not None:
        record = record.replace(files=list(sources.files))
    return record.replace(ask=sources.ask) if sources.ask else record


def _forged(record: Record, sources: Sources) -> list[str]:
    found = []
    if sources.files is not None and list(sources.files) != (record.files or []):
        names = _names(record.files or [], sources.files)
        found.append(f"the record's diff is not git's: {names or 'hunks differ'}")
    if (
        sources.ask
        and record.ask
        and sources.ask.replace(snapshot="") != record.ask.replace(snapshot="")
    ):
        found.append("the record's issue is not the snapshot's")
    return found


def _names(stored: Sequence[ChangedFile], there: Sequence[ChangedFile]) -> str:
    before, now = {f.path for f in stored}, {f.path for f in there}
    parts = []
    if gone := sorted(before - now):
        parts.append(f"only in the record: {', '.join(gone[:10])}")
    if new := sorted(now - before):
        parts.append(f"only in git: {', '.join(new[:10])}")
    return "; ".join(parts)


def _changed(stored: Sequence[Ruling], found: Sequence[Ruling]) -> list[str]:
    before, now = {r.rail: r for r in stored}, {r.rail: r for r in found}
    told = []
    for rail in dict.fromkeys((*before, *now)):
        old, new = before.get(rail), now.get(rail)
        if old is None:
            told.append(f"{rail}: no ruling is stored, recomputed {_said(new)}")
        elif new is None:
            told.append(f"{rail}: stored {_said(old)}, there is no such rail")
        elif old != new:
            told.append(f"{rail}: stored {_said(old)}, recomputed {_said(new)}")
    return told


def _said(ruling: Ruling | None) -> str:
    if ruling is None:
        return "nothing"
    return f"{ruling.ruling} ({ruling.reason or ruling.found})".replace(" ()", "")
