"""The steps of round 0: those that the Workload names, or `code-N`, `verify-N` and `review-N-i`."""

from __future__ import annotations

import re
from typing import Literal

from k8s.meta import LocalRef
from k8s.pipeline.slices import fault_of, in_order
from k8s.resources.task import Payload
from k8s.resources.workload import PipelineStep, Workload

# What later rounds and attempts add to a step's name.
_LATER = re.compile(r"(-r\d+|-esc)?(-a\d+)?$")
_ESCALATION = re.compile(r"escalate-(pull-)?\d+-\d+(-|$)")


class RenderError(Exception):
    """The Workload cannot become tasks; *reason* is the condition's."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def steps_of(workload: Workload) -> list[PipelineStep]:
    """All steps of round 0, each with its repository. Raises `RenderError`."""
    spec = workload.spec
    if spec.pipeline:
        _check_names(workload)
        for step in spec.pipeline:
            if fault := fault_of(step.kind, step.payload):
                raise RenderError("RenderError", f"spec.pipeline, step {step.name}: {fault}")
        return [_with_repository(step, spec.repo) for step in in_order(spec.pipeline)]
    if spec.issues and spec.coder_agent_ref:
        return [step for issue in spec.issues for step in _issue_steps(workload, issue)]
    raise RenderError(
        "NoPlannerOrPipeline",
        "spec: neither pipeline nor issues with coderAgentRef; there is no planner, name the steps",
    )


def _check_names(workload: Workload) -> None:
    names = [step.name for step in workload.spec.pipeline]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise RenderError(
            "RenderError", f"spec.pipeline: two steps have the same name, {', '.join(twice)}"
        )
    for name in names:
        if _LATER.sub("", name) in {*names} - {name} or _ESCALATION.match(name):
            raise RenderError(
                "RenderError",
                f"spec.pipeline: {name} is what a later round or attempt would be named; rename it",
            )


def _with_repository(step: PipelineStep, repo: str | None) -> PipelineStep:
    if step.payload.repo or not repo:
        return step
    return step.replace(payload=step.payload.replace(repo=repo))


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
