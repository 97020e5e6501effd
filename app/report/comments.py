"""The one status comment of a Workload, edited in place. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.report.checks import digest, live, spent
from app.report.evidence import to_verify
from app.report.prose import code, inline, page, plain, table
from app.report.surfaces import (
    Subject,
    extra_of,
    home,
    order,
    step_of,
    summary_of,
    was_cancelled,
    word,
)
from k8s.pipeline.outcomes import already_resolved
from k8s.resources.task import AgenticTask
from k8s.resources.workload import Workload

_ICONS = {
    "GO": "✅",
    "GATE-PASS": "✅",
    "NO-GO": "❌",
    "GATE-FAIL": "❌",
    "cancelled": "⏹️",
    "running": "🔄",
    "in its gate": "🔄",
    "waiting": "⏳",
    "Skipped": "⏭️",
}


@dataclass(frozen=True)
class StatusComment:
    """*facts* is what is told at once; what else is in *text* is progress."""

    number: int
    marker: str
    text: str
    facts: str


def marker(workload: Workload) -> str:
    """Opens the comment; looked for in our own comments only, and only at their start."""
    return f"<!-- foreman:status:{workload.metadata.uid} -->"


def status_comment(
    workload: Workload, tasks: Sequence[AgenticTask], about: Sequence[Subject]
) -> StatusComment | None:
    """None: the Workload is about nothing on GitHub."""
    number = home(workload)
    if number is None:
        return None
    tasks = sorted(tasks, key=order)
    parts = [
        f"{marker(workload)}\n### {_headline(workload, about)}",
        table(("Step", "State", "Turns", "Tokens", ""), map(_row, tasks)) if tasks else "",
        *(_pull_request(subject) for subject in about),
        *(_told(task) for task in tasks),
        _conditions(workload),
        f"**Next:** {_next(workload, about)}",
        f"<sub>Workload {code(workload.metadata.name)}, asked for by {_by(workload)}</sub>",
    ]
    return StatusComment(number, marker(workload), page(parts), _facts(workload, tasks, about))


def _headline(workload: Workload, about: Sequence[Subject]) -> str:
    if workload.spec.cancellation:
        return "Foreman: cancelled" if not workload.active else "Foreman: being cancelled"
    if workload.active:
        return "Foreman is working on this"
    if workload.status.phase == "Completed":
        if any(already_resolved(task) for subject in about for task in subject.code):
            return "Foreman: the coder says it is already resolved; not verified"
        return "Foreman: done"
    return "Foreman: stopped, a person is needed"


def _row(task: AgenticTask) -> tuple[str, ...]:
    extra, progress = extra_of(task), task.status.progress
    state = word(task)
    turns = str(extra.turn_count or "") if task.ended else str(progress.turn if progress else "")
    tokens = spent(extra.tokens) or (f"{progress.tokens:,}" if progress and progress.tokens else "")
    note = inline(summary_of(task), 160) if task.ended else inline(live(task) or waits_for(task))
    return (inline(step_of(task)), f"{_ICONS.get(state, '⚠️')} {state}", turns, tokens, note)


def waits_for(task: AgenticTask) -> str:
    """Why a task has not begun, in the scheduler's words; "" where it said nothing."""
    told = [c for c in task.status.conditions if c.status == "False" and c.message]
    return max(told, key=lambda c: c.last_transition_time).message if told else ""


def _pull_request(subject: Subject) -> str:
    pull = subject.pull_request
    if pull is None:
        return ""
    state = "ready for review" if subject.quorum else "draft"
    return f"**Pull request:** #{pull.number} ({state}), head {code(subject.head_sha[:12])}"


def _told(task: AgenticTask) -> str:
    """What went wrong in *task*, or what it leaves to people; "" when all is well."""
    extra = extra_of(task)
    if not task.ended or task.on_target or was_cancelled(task) or task.status.verdict == "Skipped":
        return ""
    why = " · ".join(dict.fromkeys(filter(None, (extra.outcome, extra.reason))))
    head = f"**{inline(step_of(task))}**: {word(task)}" + (f" ({inline(why)})" if why else "")
    lines = [head, plain(summary_of(task), 1500)]
    if extra.error and extra.error != summary_of(task):
        lines.append(plain(extra.error, 1000))
    if extra.resolved_by:
        lines.append(f"Resolved by {code(extra.resolved_by)}, says the coder; nobody verified it")
    if extra.gate_failed_branch:
        lines.append(f"The attempt is kept on branch {code(extra.gate_failed_branch)}")
    if extra.pull_request_error:
        lines.append(f"No pull request: {plain(extra.pull_request_error, 500)}")
    return page([*lines, to_verify(extra.unverified or [])])


def _conditions(workload: Workload) -> str:
    """Why a Workload failed before its tasks could say."""
    if workload.status.phase != "Failed":
        return ""
    told = [
        c.message
        for c in workload.status.conditions
        if c.type == "Planned" and c.status == "False" and c.message
    ]
    return plain(told[0], 1000) if told else ""


def _next(workload: Workload, about: Sequence[Subject]) -> str:
    order_ = workload.spec.cancellation
    if order_:
        by = f"by {code(order_.by)}" if order_.by else "on request"
        why = f": {inline(order_.reason)}" if order_.reason else ""
        return f"nothing; it was cancelled {by}{why}."
    if workload.active:
        return "nothing to do. To stop it, comment `/foreman cancel` or take the label away."
    pulls = ", ".join(f"#{s.number}" for s in about if s.number)
    if all(subject.quorum for subject in about) and pulls:
        return f"review {pulls} and merge it."
    if not any(subject.pull_request for subject in about) and pulls:
        return f"read the review in {pulls}."
    if workload.status.phase == "Completed" and not pulls:
        return "check it, and close this if you agree; `/foreman fix` and a hint start over if not."
    if pulls:
        return f"read {pulls}; finish it by hand, or `/foreman fix` and a hint start over."
    return "say more in the issue, then `/foreman fix` and a hint start over."


def _by(workload: Workload) -> str:
    trigger = workload.spec.trigger
    return code(trigger.by) if trigger and trigger.by else "somebody unknown"


def _facts(workload: Workload, tasks: Sequence[AgenticTask], about: Sequence[Subject]) -> str:
    ended = [f"{t.metadata.name}={word(t)}" for t in tasks if t.ended]
    pulls = [f"#{s.number}@{s.head_sha[:12]}:{s.quorum}" for s in about if s.number]
    cancelled = "cancelled" if workload.spec.cancellation else ""
    return digest([workload.active, workload.status.phase, cancelled, ended, pulls])
