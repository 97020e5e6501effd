"""Claims beside what was found, as review and check run show them. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from app.report.prose import code, inline, plain, table
from loop.sources import is_test
from tools.result import CheckRun, Extra, Finding, GateCommand, Ruling, Unverified

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


def is_ungrounded(finding: Finding, extra: Extra) -> bool:
    """Whether *finding* points at nothing of the change, and so does not block."""
    return finding in (extra.ungrounded_findings or [])


def checks_table(runs: Sequence[CheckRun]) -> str:
    """What was asked of the change beside the commands; those that passed in one line."""
    rows = [
        (inline(run.check), f"{_MARK[run.outcome]} {run.outcome}", inline(run.detail, _CELL))
        for run in runs
        if run.outcome != "passed"
    ]
    passed = ", ".join(inline(run.check) for run in runs if run.outcome == "passed")
    told = table(("Check of the change", "Result", ""), rows) if rows else ""
    return "\n\n".join(part for part in (told, f"Passed: {passed}." if passed else "") if part)


_MARK = {
    "passed": "✅",
    "failed": "❌",
    "waived": "⚪",
    "could not run": "⚠️",
    "switched off": "⏸️",
}


def advisories(extra: Extra) -> str:
    """What the coder's checks want a person or a reviewer to look at."""
    points = [f"- {inline(a.check)}: {plain(a.detail, 600)}" for a in extra.gate_advisories or []]
    return "\n".join(["**To look at**", "", *points]) if points else ""


def unfounded(extra: Extra) -> str:
    """What a summary names and the change does not hold, as GitHub shows a warning."""
    claims = (extra.summary_unverified_claims or [])[:_CLAIMS]
    if not claims:
        return ""
    points = [f"> - {code(claim)}" for claim in claims]
    head = "> The summary names what is not in this change:"
    return "\n".join(["> [!WARNING]", head, *points])


def to_verify(points: Sequence[Unverified]) -> str:
    """What only a person can find out: a table, and boxes to tick it off."""
    if not points:
        return ""
    rows = [
        (inline(p.fact, 500), inline(p.why_it_matters, 500), inline(p.how_to_verify, 500))
        for p in points
    ]
    boxes = "\n".join(f"- [ ] {inline(point.fact, 200)}" for point in points)
    told = table(("Fact", "Why it matters", "How to find out"), rows)
    return f"**Needs a person to verify**\n\n{told}\n\n{boxes}"
