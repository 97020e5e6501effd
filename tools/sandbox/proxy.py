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

from tools.sandbox import hello, request, tunnel
from tools.sandbox.egress import Egress, Host, Visit, canonical, is_open
from tools.sandbox.hello import HelloError
from tools.sandbox.request import RequestError

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

_CONNECTIONS = 64  # at once; more wait to be accepted
_PAUSE_SECONDS = 0.1
_RESOLVING = 2  # at once
_TARGETS = 100  # kept apart in `visits`
_PIECES = 256  # in which a request, or a first message, may come
_OPEN = b"HTTP/1.1 200 Connection established\r\n\r\n"
_ANOTHER = "asks TLS for another name than CONNECT"
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
        # a resolver is asked in threads that all of the node shares
        self._resolving = asyncio.Semaphore(_RESOLVING)
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
                    await tunnel.answer(
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
            first, more = await self._hello(client, name, target, early)
            self._count(target, "")
            await asyncio.get_running_loop().sock_sendall(server, first)
            told = await tunnel.relay(
                client,
                server,
                early=more,
                passed=self._watched(name),
                idle_seconds=self._patience.idle,
            )
            if told:
                raise _Refused(told, target, None)

    async def _request(self, client: socket.socket) -> tuple[bytes, bytes]:
        """The request's head, and what came after it already."""
        received = b""
        with _within("sent no whole request in time", status=400):
            async with asyncio.timeout(self._patience.request):
                for _ in range(_PIECES):
                    received += await tunnel.some(client)
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
                    async with self._resolving:
                        addresses = await self._resolve(name, host.port)
                except (OSError, UnicodeError) as exc:
                    raise _Refused(f"{unreachable}: {exc}", target, 502) from exc
                usable = [one for one in addresses if is_open(one, private=host.private)]
                if not usable:
                    raise _Refused(_private(host), target)
                try:
                    return await tunnel.connected(usable, host.port)
                except OSError as exc:
                    raise _Refused(f"{unreachable}: {exc}", target, 502) from exc

    async def _hello(
        self, client: socket.socket, name: str, target: str, early: bytes
    ) -> tuple[bytes, bytes]:
        """The first message of the client's TLS, which asks for *name*, and what came after it."""
        received = early
        with _within("sent no TLS in time", target):
            async with asyncio.timeout(self._patience.hello):
                for _ in range(_PIECES):
                    try:
                        found = hello.read(received)
                    except HelloError as fault:
                        raise _Refused(str(fault), target, None) from fault
                    if found and canonical(found.name) != name:
                        raise _Refused(_ANOTHER, target, None)
                    if found:
                        return received[: found.size], received[found.size :]
                    received += await tunnel.some(client)
        raise _Refused("malformed TLS", target, None)

    def _watched(self, name: str) -> Callable[[bytes], bytes]:
        """Lets a client's stream through unless it asks for another name; raises HelloError."""
        watch = hello.Watch()

        def passed(received: bytes) -> bytes:
            going = watch.passed(received)
            if watch.again is not None and canonical(watch.again) != name:
                raise HelloError(_ANOTHER)
            return going

        return passed

    def _count(self, target: str, why: str) -> None:
        key = (target, why)
        if key not in self._visits and len(self._visits) >= _TARGETS:
            key = ("", why and _MANY)
        if key not in self._visits:
            self._on_visit(Visit(*key))
        self._visits[key] = self._visits.get(key, 0) + 1


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
