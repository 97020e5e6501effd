"""Rail 8: who does not know what was asked cannot say that it was done.

Unless the change touches what the issue names: then the change vouches for the reviewer.
"""

from __future__ import annotations

from loop.evidence import Record
from loop.rails.rail import Outcome, Rail, SoFar, could_not_run
from loop.rails.seats import ISSUE_ASK_ENFORCED as NAME
from tools.result import Ruling


def judge(record: Record, so_far: SoFar) -> Outcome:
    extra = so_far.extra
    if extra.issue_ask_verified is None:
        return could_not_run(NAME, "there was nothing to check the ask against")
    claim = extra.issue_ask_claimed or ("" if not extra.issue_ask_verified else extra.issue_ask)
    ruling = Ruling(rail=NAME, ruling="kept", claimed=claim or "")
    if extra.issue_ask_verified:
        return Outcome(ruling)
    reason = "what the reviewer says was asked is not in the issue"
    if so_far.verdict != "GO":
        return Outcome(ruling.replace(ruling="annotated", reason=reason))
    touched = [*(extra.scope_matched or ()), *(extra.scope_matched_via_content or ())]
    if touched and not extra.scope_drift_detected:
        note = f"{reason}, but the change touches a file that the issue names"
        return Outcome(
            ruling.replace(ruling="annotated", found=", ".join(touched[:10]), reason=note),
            {"scope_vouched": True},
        )
    return Outcome(
        ruling.replace(ruling="demoted", reason=reason),
        {"scope_vouched": False},
        demoted_to="NO-GO",
    )


RAIL = Rail(NAME, judge)
