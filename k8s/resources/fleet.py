"""FleetNode: a machine that runs tasks."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from k8s.meta import Condition, Resource
from tools.wire import OpenWire, Wire

NodePhase = Literal["Ready", "Draining", "NotReady", "Unknown"]


class Capability(Wire):
    accelerator: Literal["metal", "cuda", "vulkan", "none"] = "none"
    total_ram_gb: int = 0
    available_ram_gb: int = 0
    installed_models: list[str] = Field(default_factory=list)
    max_context_tokens: int = 0
    tokens_per_second: int = 0


class EndpointSeen(Wire):
    """What this node sees of a ModelEndpoint."""

    namespace: str
    name: str
    reachable: bool
    message: str = ""
    at: datetime | None = None


class NodeSpec(Wire):
    node_name: str
    tailscale_addr: str | None = None
    roles: list[str] = Field(default_factory=list)
    slots: Annotated[int, Field(ge=1)] = 1


class UpdateRequest(Wire):
    """Upstream's self-update order; accepted, never obeyed: ours come as a package or image."""

    target_version: str = ""
    url: str = ""
    sha256: str = ""


class NodeStatus(OpenWire):
    phase: NodePhase | None = None
    last_heartbeat_time: datetime | None = None
    capability: Capability | None = None
    current_task: str | None = None
    running_tasks: list[str] = Field(default_factory=list)  # ours: namespace/name, oldest first
    endpoints: list[EndpointSeen] = Field(default_factory=list)
    agent_version: str | None = None
    agent_kind: Literal["foreman-agent", "metal-agent"] | None = None
    os: str | None = None
    arch: str | None = None
    sandbox: str | None = None  # ours: what runs commands here, and since when it was tried
    update_request: UpdateRequest | None = None
    conditions: list[Condition] = Field(default_factory=list)


class FleetNode(Resource):
    KIND: ClassVar[str] = "FleetNode"
    PLURAL: ClassVar[str] = "fleetnodes"
    SHORT: ClassVar[str] = "fn"
    NAMESPACED: ClassVar[bool] = False
    COLUMNS: ClassVar[tuple[tuple[str, str, str, int], ...]] = (
        ("Phase", ".status.phase", "string", 0),
        ("Version", ".status.agentVersion", "string", 0),
        ("Accelerator", ".status.capability.accelerator", "string", 0),
        ("RAM", ".status.capability.availableRAMGB", "integer", 0),
        ("Current Task", ".status.currentTask", "string", 0),
        ("Heartbeat", ".status.lastHeartbeatTime", "date", 0),
        ("Age", ".metadata.creationTimestamp", "date", 0),
    )

    spec: NodeSpec
    status: NodeStatus = Field(default_factory=NodeStatus)
