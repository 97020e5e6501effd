"""Workload → tasks: a pure function of the Workload and its children.

Steps of an issue batch: `code-N`, `verify-N` where there is a verifier, `review-N-i` for each
reviewer. Names are deterministic, so a partly created set is completed by the next pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from k8s.meta import LocalRef, Meta, label
from k8s.resources.task import AgenticTask, Payload, TaskSpec
from k8s.resources.workload import PipelineStep, Workload

STEP = label("step")
WORKLOAD = label("workload")
ISSUE = label("issue")
ROUND = label("round")
_LABEL_LIMIT = 63


class RenderError(Exception):
    """The Workload cannot become tasks; *reason* is the condition's."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True)
class Rendered:
    tasks: list[AgenticTask]
    truncated: int = 0  # how many steps `maxTasks` cut off


def render(workload: Workload) -> Rendered:
    """All tasks that *workload* asks for. Raises `RenderError`."""
    steps = _steps(workload)
    for step in steps:
        if len(f"{workload.metadata.name}-{step.name}") > _LABEL_LIMIT:
            raise RenderError(
                "RenderError",
                f"{workload.metadata.name}-{step.name}: too long for the label of its records; "
                f"the names of Workload and step may have {_LABEL_LIMIT} characters together, with the dash between",
            )
    kept = steps[: workload.spec.max_tasks] if workload.spec.max_tasks else steps
    return Rendered([_task(workload, step) for step in kept], len(steps) - len(kept))


def _steps(workload: Workload) -> list[PipelineStep]:
    spec = workload.spec
    if spec.pipeline:
        names = {step.name for step in spec.pipeline}
        if len(names) < len(spec.pipeline):
            raise RenderError("RenderError", "spec.pipeline: two steps have the same name")
        return list(spec.pipeline)
    if spec.issues and spec.coder_agent_ref:
        return [step for issue in spec.issues for step in _issue_steps(workload, issue)]
    raise RenderError(
        "NoPlannerOrPipeline",
        "spec: neither pipeline nor issues with coderAgentRef; there is no planner, name the steps",
    )


def _issue_steps(workload: Workload, issue: int) -> list[PipelineStep]:
    spec = workload.spec
    opens = spec.open_pull_request is not False
    shared = _payload(workload, issue)
    code = PipelineStep(
        name=f"code-{issue}",
        kind="issue-fix",
        agent_ref=spec.coder_agent_ref,
        payload=shared.replace(
            open_pull_request=opens,
            prompt_prefix=spec.intent,
            allow_overwrite=spec.allow_overwrite,
        ),
    )
    steps, after = [code], code.name
    if spec.verifier_agent_ref:
        verify = _follow(f"verify-{issue}", "verify", spec.verifier_agent_ref, shared, after)
        steps.append(verify)
        after = verify.name
    steps += [
        _follow(f"review-{issue}-{i}", "review", agent, shared, after)
        for i, agent in enumerate(spec.reviewer_agent_refs)
    ]
    return steps


def _follow(
    name: str, kind: Literal["verify", "review"], agent: LocalRef, payload: Payload, after: str
) -> PipelineStep:
    return PipelineStep(name=name, kind=kind, agent_ref=agent, payload=payload, depends_on=[after])


def _payload(workload: Workload, issue: int) -> Payload:
    spec, trigger = workload.spec, workload.spec.trigger
    return Payload(
        repo=spec.repo,
        issue=issue,
        branch=f"foreman/{workload.metadata.name}/issue-{issue}",
        base_branch=spec.base_branch,
        issue_snapshot=f"foreman-issue-{workload.metadata.name}-{issue}" if trigger else None,
        installation=trigger.installation if trigger else None,
        repository_id=trigger.repository_id if trigger else None,
    )


def _task(workload: Workload, step: PipelineStep) -> AgenticTask:
    spec = workload.spec
    name = workload.metadata.name
    payload = step.payload
    if payload.repo is None and spec.repo:
        payload = payload.replace(repo=spec.repo)
    labels = {WORKLOAD: name, STEP: step.name, ROUND: "0"}
    if payload.issue:
        labels[ISSUE] = str(payload.issue)
    return AgenticTask(
        metadata=Meta(
            name=f"{name}-{step.name}",
            namespace=workload.metadata.namespace,
            labels=labels,
            owner_references=[workload.owner_reference()],
        ),
        spec=TaskSpec(
            kind=step.kind,
            payload=payload,
            agent_ref=step.agent_ref,
            depends_on=[f"{name}-{d}" for d in step.depends_on],
            timeout_seconds=step.timeout_seconds,
            priority=step.priority,
            gate_profile=step.gate_profile or spec.gate_profile,
            mcp_enabled=spec.mcp_enabled,
            verdict_policy=spec.verdict_policy,
        ),
    )


def missing(workload: Workload, children: Iterable[AgenticTask]) -> Rendered:
    """What is still to be created."""
    there = {child.metadata.name for child in children}
    rendered = render(workload)
    return Rendered([t for t in rendered.tasks if t.metadata.name not in there], rendered.truncated)


@dataclass(frozen=True)
class Rollup:
    phase: Literal["Dispatched", "Completed", "Failed"]
    reason: str
    succeeded: int = 0
    failed: int = 0
    incomplete: int = 0


def rollup(children: Sequence[AgenticTask]) -> Rollup:
    """Where the children stand together; INCOMPLETE and NO-GO are no wins."""
    succeeded = sum(c.on_target for c in children)
    skipped = sum(c.status.verdict == "Skipped" for c in children)
    resolved = sum(already_resolved(c) for c in children)
    failed = sum(c.phase == "Failed" for c in children)
    in_flight = sum(not c.ended for c in children)
    incomplete = len(children) - succeeded - skipped - resolved - failed - in_flight
    phase, reason = _phase(in_flight, failed, incomplete, resolved, succeeded)
    return Rollup(phase, reason, succeeded, failed, incomplete)


def _phase(
    in_flight: int, failed: int, incomplete: int, resolved: int, succeeded: int
) -> tuple[Literal["Dispatched", "Completed", "Failed"], str]:
    if in_flight:
        return "Dispatched", "ChildrenInFlight"
    if failed:
        return "Failed", "ChildrenFailed"
    if incomplete:
        return "Failed", "ChildrenIncomplete"
    if resolved and not succeeded:
        return "Completed", "AllAlreadyResolved"
    return "Completed", "AllChildrenSucceeded"


def already_resolved(task: AgenticTask) -> bool:
    """A coder says that nothing is left to do: its word alone, which nobody has verified."""
    result = task.status.result
    return (
        task.phase == "Succeeded"
        and task.status.verdict == "NO-GO"
        and result is not None
        and result.extra.outcome == "ALREADY-RESOLVED"
    )
