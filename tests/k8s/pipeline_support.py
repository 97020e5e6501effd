"""Workloads and children as a pipeline leaves them, played without an API."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from k8s.pipeline.labels import step_of
from k8s.pipeline.plan import render
from k8s.resources.task import AgenticTask
from k8s.resources.workload import Workload
from tools.result import Extra, Finding, Result, Ruling

NOW = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
SHA = "a" * 40
BLOCKER = Finding(
    severity="blocker", area="tests", message="no test fails without it", file="a.py", line=3
)
MINOR = Finding(severity="minor", area="style", message="long line", file="a.py", line=9)
UNSEEN = [Ruling(rail="neverLooked", ruling="demoted", reason="not shown")]
PULL = {"number": 40, "url": "https://github.test/a/b/pull/40"}


def workload(**spec: Any) -> Workload:
    return Workload(
        metadata={"name": "w", "namespace": "n", "uid": "u"},
        spec={"intent": "fix it", "repo": "a/b", **spec},
    )


def batch(**spec: Any) -> Workload:
    """Issue 12 with a coder, a verifier and two reviewers, unless *spec* says otherwise."""
    usual = {
        "issues": [12],
        "coderAgentRef": {"name": "c"},
        "verifierAgentRef": {"name": "g"},
        "reviewerAgentRefs": [{"name": "r0"}, {"name": "r1"}],
    }
    return workload(**{**usual, **spec})


def order(kind: str, number: int = 1, **fields: Any) -> dict[str, Any]:
    """A follow-up as it stands in `spec.followUps`."""
    return {"id": f"f{number}", "kind": kind, "by": "ann", **fields}


def ended(task: AgenticTask, verdict: str, phase: str = "Succeeded", **extra: Any) -> AgenticTask:
    """*task* as a node left it; *pushed*: a coder's work is on its branch and in a pull request."""
    pushed = extra.pop("pushed", verdict == "GO")
    result = Result(verdict=verdict, summary="told", extra=Extra(**extra))  # type: ignore[arg-type] # tables hold plain strings
    landed: dict[str, Any] = {}
    if task.spec.kind == "issue-fix" and pushed:
        landed = {"commit_sha": SHA, "branch": task.spec.payload.branch, "pull_request": PULL}
    status = {"phase": phase, "verdict": verdict, "result": result, **landed}
    return AgenticTask(metadata=task.metadata, spec=task.spec, status=status)


def good(task: AgenticTask) -> AgenticTask:
    return ended(task, "GATE-PASS" if task.spec.kind in ("verify", "reconcile") else "GO")


def played(about: Workload, **ends: Any) -> list[AgenticTask]:
    """The children of round 0, all good, but those named in *ends* (`-` written as `_`).

    A None leaves the task Pending.
    """
    return finish(render(about).tasks, **ends)


def finish(tasks: Iterable[AgenticTask], **ends: Any) -> list[AgenticTask]:
    """*tasks* ended: good, or as *ends* maps a step to a function of the task, or None: pending."""
    found = []
    for task in tasks:
        how = ends.get(step_of(task).replace("-", "_"), good)
        found.append(task if how is None else how(task))
    return found


def no_go(task: AgenticTask) -> AgenticTask:
    """A review's objection that the evidence carries."""
    return ended(task, "NO-GO", findings=[BLOCKER])


def ungrounded(task: AgenticTask) -> AgenticTask:
    return ended(
        task,
        "INCOMPLETE",
        outcome="UNGROUNDED",
        findings=[BLOCKER],
        ungrounded_findings=[BLOCKER],
    )


def never_looked(task: AgenticTask) -> AgenticTask:
    return ended(task, "INCOMPLETE", rulings=UNSEEN, unseen_files=["b.py"])


def rejected(task: AgenticTask) -> AgenticTask:
    return ended(task, "NO-GO", findings=[BLOCKER], review_outcome="REJECT")


def gate_fail(task: AgenticTask) -> AgenticTask:
    return ended(task, "GATE-FAIL", log_tail="E   assert 1 == 2")


def needs_person(task: AgenticTask) -> AgenticTask:
    return ended(task, "INCOMPLETE", outcome="NEEDS-VERIFICATION", pushed=True)


def cascaded(task: AgenticTask) -> AgenticTask:
    """What the task controller makes of a task whose upstream failed."""
    return ended(task, "INCOMPLETE", "Failed", reason="UpstreamFailed")
