"""The core kinds we use: Secret, ConfigMap, Event, Lease, Namespace, Endpoints."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Literal

from pydantic import ConfigDict, Field

from k8s.meta import Resource
from tools.wire import Wire


class Namespace(Resource):
    API_VERSION: ClassVar[str] = "v1"
    KIND: ClassVar[str] = "Namespace"
    PLURAL: ClassVar[str] = "namespaces"
    SHORT: ClassVar[str] = "ns"
    NAMESPACED: ClassVar[bool] = False


class ConfigMap(Resource):
    API_VERSION: ClassVar[str] = "v1"
    KIND: ClassVar[str] = "ConfigMap"
    PLURAL: ClassVar[str] = "configmaps"
    SHORT: ClassVar[str] = "cm"

    data: dict[str, str] = Field(default_factory=dict)


class Secret(Resource):
    """*data* is base64, as on the wire; write through `string_data`."""

    API_VERSION: ClassVar[str] = "v1"
    KIND: ClassVar[str] = "Secret"
    PLURAL: ClassVar[str] = "secrets"

    type: str = "Opaque"
    data: dict[str, str] = Field(default_factory=dict)
    string_data: dict[str, str] | None = None


class InvolvedObject(Wire):
    model_config = ConfigDict(extra="ignore")

    api_version: str = ""
    kind: str = ""
    namespace: str = ""
    name: str = ""
    uid: str = ""


class EventSource(Wire):
    component: str = ""
    host: str = ""


class Event(Resource):
    API_VERSION: ClassVar[str] = "v1"
    KIND: ClassVar[str] = "Event"
    PLURAL: ClassVar[str] = "events"
    SHORT: ClassVar[str] = "ev"

    involved_object: InvolvedObject
    reason: str = ""
    message: str = ""
    type: Literal["Normal", "Warning"] = "Normal"
    count: int = 1
    first_timestamp: datetime | None = None
    last_timestamp: datetime | None = None
    source: EventSource = Field(default_factory=EventSource)


class LeaseSpec(Wire):
    model_config = ConfigDict(extra="ignore")

    holder_identity: str = ""
    lease_duration_seconds: int = 15
    acquire_time: str | None = None  # MicroTime: RFC 3339 with microseconds
    renew_time: str | None = None
    lease_transitions: int = 0


class Lease(Resource):
    API_VERSION: ClassVar[str] = "coordination.k8s.io/v1"
    KIND: ClassVar[str] = "Lease"
    PLURAL: ClassVar[str] = "leases"

    spec: LeaseSpec = Field(default_factory=LeaseSpec)


class Endpoints(Resource):
    API_VERSION: ClassVar[str] = "v1"
    KIND: ClassVar[str] = "Endpoints"
    PLURAL: ClassVar[str] = "endpoints"
    SHORT: ClassVar[str] = "ep"

    subsets: list[dict[str, Any]] = Field(default_factory=list)


class InferenceService(Resource):
    """LLMKube's: only `status.endpoint` is read."""

    API_VERSION: ClassVar[str] = "inference.llmkube.dev/v1alpha1"
    KIND: ClassVar[str] = "InferenceService"
    PLURAL: ClassVar[str] = "inferenceservices"
    SHORT: ClassVar[str] = "isvc"

    spec: dict[str, Any] = Field(default_factory=dict)
    status: dict[str, Any] = Field(default_factory=dict)
