"""Responses: stored bytes as they are, tables, refusals, warnings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import orjson
from aiohttp import web
from multidict import CIMultiDict

from k8s.embedded import views
from k8s.embedded.refusals import Refusal
from k8s.embedded.types import ResourceType


def plain(body: bytes, *, status: int = 200, media: str = "application/json") -> web.Response:
    return web.Response(body=body, status=status, headers=CIMultiDict({"Content-Type": media}))


def refused(refusal: Refusal) -> web.Response:
    return plain(orjson.dumps(refusal.wire()), status=refusal.code)


def table(
    type_: ResourceType, bodies: Sequence[bytes], now: datetime, *, version: int, status: int = 200
) -> web.Response:
    rows = [views.row(type_, orjson.loads(data), now) for data in bodies]
    body = views.table(views.definitions(type_), rows, str(version))
    return plain(orjson.dumps(body), status=status)


def version_of(data: bytes) -> int:
    """The resourceVersion of a stored object."""
    return int(orjson.loads(data)["metadata"]["resourceVersion"])


def warn(response: web.Response, warnings: Sequence[str]) -> None:
    """Add `Warning` headers: https://www.rfc-editor.org/rfc/rfc7234#section-5.5."""
    for warning in warnings:
        escaped = warning.replace("\\", "\\\\").replace('"', '\\"')
        response.headers.add("Warning", f'299 - "{escaped}"')
