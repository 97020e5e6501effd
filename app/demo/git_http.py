"""Git's smart HTTP protocol from aiohttp through `git http-backend`, over bare repositories.

Who may do what is decided by the caller. The dumb protocol is not served.
"""

from __future__ import annotations

import asyncio
import asyncio.subprocess
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from app.demo.github.bare import ENVIRONMENT

_CHUNK = 64 * 1024
_LONGEST_PACKET = 65_515


@dataclass(frozen=True)
class GitReply:
    status: int
    headers: dict[str, str]
    body: bytes


async def stream(
    request: web.Request, repository: Path, service: str, *, user: str
) -> web.StreamResponse:
    """Serve `info/refs` or `git-upload-pack` of *repository*, without holding the pack."""
    async with _backend(request, repository, service, user, {}) as process:
        assert process.stdout is not None
        status, headers = await _cgi_headers(process.stdout)
        response = web.StreamResponse(status=status, headers=headers)
        await response.prepare(request)
        while chunk := await process.stdout.read(_CHUNK):
            await response.write(chunk)
        await response.write_eof()
    return response


async def receive(
    request: web.Request,
    repository: Path,
    *,
    user: str,
    environment: Mapping[str, str],
) -> GitReply:
    """Run a push to its end. The answer is a short report, given back for the caller to send."""
    async with _backend(request, repository, "git-receive-pack", user, environment) as process:
        assert process.stdout is not None
        status, headers = await _cgi_headers(process.stdout)
        body = await process.stdout.read()
        await process.wait()
    return GitReply(status, headers, body)


@contextlib.asynccontextmanager
async def _backend(
    request: web.Request,
    repository: Path,
    service: str,
    user: str,
    environment: Mapping[str, str],
) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        "git",
        "http-backend",
        env={
            **ENVIRONMENT,
            **environment,
            "GIT_PROJECT_ROOT": str(repository.parent),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": f"/{repository.name}/{service}",
            "REQUEST_METHOD": request.method,
            "QUERY_STRING": request.query_string,
            "CONTENT_TYPE": request.headers.get("Content-Type", ""),
            "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
            "REMOTE_USER": user,
            "REMOTE_ADDR": request.remote or "",
        },
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    # The body goes in while the answer comes out: either alone could fill a pipe and stall both.
    feeding = asyncio.ensure_future(_feed(request, process))
    try:
        yield process
        await process.wait()
        await feeding
    finally:
        feeding.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await feeding
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _feed(request: web.Request, process: asyncio.subprocess.Process) -> None:
    assert process.stdin is not None
    # aiohttp has unpacked a gzip body; neither length nor encoding is passed on, EOF ends it. The
    # two errors: git does not want more, and the client is gone. Git finds the pack cut short then.
    with contextlib.suppress(OSError, web.RequestPayloadError):
        async for chunk in request.content.iter_chunked(_CHUNK):
            process.stdin.write(chunk)
            await process.stdin.drain()
    process.stdin.close()


async def _cgi_headers(out: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    status, headers = 200, {}
    while line := (await out.readline()).strip():
        name, _, value = line.decode().partition(":")
        if name.lower() == "status":
            status = int(value.split()[0])
        else:
            headers[name] = value.strip()
    return status, headers


def _packets(data: bytes) -> list[bytes | None]:
    """The payloads of pkt-lines; None for a flush."""
    found: list[bytes | None] = []
    at = 0
    while at + 4 <= len(data):
        size = int(data[at : at + 4], 16)
        found.append(data[at + 4 : at + size] if size >= 4 else None)
        at += max(size, 4)
    return found


def _packet(payload: bytes | None) -> bytes:
    return b"0000" if payload is None else b"%04x%b" % (len(payload) + 4, payload)


def with_reasons(report: bytes, reasons: Mapping[str, str]) -> bytes:
    """*report* of a push with our *reasons*, by ref, in the place of git's "hook declined".

    The report comes as it is or in band 1 of the side band, where band 2 is for people.
    """
    outer = _packets(report)
    if not any(p and p[:1] in (b"\1", b"\2") for p in outer):
        return _reasoned(report, reasons)
    inner = b"".join(p[1:] for p in outer if p and p[:1] == b"\1")
    spoken = [_packet(p) for p in outer if p and p[:1] == b"\2"]
    said = _reasoned(inner, reasons)
    bands = [said[i : i + _LONGEST_PACKET] for i in range(0, len(said), _LONGEST_PACKET)]
    return b"".join([*spoken, *(_packet(b"\1" + part) for part in bands), b"0000"])


def _reasoned(report: bytes, reasons: Mapping[str, str]) -> bytes:
    packets = []
    for payload in _packets(report):
        if payload and payload.startswith(b"ng "):
            ref = payload.decode().split(" ", 2)[1]
            if ref in reasons:
                packets.append(_packet(f"ng {ref} {reasons[ref]}\n".encode()))
                continue
        packets.append(_packet(payload))
    return b"".join(packets)
