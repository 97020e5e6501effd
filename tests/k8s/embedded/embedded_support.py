"""Raw HTTP against the embedded API: what is tested here is the wire."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import orjson

OURS = "/apis/foreman.llmkube.dev/v1alpha1"
TASKS = f"{OURS}/namespaces/default/agentictasks"
CONFIG_MAPS = "/api/v1/namespaces/default/configmaps"
MERGE = "application/merge-patch+json"


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    headers: Mapping[str, str]
    warnings: list[str]


class Caller:
    def __init__(self, session: aiohttp.ClientSession) -> None:
        self.session = session

    async def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        media: str = "application/json",
        accept: str = "application/json",
    ) -> Answer:
        content = body if isinstance(body, bytes) else b"" if body is None else orjson.dumps(body)
        data = io.BytesIO(content) if content else None  # aiohttp warns of large plain bytes
        headers = {"Content-Type": media, "Accept": accept}
        async with self.session.request(method, path, data=data, headers=headers) as response:
            content = await response.read()
            parsed = orjson.loads(content) if content.startswith((b"{", b"[")) else content
            warnings = response.headers.getall("Warning", [])
            return Answer(response.status, parsed, response.headers, warnings)

    async def made(self, path: str, body: Any) -> Any:
        answer = await self("POST", path, body)
        assert answer.status == 201, answer.body
        return answer.body

    async def patched(self, path: str, body: Any, *, media: str = MERGE) -> Any:
        answer = await self("PATCH", path, body, media=media)
        assert answer.status == 200, answer.body
        return answer.body


@asynccontextmanager
async def calling(socket: Path, token: str) -> AsyncIterator[Caller]:
    connector = aiohttp.UnixConnector(path=str(socket))
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(
        "http://embedded", connector=connector, headers=headers
    ) as session:
        yield Caller(session)


class Stream:
    """Events of one watch, read line by line."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.response = response

    async def next(self) -> Any:
        line = await self.response.content.readline()
        return orjson.loads(line) if line else None

    async def names(self, count: int) -> list[tuple[str, str]]:
        events = [await self.next() for _ in range(count)]
        return [(event["type"], event["object"]["metadata"]["name"]) for event in events]


@asynccontextmanager
async def watching(caller: Caller, path: str, **query: str) -> AsyncIterator[Stream]:
    accept = query.pop("accept", "application/json")
    async with caller.session.get(
        path, params={"watch": "1", **query}, headers={"Accept": accept}
    ) as response:
        yield Stream(response)


def task(name: str, **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "foreman.llmkube.dev/v1alpha1",
        "kind": "AgenticTask",
        "metadata": {"name": name},
        "spec": {"kind": "freeform", "payload": {"prompt": "hello"}, **spec},
    }


def config_map(name: str, **data: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}
