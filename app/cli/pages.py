"""Text pages of resources: pure functions from values to what a terminal shows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from k8s.meta import Resource
from k8s.pipeline.standing import order, standings
from k8s.resources.task import AgenticTask
from k8s.resources.workload import Workload

_FILTER = re.compile(r'\[\?\(@\.type=="([A-Za-z]+)"\)\]')


def columns(kind: type[Resource], items: Sequence[Resource], now: datetime) -> str:
    """The printer columns that kubectl shows, as aligned text."""
    shown = [(title, path, what) for title, path, what, priority in kind.COLUMNS if not priority]
    rows = [["NAME", *(title.upper() for title, _, _ in shown)]]
    for item in items:
        wire = item.wire()
        cells = [_cell(_at(wire, path), what, now) for _, path, what in shown]
        rows.append([item.metadata.name, *cells])
    return aligned(rows)


def aligned(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in rows]
    return "\n".join(line.rstrip() for line in lines)


def _at(value: Any, path: str) -> Any:
    """The value at a printer column's path: names, and one filter by condition type."""
    wanted = _FILTER.search(path)
    plain = _FILTER.sub("", path)
    for part in plain.strip(".").split("."):
        if isinstance(value, list) and wanted:
            value = next((v for v in value if v.get("type") == wanted[1]), None)
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _cell(value: Any, what: str, now: datetime) -> str:
    if value is None:
        return ""
    if what == "date":
        return age(now - datetime.fromisoformat(value))
    return " ".join(str(value).split())[:60]


def age(span: Any) -> str:
    """A time span as kubectl writes it: 45s, 12m, 5h, 3d."""
    seconds = max(0, int(span.total_seconds()))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds >= 2 * size:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def workload_page(workload: Workload, children: Sequence[AgenticTask]) -> str:
    head = f"Workload {workload.metadata.name}: {workload.status.phase or 'Planning'}"
    about = f"{workload.spec.repo or ''} {' '.join(f'#{n}' for n in workload.spec.issues)}".strip()
    rows = [["TASK", "PHASE", "VERDICT", "NODE"]]
    rows += [
        [t.metadata.name, t.phase, t.status.verdict or "", t.status.assigned_node or ""]
        for t in sorted(children, key=order)
    ]
    waits = [s.waits_for for s in standings(workload, children) if s.waits_for]
    told = ["", *(f"Waits for you: {wait}" for wait in waits)] if waits else []
    return "\n".join(
        [head, about, "", aligned(rows), *told, *_conditions(workload.status.conditions)]
    )


def task_page(task: AgenticTask) -> str:
    """Phase, result, and the table of claims against evidence."""
    status, result = task.status, task.status.result
    lines = [f"{task.spec.kind} {task.metadata.name}: {task.phase} {status.verdict or ''}".rstrip()]
    if status.progress and not task.ended:
        p = status.progress
        lines.append(f"turn {p.turn} of {p.max_turns}, {p.tokens} tokens, last tool {p.last_tool}")
    if result is None:
        return "\n".join(lines + _conditions(status.conditions))
    extra = result.extra
    lines.append(result.summary)
    facts = [
        ("outcome", extra.outcome),
        ("reason", extra.reason),
        ("branch", extra.branch),
        ("commit", extra.commit_sha),
        ("pull request", extra.pull_request_url),
        ("turns", extra.turn_count),
        ("sandbox", extra.execution_mode),
    ]
    known = [[f"{name}:", str(value)] for name, value in facts if value]
    if known:
        lines += ["", aligned(known)]
    if extra.rulings:
        rows = [["RAIL", "CLAIMED", "FOUND", "RULING"]]
        rows += [
            [r.rail, _short(r.claimed), _short(r.found or r.reason), r.ruling]
            for r in extra.rulings
        ]
        lines += ["", aligned(rows)]
    if extra.checks:
        rows = [["CHECK", "TIER", "RESULT", "DETAIL"]]
        rows += [[c.check, c.tier, c.outcome, _short(c.detail)] for c in extra.checks]
        lines += ["", aligned(rows)]
    for finding in extra.findings or ():
        place = f" ({finding.file}:{finding.line})" if finding.file else ""
        mark = " [does not block]" if finding in (extra.ungrounded_findings or ()) else ""
        lines.append(f"- {finding.severity}/{finding.area}: {finding.message}{place}{mark}")
    lines += [f"- to verify: {u.fact}; {u.how_to_verify}" for u in extra.unverified or ()]
    return "\n".join(lines + _conditions(status.conditions))


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 60 else flat[:59] + "…"


def _conditions(conditions: Sequence[Any]) -> list[str]:
    told = [[c.type, c.status, c.reason, _short(c.message)] for c in conditions]
    return ["", aligned([["CONDITION", "STATUS", "REASON", "MESSAGE"], *told])] if told else []
