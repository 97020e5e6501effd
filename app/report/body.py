"""Our part of a pull request's text: what was checked, and what it closes. Pure.

The part stands between two marks and is replaced as a whole; what people or the coder wrote around it
is left as it is.
"""

from __future__ import annotations

from app.report.evidence import evidence_table
from app.report.surfaces import summary_of, word
from k8s.pipeline.labels import step_of
from k8s.pipeline.outcomes import extra_of
from k8s.pipeline.standing import Standing
from k8s.resources.task import AgenticTask
from loop.prose import inline, page, plain, table
from loop.work.pull_request import END, START, changed


def section(subject: Standing) -> str:
    """What the tasks of *subject* came to, with their checked claims."""
    rows = [
        (inline(step_of(task)), word(task), inline(summary_of(task), 200)) for task in subject.tasks
    ]
    parts = [
        START,
        *(changed(task.status.result) for task in subject.code if task.status.result),
        *(_approval(task) for task in subject.review[:1]),
        "### What was checked",
        table(("Step", "Verdict", "Summary"), rows),
        *(evidence_table(extra_of(task).rulings or []) for task in subject.review),
        END,
    ]
    return page(parts)


def _approval(task: AgenticTask) -> str:
    """What a reviewer that approves wants people to know, as its words."""
    said = extra_of(task).pr_body if task.on_target else None
    return f"### What the reviewer says\n\n{plain(said, 2000)}" if said else ""
