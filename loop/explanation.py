"""A verdict judged again: what was stored against what record, git and issue give today. Pure.

The record is what the rails ran on, so it alone gives the same rulings again; git at the pinned
commits and the snapshot of the issue say whether the record tells the truth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from loop.evidence import ChangedFile, Record
from loop.rails.order import reconcile
from tools.result import CheckRun, Result, Ruling, Verdict


@dataclass(frozen=True)
class Explanation:
    """*differences* are empty where everything that was stored comes out again.

    *notes* say what could be read again, and what could not.
    """

    claimed: Verdict
    verdict: Verdict
    rulings: tuple[Ruling, ...] = ()
    checks: tuple[CheckRun, ...] = ()
    differences: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def explain_review(
    record: Record, result: Result, *, fresh: Record, notes: Sequence[str] = ()
) -> Explanation:
    """The rails once more, on *fresh*: *record* as far as it could be read again."""
    found = reconcile(fresh)
    differences = [*_forged(record, fresh), *_changed(result.extra.rulings or [], found.rulings)]
    judged = result.extra.commit_sha
    if judged and judged != record.head_sha:
        differences.append(
            f"the record is of commit {record.head_sha[:12]}, what was judged is {judged[:12]}"
        )
    if found.verdict != result.verdict:
        differences.append(f"the verdict is stored as {result.verdict}, recomputed {found.verdict}")
    return Explanation(
        claimed=record.claims.verdict,
        verdict=found.verdict,
        rulings=found.rulings,
        differences=tuple(differences),
        notes=tuple(notes),
    )


def explain_code(
    record: Record, result: Result, *, again: Sequence[CheckRun], notes: Sequence[str] = ()
) -> Explanation:
    """A coder's checks: *again* are those that could be asked once more; commands are as stored."""
    stored = result.extra.checks or []
    now = {run.check: run for run in again}
    before = {run.check: run for run in stored}
    differences = [
        f"{name}: stored {run.outcome}, recomputed {now[name].outcome}"
        for name, run in before.items()
        if name in now and now[name].outcome != run.outcome
    ]
    differences += [
        f"{name}: no run is stored, recomputed {run.outcome}"
        for name, run in now.items()
        if name not in before
    ]
    return Explanation(
        claimed=record.claims.verdict,
        verdict=result.verdict,
        rulings=tuple(result.extra.rulings or ()),
        checks=tuple(now.get(run.check, run) for run in stored),
        differences=tuple(differences),
        notes=tuple(notes),
    )


def _forged(record: Record, fresh: Record) -> list[str]:
    found = []
    if fresh.files != record.files:
        names = _names(record.files or [], fresh.files or [])
        found.append(f"the record's diff is not git's: {names or 'hunks differ'}")
    if fresh.surroundings != record.surroundings:
        found.append("what the record says of the repository is not what git says")
    if (
        fresh.ask
        and record.ask
        and fresh.ask.replace(snapshot="") != record.ask.replace(snapshot="")
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
