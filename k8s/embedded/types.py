"""The resource types that are served: ours from their CRDs, the few core kinds by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from k8s.embedded.schema import Schema, compiled


@dataclass(frozen=True)
class Column:
    """A printer column; *path* is a JSON path for custom resources, empty for core kinds."""

    name: str
    type: str = "string"
    path: str = ""
    priority: int = 0
    format: str = ""
    description: str = ""


@dataclass(frozen=True)
class ResourceType:
    """One served type and the ways in which its kind differs from others."""

    group: str
    version: str
    kind: str
    plural: str
    schema: Schema
    namespaced: bool = True
    short: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    custom: bool = False
    columns: tuple[Column, ...] = ()
    status: bool = False  # has the status subresource
    generations: bool = False  # counts changes of what is not metadata or status
    version_to_replace: bool = True  # a replace must name the version it replaces
    create_on_replace: bool = False
    read_only: bool = False  # served from a list made at start

    @property
    def key(self) -> str:
        """The name of its rows: `agents.foreman.llmkube.dev`, `configmaps`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def singular(self) -> str:
        return self.kind.lower()

    @property
    def verbs(self) -> tuple[str, ...]:
        if self.read_only:
            return ("get", "list", "patch", "update", "watch")
        return ("create", "delete", "get", "list", "patch", "update", "watch")


class Types:
    """All served types, by path and by kind."""

    def __init__(self, types: Iterable[ResourceType]) -> None:
        self.all = tuple(types)
        self._by_path = {(t.group, t.version, t.plural): t for t in self.all}
        self._by_kind = {(t.api_version, t.kind): t for t in self.all}
        self._by_key = {t.key: t for t in self.all}

    def find(self, group: str, version: str, plural: str) -> ResourceType | None:
        return self._by_path.get((group, version, plural))

    def of_kind(self, api_version: str, kind: str) -> ResourceType | None:
        return self._by_kind.get((api_version, kind))

    def __getitem__(self, key: str) -> ResourceType:
        return self._by_key[key]

    def groups(self) -> dict[tuple[str, str], list[ResourceType]]:
        """(group, version) to its types, in the order in which they were given."""
        found: dict[tuple[str, str], list[ResourceType]] = {}
        for type_ in self.all:
            found.setdefault((type_.group, type_.version), []).append(type_)
        return found


_COLUMN = "Custom resource definition column (in JSONPath format): "


def from_definition(definition: Mapping[str, Any]) -> ResourceType:
    """The type that a CustomResourceDefinition of ours defines."""
    spec = definition["spec"]
    served = spec["versions"][0]
    status = "status" in served.get("subresources", {})
    structural = served["schema"]["openAPIV3Schema"]
    structural = {**structural, "properties": {**structural["properties"], "metadata": METADATA}}
    columns = [
        Column(
            column["name"],
            column["type"],
            column["jsonPath"],
            column.get("priority", 0),
            description=column.get("description", f"{_COLUMN}{column['jsonPath']}"),
        )
        for column in served.get("additionalPrinterColumns", [])
    ]
    return ResourceType(
        group=spec["group"],
        version=served["name"],
        kind=spec["names"]["kind"],
        plural=spec["names"]["plural"],
        schema=compiled(structural),
        namespaced=spec["scope"] == "Namespaced",
        short=tuple(spec["names"].get("shortNames", ())),
        custom=True,
        columns=tuple(columns) or (Column("Age", "date", ".metadata.creationTimestamp"),),
        status=status,
        generations=True,
    )


_STRINGS = {"type": "object", "additionalProperties": {"type": "string"}}
_TIME = {"type": "string", "format": "date-time"}
_OWNER = {
    "type": "object",
    "properties": {
        "apiVersion": {"type": "string"},
        "kind": {"type": "string"},
        "name": {"type": "string"},
        "uid": {"type": "string"},
        "controller": {"type": "boolean"},
        "blockOwnerDeletion": {"type": "boolean"},
    },
}
METADATA: dict[str, Any] = {
    "type": "object",
    "description": "Standard object's metadata.",
    "properties": {
        "name": {"type": "string"},
        "generateName": {"type": "string"},
        "namespace": {"type": "string"},
        "selfLink": {"type": "string"},
        "uid": {"type": "string"},
        "resourceVersion": {"type": "string"},
        "generation": {"type": "integer", "format": "int64"},
        "creationTimestamp": {**_TIME, "nullable": True},
        "deletionTimestamp": {**_TIME, "nullable": True},
        "deletionGracePeriodSeconds": {"type": "integer", "format": "int64"},
        "labels": _STRINGS,
        "annotations": _STRINGS,
        "ownerReferences": {"type": "array", "items": _OWNER},
        "finalizers": {"type": "array", "items": {"type": "string"}},
        "managedFields": {
            "type": "array",
            "items": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
        },
    },
}
