"""The core kinds we use, with just enough of a schema for validation, `explain` and tables."""

from __future__ import annotations

from typing import Any

from k8s.embedded.schema import compiled
from k8s.embedded.types import METADATA, Column, ResourceType

_TEXT = {"type": "string"}
_NUMBER = {"type": "integer", "format": "int32"}
_TRUTH = {"type": "boolean"}
_TIME = {"type": "string", "format": "date-time", "nullable": True}
_STRINGS = {"type": "object", "additionalProperties": _TEXT}
_BYTES = {"type": "object", "additionalProperties": {"type": "string", "format": "byte"}}
_OPEN = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
_REFERENCE = {
    "type": "object",
    "properties": dict.fromkeys(
        ("apiVersion", "fieldPath", "kind", "name", "namespace", "resourceVersion", "uid"), _TEXT
    ),
}
_ADDRESS = {
    "type": "object",
    "properties": {"ip": _TEXT, "hostname": _TEXT, "nodeName": _TEXT, "targetRef": _REFERENCE},
}
_PORT = {
    "type": "object",
    "properties": {"name": _TEXT, "port": _NUMBER, "protocol": _TEXT, "appProtocol": _TEXT},
}
_SUBSET = {
    "type": "object",
    "properties": {
        "addresses": {"type": "array", "items": _ADDRESS},
        "notReadyAddresses": {"type": "array", "items": _ADDRESS},
        "ports": {"type": "array", "items": _PORT},
    },
}
_EVENT = {
    "involvedObject": {**_REFERENCE, "default": {}},
    "reason": _TEXT,
    "message": _TEXT,
    "source": {
        "type": "object",
        "properties": {"component": _TEXT, "host": _TEXT},
        "default": {},
    },
    "firstTimestamp": _TIME,
    "lastTimestamp": _TIME,
    "count": _NUMBER,
    "type": _TEXT,
    "eventTime": _TIME,
    "series": {
        "type": "object",
        "properties": {"count": _NUMBER, "lastObservedTime": _TIME},
    },
    "action": _TEXT,
    "related": _REFERENCE,
    "reportingComponent": {**_TEXT, "default": ""},
    "reportingInstance": {**_TEXT, "default": ""},
}
_LEASE = {
    "holderIdentity": _TEXT,
    "leaseDurationSeconds": _NUMBER,
    "acquireTime": _TIME,
    "renewTime": _TIME,
    "leaseTransitions": _NUMBER,
    "preferredHolder": _TEXT,
    "strategy": _TEXT,
}
_DEFINITION_SPEC = {
    **_OPEN,
    "properties": {"conversion": {**_OPEN, "default": {"strategy": "None"}}},
}
_NAMESPACE = {
    "spec": {
        "type": "object",
        "properties": {"finalizers": {"type": "array", "items": _TEXT}},
    },
    "status": {
        "type": "object",
        "properties": {
            "phase": _TEXT,
            "conditions": {"type": "array", "items": _OPEN},
        },
    },
}


def _schema(description: str, properties: dict[str, Any]) -> dict[str, Any]:
    head = {"apiVersion": _TEXT, "kind": _TEXT, "metadata": METADATA}
    return {"type": "object", "description": description, "properties": {**head, **properties}}


def _type(
    kind: str,
    plural: str,
    description: str,
    properties: dict[str, Any],
    columns: tuple[Column, ...],
    *,
    group: str = "",
    **traits: Any,
) -> ResourceType:
    name = Column("Name", format="name", description="Name must be unique within a namespace.")
    age = Column("Age", description="How long ago the object was created.")
    last = () if kind in ("Event", "CustomResourceDefinition") else (age,)
    return ResourceType(
        group=group,
        version="v1",
        kind=kind,
        plural=plural,
        schema=compiled(_schema(description, properties)),
        columns=(*(() if kind == "Event" else (name,)), *columns, *last),
        **{"version_to_replace": False, **traits},
    )


def core_types() -> list[ResourceType]:
    """Namespace, ConfigMap, Secret, Event, Endpoints, Pod, Lease, Job, CustomResourceDefinition."""
    return [
        _type(
            "Namespace",
            "namespaces",
            "Namespace provides a scope for names.",
            _NAMESPACE,
            (Column("Status"),),
            namespaced=False,
            short=("ns",),
            status=True,
        ),
        _type(
            "ConfigMap",
            "configmaps",
            "ConfigMap holds configuration data.",
            {"data": _STRINGS, "binaryData": _BYTES, "immutable": _TRUTH},
            (Column("Data"),),
            short=("cm",),
        ),
        _type(
            "Secret",
            "secrets",
            "Secret holds secret data; values of `data` are base64.",
            {"data": _BYTES, "stringData": _STRINGS, "type": _TEXT, "immutable": _TRUTH},
            (Column("Type"), Column("Data")),
        ),
        _type(
            "Event",
            "events",
            "Event is a report of something that happened to an object.",
            _EVENT,
            (
                Column("Last Seen"),
                Column("Type"),
                Column("Reason"),
                Column("Object"),
                Column("Subobject", priority=1),
                Column("Source", priority=1),
                Column("Message"),
                Column("First Seen", priority=1),
                Column("Count", priority=1),
                Column("Name", priority=1, format="name"),
            ),
            short=("ev",),
            create_on_replace=True,
        ),
        _type(
            "Endpoints",
            "endpoints",
            "Endpoints is the addresses behind a service.",
            {"subsets": {"type": "array", "items": _SUBSET}},
            (Column("Endpoints"),),
            short=("ep",),
            create_on_replace=True,
        ),
        _type(
            "Pod",
            "pods",
            "Pod is stored here; nothing runs it.",
            {"spec": _OPEN, "status": _OPEN},
            (Column("Ready"), Column("Status"), Column("Restarts")),
            short=("po",),
            categories=("all",),
            status=True,
            generations=True,
        ),
        _type(
            "Lease",
            "leases",
            "Lease is a lock with an expiry.",
            {"spec": {"type": "object", "properties": _LEASE}},
            (Column("Holder"),),
            group="coordination.k8s.io",
            create_on_replace=True,
            version_to_replace=True,
        ),
        _type(
            "Job",
            "jobs",
            "Job is stored here; nothing runs it.",
            {"spec": _OPEN, "status": _OPEN},
            (Column("Status"), Column("Completions"), Column("Duration")),
            group="batch",
            categories=("all",),
            status=True,
            generations=True,
        ),
        _type(
            "CustomResourceDefinition",
            "customresourcedefinitions",
            "CustomResourceDefinition is printed from the program's models and cannot be changed.",
            {"spec": _DEFINITION_SPEC, "status": _OPEN},
            (Column("Created At", "date"),),
            group="apiextensions.k8s.io",
            namespaced=False,
            short=("crd", "crds"),
            categories=("api-extensions",),
            generations=True,
            read_only=True,
            version_to_replace=True,
        ),
    ]
