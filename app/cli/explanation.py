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
    lines += [f"· {note}" for note in found.notes]
    if found.differences:
        lines += ["", "Not what was stored:"]
        lines += [f"✘ {difference}" for difference in found.differences]
    else:
        lines += ["", f"✔ all {len(found.rulings)} rulings come out as they were stored"]
    return "\n".join(lines)


def _ruling(ruling: Ruling) -> list[str]:
    reason = f": {ruling.reason}" if ruling.reason else ""
    lines = [f"{ruling.rail}  {ruling.ruling}{reason}"]
    for word, text in (("claimed", ruling.claimed), ("found", ruling.found)):
        if text:
            lines += textwrap.wrap(
                " ".join(text.split()),
                _WIDTH,
                initial_indent=f"    {word:8} ",
                subsequent_indent=" " * 13,
            )
    return [*lines, ""]
