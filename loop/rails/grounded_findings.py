"""Rail 6: what turns a change down points at the change."""

from __future__ import annotations

from loop.evidence import Record
from loop.rails.grounding import blocking, fault_of
from loop.rails.rail import Outcome, Rail, SoFar, could_not_run
from tools.result import Ruling

NAME = "groundedFindings"
_SHOWN = 10


def judge(record: Record, so_far: SoFar) -> Outcome:
    if record.files is None:
        return could_not_run(NAME, record.fault or "there is no diff")
    if not record.files:
        return could_not_run(NAME, "the diff is empty, nothing can point into it")
    asked = so_far.extra.scope_refs
    found = blocking(so_far.extra.findings)
    faults = [
        (finding, fault) for finding in found if (fault := fault_of(record, finding, asked=asked))
    ]
    grounded = len(found) - len(faults)
    ruling = Ruling(
        rail=NAME,
        ruling="kept",
        claimed=f"{len(found)} blocking {'finding' if len(found) == 1 else 'findings'}",
        found=f"{grounded} {'points' if grounded == 1 else 'point'} at the change" if found else "",
    )
    told = "; ".join(dict.fromkeys(fault for _, fault in faults[:_SHOWN]))
    changes = {
        "ungrounded_findings": [finding for finding, _ in faults] or None,
        "grounded_finding_reason": told or None,
    }
    if so_far.verdict == "NO-GO" and not grounded and not _has_drifted(so_far):
        reason = told or "no blocking finding was handed in"
        return Outcome(
            ruling.replace(ruling="demoted", reason=f"nothing supports the NO-GO: {reason}"),
            {**changes, "grounded_finding_reason": reason},
            demoted_to="INCOMPLETE",
            outcome="UNGROUNDED",
        )
    if faults:
        return Outcome(ruling.replace(ruling="annotated", reason=told), changes)
    return Outcome(ruling, changes)


def _has_drifted(so_far: SoFar) -> bool:
    """Whether the change is about something else, which is reason enough."""
    extra = so_far.extra
    return (
        extra.scope_drift_detected is True
        and extra.scope_drift_not_demoted != "diff-has-no-source-file"
    )


RAIL = Rail(NAME, judge)
