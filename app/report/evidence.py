"""Claims beside what was found, as review and check run show them. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from app.report.prose import code, inline, table
from tools.result import Extra, GateCommand, Ruling, Unverified

_CELL = 300


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
    if extra.on_trust:
        points.append(f"- taken on trust: {inline(extra.on_trust, 500)}")
    return "\n".join(["**Not verified**", "", *points]) if points else ""


def demotion(extra: Extra) -> str:
    if not extra.verdict_demoted:
        return ""
    why = inline(extra.demotion_reason or "", 500)
    return f"⚠️ The reviewer said {extra.verdict_claimed}; the evidence does not carry it: {why}."


def gate_table(commands: Sequence[GateCommand]) -> str:
    """What the harness ran."""
    rows = [
        (command.name, code(command.command), _exit(command), f"{command.seconds:.1f} s")
        for command in commands
    ]
    return table(("Check", "Command", "Result", "Time"), rows) if rows else ""


def _exit(command: GateCommand) -> str:
    if command.exit_code is None:
        return "⚠️ could not run"
    return "✅ passed" if command.exit_code == 0 else f"❌ exit {command.exit_code}"


def to_verify(points: Sequence[Unverified]) -> str:
    """What only a person can find out, to be ticked off."""
    rows = [
        f"- [ ] {inline(point.fact, 500)}"
        + (f", {inline(point.why_it_matters, 500)}" if point.why_it_matters else "")
        + (f", how: {inline(point.how_to_verify, 500)}" if point.how_to_verify else "")
        for point in points
    ]
    return "\n".join(["**Needs a person to verify**", "", *rows]) if rows else ""
