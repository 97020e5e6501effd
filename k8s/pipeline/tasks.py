"""Steps as tasks: names, labels, owner, and what a task inherits from its Workload."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from k8s.meta import Meta
from k8s.pipeline.labels import ANSWERS, ATTEMPT, CAUSE, ISSUE, ROUND, SEAT, STEP, WORKLOAD, Cause
from k8s.pipeline.steps import RenderError
from k8s.resources.task import AgenticTask, TaskSpec
from k8s.resources.workload import PipelineStep, Workload

_LABEL_LIMIT = 63
_DIGITS = 8


@dataclass(frozen=True)
class Place:
    """Where a step stands in its Workload. *waits_for*: names of tasks, beside the step's own."""

    round: int = 0
    attempt: int = 0
    seat: str = ""  # "": the step's own
    cause: Cause | None = None
    answers: Sequence[str] = ()
    waits_for: Sequence[str] = ()


FIRST = Place()


def check_name(workload: Workload, step: PipelineStep) -> None:
    """Raises `RenderError` when the task's name would be too long for the label of its records."""
    full = f"{workload.metadata.name}-{step.name}"
    if len(full) > _LABEL_LIMIT:
        raise RenderError(
            "RenderError",
            f"{full}: too long for the label of its records; "
            f"the names of Workload and step may have {_LABEL_LIMIT} characters together, with the dash between",
        )


def task_name(workload: Workload, step: str) -> str:
    return _short(f"{workload.metadata.name}-{step}")


def _short(name: str) -> str:
    """Cut where it is too long; a digest of the whole keeps it apart from others cut alike."""
    if len(name) <= _LABEL_LIMIT:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:_DIGITS]
    return f"{name[: _LABEL_LIMIT - _DIGITS - 1]}-{digest}"


def task_of(workload: Workload, step: PipelineStep, place: Place = FIRST) -> AgenticTask:
    """*step* as a task; what it waits for are steps of the same Workload, and `place.waits_for`."""
    spec, payload = workload.spec, step.payload
    before = [task_name(workload, name) for name in step.depends_on]
    return AgenticTask(
        metadata=Meta(
            name=task_name(workload, step.name),
            namespace=workload.metadata.namespace,
            labels=_labels(workload, step, place),
            annotations={ANSWERS: json.dumps(list(place.answers))} if place.answers else {},
            owner_references=[workload.owner_reference()],
        ),
        spec=TaskSpec(
            kind=step.kind,
            payload=payload,
            agent_ref=step.agent_ref,
            depends_on=[*before, *place.waits_for],
            timeout_seconds=step.timeout_seconds,
            priority=step.priority,
            gate_profile=step.gate_profile or spec.gate_profile,
            mcp_enabled=spec.mcp_enabled,
            verdict_policy=spec.verdict_policy,
        ),
    )


def _labels(workload: Workload, step: PipelineStep, place: Place) -> dict[str, str]:
    labels = {
        WORKLOAD: workload.metadata.name,
        STEP: _short(step.name),
        SEAT: place.seat or step.name,
        ROUND: str(place.round),
        ATTEMPT: str(place.attempt),
    }
    if place.cause:
        labels[CAUSE] = place.cause
    if step.payload.issue:
        labels[ISSUE] = str(step.payload.issue)
    return labels
