"""`serve`: the embedded API on a unix socket and on loopback TLS, for as long as a block runs.

The directory holds everything: `objects.db`, `api.sock`, the two tokens, the certificates. It is
readable by its owner only, and one process at a time serves it.
"""

from __future__ import annotations

import asyncio
import base64
import functools
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog
import yaml
from aiohttp import web

from k8s.embedded import certificates, installation
from k8s.embedded.access import Role, Tokens
from k8s.embedded.api import Api
from k8s.embedded.bodies import LIMIT_BYTES
from k8s.embedded.garbage import Collector
from k8s.embedded.objects import Objects
from k8s.embedded.store import Store, StoreError

_SOCKET_PATH_LIMIT = 107  # bytes of sun_path, without its end
_RENEWAL_SECONDS = 12 * 3600.0
_SHUTDOWN_SECONDS = 2.0
log = structlog.get_logger()


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class EmbeddedSettings:
    directory: Path
    """Where everything is kept; made when it is not there."""
    port: int | None = 0
    """The loopback port for kubectl; 0 takes a free one, None serves the unix socket only."""
    node_name: str = ""
    """The FleetNode that the node's token may write; empty means any."""
    bookmark_seconds: float = 60.0
    """How often a quiet watch is told the version it has reached; clients that come back with an
    older one than the past reaches have to list again."""
    now: Callable[[], datetime] = _utc_now
    """The clock of creation times, ages and certificates."""


@dataclass(frozen=True)
class EmbeddedApi:
    """A running API: how to reach it. *url* is empty when no port is served."""

    socket: Path
    url: str
    authority: bytes
    tokens: Tokens
    store: Store

    @property
    def admin_token(self) -> str:
        return self.tokens["admin"]

    @property
    def node_token(self) -> str:
        return self.tokens["node"]

    def kubeconfig(self, role: Role = "admin") -> str:
        """A kubeconfig file's text for kubectl; raises StoreError when no port is served."""
        if not self.url:
            raise StoreError("kubeconfig: the API serves no port; kubectl knows no unix sockets")
        return kubeconfig(self.url, self.authority, self.tokens[role], role)


def kubeconfig(url: str, authority: bytes, token: str, role: Role) -> str:
    """The text of a kubeconfig with one context, `foreman`."""
    user = f"foreman-{role}"
    cluster = {
        "server": url,
        "certificate-authority-data": base64.b64encode(authority).decode(),
    }
    text: str = yaml.safe_dump(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "foreman", "cluster": cluster}],
            "users": [{"name": user, "user": {"token": token}}],
            "contexts": [{"name": "foreman", "context": {"cluster": "foreman", "user": user}}],
            "current-context": "foreman",
        },
        sort_keys=False,
    )
    return text


@asynccontextmanager
async def serve(settings: EmbeddedSettings) -> AsyncIterator[EmbeddedApi]:
    """Serve *settings.directory* until the block ends; raises StoreError when it cannot."""
    directory = settings.directory
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    directory.chmod(0o700)
    socket = directory / "api.sock"
    if len(str(socket).encode()) > _SOCKET_PATH_LIMIT:
        raise StoreError(
            f"{socket}: longer than the {_SOCKET_PATH_LIMIT} bytes a unix socket's path may have;"
            " choose a shorter directory"
        )
    async with AsyncExitStack() as stack:
        store = Store(directory)
        stack.callback(store.close)
        types, definitions = installation.types()
        collector = Collector(store, types)
        objects = Objects(store, types, now=settings.now, suspect=collector.suspect)
        installation.install(objects, definitions)
        await store.settled()
        tokens = Tokens(directory)
        api = Api(
            objects,
            tokens,
            now=settings.now,
            node_name=settings.node_name,
            bookmark_seconds=settings.bookmark_seconds,
        )
        runner = web.ServerRunner(
            web.Server(
                api.handle,
                request_factory=_requests(),
                access_log=None,
                handler_cancellation=True,
                keepalive_timeout=3600,
            ),
            shutdown_timeout=_SHUTDOWN_SECONDS,
        )
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        stack.callback(store.history.close)  # watches end before their connections are waited for
        socket.unlink(missing_ok=True)
        await web.UnixSite(runner, socket).start()
        socket.chmod(0o600)
        stack.callback(socket.unlink, missing_ok=True)
        await stack.enter_async_context(_running(collector.run()))
        url, authority = "", b""
        if settings.port is not None:
            files, _ = certificates.ensured(directory / "pki", settings.now())
            context = files.context()
            url = await _listen(runner, settings.port, context)
            authority = files.authority.read_bytes()
            renewal = _renew(directory / "pki", context, settings.now)
            await stack.enter_async_context(_running(renewal))
        yield EmbeddedApi(socket, url, authority, tokens, store)


@asynccontextmanager
async def _running(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run *work* beside the block; a TaskGroup would wrap the block's own errors in a group."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _listen(runner: web.ServerRunner, port: int, context: ssl.SSLContext) -> str:
    site = web.TCPSite(runner, "127.0.0.1", port, ssl_context=context)
    try:
        await site.start()
    except OSError as exc:
        raise StoreError(f"127.0.0.1:{port}: {exc.strerror}; choose another port") from exc
    _, port = runner.addresses[-1][:2]
    return f"https://127.0.0.1:{port}"


async def _renew(directory: Path, context: ssl.SSLContext, now: Callable[[], datetime]) -> None:
    while True:
        await asyncio.sleep(_RENEWAL_SECONDS)
        files, renewed = certificates.ensured(directory, now())
        if renewed:
            files.load(context)
            log.info("embedded.certificate_renewed")


def _requests() -> Callable[..., web.BaseRequest]:
    loop = asyncio.get_running_loop()
    return functools.partial(web.BaseRequest, loop=loop, client_max_size=LIMIT_BYTES)
