"""The filtering proxy: CONNECT by name, to allowed hosts, for TLS that asks for the same name.

A name is resolved once and the connection goes to that very address. What a client sent after its
request is part of the tunnel, never a second request.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass

from tools.sandbox import hello, request
from tools.sandbox.egress import Egress, Host, Visit, canonical, is_open
from tools.sandbox.hello import HelloError
from tools.sandbox.request import RequestError

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

_CONNECTIONS = 64  # at once; more wait to be accepted
_PAUSE_SECONDS = 0.1
_TARGETS = 100  # kept apart in `visits`
_CHUNK = 65536
_PIECES = 256  # in which a request, or a first message, may come
_REASONS = {400: "Bad Request", 403: "Forbidden", 405: "Method Not Allowed", 502: "Bad Gateway"}
_OPEN = b"HTTP/1.1 200 Connection established\r\n\r\n"
_MANY = "further targets, not kept apart"


@dataclass(frozen=True)
class Patience:
    """Seconds until a step is given up. *request* and *hello* are for the whole of it."""

    request: float = 10.0
    connect: float = 15.0
    hello: float = 15.0
    idle: float = 300.0  # of a tunnel in which nothing moves


class _Refused(Exception):
    """*status* None: the tunnel is open already, so there is nobody to tell but the operator."""

    def __init__(self, why: str, target: str = "", status: int | None = 403) -> None:
        super().__init__(why)
        self.why = why
        self.target = target
        self.status = status


async def resolved(name: str, port: int) -> Sequence[str]:
    """The addresses of *name*, the resolver's favourite first. Raises OSError."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class Proxy:
    """Serves one listening socket, and counts what was asked for.

    *on_visit* hears of each target once, when it is asked for first.
    """

    def __init__(
        self,
        egress: Egress,
        *,
        resolve: Resolve = resolved,
        on_visit: Callable[[Visit], None] = lambda _: None,
        patience: Patience | None = None,
    ) -> None:
        self._egress = egress
        self._resolve = resolve
        self._on_visit = on_visit
        self._patience = patience or Patience()
        self._visits: dict[tuple[str, str], int] = {}

    @property
    def visits(self) -> tuple[Visit, ...]:
        return tuple(Visit(target, why, n) for (target, why), n in self._visits.items())

    async def serve(self, listener: socket.socket) -> None:
        """Until cancelled; then every connection is closed."""
        loop = asyncio.get_running_loop()
        listener.setblocking(False)
        room = asyncio.Semaphore(_CONNECTIONS)
        async with asyncio.TaskGroup() as tasks:
            while True:
                await room.acquire()
                try:
                    client, _ = await loop.sock_accept(listener)
                except OSError:  # too many open files, or gone before it was accepted
                    room.release()
                    await asyncio.sleep(_PAUSE_SECONDS)
                    continue
                client.setblocking(False)
                tasks.create_task(self._served(client)).add_done_callback(lambda _: room.release())

    async def _served(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            try:
                await self._tunnelled(client)
            except _Refused as refused:
                self._count(refused.target, refused.why)
                if refused.status is not None:
                    await _answer(
                        client, refused.status, f"{refused.target or 'request'}: {refused.why}"
                    )

    async def _tunnelled(self, client: socket.socket) -> None:
        head, early = await self._request(client)
        try:
            name, port = request.target(head)
        except RequestError as fault:
            raise _Refused(fault.why, fault.target, fault.status) from fault
        target = f"{name}:{port}"
        host = self._egress.host(name, port)
        if host is None:
            raise _Refused("not among the allowed hosts", target)
        with await self._connected(name, host, target) as server:
            await asyncio.get_running_loop().sock_sendall(client, _OPEN)
            first = await self._hello(client, name, target, early)
            self._count(target, "")
            await asyncio.get_running_loop().sock_sendall(server, first)
            await _relay(client, server, idle_seconds=self._patience.idle)

    async def _request(self, client: socket.socket) -> tuple[bytes, bytes]:
        """The request's head, and what came after it already."""
        received = b""
        with _within("sent no whole request in time", status=400):
            async with asyncio.timeout(self._patience.request):
                for _ in range(_PIECES):
                    received += await _some(client)
                    head, found, early = received.partition(request.END)
                    if len(head) > request.MOST_BYTES:
                        break
                    if found:
                        return head + found, early
        raise _Refused("request too long", status=400)

    async def _connected(self, name: str, host: Host, target: str) -> socket.socket:
        unreachable = "allowed, but could not be reached"
        with _within(f"{unreachable} in time", target, status=502):
            async with asyncio.timeout(self._patience.connect):
                try:
                    addresses = await self._resolve(name, host.port)
                except (OSError, UnicodeError) as exc:
                    raise _Refused(f"{unreachable}: {exc}", target, 502) from exc
                usable = [one for one in addresses if is_open(one, private=host.private)]
                if not usable:
                    raise _Refused(_private(host), target)
                return await _first(usable, host.port, target)

    async def _hello(self, client: socket.socket, name: str, target: str, early: bytes) -> bytes:
        """What the client sent until its TLS asked for *name*."""
        received = early
        with _within("sent no TLS in time", target):
            async with asyncio.timeout(self._patience.hello):
                for _ in range(_PIECES):
                    asked = _asked(received, target)
                    if asked == name:
                        return received
                    if asked is not None:
                        raise _Refused("asks TLS for another name than CONNECT", target, None)
                    received += await _some(client)
        raise _Refused("malformed TLS", target, None)

    def _count(self, target: str, why: str) -> None:
        key = (target, why)
        if key not in self._visits and len(self._visits) >= _TARGETS:
            key = ("", why and _MANY)
        if key not in self._visits:
            self._on_visit(Visit(*key))
        self._visits[key] = self._visits.get(key, 0) + 1


def _asked(received: bytes, target: str) -> str | None:
    """The server name of a first message; None: it is not whole yet."""
    try:
        asked = hello.server_name(received)
    except HelloError as fault:
        raise _Refused(str(fault), target, None) from fault
    return None if asked is None else canonical(asked)


def _private(host: Host) -> str:
    why = "its name leads to no public address"
    if host.private or host.below:
        return why
    return (
        f"{why}; if it is yours, write {host.name}:{host.port} in FOREMAN_ALLOWED_HOSTS of the node"
    )


@contextlib.contextmanager
def _within(why: str, target: str = "", *, status: int | None = None) -> Iterator[None]:
    try:
        yield
    except TimeoutError as exc:
        raise _Refused(why, target, status) from exc


async def _some(client: socket.socket) -> bytes:
    """Bytes of a client that must go on; its end is the end of the connection."""
    received = await asyncio.get_running_loop().sock_recv(client, _CHUNK)
    if not received:
        raise ConnectionError("the client left")
    return received


async def _first(addresses: Sequence[str], port: int, target: str) -> socket.socket:
    """A connection to the first of *addresses* that answers."""
    loop = asyncio.get_running_loop()
    told = ""
    for address in addresses:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        server = socket.socket(family, socket.SOCK_STREAM)
        server.setblocking(False)
        try:
            await loop.sock_connect(server, (address, port))
        except OSError as exc:
            server.close()
            told = exc.strerror or str(exc)
        except BaseException:
            server.close()
            raise
        else:
            return server
    raise _Refused(f"allowed, but could not be reached: {told}", target, 502)


async def _relay(client: socket.socket, server: socket.socket, *, idle_seconds: float) -> None:
    """Both ways, until both ends are done, one breaks, or nothing moves."""
    loop = asyncio.get_running_loop()

    async def copy(source: socket.socket, sink: socket.socket) -> None:
        while received := await loop.sock_recv(source, _CHUNK):
            await loop.sock_sendall(sink, received)
            limit.reschedule(loop.time() + idle_seconds)
        sink.shutdown(socket.SHUT_WR)  # half-closed: the other way goes on

    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(idle_seconds) as limit:
            try:
                async with asyncio.TaskGroup() as both:
                    both.create_task(copy(client, server))
                    both.create_task(copy(server, client))
            except* OSError:
                pass  # one end broke: the other is closed with it


async def _answer(client: socket.socket, status: int, text: str) -> None:
    """Refuse, and give the client the time to read it: an early close would take it back."""
    loop = asyncio.get_running_loop()
    body = f"Foreman's proxy: {text}\n".encode()
    head = (
        f"HTTP/1.1 {status} {_REASONS[status]}\r\nContent-Type: text/plain; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(1):
            await loop.sock_sendall(client, head.encode() + body)
            client.shutdown(socket.SHUT_WR)
            for _ in range(16):
                if not await loop.sock_recv(client, _CHUNK):
                    return
