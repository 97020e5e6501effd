"""Tells where a change does nothing: only comments, docstrings, layout, documents or tests.

Nothing is wrong with that where the issue asks for it; the reviewer is told, so that a comment does
not pass for a fix.
"""

from __future__ import annotations

from loop.gates.check import PASSED, Change, ChangedText, Check, Found
from loop.gates.gate import GateReport

NAME = "no-functional-change"


def judge(change: Change) -> Found:
    if not change.files:
        return Found("could not run", "nothing is changed")
    kinds: set[str] = set()
    for file in change.files:
        kind = _harmless(file, change)
        if kind is None:
            return PASSED
        kinds.add(kind)
    return Found(
        "failed",
        f"nothing that runs is changed: only {', '.join(sorted(kinds))}. "
        "See whether the issue asks for no more than that.",
    )


CHECK = Check(NAME, "advisory", judge)


def changes_nothing(report: GateReport) -> bool | None:
    """As the check said; None where it was not asked or could not say."""
    for run in report.checks:
        if run.check == NAME and run.outcome in ("passed", "failed"):
            return run.outcome == "failed"
    return None


def _harmless(file: ChangedText, change: Change) -> str | None:
    """What sort of change that runs nowhere *file* is; None where it may run."""
    kinds = {change.kind(path) for path in (file.path, file.change.old_path)}
    if kinds == {"docs"}:
        return "documents"
    if kinds == {"test"}:
        return "tests"
    if kinds != {"source"} or file.change.status != "M" or file.old is None:
        return None
    if file.change.old_mode != file.change.new_mode or file.new is None:
        return None
    before, after = file.old.significant, file.new.significant
    return "comments and layout" if before is not None and before == after else None
