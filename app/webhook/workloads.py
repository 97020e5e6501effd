"""Orders as Workloads: pure, so that the same order always makes the same object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from app.webhook.names import ISSUE, PULL_REQUEST, REPOSITORY_ID, snapshot_name
from k8s.meta import LocalRef, Meta
from k8s.resources.task import Payload
from k8s.resources.workload import PipelineStep, Trigger, Workload, WorkloadSpec

HINT = "\n\nHint by {by}, who may write to the repository: {hint}"


@dataclass(frozen=True)
class Crew:
    """Which Agents work. *verifier* "": reviews follow the coder. *base* "": the default branch."""

    coder: str = ""
    verifier: str = ""
    reviewers: tuple[str, ...] = ()
    base: str = ""
    escalation_coder: str = ""  # "": none
    escalation_reviewers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Order:
    """Who asked for work on which issue or pull request, and where its objects go."""

    name: str
    namespace: str
    repository: str
    repository_id: int
    installation: int
    number: int
    by: str
    comment: int | None = None  # None: the label asked


@dataclass(frozen=True)
class Target:
    """A pull request as it is to be reviewed; *branch* is "" where its head lies in a fork."""

    head_sha: str
    base_sha: str
    base: str
    branch: str = ""
    issue: int | None = None  # the issue it closes


def selector(repository_id: int, number: int, what: Literal["issue", "pull-request"]) -> str:
    """Finds the Workloads of an issue or a pull request."""
    key = ISSUE if what == "issue" else PULL_REQUEST
    return f"{REPOSITORY_ID}={repository_id},{key}={number}"


def fix(order: Order, crew: Crew, *, hint: str = "", default_branch: str = "") -> Workload:
    """Code, verify and review for an issue. The title is not in the intent: anybody wrote it."""
    intent = f"Resolve issue #{order.number} of {order.repository}."
    if hint:
        intent += HINT.format(by=order.by, hint=hint)
    return Workload(
        metadata=_meta(order, ISSUE),
        spec=WorkloadSpec(
            intent=intent,
            repo=order.repository,
            issues=[order.number],
            coder_agent_ref=LocalRef(name=crew.coder),
            verifier_agent_ref=LocalRef(name=crew.verifier) if crew.verifier else None,
            reviewer_agent_refs=_references(crew.reviewers),
            escalation_coder_agent_ref=LocalRef(name=crew.escalation_coder)
            if crew.escalation_coder
            else None,
            escalation_reviewer_agent_refs=_references(crew.escalation_reviewers),
            base_branch=crew.base or default_branch or None,
            trigger=_trigger(order),
        ),
    )


def review(order: Order, crew: Crew, target: Target) -> Workload:
    """A review of a pull request's head by each reviewer of *crew*."""
    payload = Payload(
        repo=order.repository,
        issue=target.issue,
        branch=target.branch or None,
        base_branch=target.base,
        pull_request=order.number,
        head_sha=target.head_sha,
        base_sha=target.base_sha,
        issue_snapshot=snapshot_name(order.name, target.issue or order.number),
        installation=order.installation,
        repository_id=order.repository_id,
    )
    steps = [
        PipelineStep(
            name=f"review-{order.number}-{i}",
            kind="review",
            agent_ref=LocalRef(name=agent),
            payload=payload,
        )
        for i, agent in enumerate(crew.reviewers)
    ]
    return Workload(
        metadata=_meta(order, PULL_REQUEST),
        spec=WorkloadSpec(
            intent=f"Review pull request #{order.number} at {target.head_sha[:12]}.",
            repo=order.repository,
            pipeline=steps,
            escalation_reviewer_agent_refs=_references(crew.escalation_reviewers),
            base_branch=target.base,
            trigger=_trigger(order).replace(pull_request=order.number),
        ),
    )


def _references(names: Sequence[str]) -> list[LocalRef]:
    return [LocalRef(name=name) for name in names]


def _meta(order: Order, about: str) -> Meta:
    labels = {REPOSITORY_ID: str(order.repository_id), about: str(order.number)}
    return Meta(name=order.name, namespace=order.namespace, labels=labels)


def _trigger(order: Order) -> Trigger:
    return Trigger(
        by=order.by,
        comment=order.comment,
        installation=order.installation,
        repository_id=order.repository_id,
    )
