"""An HTTP server on a unix socket that answers what the test tells it: lists, watches, faults."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from aiohttp import web

from k8s.client import UnixAccess
from k8s.resources.core import ConfigMap

TOKEN = "t0ken"
COLLECTION = "/api/v1/namespaces/ns/configmaps"


def body(name: str, version: int, uid: str = "", **data: str) -> dict[str, Any]:
    meta = {
        "name": name,
        "namespace": "ns",
        "uid": uid or f"uid-{name}",
        "resourceVersion": str(version),
        "managedFields": [{"manager": "somebody"}],
    }
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": data}


def event(type_: str, obj: dict[str, Any]) -> bytes:
    return orjson.dumps({"type": type_, "object": obj}) + b"\n"


def refusal(code: int, reason: str, message: str) -> dict[str, Any]:
    told = {"kind": "Status", "apiVersion": "v1", "status": "Failure"}
    return {**told, "code": code, "reason": reason, "message": message}


@dataclass
class Asked:
    """One request, as it came."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


@dataclass
class Api:
    """What is listed, what watches say next (`send`), and what was asked.

    *answer* goes before all: the answer to any request it has one for.
    """

    access: UnixAccess
    items: list[dict[str, Any]] = field(default_factory=list)
    version: int = 100
    asked: list[Asked] = field(default_factory=list)
    answer: Callable[[Asked], web.StreamResponse | None] = lambda _: None
    _stream: asyncio.Queue[bytes | None] = field(default_factory=asyncio.Queue)
    _watching: asyncio.Event = field(default_factory=asyncio.Event)

    def send(self, content: bytes) -> None:
        """To the one watch that is open, or the next."""
        self._stream.put_nowait(content)

    def hang_up(self) -> None:
        """Break the watch in the middle."""
        self._stream.put_nowait(None)

    async def watched(self) -> None:
        """Returns when a watch has come in since the last call."""
        await self._watching.wait()
        self._watching.clear()

    @property
    def watches(self) -> list[str]:
        """The versions that watches were asked to go on from."""
        return [a.query["resourceVersion"] for a in self.asked if "watch" in a.query]

    @property
    def lists(self) -> int:
        return sum(a.method == "GET" and "watch" not in a.query for a in self.asked)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        content = await request.read()
        asked = Asked(
            request.method,
            request.path,
            dict(request.query),
            dict(request.headers),
            orjson.loads(content) if content else None,
        )
        self.asked.append(asked)
        told = self.answer(asked)
        if told is not None:
            return told
        if "watch" in request.query:
            return await self._watch(request)
        meta = {"resourceVersion": str(self.version)}
        return web.json_response({"kind": "ConfigMapList", "metadata": meta, "items": self.items})

    async def _watch(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        response.enable_chunked_encoding()
        await response.prepare(request)
        self._watching.set()
        while (content := await self._stream.get()) is not None:
            if content == b"":  # the server's time is up
                return response
            await response.write(content)
        assert request.transport is not None
        request.transport.abort()
        return response


@asynccontextmanager
async def scripted(folder: Path) -> AsyncIterator[Api]:
    api = Api(UnixAccess(folder / "api.sock", TOKEN))
    application = web.Application(client_max_size=4 * 1024 * 1024)
    application.router.add_route("*", "/{path:.*}", api.handle)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    await web.UnixSite(runner, str(api.access.socket)).start()
    try:
        yield api
    finally:
        await runner.cleanup()


def notes(name: str = "a") -> ConfigMap:
    return ConfigMap.model_validate(body(name, 0))
