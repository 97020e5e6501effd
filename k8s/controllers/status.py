"""Writing a status, decided on what was read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from k8s.client import Client
from k8s.errors import NotFound
from k8s.meta import Condition, Resource

R = TypeVar("R", bound=Resource)


async def write_status(client: Client, resource: R, status: dict[str, Any]) -> R | None:
    """*resource* with *status* merged in; None: it is gone. Raises `Conflict` if it changed since."""
    try:
        return await client.patch(
            type(resource),
            resource.metadata.name,
            resource.metadata.namespace or "",
            {"status": status},
            subresource="status",
            resource_version=resource.metadata.resource_version,
        )
    except NotFound:
        return None


def on_wire(conditions: Sequence[Condition]) -> list[dict[str, Any]]:
    return [condition.wire() for condition in conditions]
