"""Rail 7: who finds what blocks does not say GO."""

from __future__ import annotations

from loop.evidence import Record
from loop.rails.grounding import blocking, fault_of
from loop.rails.rail import Outcome, Rail, SoFar, could_not_run
from tools.result import Ruling

NAME = "verdictFromFindings"


def judge(record: Record, so_far: SoFar) -> Outcome:
    if not record.files:
        return could_not_run(NAME, record.fault or "there is no diff to point into")
    kept = Ruling(rail=NAME, ruling="kept", claimed=so_far.verdict)
    if so_far.verdict != "GO":
        return Outcome(kept)
    asked = so_far.extra.scope_refs
    grounded = [f for f in blocking(so_far.extra.findings) if not fault_of(record, f, asked=asked)]
    if not grounded:
        return Outcome(kept.replace(found="no blocking finding points at the change"))
    worst = next((f for f in grounded if f.severity == "blocker"), grounded[0])
    place = f"{worst.file}:{worst.line}" if worst.line else worst.file
    reason = f"its own finding blocks: {worst.severity} at {place}"
    return Outcome(
        kept.replace(ruling="demoted", found=worst.message[:200], reason=reason),
        {"verdict_from_findings_reason": f"{reason}: {worst.message[:200]}"},
        demoted_to="NO-GO",
    )


RAIL = Rail(NAME, judge)
