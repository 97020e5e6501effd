from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from k8s.meta import LocalRef, Meta, OwnerReference
from k8s.pipeline.labels import ISSUE, ROUND, STEP, WORKLOAD
from k8s.pipeline.standing import Standing, standings
from k8s.resources.task import AgenticTask, Payload, PullRequestRef, TaskSpec, TaskStatus
from k8s.resources.workload import PipelineStep, Trigger, Workload, WorkloadSpec, WorkloadStatus
from tools.result import Extra, Result, Ruling

NOW = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
HEAD = "a" * 40
RULINGS = [
    Ruling(
        rail="filesTouched",
        ruling="overridden",
        claimed="b.py",
        found="a.py",
        reason="not in the diff: b.py",
    ),
    Ruling(rail="issueAsk", ruling="could not run", reason="the issue has no text"),
]


def workload(**changes: Any) -> Workload:
    status = {k: changes.pop(k) for k in ("phase", "reported", "conditions") if k in changes}
    spec = {
        "intent": "Resolve issue #12.",
        "repo": "o/r",
        "issues": [12],
        "coder_agent_ref": LocalRef(name="coder"),
        "trigger": Trigger(by="ann", installation=1, repository_id=2),
        **changes,
    }
    return Workload(
        metadata=Meta(name="r-12-abc", namespace="default", uid="wl-1", creation_timestamp=NOW),
        spec=WorkloadSpec(**spec),
        status=WorkloadStatus(**({"phase": "Dispatched"} | status)),
    )


def review_workload() -> Workload:
    """Somebody asked for a review of pull request 40."""
    payload = Payload(repo="o/r", pull_request=40, head_sha=HEAD)
    step = PipelineStep(name="review-40-0", kind="review", payload=payload)
    trigger = Trigger(by="ann", comment=7, pull_request=40, installation=1)
    return workload(issues=[], coder_agent_ref=None, pipeline=[step], trigger=trigger)


def task(step: str, kind: Any, *, payload: Payload | None = None, **status: Any) -> AgenticTask:
    name = f"r-12-abc-{step}"
    number = status.pop("round", 0)
    return AgenticTask(
        metadata=Meta(
            name=name,
            namespace="default",
            uid=f"uid-{step}",
            labels={WORKLOAD: "r-12-abc", STEP: step, ROUND: str(number), ISSUE: "12"},
            owner_references=[
                OwnerReference(
                    api_version="foreman.llmkube.dev/v1alpha1",
                    kind="Workload",
                    name="r-12-abc",
                    uid="wl-1",
                )
            ],
        ),
        spec=TaskSpec(kind=kind, payload=payload or Payload(repo="o/r", issue=12)),
        status=TaskStatus(**status),
    )


def ended(step: str, kind: Any, verdict: Any, summary: str = "done", **extra: Any) -> AgenticTask:
    phase = extra.pop("phase", "Succeeded")
    status = {k: extra.pop(k) for k in ("pull_request", "commit_sha", "reported") if k in extra}
    payload = extra.pop("payload", None)
    number = extra.pop("round", 0)
    return task(
        step,
        kind,
        payload=payload,
        round=number,
        phase=phase,
        verdict=verdict,
        started_at=NOW,
        finished_at=NOW,
        result=Result(verdict=verdict, summary=summary, extra=Extra(**extra)),
        **status,
    )


def pushed(verdict: Any = "GO", **extra: Any) -> AgenticTask:
    """A coder that opened pull request 13."""
    return ended(
        "code-12",
        "issue-fix",
        verdict,
        commit_sha=HEAD,
        pull_request=PullRequestRef(number=13, url="https://github.com/o/r/pull/13"),
        **extra,
    )


def reviewed(verdict: Any = "GO", step: str = "review-12-0", **extra: Any) -> AgenticTask:
    given = {"rulings": RULINGS, "rails_run": ["filesTouched"], "commit_sha": None, **extra}
    given["rails_skipped"] = ["issueAsk: the issue has no text"]
    return ended(step, "review", verdict, **given)


def subjects(tasks: Sequence[AgenticTask], about: Workload | None = None) -> list[Standing]:
    """Where the subjects of *tasks* stand."""
    return standings(about or workload(), tasks)
