"""What there is: versions, groups and resources, in the old and in the aggregated form."""

from __future__ import annotations

import functools
import platform
from dataclasses import dataclass
from typing import Any

import orjson

from k8s.embedded.openapi import OpenAPI
from k8s.embedded.types import ResourceType, Types

_EMULATED = "1.36"
_AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"


_OPENAPI_V2 = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"


@dataclass(frozen=True)
class Document:
    body: bytes
    media: str = "application/json"


class Discovery:
    """The answers to all paths that name no object."""

    def __init__(self, types: Types) -> None:
        self._types = types

    def document(self, path: str, *, accept: str, address: str) -> Document | None:
        """What *path* shows in the form that *accept* asks for; None when there is nothing."""
        match path.strip("/").split("/"):
            case ["healthz" | "livez" | "readyz"]:
                return Document(b"ok", "text/plain")
            case ["openapi", *rest]:
                return self._openapi_document("/".join(rest))
            case ["api" | "apis" as root] if "as=APIGroupDiscoveryList" in accept:
                body = aggregated(self._types, legacy=root == "api")
                return Document(orjson.dumps(body), _AGGREGATED)
            case parts:
                found = self._listed(parts, address)
                return Document(orjson.dumps(found)) if found else None

    def _listed(self, parts: list[str], address: str) -> dict[str, Any] | None:
        match parts:
            case ["version"]:
                return version()
            case ["api"]:
                return legacy_versions(address)
            case ["apis"]:
                return group_list(self._types)
            case ["api", name]:
                return resource_list(self._types, "", name)
            case ["apis", name]:
                return group(self._types, name)
            case ["apis", name, version_]:
                return resource_list(self._types, name, version_)
            case _:
                return None

    def _openapi_document(self, path: str) -> Document | None:
        if path == "v2":
            # kubectl asks it about kinds that v3 does not have; an empty one says "not here"
            return Document(b"", _OPENAPI_V2)
        if path == "v3":
            return Document(self._openapi.index)
        body = self._openapi.document(path.removeprefix("v3/"))
        return Document(body) if body else None

    @functools.cached_property
    def _openapi(self) -> OpenAPI:
        return OpenAPI(self._types)


def version() -> dict[str, str]:
    major, minor = _EMULATED.split(".")
    return {
        "major": major,
        "minor": minor,
        "gitVersion": f"v{_EMULATED}.0+foreman",
        "gitCommit": "",
        "gitTreeState": "",
        "buildDate": "1970-01-01T00:00:00Z",
        "goVersion": f"python{platform.python_version()}",
        "compiler": platform.python_implementation().lower(),
        "platform": f"{platform.system().lower()}/{platform.machine()}",
    }


def legacy_versions(address: str) -> dict[str, Any]:
    return {
        "kind": "APIVersions",
        "versions": ["v1"],
        "serverAddressByClientCIDRs": [{"clientCIDR": "0.0.0.0/0", "serverAddress": address}],
    }


def group_list(types: Types) -> dict[str, Any]:
    groups = [_group(group, version) for group, version in types.groups() if group]
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}


def group(types: Types, name: str) -> dict[str, Any] | None:
    for found, version_ in types.groups():
        if found == name and name:
            return {"kind": "APIGroup", "apiVersion": "v1", **_group(found, version_)}
    return None


def resource_list(types: Types, name: str, version_: str) -> dict[str, Any] | None:
    """The resources of one group and version; None when it is not served."""
    served = types.groups().get((name, version_))
    if served is None:
        return None
    resources = []
    for type_ in served:
        resources.append(_resource(type_))
        if type_.status:
            resources.append(_status_resource(type_))
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": f"{name}/{version_}" if name else version_,
        "resources": resources,
    }


def aggregated(types: Types, *, legacy: bool) -> dict[str, Any]:
    """APIGroupDiscoveryList of `/api` (*legacy*) or `/apis`: all of it in one answer."""
    items = []
    for (name, version_), served in types.groups().items():
        if legacy == bool(name):
            continue
        resources = [_aggregated_resource(type_) for type_ in served]
        items.append(
            {
                "metadata": {"name": name, "creationTimestamp": None} if name else {},
                "versions": [{"version": version_, "resources": resources, "freshness": "Current"}],
            }
        )
    return {
        "kind": "APIGroupDiscoveryList",
        "apiVersion": "apidiscovery.k8s.io/v2",
        "metadata": {},
        "items": items,
    }


def _group(name: str, version_: str) -> dict[str, Any]:
    one = {"groupVersion": f"{name}/{version_}", "version": version_}
    return {"name": name, "versions": [one], "preferredVersion": one}


def _resource(type_: ResourceType) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": type_.plural,
        "singularName": type_.singular,
        "namespaced": type_.namespaced,
        "kind": type_.kind,
        "verbs": list(type_.verbs),
    }
    if type_.short:
        found["shortNames"] = list(type_.short)
    if type_.categories:
        found["categories"] = list(type_.categories)
    return found


def _status_resource(type_: ResourceType) -> dict[str, Any]:
    return {
        "name": f"{type_.plural}/status",
        "singularName": "",
        "namespaced": type_.namespaced,
        "kind": type_.kind,
        "verbs": ["get", "patch", "update"],
    }


def _aggregated_resource(type_: ResourceType) -> dict[str, Any]:
    kind = {"group": type_.group, "version": type_.version, "kind": type_.kind}
    found: dict[str, Any] = {
        "resource": type_.plural,
        "responseKind": kind,
        "scope": "Namespaced" if type_.namespaced else "Cluster",
        "singularResource": type_.singular,
        "verbs": list(type_.verbs),
    }
    if type_.short:
        found["shortNames"] = list(type_.short)
    if type_.categories:
        found["categories"] = list(type_.categories)
    if type_.status:
        found["subresources"] = [
            {"subresource": "status", "responseKind": kind, "verbs": ["get", "patch", "update"]}
        ]
    return found
