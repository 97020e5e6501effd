"""Claims beside what was found, as review and check run show them. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from loop.prose import code, inline, plain, table
from loop.sources import is_test
from tools.result import Extra, Finding, Ruling

_CELL = 300
_NAMED = 10
_CLAIMS = 5


def evidence_table(rulings: Sequence[Ruling]) -> str:
    """Claim, evidence, ruling; one row a rail."""
    rows = [
        (
            f"**{inline(ruling.rail)}**: {inline(ruling.claimed, _CELL) or 'nothing claimed'}",
            inline(ruling.found, _CELL) or "-",
            _ruling(ruling),
        )
        for ruling in rulings
    ]
    return table(("Claim", "Evidence", "Ruling"), rows) if rows else ""


def _ruling(ruling: Ruling) -> str:
    reason = f": {inline(ruling.reason, _CELL)}" if ruling.reason else ""
    return f"{'' if ruling.ruling == 'kept' else '⚠️ '}{ruling.ruling}{reason}"


def coverage(extra: Extra) -> str:
    """Which rails ran and which could not."""
    run, skipped = extra.rails_run or [], extra.rails_skipped or []
    if not run and not skipped:
        return ""
    ran = f"Rails run: {', '.join(map(inline, run)) or 'none'}."
    return f"{ran} Could not run: {'; '.join(map(inline, skipped)) or 'none'}."


def not_verified(extra: Extra) -> str:
    """What nobody checked, in one list; "" when there is nothing."""
    points = [f"- {inline(ruling)}" for ruling in extra.rails_skipped or []]
    if extra.issue_ask_verified is False:
        points.append("- that the reviewer judged what the issue asks for")
    if extra.tests_added and not any(map(is_test, extra.files_touched or [])):
        points.append("- that tests were added, as the reviewer says: the diff holds none")
    if extra.unseen_files:
        named = ", ".join(code(path) for path in extra.unseen_files[:_NAMED])
        more = len(extra.unseen_files) - _NAMED
        points.append(
            f"- what no tool showed the reviewer: {named}{f' and {more} more' * (more > 0)}"
        )
    if extra.on_trust:
        points.append(f"- taken on trust: {inline(extra.on_trust, 500)}")
    return "\n".join(["**Not verified**", "", *points]) if points else ""


def demotion(extra: Extra) -> str:
    if not extra.verdict_demoted:
        return ""
    why = inline(extra.demotion_reason or "", 500)
    return f"⚠️ The reviewer said {extra.verdict_claimed}; the evidence does not carry it: {why}."


def is_ungrounded(finding: Finding, extra: Extra) -> bool:
    """Whether *finding* points at nothing of the change, and so does not block."""
    return finding in (extra.ungrounded_findings or [])


def advisories(extra: Extra) -> str:
    """What the coder's checks want a person or a reviewer to look at."""
    points = [f"- {inline(a.check)}: {plain(a.detail, 600)}" for a in extra.gate_advisories or []]
    return "\n".join(["**To look at**", "", *points]) if points else ""
