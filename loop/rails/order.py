"""The order of the rails, and what comes of a verdict that has passed them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from loop.errors import RailError
from loop.evidence import Record
from loop.rails import (
    empty_claim,
    files_touched,
    grounded_findings,
    issue_ask,
    issue_ask_enforced,
    never_looked,
    scope,
    verdict_from_findings,
)
from loop.rails.rail import Outcome, Rail, SoFar
from tools.result import Extra, FailureReason, Ruling, Verdict

RAILS: tuple[Rail, ...] = (
    files_touched.RAIL,
    issue_ask.RAIL,
    empty_claim.RAIL,
    never_looked.RAIL,
    scope.RAIL,
    grounded_findings.RAIL,
    verdict_from_findings.RAIL,
    issue_ask_enforced.RAIL,
)

# A rail moves a verdict down this ladder or leaves it where it is.
_LADDER: tuple[Verdict, ...] = ("GO", "NO-GO", "INCOMPLETE")

# What the harness says about claims. A model that writes it itself has said nothing.
_OURS: Mapping[str, None] = dict.fromkeys(
    (
        "files_touched_claimed",
        "issue_ask_claimed",
        "issue_ask_verified",
        "issue_ask_method",
        "verdict_demoted",
        "verdict_claimed",
        "demotion_reason",
        "empty_claim_reason",
        "unseen_files",
        "scope_refs",
        "scope_matched",
        "scope_matched_via_content",
        "scope_drift_detected",
        "scope_drift_not_demoted",
        "scope_vouched",
        "ungrounded_findings",
        "grounded_finding_reason",
        "verdict_from_findings_reason",
        "rails_run",
        "rails_skipped",
        "rulings",
    )
)


@dataclass(frozen=True)
class Reconciled:
    """A verdict as far as it can be believed.

    *failure_reason* and *outcome* are None unless a rail gave one.
    """

    verdict: Verdict
    extra: Extra
    rulings: tuple[Ruling, ...]
    failure_reason: FailureReason | None = None
    outcome: Literal["UNGROUNDED"] | None = None


def reconcile(record: Record, rails: Sequence[Rail] = RAILS) -> Reconciled:
    """The claims of *record* after all *rails*. Raises `RailError` where one goes up the ladder."""
    claims = record.claims
    so_far = SoFar(claims.verdict, claims.extra.replace(**_OURS))
    failure: FailureReason | None = None
    fine: Literal["UNGROUNDED"] | None = None
    reasons: list[str] = []
    for rail in rails:
        outcome = rail.judge(record, so_far)
        verdict = _lowered(rail, so_far.verdict, outcome)
        if verdict != so_far.verdict:
            reasons.append(f"{rail.name}: {outcome.ruling.reason}")
            failure = outcome.failure_reason or failure
            fine = outcome.outcome or fine
        so_far = SoFar(
            verdict,
            so_far.extra.replace(**outcome.changes),
            (*so_far.rulings, outcome.ruling),
        )
    demoted = so_far.verdict != claims.verdict
    extra = so_far.extra.replace(
        **_told(so_far.rulings),
        verdict_demoted=demoted or None,
        verdict_claimed=claims.verdict if demoted else None,
        demotion_reason="; ".join(reasons) or None,
    )
    return Reconciled(so_far.verdict, extra, so_far.rulings, failure, fine)


def _lowered(rail: Rail, before: Verdict, outcome: Outcome) -> Verdict:
    after = outcome.demoted_to
    if after is None:
        return before
    if after not in _LADDER[1:]:
        raise RailError(f"rail {rail.name}: answers {after}; a rail never decides for GO")
    if before not in _LADDER:
        return before  # nothing was decided that could be demoted
    return max(before, after, key=_LADDER.index)


def _told(rulings: Sequence[Ruling]) -> dict[str, Any]:
    skipped = [r for r in rulings if r.ruling == "could not run"]
    return {
        "rails_run": [r.rail for r in rulings if r.ruling != "could not run"],
        "rails_skipped": [f"{r.rail}: {r.reason}" for r in skipped] or None,
        "rulings": list(rulings),
    }
