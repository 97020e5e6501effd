"""The page of `foreman verdict explain`: pure text from values."""

from __future__ import annotations

import textwrap

from k8s.resources.task import AgenticTask
from loop.evidence import Record
from loop.explanation import Explanation
from tools.result import Ruling

_WIDTH = 96


def page(task: AgenticTask, record: Record, found: Explanation) -> str:
    """Claim, evidence and ruling of each rail, then whether all came out as stored."""
    lines = [
        f"{task.metadata.name}: claimed {found.claimed}, judged {found.verdict}",
        f"{record.repository} {record.base_sha[:12]}...{record.head_sha[:12]}",
        "",
    ]
    for ruling in found.rulings:
        lines += _ruling(ruling)
    for run in found.checks:
        lines += [f"{run.check}  {run.outcome} ({run.tier})", *_told("", run.detail)]
    if found.checks:
        lines.append("")
    lines += [f"· {note}" for note in found.notes]
    if found.differences:
        lines += ["", "Not what was stored:"]
        lines += [f"✘ {difference}" for difference in found.differences]
    else:
        count = len(found.rulings) + len(found.checks)
        lines += ["", f"✔ all {count} come out as they were stored"]
    return "\n".join(lines)


def _ruling(ruling: Ruling) -> list[str]:
    reason = f": {ruling.reason}" if ruling.reason else ""
    return [
        f"{ruling.rail}  {ruling.ruling}{reason}",
        *_told("claimed", ruling.claimed),
        *_told("found", ruling.found),
        "",
    ]


def _told(word: str, text: str) -> list[str]:
    """*text* below what it is about; nothing for nothing."""
    return textwrap.wrap(
        " ".join(text.split()),
        _WIDTH,
        initial_indent=f"    {word:8} " if word else "    ",
        subsequent_indent=" " * 13 if word else "    ",
    )
