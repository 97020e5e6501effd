"""What a coder or a reviewer is told of the rounds before: findings, logs, people's words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from k8s.pipeline.labels import step_of
from k8s.pipeline.outcomes import blocking, extra_of, gate_failed, objects, why_open, writes
from k8s.resources.task import AgenticTask
from k8s.resources.workload import FollowUp
from tools.result import Finding

LIMIT = 24_000  # characters of a digest
_LOG = 8_000  # characters of one log
_PROOFS = 50
_TEXT = 4_000  # characters of one summary or finding

ANEW = "An earlier attempt at this ended badly. What is known of it is quoted below."
ESCALATED = (
    "Another model tried this before and did not get there. What is known of its attempt is "
    "quoted below; where the workspace holds its work, amend what is good and drop the rest."
)
AGAIN = "This change was reviewed before, and that review does not count: {why}. "
ASKED_AGAIN = "This change was reviewed before, and a person asks for another review. "
_LOOK = (
    "Look at every changed file and at the whole diff, name a file and a line of the diff in each "
    "finding that blocks, and quote what the issue asks for."
)


def digest(tasks: Sequence[AgenticTask], orders: Iterable[FollowUp]) -> str:
    """People's words first, then what the newest *tasks* came to."""
    parts = [_order(order) for order in orders]
    parts += [_review(task) for task in tasks if objects(task)]
    parts += [_log(task) for task in tasks if gate_failed(task)]
    parts += [_end(task) for task in tasks if writes(task) and not task.on_target]
    parts += [_proofs(task) for task in tasks if writes(task)] if any(parts) else []
    return cut("\n\n".join(part for part in parts if part), LIMIT)


def again(task: AgenticTask) -> str:
    """The note for who reviews after *task*, which left its seat open or undecided."""
    unseen = extra_of(task).unseen_files or []
    why = why_open(task) or "it did not come to a decision"
    decided = task.on_target or objects(task)
    told = (ASKED_AGAIN if decided else AGAIN.format(why=why)) + _LOOK
    listed = "\n".join(f"- {path}" for path in unseen)
    return cut(f"{told}\nNot shown to the reviewer before:\n{listed}" if unseen else told, LIMIT)


def cut(text: str, limit: int) -> str:
    """*text* with its middle left out where it is longer than *limit*."""
    if len(text) <= limit:
        return text
    head, left_out = limit // 3, len(text) - limit
    return f"{text[:head]}\n[… {left_out} characters left out …]\n{text[head - limit :]}"


_ASKS = {
    "human-review": "{by} asks for changes",
    "ci-failure": "A required check failed",
    "reject": "{by} does not want it so",
    "retry": "{by} asks for another try",
    "escalate": "{by} asks for somebody else's try",
    "approve": "{by} checked what could not be verified, and agrees",
}


def _order(order: FollowUp) -> str:
    asks = _ASKS.get(order.kind)
    if not asks:
        return ""
    head = asks.format(by=order.by or "Somebody")
    where = f" ({order.ref})" if order.ref else ""
    return f"{head}{where}:\n{order.digest}" if order.digest else f"{head}{where}."


def _review(task: AgenticTask) -> str:
    extra = extra_of(task)
    summary = task.status.result.summary if task.status.result else ""
    lines = [f"{step_of(task)} says NO-GO: {cut(summary, _TEXT)}"]
    lines += map(_bullet, blocking(extra))
    minor = [f for f in extra.findings or () if f.severity == "minor"]
    lines += map(_bullet, minor)
    if extra.scope_drift_detected:
        named = ", ".join(extra.scope_refs or [])
        lines.append(f"- [blocker/scope] the change touches none of what the issue names: {named}")
    return "\n".join(lines)


def _bullet(finding: Finding) -> str:
    where = ""
    if finding.file:
        where = f" ({finding.file}:{finding.line})" if finding.line else f" ({finding.file})"
    better = f"; suggested fix: {finding.suggestion}" if finding.suggestion else ""
    text = f"[{finding.severity}/{finding.area}] {finding.message}{where}{better}"
    return f"- {cut(text, _TEXT)}"


def _log(task: AgenticTask) -> str:
    extra = extra_of(task)
    log = extra.log_tail or extra.gate_output or ""
    summary = task.status.result.summary if task.status.result else ""
    return f"{step_of(task)} says {task.status.verdict}: {summary}\n{cut(log, _LOG)}".rstrip()


def _end(task: AgenticTask) -> str:
    extra = extra_of(task)
    summary = task.status.result.summary if task.status.result else ""
    told = extra.outcome or task.status.verdict or task.phase
    lines = [f"{step_of(task)} ended with {told}: {cut(summary, _TEXT)}"]
    lines += [f"- not verified: {fact.fact}" for fact in extra.unverified or ()]
    if extra.gate_output:
        lines.append(cut(extra.gate_output, _LOG))
    return "\n".join(lines)


def _proofs(task: AgenticTask) -> str:
    """The numbers of an attempt are asked about again, so its proofs are needed again."""
    proofs = extra_of(task).evidence or []
    if not proofs:
        return ""
    lines = [f"- {cut(p.claim, 300)}: {cut(p.source, 300)}" for p in proofs[:_PROOFS]]
    head = "Proofs that the earlier attempt gave; give those again whose numbers stay (extra.evidence):"
    return "\n".join([head, *lines])
