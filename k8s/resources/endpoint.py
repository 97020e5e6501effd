"""ModelEndpoint: where a model answers, how many callers it takes, what was seen of it."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field

from k8s.meta import Condition, LocalRef, NonNegative, Resource, SecretKeyRef
from k8s.resources.agent import ToolProtocol
from tools.wire import OpenWire, Wire


class ScriptedMatch(Wire):
    """Which run a script serves; an absent key matches any."""

    agent: str | None = None
    kind: str | None = None
    issue: int | None = None
    round: int | None = None


class ScriptedRun(Wire):
    """Replies for one run, in order. A reply object is the scripted model's (docs/scripted.md)."""

    match: ScriptedMatch = Field(default_factory=ScriptedMatch)
    replies: list[dict[str, Any]] = Field(default_factory=list)


class EndpointSpec(Wire):
    base_url: str | None = None
    inference_service_ref: LocalRef | None = None
    models: list[str] = Field(default_factory=lambda: ["*"])
    api_key_secret_ref: SecretKeyRef | None = None
    tool_protocol: ToolProtocol = "auto"
    slots: Annotated[int, Field(ge=1)] = 1
    context_tokens: NonNegative | None = None
    scripted_replies: list[ScriptedRun] = Field(default_factory=list)


class EndpointStatus(OpenWire):
    observed_generation: int | None = None
    conditions: list[Condition] = Field(default_factory=list)


class ModelEndpoint(Resource):
    KIND: ClassVar[str] = "ModelEndpoint"
    PLURAL: ClassVar[str] = "modelendpoints"
    SHORT: ClassVar[str] = "me"
    COLUMNS: ClassVar[tuple[tuple[str, str, str, int], ...]] = (
        ("URL", ".spec.baseURL", "string", 0),
        ("Slots", ".spec.slots", "integer", 0),
        ("Reachable", '.status.conditions[?(@.type=="Reachable")].status', "string", 0),
        ("Age", ".metadata.creationTimestamp", "date", 0),
    )

    spec: EndpointSpec
    status: EndpointStatus = Field(default_factory=EndpointStatus)
