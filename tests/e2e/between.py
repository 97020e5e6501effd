"""A proxy before an API: holds back the answer to a request that the server has carried out.

Plain HTTP on loopback before the API's unix socket; what is behind it sees the same requests.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import yaml
from aiohttp import web
from aiohttp.typedefs import Handler

_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "host"})


@dataclass
class Held:
    """One answer. `reached` when the server gave it; it waits here, and its connection is cut."""

    method: str
    path: str  # searched in path and query
    body: str = ""  # searched in the request's body
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)

    def strikes(self, request: web.Request, body: bytes) -> bool:
        return (
            not self.reached.is_set()
            and request.method == self.method
            and re.search(self.path, request.path_qs) is not None
            and re.search(self.body, body.decode()) is not None
        )


@dataclass
class Between:
    """*url* is where clients go."""

    socket: Path
    token: str
    url: str = ""
    held: list[Held] = field(default_factory=list)

    def hold(self, method: str, path: str, body: str = "") -> Held:
        found = Held(method, path, body)
        self.held.append(found)
        return found

    def kubeconfig(self, path: Path) -> Path:
        cluster = {"name": "proxy", "cluster": {"server": self.url}}
        user = {"name": "admin", "user": {"token": self.token}}
        context = {"name": "proxy", "context": {"cluster": "proxy", "user": "admin"}}
        found = {"clusters": [cluster], "users": [user], "contexts": [context]}
        kind = {"apiVersion": "v1", "kind": "Config", "current-context": "proxy"}
        path.write_text(yaml.safe_dump({**kind, **found}))
        return path


@asynccontextmanager
async def between(socket: Path, token: str) -> AsyncIterator[Between]:
    """A proxy before the API at *socket*."""
    proxy = Between(socket, token)
    connector = aiohttp.UnixConnector(path=str(socket), limit=0)
    timeout = aiohttp.ClientTimeout(total=None)
    async with aiohttp.ClientSession(
        connector=connector, timeout=timeout, auto_decompress=False
    ) as session:
        app = web.Application(client_max_size=2**26)
        app.router.add_route("*", "/{path:.*}", _handler(proxy, session))
        runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1
        )
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            proxy.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            yield proxy
        finally:
            for held in proxy.held:
                held.released.set()
            await runner.cleanup()


def _handler(proxy: Between, session: aiohttp.ClientSession) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        body = await request.read()
        headers = {k: v for k, v in request.headers.items() if k.lower() not in _HOP}
        url = f"http://api{request.path_qs}"
        struck = next((held for held in proxy.held if held.strikes(request, body)), None)
        async with session.request(request.method, url, headers=headers, data=body) as answer:
            if struck and answer.status < 400:
                await answer.read()
                struck.reached.set()
                await struck.released.wait()
                assert request.transport is not None
                request.transport.abort()
                return web.Response(status=502)
            return await _passed_on(request, answer)

    return handle


async def _passed_on(request: web.Request, answer: aiohttp.ClientResponse) -> web.StreamResponse:
    """Chunk by chunk: a watch does not end."""
    kept = {k: v for k, v in answer.headers.items() if k.lower() not in _HOP}
    response = web.StreamResponse(status=answer.status, headers=kept)
    await response.prepare(request)
    async for chunk in answer.content.iter_any():
        await response.write(chunk)
    await response.write_eof()
    return response
