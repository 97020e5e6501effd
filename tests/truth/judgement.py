"""Whether what came of a case is what had to come of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from tests.truth.case import Case, Expected, fold
from tests.truth.stage import Seen
from tools.result import Extra, Ruling, Verdict

CHANGING = ("overridden", "demoted")


def faults(case: Case, seen: Seen) -> list[str]:
    """Every way in which *seen* is not what *case* expects; none: as it should be."""
    expected = case.story.expect
    found = list(rulings_faults(expected, seen.verdict, seen.extra))
    if case.story.role == "coder":
        found += _checks(expected, seen)
    told = seen.told + "".join(f"\n{r.reason}" for r in seen.extra.rulings or ())
    if expected.told and expected.told not in told:
        found.append(f"nobody was told {expected.told!r}")
    return found


def rulings_faults(expected: Expected, verdict: Verdict, extra: Extra) -> Iterator[str]:
    """What is not as *expected* of verdict, rulings and keys."""
    if verdict != expected.verdict:
        why = extra.demotion_reason or extra.error or ""
        yield f"verdict {verdict}, expected {expected.verdict} ({why})"
    yield from _rulings(expected, extra.rulings or ())
    wire = extra.wire()
    for key, value in expected.extra.items():
        if not _alike(value, wire.get(key)):
            yield f"{key} is {wire.get(key)!r}, expected {value!r}"


def _alike(expected: Any, found: Any) -> bool:
    """Equal; of an object only the keys that are expected count. None, False and [] are nothing."""
    if not expected and not found:
        return True
    if isinstance(expected, dict) and isinstance(found, dict):
        return all(_alike(value, found.get(key)) for key, value in expected.items())
    if isinstance(expected, list) and isinstance(found, list):
        return len(expected) == len(found) and all(map(_alike, expected, found))
    return bool(expected == found)


def _rulings(expected: Expected, found: Sequence[Ruling]) -> Iterator[str]:
    named = {fold(rail): ruling for rail, ruling in expected.rulings.items()}
    for ruling in found:
        wanted = named.pop(fold(ruling.rail), "")
        if wanted and ruling.ruling != wanted:
            yield f"{ruling.rail} {ruling.ruling}, expected {wanted} ({ruling.reason})"
        if not wanted and ruling.ruling in CHANGING:
            yield f"{ruling.rail} {ruling.ruling}, which was not expected ({ruling.reason})"
    yield from (f"no ruling of {rail}, expected {ruling}" for rail, ruling in named.items())


def _checks(expected: Expected, seen: Seen) -> Iterator[str]:
    named = {fold(check): outcome for check, outcome in expected.checks.items()}
    for run in seen.extra.checks or ():
        wanted = named.pop(fold(run.check), "")
        if wanted and run.outcome != wanted:
            yield f"{run.check} {run.outcome}, expected {wanted} ({run.detail[:300]})"
        if not wanted and run.tier == "block" and run.outcome == "failed":
            yield f"{run.check} failed, which was not expected ({run.detail[:300]})"
    yield from (f"{check} was not asked, expected {outcome}" for check, outcome in named.items())
