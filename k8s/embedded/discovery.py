"""What there is: versions, groups and resources, in the old and in the aggregated form."""

from __future__ import annotations

import platform
from typing import Any

from k8s.embedded.types import ResourceType, Types

EMULATED = "1.36"
AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"


def version() -> dict[str, str]:
    major, minor = EMULATED.split(".")
    return {
        "major": major,
        "minor": minor,
        "gitVersion": f"v{EMULATED}.0+foreman",
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
