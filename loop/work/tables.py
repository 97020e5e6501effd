"""What was run, asked and left open, as tables for people. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from loop.prose import code, inline, table
from tools.result import CheckRun, GateCommand, Unverified

_CELL = 300
_CLAIMS = 5


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


def unfounded(names: Sequence[str]) -> str:
    """What a summary names and the change does not hold, as GitHub shows a warning."""
    claims = names[:_CLAIMS]
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
