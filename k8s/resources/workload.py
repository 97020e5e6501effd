"""Workload: an intent that becomes tasks."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from k8s.meta import Condition, LocalRef, NonNegative, Resource, Slug
from k8s.resources.policies import GateProfile, VerdictPolicy
from k8s.resources.task import Cancellation, ObjectRef, Payload, TaskKind
from tools.wire import OpenWire, Wire

WorkloadPhase = Literal["Planning", "Planned", "Dispatched", "Completed", "Failed"]


class PipelineStep(Wire):
    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    kind: TaskKind
    agent_ref: LocalRef | None = None
    payload: Payload = Field(default_factory=Payload)
    depends_on: list[str] = Field(default_factory=list)
    timeout_seconds: NonNegative | None = None
    priority: int = 0
    gate_profile: GateProfile | None = None


class FollowUp(Wire):
    """An order about a Workload; *id* is the GitHub object's, so a second delivery adds nothing.

    *ref* names what it is about, `issue/12`, `pull/34@<head SHA>` or a URL of GitHub; "" means all
    subjects. *digest* is what is asked for, in words for the coder.
    """

    # The limits keep what a rule on lists of them may cost within kube-apiserver's budget.
    id: Annotated[str, Field(max_length=128)]
    kind: Literal["human-review", "ci-failure", "retry", "escalate", "approve", "reject"]
    by: Annotated[str, Field(max_length=128)] = ""
    ref: Annotated[str, Field(max_length=1024)] = ""
    digest: Annotated[str, Field(max_length=4096)] = ""
    at: datetime | None = None


class Trigger(Wire):
    """Ours: who asked, on what, so that the answer goes to the right place."""

    by: str = ""
    comment: int | None = None
    pull_request: Annotated[int, Field(ge=1)] | None = None
    installation: int | None = None
    repository_id: int | None = None


class WorkloadSpec(Wire):
    intent: Annotated[str, Field(min_length=1)]
    repo: Slug | None = None
    max_tasks: NonNegative | None = None
    planner_model: ObjectRef | None = None
    pipeline: list[PipelineStep] = Field(default_factory=list)
    issues: list[Annotated[int, Field(ge=1)]] = Field(default_factory=list)
    coder_agent_ref: LocalRef | None = None
    verifier_agent_ref: LocalRef | None = None
    reviewer_agent_refs: list[LocalRef] = Field(default_factory=list)
    escalation_reviewer_agent_refs: list[LocalRef] = Field(default_factory=list)
    open_pull_request: bool | None = None
    escalation_coder_agent_ref: LocalRef | None = None
    escalate_on_failure: bool | None = None
    allow_overwrite: bool | None = None
    max_review_iterations: NonNegative | None = None
    revision_coder_agent_ref: LocalRef | None = None
    allow_cloud_reviewers: bool | None = None
    gate_profile: GateProfile | None = None
    mcp_enabled: bool | None = None
    verdict_policy: VerdictPolicy | None = None
    base_branch: str | None = None
    trigger: Trigger | None = None
    cancellation: Cancellation | None = None
    suspend: bool | None = None
    follow_ups: Annotated[list[FollowUp], Field(max_length=128)] = Field(default_factory=list)


class WorkloadStatus(OpenWire):
    phase: WorkloadPhase | None = None
    tasks: list[ObjectRef] = Field(default_factory=list)
    succeeded_tasks: int = 0
    failed_tasks: int = 0
    incomplete_tasks: int = 0
    review_iterations: int = 0
    answered: list[str] = Field(default_factory=list)  # ours: follow-ups that need no task
    planner_model: str | None = None
    conditions: list[Condition] = Field(default_factory=list)
    reported: dict[str, Any] = Field(default_factory=dict)


class Workload(Resource):
    KIND: ClassVar[str] = "Workload"
    PLURAL: ClassVar[str] = "workloads"
    SHORT: ClassVar[str] = "wl"
    COLUMNS: ClassVar[tuple[tuple[str, str, str, int], ...]] = (
        ("Phase", ".status.phase", "string", 0),
        ("Repo", ".spec.repo", "string", 0),
        ("Tasks", ".status.succeededTasks", "integer", 0),
        ("Failed", ".status.failedTasks", "integer", 0),
        ("Age", ".metadata.creationTimestamp", "date", 0),
    )

    spec: WorkloadSpec
    status: WorkloadStatus = Field(default_factory=WorkloadStatus)

    @property
    def active(self) -> bool:
        return self.status.phase not in ("Completed", "Failed")
