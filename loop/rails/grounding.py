"""Which findings point at the change. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from loop.evidence import Record
from loop.rails.named import Paths
from loop.rails.places import file_of, is_inside
from tools.result import Finding

# What is not there has no line.
_WITHOUT_LINE = frozenset({"regression", "tests", "wired-up"})


def blocking(findings: Sequence[Finding] | None) -> list[Finding]:
    return [f for f in findings or () if f.severity in ("blocker", "major")]


def fault_of(record: Record, finding: Finding, *, asked: Sequence[str] | None) -> str:
    """Why *finding* points at nothing of the change; "" where it points at it.

    *asked* are the files that the issue names.
    """
    if not finding.file:
        return "names no file"
    file = file_of(record, finding.file)
    if finding.area in _WITHOUT_LINE and (file or _is_asked_for(record, finding.file, asked or ())):
        return ""
    if file is None:
        return "" if record.files_omitted else f"{finding.file} is not in the diff"
    if file.status == "deleted" or not (file.hunks or file.hunks_omitted):
        return ""  # the whole file is the change, or there are no lines: binary, renamed, a mode
    if not finding.line:
        return f"{file.path}: no line"
    if is_inside(file, finding.line) or file.hunks_omitted:
        return ""
    return f"{file.path}:{finding.line} is not in the diff"


def _is_asked_for(record: Record, name: str, asked: Sequence[str]) -> bool:
    """Whether *name* is one of *asked*, which the issue may name in full or by their ends."""
    there = Paths(record.surroundings.named if record.surroundings else ())
    for ref in asked:
        if Paths([*there.meant(ref), ref]).meant(name):
            return True
        if not there.meant(ref) and Paths([name.strip()]).meant(ref):
            return True
    return False
