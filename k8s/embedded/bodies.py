"""Request bodies: JSON, or the protobuf that kubectl writes for some core kinds."""

from __future__ import annotations

from typing import Any

import orjson
from aiohttp import web

from k8s.embedded import protobuf
from k8s.embedded.objects import Body
from k8s.embedded.refusals import bad_request, unsupported_media_type

LIMIT_BYTES = 3 << 20
_DEPTH_LIMIT = 128  # orjson writes 254 levels, jsonschema_rs reads 255


def media(request: web.BaseRequest) -> str:
    return request.headers.get("Content-Type", "application/json").partition(";")[0].strip()


def name(body: Body) -> str:
    """`metadata.name`; empty where there is none."""
    meta = body.get("metadata")
    found = meta.get("name") if isinstance(meta, dict) else None
    return found if isinstance(found, str) else ""


async def read(request: web.BaseRequest) -> Body:
    """The object in the body; raises `Refusal`."""
    data = await request.read()
    kind = media(request)
    if kind == protobuf.MEDIA:
        return protobuf.decoded(data)
    if not kind.endswith("json"):
        raise unsupported_media_type(["application/json", protobuf.MEDIA])
    try:
        body = orjson.loads(data)
    except orjson.JSONDecodeError as exc:
        raise bad_request(f"the body is not JSON: {exc}") from exc
    if not isinstance(body, dict):
        raise bad_request("the body is not a JSON object")
    if data.count(b"{") + data.count(b"[") > _DEPTH_LIMIT and _too_deep(body):
        raise bad_request(f"the body is nested more than {_DEPTH_LIMIT} levels deep")
    return body


def _too_deep(body: Body) -> bool:
    level: list[Any] = [body]
    for _ in range(_DEPTH_LIMIT):
        inner = [node.values() if isinstance(node, dict) else node for node in level]
        level = [
            child for children in inner for child in children if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return True
