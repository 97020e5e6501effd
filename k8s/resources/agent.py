"""Agent and ModelProfile: who does the work, and how it is steered."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from k8s.meta import Condition, LocalRef, NonNegative, Resource, SecretKeyRef
from k8s.resources.policies import RequiredCapability, StuckLoopDetection
from tools.wire import OpenWire, Wire

Role = Literal["coder", "verifier", "reviewer", "planner"]
ToolProtocol = Literal[
    "auto", "oai-function-calling", "google-tool-code-blocks", "anthropic-xml", "text-marker"
]


class ProviderConfig(Wire):
    base_url: str | None = None
    model: str | None = None
    api_key_secret_ref: SecretKeyRef | None = None


class Execution(Wire):
    mode: Literal["InProcess", "Job"] = "InProcess"
    image: str | None = None
    service_account_name: str | None = None
    active_deadline_seconds: NonNegative = 3600
    resources: dict[str, Any] | None = None


class McpHeaderSource(Wire):
    secret_key_ref: SecretKeyRef | None = None


class McpHeader(Wire):
    name: str
    value_from: McpHeaderSource | None = None


class McpServer(Wire):
    name: str
    transport: Literal["http"] = "http"
    url: str = ""
    headers: list[McpHeader] = Field(default_factory=list)
    allowed_tools: list[str] = Field(default_factory=list)


class Mcp(Wire):
    enabled: bool = False
    call_timeout: str = "30s"
    max_result_bytes: NonNegative = 32768
    servers: list[McpServer] = Field(default_factory=list)


class Vision(Wire):
    enabled: bool = False
    max_image_bytes: NonNegative | None = None
    max_images: NonNegative | None = None


# NAME, NAME:PORT or *.NAME; what no name can be is told when a task of the Agent runs
AllowedHost = Annotated[
    str, Field(pattern=r"^(\*\.)?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9.])?(:[0-9]{1,5})?$")
]


class SandboxPolicy(Wire):
    """Ours: what the agent's commands may use. *network* `host` needs the operator's word."""

    network: Literal["none", "host"] = "none"
    allowed_hosts: list[AllowedHost] = Field(default_factory=list)
    memory_mb: NonNegative | None = None
    cpu_seconds: NonNegative | None = None
    processes: NonNegative | None = None


class Approvals(Wire):
    tools: list[str] = Field(default_factory=list)


class AgentSpec(Wire):
    role: Role
    tools: Annotated[list[str], Field(min_length=1)]
    provider: Literal["local", "cloud-proxy"] = "local"
    provider_config: ProviderConfig | None = None
    execution: Execution | None = None
    model: str | None = None
    inference_service_ref: LocalRef | None = None
    model_endpoint_ref: LocalRef | None = None
    tool_protocol: ToolProtocol | None = None
    system_prompt: str | None = None
    temperature: Annotated[str, Field(pattern=r"^[0-2](\.[0-9]+)?$")] | None = None
    max_turns: Annotated[int, Field(ge=1, le=500)] = 50
    max_envtest_iterations: NonNegative | None = None
    max_retries: Annotated[int, Field(ge=0, le=20)] = 3
    max_output_tokens: NonNegative | None = None
    max_tokens: NonNegative | None = None
    max_concurrent_tasks: Annotated[int, Field(ge=1)] | None = None
    chat_template_kwargs: dict[str, Any] | None = None
    context_window_tokens: NonNegative | None = None
    observation_window_turns: Annotated[int, Field(ge=0, le=50)] | None = None
    context_strategy: Literal["window", "session"] | None = None
    compact_at_percent: Annotated[int, Field(ge=10, le=100)] | None = None
    stuck_loop_detection: StuckLoopDetection | None = None
    model_profile_ref: LocalRef | None = None
    request_timeout_seconds: NonNegative = 3600
    request_turn_timeout_seconds: NonNegative = 120
    silence_timeout_seconds: NonNegative = 60
    bash_timeout_seconds: NonNegative = 30
    required_capability: RequiredCapability | None = None
    mcp: Mcp | None = None
    vision: Vision | None = None
    sandbox: SandboxPolicy | None = None
    allowed_repositories: list[str] = Field(default_factory=list)
    sub_agents: list[str] = Field(default_factory=list)
    approvals: Approvals | None = None


class AgentStatus(OpenWire):
    observed_generation: int | None = None
    conditions: list[Condition] = Field(default_factory=list)


class Agent(Resource):
    KIND: ClassVar[str] = "Agent"
    PLURAL: ClassVar[str] = "agents"
    SHORT: ClassVar[str] = "ag"
    COLUMNS: ClassVar[tuple[tuple[str, str, str, int], ...]] = (
        ("Role", ".spec.role", "string", 0),
        ("Model", ".spec.model", "string", 0),
        ("InferenceService", ".spec.inferenceServiceRef.name", "string", 0),
        ("Validated", '.status.conditions[?(@.type=="Validated")].status', "string", 0),
        ("Age", ".metadata.creationTimestamp", "date", 0),
    )

    spec: AgentSpec
    status: AgentStatus = Field(default_factory=AgentStatus)

    @property
    def deterministic(self) -> bool:
        """Reaches no model: runs its one tool."""
        spec = self.spec
        proxied = spec.provider == "cloud-proxy"
        return not (spec.model_endpoint_ref or spec.inference_service_ref or proxied)


class ModelProfileSpec(Wire):
    system_prompt_addendum: str | None = None
    stuck_loop_detection: StuckLoopDetection | None = None
    restrict_reads_in_forcing_phase: bool | None = None


class ModelProfile(Resource):
    KIND: ClassVar[str] = "ModelProfile"
    PLURAL: ClassVar[str] = "modelprofiles"
    SHORT: ClassVar[str] = "mp"
    NAMESPACED: ClassVar[bool] = False
    COLUMNS: ClassVar[tuple[tuple[str, str, str, int], ...]] = (
        ("Reads-Restricted", ".spec.restrictReadsInForcingPhase", "boolean", 0),
        ("Age", ".metadata.creationTimestamp", "date", 0),
    )

    spec: ModelProfileSpec = Field(default_factory=ModelProfileSpec)
