"""Resources → the values that a run is given: pure."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from k8s.pipeline.labels import ROUND, WORKLOAD
from k8s.resources.agent import Agent, Role, SandboxPolicy
from k8s.resources.policies import GateProfile
from k8s.resources.task import AgenticTask, Payload
from loop.gates.profile import Override, gate_override
from loop.prompts.shipped import system_prompt
from loop.repo.refs import task_branch
from loop.snapshot import Snapshot
from loop.tested import TestLayout
from loop.work.job import Job, Part, SharedName
from loop.work.persona import Persona
from tools.sandbox.runner import Limits

_CONTEXT_TOKENS = 32768
_COMPACT_AT_PERCENT = 85


def job_of(task: AgenticTask, snapshot: Snapshot | None, directory: Path) -> Job:
    """What the task asks for. An explicit branch wins over the one made from the task's owner."""
    payload, labels = task.spec.payload, task.metadata.labels
    branch = payload.branch or task_branch(
        task=task.metadata.name, workload=labels.get(WORKLOAD, ""), issue=payload.issue
    )
    spoken = tuple((m.role, m.content) for m in payload.conversation or ())
    policy = task.spec.verdict_policy
    around = labels.get(ROUND, "0")
    return Job(
        task=task.metadata.name,
        uid=task.metadata.uid,
        kind=task.spec.kind,
        directory=directory,
        repository=payload.repo or "",
        issue=payload.issue,
        branch=branch,
        base_branch=payload.base_branch or "",
        prompt=payload.prompt or "",
        prompt_prefix=payload.prompt_prefix or "",
        conversation=spoken,
        snapshot=snapshot,
        open_pull_request=payload.open_pull_request is True,
        allow_overwrite=payload.allow_overwrite is True,
        pull_request=payload.pull_request,
        head_sha=payload.head_sha or "",
        round=int(around) if around.isdecimal() else 0,
        gate=_gate(task.spec.gate_profile),
        revise_from=_revised(payload),
        advisories=tuple(payload.gate_advisories),
        self_go=tuple(policy.self_go) if policy else None,
        contract=payload.contract or "",
        parts=tuple(Part(s.name, s.branch or "", tuple(s.files)) for s in payload.slices),
        shared_names=tuple(
            SharedName(s.id, s.defined_by, tuple(s.referenced_by))
            for s in payload.shared_identifiers
        ),
    )


def _revised(payload: Payload) -> str:
    """The branch whose work is amended; the strategy `reset` begins at the base all the same."""
    match payload.branch_strategy:
        case "rebase" | None:
            return payload.revise_from_branch or ""
        case "reset":
            return ""


def _gate(profile: GateProfile | None) -> Override | None:
    if profile is None:
        return None
    layout = profile.test_layout
    return gate_override(
        "task",
        language=profile.language,
        commands=profile.commands.wire() if profile.commands else None,
        network=profile.network,
        source_extensions=profile.source_extensions,
        test_layout=TestLayout(layout.test_root, layout.source_root)
        if layout and layout.test_root
        else None,
    )


def persona_of(agent: Agent) -> Persona:
    """The Agent as values."""
    spec = agent.spec
    return Persona(
        name=agent.metadata.name,
        role=spec.role,
        system_prompt=spec.system_prompt or _shipped_prompt(spec.role),
        tools=tuple(spec.tools),
        model_name=spec.model or "",
        max_turns=spec.max_turns,
        max_retries=spec.max_retries,
        max_tokens=spec.max_tokens or None,
        seconds=float(spec.request_timeout_seconds),
        context_tokens=spec.context_window_tokens or _CONTEXT_TOKENS,
        compact_at_percent=spec.compact_at_percent or _COMPACT_AT_PERCENT,
        bash_seconds=float(spec.bash_timeout_seconds),
        limits=_limits(spec.sandbox) if spec.sandbox else Limits(),
    )


def _limits(asked: SandboxPolicy) -> Limits:
    """What the Agent says; where it is silent, or says 0, what everybody gets."""
    usual = Limits()
    return replace(
        usual,
        memory_bytes=(asked.memory_mb or 0) * 2**20 or usual.memory_bytes,
        processes=asked.processes or usual.processes,
        cpu_seconds=asked.cpu_seconds or usual.cpu_seconds,
    )


def _shipped_prompt(role: Role) -> str:
    return system_prompt(role) if role in ("coder", "reviewer") else ""
