"""Sockets of the filtering proxy: reaching a server, copying both ways, refusing a client."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Sequence

from tools.sandbox.hello import HelloError

CHUNK = 65536
_REASONS = {400: "Bad Request", 403: "Forbidden", 405: "Method Not Allowed", 502: "Bad Gateway"}


async def some(client: socket.socket) -> bytes:
    """Bytes of a client that must go on; its end is the end of the connection."""
    received = await asyncio.get_running_loop().sock_recv(client, CHUNK)
    if not received:
        raise ConnectionError("the client left")
    return received


async def connected(addresses: Sequence[str], port: int) -> socket.socket:
    """A connection to the first of *addresses* that answers. Raises OSError where none does."""
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
    raise OSError(told)


async def relay(
    client: socket.socket,
    server: socket.socket,
    *,
    early: bytes,
    passed: Callable[[bytes], bytes],
    idle_seconds: float,
) -> str:
    """Both ways, until both ends are done, one breaks, or nothing moves.

    *early* is of the client's way already; *passed* says what goes on there. Returns why it was
    ended, "" where nothing was wrong.
    """
    loop = asyncio.get_running_loop()
    told = ""

    async def forth() -> None:
        received = early
        while True:
            await loop.sock_sendall(server, passed(received))
            if not (received := await loop.sock_recv(client, CHUNK)):
                break
            limit.reschedule(loop.time() + idle_seconds)
        server.shutdown(socket.SHUT_WR)  # half-closed: the other way goes on

    async def back() -> None:
        while received := await loop.sock_recv(server, CHUNK):
            await loop.sock_sendall(client, received)
            limit.reschedule(loop.time() + idle_seconds)
        client.shutdown(socket.SHUT_WR)

    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(idle_seconds) as limit:
            try:
                async with asyncio.TaskGroup() as both:
                    both.create_task(forth())
                    both.create_task(back())
            except* OSError:
                pass  # one end broke: the other is closed with it
            except* HelloError as faults:
                told = str(faults.exceptions[0])
    return told


async def answer(client: socket.socket, status: int, text: str) -> None:
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
                if not await loop.sock_recv(client, CHUNK):
                    return
