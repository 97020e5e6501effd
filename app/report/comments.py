"""The one status comment of a Workload, edited in place. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.report.checks import digest, live, spent
from app.report.surfaces import (
    RESOLVED,
    home,
    is_ready,
    number_of,
    summary_of,
    word,
)
from k8s.lifecycle import UPSTREAM_FAILED
from k8s.pipeline.labels import step_of
from k8s.pipeline.outcomes import already_resolved, extra_of, was_cancelled
from k8s.pipeline.standing import Standing, order
from k8s.resources.task import AgenticTask
from k8s.resources.workload import Workload
from loop.prose import code, inline, page, plain, table
from loop.work.tables import to_verify

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
    RESOLVED: "✅",
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
    workload: Workload, tasks: Sequence[AgenticTask], about: Sequence[Standing]
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
        *(_told(task) for subject in about for task in subject.tasks),
        *(_told(task) for task in tasks if not _has_subject(task)),
        *(_word_of(subject) for subject in about),
        _conditions(workload),
        f"**Next:** {_next(workload, about)}",
        f"<sub>Workload {code(workload.metadata.name)}, asked for by {_by(workload)}</sub>",
    ]
    return StatusComment(number, marker(workload), page(parts), _facts(workload, tasks, about))


def _headline(workload: Workload, about: Sequence[Standing]) -> str:
    if workload.spec.cancellation:
        return "Foreman: cancelled" if not workload.active else "Foreman: being cancelled"
    if workload.active:
        return "Foreman is working on this"
    if workload.status.phase == "Completed":
        if any(already_resolved(task) for subject in about for task in subject.code):
            return f"Foreman: {RESOLVED}"
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


def _pull_request(subject: Standing) -> str:
    pull = subject.pull_request
    if pull is None:
        return ""
    state = "ready for review" if is_ready(subject) else "draft"
    return f"**Pull request:** #{pull.number} ({state}), head {code(subject.head_sha[:12])}"


def _told(task: AgenticTask) -> str:
    """What went wrong in *task*, or what it leaves to people; "" when all is well."""
    extra = extra_of(task)
    if not task.ended or task.on_target or was_cancelled(task) or task.status.verdict == "Skipped":
        return ""
    if extra.reason == UPSTREAM_FAILED:
        return ""  # what it waited for is told
    why = " · ".join(dict.fromkeys(filter(None, (extra.outcome, extra.reason))))
    head = f"**{inline(step_of(task))}**: {word(task)}" + (f" ({inline(why)})" if why else "")
    lines = [head, plain(summary_of(task), 1500)]
    if extra.error and extra.error != summary_of(task):
        lines.append(plain(extra.error, 1000))
    if extra.resolved_by:
        lines.append(f"Resolved by {code(extra.resolved_by)}")
    elif extra.resolved_by_claimed:
        lines.append(f"The coder says that {code(extra.resolved_by_claimed)} resolved it")
    if extra.gate_failed_branch:
        lines.append(f"The attempt is kept on branch {code(extra.gate_failed_branch)}")
    if extra.pull_request_error:
        lines.append(f"No pull request: {plain(extra.pull_request_error, 500)}")
    return page([*lines, to_verify(extra.unverified or [])])


def _has_subject(task: AgenticTask) -> bool:
    return bool(task.spec.payload.issue or task.spec.payload.pull_request)


def _word_of(subject: Standing) -> str:
    """What a person decided over the harness's head."""
    if subject.rejected_by:
        return f"**Rejected** by {code(subject.rejected_by)}: there are no more rounds."
    return f"**Approved** by {code(subject.approved_by)}." if subject.approved_by else ""


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


_VERBS = ("approve", "reject", "retry", "escalate")


def _next(workload: Workload, about: Sequence[Standing]) -> str:
    name = workload.metadata.name
    order_ = workload.spec.cancellation
    if order_:
        by = f"by {code(order_.by)}" if order_.by else "on request"
        why = f": {inline(order_.reason)}" if order_.reason else ""
        return f"nothing; it was cancelled {by}{why}."
    if workload.active:
        return "nothing to do. To stop it, comment `/foreman cancel` or take the label away."
    pulls = ", ".join(f"#{number_of(s)}" for s in about if number_of(s))
    if all(is_ready(subject) for subject in about) and pulls:
        return f"review {pulls} and merge it."
    if not any(subject.pull_request for subject in about) and pulls:
        return f"read the review in {pulls}."
    if waits := [subject.waits_for for subject in about if subject.waits_for]:
        orders = ", ".join(f"`foreman {verb} {name}`" for verb in _VERBS)
        return " ".join([*map(inline, waits), f"The commands are {orders}."])
    if workload.status.phase == "Completed" and not pulls:
        return "check it, and close this if you agree; `/foreman fix` and a hint start over if not."
    if pulls:
        return f"read {pulls}; finish it by hand, or `/foreman fix` and a hint start over."
    return "say more in the issue, then `/foreman fix` and a hint start over."


def _by(workload: Workload) -> str:
    trigger = workload.spec.trigger
    return code(trigger.by) if trigger and trigger.by else "somebody unknown"


def _facts(workload: Workload, tasks: Sequence[AgenticTask], about: Sequence[Standing]) -> str:
    ended = [f"{t.metadata.name}={word(t)}" for t in tasks if t.ended]
    pulls = [
        f"#{number_of(s)}@{s.head_sha[:12]}:{is_ready(s)}:{s.approved_by}:{s.rejected_by}"
        for s in about
        if number_of(s)
    ]
    cancelled = "cancelled" if workload.spec.cancellation else ""
    return digest([workload.active, workload.status.phase, cancelled, ended, pulls])
