"""AgenticTask: one dispatchable unit of work."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from k8s.meta import Condition, LocalRef, NonNegative, Resource, Slug
from k8s.resources.policies import GateProfile, RequiredCapability, VerdictPolicy
from tools.result import ON_TARGET, Advisory, FailureReason, Result, Verdict
from tools.wire import OpenWire, Wire

TaskKind = Literal["issue-fix", "verify", "review", "freeform", "integrate", "reconcile"]
Phase = Literal["Pending", "Scheduled", "Running", "Verifying", "Succeeded", "Failed"]
TERMINAL: frozenset[Phase] = frozenset({"Succeeded", "Failed"})


class ObjectRef(Wire):
    api_version: str | None = None
    kind: str | None = None
    name: str = ""
    namespace: str | None = None
    uid: str | None = None


class Slice(Wire):
    name: str
    branch: str | None = None
    files: list[str] = Field(default_factory=list)


class SharedIdentifier(Wire):
    id: str
    defined_by: str
    referenced_by: list[str] = Field(default_factory=list)


class Message(Wire):
    role: Literal["system", "user", "assistant"]
    content: str


class Payload(Wire):
    """What the task is about. `pullRequest`, `headSHA`, `baseSHA` and `issueSnapshot` are ours."""

    repo: Slug | None = None
    issue: Annotated[int, Field(ge=1)] | None = None
    branch: str | None = None
    base_branch: str | None = None
    branch_prefix: str | None = None
    open_pull_request: bool | None = None
    allow_overwrite: bool | None = None
    revise_from_branch: str | None = None
    branch_strategy: Literal["reset", "rebase"] | None = None
    prompt: str | None = None
    prompt_prefix: str | None = None
    conversation: list[Message] | None = None
    images: list[str] = Field(default_factory=list)
    agent: str | None = None
    gate_advisories: list[Advisory] = Field(default_factory=list)
    slices: list[Slice] = Field(default_factory=list)
    contract: str | None = None
    shared_identifiers: list[SharedIdentifier] = Field(default_factory=list)
    pull_request: Annotated[int, Field(ge=1)] | None = None
    head_sha: str | None = None
    base_sha: str | None = None
    issue_snapshot: str | None = None  # name of the ConfigMap with the issue as of the trigger
    installation: int | None = None  # the App's installation that owns the repository
    repository_id: int | None = None


class Cancellation(Wire):
    by: str
    reason: str = ""


class TaskSpec(Wire):
    kind: TaskKind
    payload: Payload
    agent_ref: LocalRef | None = None
    model_ref: ObjectRef | None = None
    required_capability: RequiredCapability | None = None
    timeout_seconds: NonNegative | None = None
    depends_on: list[str] = Field(default_factory=list)
    priority: int = 0
    gate_profile: GateProfile | None = None
    mcp_enabled: bool | None = None
    verdict_policy: VerdictPolicy | None = None
    cancellation: Cancellation | None = None


class Progress(Wire):
    """Where a running task is; written at most every 2 s."""

    turn: int = 0
    max_turns: int = 0
    last_tool: str = ""
    tokens: int = 0
    at: datetime | None = None


class PullRequestRef(Wire):
    number: int
    url: str
    draft: bool = True
    base_sha: str = ""
    head_sha: str = ""


class TaskStatus(OpenWire):
    phase: Phase | None = None
    assigned_node: str | None = None
    claim_id: str | None = None
    claimed_at: datetime | None = None
    started_at: datetime | None = None
    restarts: int | None = None  # ours: how often its node died under it and took it again
    finished_at: datetime | None = None
    verdict: Verdict | None = None
    failure_reason: FailureReason | None = None
    result: Result | None = None
    branch: str | None = None
    commit_sha: str | None = None
    pull_request: PullRequestRef | None = None
    progress: Progress | None = None
    job_name: str | None = None
    transcript_ref: ObjectRef | None = None
    conditions: list[Condition] = Field(default_factory=list)
    reported: dict[str, Any] = Field(default_factory=dict)


class AgenticTask(Resource):
    KIND: ClassVar[str] = "AgenticTask"
    PLURAL: ClassVar[str] = "agentictasks"
    SHORT: ClassVar[str] = "at"
    COLUMNS: ClassVar[tuple[tuple[str, str, str, int], ...]] = (
        ("Phase", ".status.phase", "string", 0),
        ("Kind", ".spec.kind", "string", 0),
        ("Node", ".status.assignedNode", "string", 0),
        ("Verdict", ".status.verdict", "string", 0),
        ("Age", ".metadata.creationTimestamp", "date", 0),
        ("Prompt", ".spec.payload.prompt", "string", 1),
        ("Output", ".status.result.extra.output", "string", 1),
    )

    spec: TaskSpec
    status: TaskStatus = Field(default_factory=TaskStatus)

    @property
    def phase(self) -> Phase:
        return self.status.phase or "Pending"

    @property
    def ended(self) -> bool:
        return self.phase in TERMINAL

    @property
    def on_target(self) -> bool:
        """Succeeded with GO or GATE-PASS; everything downstream asks this."""
        return self.phase == "Succeeded" and self.status.verdict in ON_TARGET
