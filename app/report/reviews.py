"""The review of one pull request by one reviewer, at one head. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from app.report.diff import Places, located
from app.report.evidence import coverage, demotion, evidence_table, is_ungrounded, not_verified
from app.report.surfaces import has_verdict_of_model, number_of, summary_of, word
from k8s.pipeline.outcomes import extra_of
from k8s.pipeline.standing import Standing
from k8s.resources.task import AgenticTask
from loop.prose import block, code, inline, page, plain
from tools.result import Extra, Finding

COMMENTS = 30  # inline; more would cost half a minute's write budget in notifications alone
EVENT = "COMMENT"  # our own pull requests take no other; at others', people decide
_FOOTER = (
    "<sub>What a reviewer claims is compared with git, the issue and the record of what it looked"
    " at; the evidence decides.</sub>"
)


@dataclass(frozen=True)
class Wanted:
    """A review that should stand at a pull request."""

    task: str
    number: int
    head_sha: str
    marker: str
    newest_sha: str  # the head that counts now; reviews of others are folded away


@dataclass(frozen=True)
class Review:
    body: str
    comments: tuple[dict[str, Any], ...] = ()


def wanted(subject: Standing) -> list[Wanted]:
    """The reviews that were held on *subject* and have a pull request to stand at, oldest first.

    Those of former rounds too: what they found is why there was another.
    """
    number = number_of(subject)
    if number is None:
        return []
    return [
        Wanted(
            task=task.metadata.name,
            number=number,
            head_sha=head_of(task) or subject.head_sha,
            marker=f"<!-- foreman:review:{task.metadata.uid} -->",
            newest_sha=subject.head_sha,
        )
        for task in (*subject.superseded, *subject.review)
        if task.spec.kind == "review"
        and has_verdict_of_model(task)
        and (head_of(task) or subject.head_sha)
    ]


def head_of(task: AgenticTask) -> str:
    """The commit that was read; "" where the task does not tell."""
    return task.status.commit_sha or task.spec.payload.head_sha or ""


def review(task: AgenticTask, marker: str, there: Places) -> Review:
    """The review of *task*. Findings on lines in *there* become comments, others go into the body."""
    extra = extra_of(task)
    findings = extra.findings or []
    inside = [(finding, located(finding.file, finding.line, there)) for finding in findings]
    comments = [_comment(finding, place, extra) for finding, place in inside if place][:COMMENTS]
    placed = {id(finding) for finding, place in [i for i in inside if i[1]][:COMMENTS]}
    rest = [finding for finding in findings if id(finding) not in placed]
    body = page(
        [
            f"{marker}\n### {_ICON.get(word(task), '⚠️')} {word(task)}",
            plain(summary_of(task)),
            demotion(extra),
            evidence_table(extra.rulings or []),
            _folded(rest, extra),
            not_verified(extra),
            coverage(extra),
            _FOOTER,
        ]
    )
    return Review(body, tuple(comments))


_ICON = {"GO": "✅", "NO-GO": "❌"}


_UNGROUNDED = "⚠️ points at nothing of this change, so it does not block"


def _comment(finding: Finding, place: tuple[str, int], extra: Extra) -> dict[str, Any]:
    path, line = place
    body = page([_finding(finding, extra)])
    return {"path": path, "line": line, "side": "RIGHT", "body": body}


def _finding(finding: Finding, extra: Extra) -> str:
    parts = [f"**{finding.severity}** ({finding.area}): {plain(finding.message, 3000)}"]
    if is_ungrounded(finding, extra):
        parts.append(_UNGROUNDED)
    if finding.suggestion:
        parts.append(f"Suggestion:\n{block(finding.suggestion, 3000)}")
    return page(parts)


def _folded(findings: Sequence[Finding], extra: Extra) -> str:
    """Findings without a line that takes a comment."""
    if not findings:
        return ""
    return "\n".join(["**Findings**", "", *_points(findings, extra)])


def _points(findings: Iterable[Finding], extra: Extra) -> Iterable[str]:
    for finding in findings:
        where = f"{finding.file}:{finding.line}" if finding.line else finding.file or ""
        told = f"- **{finding.severity}** ({finding.area}) {code(where)}".rstrip()
        yield f"{told}: {inline(finding.message, 1000)}"
        if is_ungrounded(finding, extra):
            yield f"  {_UNGROUNDED}"
        if finding.suggestion:
            yield f"  Suggestion: {inline(finding.suggestion, 1000)}"
