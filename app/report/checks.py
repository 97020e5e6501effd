"""The check runs of a head commit: one per name, for all tasks behind that name. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from app.report.evidence import advisories, coverage, demotion, evidence_table
from app.report.surfaces import (
    Conclusion,
    State,
    Status,
    has_verdict_of_model,
    state,
    summary_of,
    word,
)
from k8s.pipeline.labels import step_of
from k8s.pipeline.outcomes import extra_of, why_open
from k8s.pipeline.standing import Standing
from k8s.resources.task import AgenticTask
from loop.prose import block, code, inline, page, plain, table, title
from loop.work.tables import checks_table, gate_table, to_verify, unfounded
from tools.result import Tokens

Name = Literal["foreman / code", "foreman / verify", "foreman / review", "foreman / verdict"]

_LED_TO: dict[Conclusion, str] = {
    "success": "GO",
    "failure": "NO-GO",
    "action_required": "Not decided: needs a person",
    "cancelled": "Cancelled",
}


@dataclass(frozen=True)
class Check:
    """One check run as it should be. *conclusion* is None until *status* is completed."""

    name: Name
    head_sha: str
    external_id: str
    status: Status
    conclusion: Conclusion | None
    title: str
    summary: str
    text: str = ""
    started_at: datetime | None = None
    completed_at: datetime | None = None

    @property
    def facts(self) -> str:
        """What is told at once; the rest is progress."""
        return f"{self.status}:{self.conclusion or ''}"

    def body(self) -> dict[str, Any]:
        """For the request that makes or changes it."""
        output = {"title": self.title, "summary": self.summary, "text": self.text}
        body: dict[str, Any] = {
            "name": self.name,
            "head_sha": self.head_sha,
            "external_id": self.external_id,
            "status": self.status,
            "output": {key: value for key, value in output.items() if value},
        }
        if self.started_at:
            body["started_at"] = _stamp(self.started_at)
        if self.conclusion:
            body["conclusion"] = self.conclusion
            if self.completed_at:
                body["completed_at"] = _stamp(self.completed_at)
        return body


def digest(body: Any) -> str:
    """Short for what was posted, to see whether it would be something else now."""
    text = json.dumps(body, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


def checks(subject: Standing, *, workload_uid: str) -> list[Check]:
    """All check runs of *subject*; none before there is a commit."""
    if not subject.head_sha:
        return []
    whole = _decided(subject)
    found = [
        _check("foreman / code", subject, subject.code, workload_uid, _code),
        _check("foreman / verify", subject, subject.verify, workload_uid, _verify),
        _check("foreman / review", subject, subject.review, workload_uid, _review),
        _check("foreman / verdict", subject, subject.tasks, workload_uid, _verdict, where=whole),
    ]
    return [check for check in found if check]


def _decided(subject: Standing) -> State:
    """The state of the whole, a person's word included."""
    found = state(subject.tasks)
    if found.conclusion is None:
        return found
    if subject.rejected_by:
        return State("completed", "failure")
    if subject.ready:
        return State("completed", "success")
    # Nobody objects, but steps are missing: not all were asked.
    return State("completed", "action_required") if found.conclusion == "success" else found


def _check(
    name: Name,
    subject: Standing,
    tasks: Sequence[AgenticTask],
    uid: str,
    write: Any,
    *,
    where: State | None = None,
) -> Check | None:
    if not tasks:
        return None
    where = where or state(tasks)
    summary, text = write(tasks)
    started = [t.status.started_at for t in tasks if t.status.started_at]
    ended = [t.status.finished_at for t in tasks if t.status.finished_at]
    return Check(
        name=name,
        head_sha=subject.head_sha,
        external_id=f"{uid} {name}",
        status=where.status,
        conclusion=where.conclusion,
        title=title(_title(name, subject, tasks, where.conclusion)),
        summary=page([summary]) or "Nothing to tell yet.",
        text=page([text]),
        started_at=min(started, default=None),
        completed_at=max(ended, default=None) if where.conclusion else None,
    )


