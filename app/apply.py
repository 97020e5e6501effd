"""Wanted resources → the API: made, brought to what is wanted, and gone when no longer wanted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

import structlog

from k8s.client import Client
from k8s.errors import AlreadyExists, NotFound
from k8s.meta import Resource
from k8s.resources.agent import Agent
from k8s.resources.core import Secret
from k8s.resources.endpoint import ModelEndpoint

_PRUNED: tuple[type[Resource], ...] = (Agent, ModelEndpoint, Secret)  # users before what they use

log = structlog.get_logger(__name__)


async def apply(client: Client, resource: Resource) -> None:
    """Create *resource*, or bring spec, data and labels to what is wanted: what it lacks goes."""
    kind, name, namespace = type(resource), resource.metadata.name, resource.metadata.namespace
    try:
        await client.create(resource)
        return
    except AlreadyExists:
        pass
    body = resource.wire()
    changes: dict[str, Any] = {"metadata": {"labels": body["metadata"].get("labels", {})}}
    if isinstance(resource, Secret):
        changes["stringData"] = body.get("stringData", {})
    else:
        found = (await client.get(kind, name, namespace or "")).wire()
        for key in ("spec", "data"):
            changes[key] = difference(found.get(key, {}), body.get(key, {}))
    await client.patch(kind, name, namespace or "", {k: v for k, v in changes.items() if v})


def difference(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The merge patch that makes *wanted* of *found*; None deletes a key."""
    changes: dict[str, Any] = {key: None for key in found if key not in wanted}
    for key, value in wanted.items():
        there = found.get(key)
        if isinstance(value, Mapping) and isinstance(there, Mapping):
            if inner := difference(there, value):
                changes[key] = inner
        elif value != there:
            changes[key] = value
    return changes


async def prune(client: Client, namespace: str, mark: str, wanted: Iterable[Resource]) -> None:
    """Delete what has the label *mark* and is not among *wanted*."""
    kept = {(type(resource), resource.metadata.name) for resource in wanted}
    for kind in _PRUNED:
        for found in (await client.list(kind, namespace, labels=f"{mark}=true")).items:
            name = found.metadata.name
            if (kind, name) in kept:
                continue
            with suppress(NotFound):
                await client.delete(kind, name, namespace, uid=found.metadata.uid)
            log.info("agents_file.removed", kind=kind.KIND, name=name)