def _title(
    name: Name, subject: Standing, tasks: Sequence[AgenticTask], conclusion: Conclusion | None
) -> str:
    if conclusion is None:
        return next((live(t) for t in tasks if not t.ended and live(t)), "Waiting")
    if name == "foreman / verdict":
        return _verdict_title(subject, conclusion)
    if name == "foreman / review":
        good = sum(task.on_target for task in tasks)
        open_ = next((why for task in tasks if (why := why_open(task))), "")
        if conclusion == "action_required" and open_:
            return f"Not decided: {open_}; {good} of {len(tasks)} reviewers say GO"
        return f"{_LED_TO[conclusion]}: {good} of {len(tasks)} reviewers say GO"
    (task, *_) = tasks
    told = summary_of(task)
    return f"{word(task)}: {told}" if told else word(task)


def _verdict_title(subject: Standing, conclusion: Conclusion) -> str:
    """What a person said comes first, what the harness found stays beside it."""
    found = state(subject.tasks).conclusion
    harness = _LED_TO[found] if found else "nothing yet"
    if subject.rejected_by:
        return f"rejected by @{subject.rejected_by}; harness said {harness}"
    if subject.approved_by and found != "success":
        return f"approved by @{subject.approved_by}; harness said {harness}"
    open_ = next((why for task in subject.review if (why := why_open(task))), "")
    if conclusion == "action_required" and open_:
        return f"Not decided: {open_}"
    if conclusion == "action_required" and found == "success":
        return f"Not decided: there was no {', '.join(subject.missing)}"
    return _LED_TO[conclusion]


def live(task: AgenticTask) -> str:
    """Where a running task is; "" while it waits."""
    progress = task.status.progress
    if task.phase == "Verifying":
        return "running the gate"
    if task.phase != "Running":
        return ""
    if not progress or not progress.turn:
        return "starting"
    tool = f", {progress.last_tool}" if progress.last_tool else ""
    return f"turn {progress.turn} of {progress.max_turns}{tool}"


def spent(tokens: Tokens | None) -> str:
    if tokens is None:
        return ""
    total = tokens.prompt + tokens.completion
    return f"{'about ' if tokens.estimated else ''}{total:,}" if total else ""


def _code(tasks: Sequence[AgenticTask]) -> tuple[str, str]:
    (task, *_) = tasks
    extra = extra_of(task)
    told = [
        plain(summary_of(task)),
        unfounded(extra.summary_unverified_claims or []),
        to_verify(extra.unverified or []),
        gate_table(extra.gate or []),
        checks_table(extra.checks or []),
        advisories(extra),
        f"Kind of change: {extra.work_class}" if extra.work_class else "",
        f"Branch {code(extra.branch or '')}" if extra.branch else "",
        f"Turns: {extra.turn_count}" if extra.turn_count else "",
        f"Tokens: {spent(extra.tokens)}" if spent(extra.tokens) else "",
        _sandbox(extra.execution_mode),
    ]
    return page(told), ""


def _verify(tasks: Sequence[AgenticTask]) -> tuple[str, str]:
    (task, *_) = tasks
    extra = extra_of(task)
    tail = extra.log_tail or extra.gate_output or ""
    told = [plain(summary_of(task)), gate_table(extra.gate or []), _sandbox(extra.execution_mode)]
    return page(told), block(tail, 40_000) if tail else ""


def _review(tasks: Sequence[AgenticTask]) -> tuple[str, str]:
    return page([_seat(task) for task in tasks]), ""


def _seat(task: AgenticTask) -> str:
    extra = extra_of(task)
    head = f"### {inline(step_of(task))}: {word(task)}"
    if not has_verdict_of_model(task):
        return page([head, plain(summary_of(task)) if task.ended else live(task)])
    return page(
        [
            head,
            plain(summary_of(task)),
            demotion(extra),
            evidence_table(extra.rulings or []),
            coverage(extra),
            _sandbox(extra.execution_mode),
        ]
    )


def _verdict(tasks: Sequence[AgenticTask]) -> tuple[str, str]:
    rows = [
        (
            inline(step_of(task)),
            word(task),
            inline(summary_of(task), 200) if task.ended else live(task),
        )
        for task in tasks
    ]
    return table(("Step", "Verdict", "Summary"), rows), ""


def _sandbox(mode: str | None) -> str:
    return f"Commands ran in: {inline(mode)}" if mode else ""


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
