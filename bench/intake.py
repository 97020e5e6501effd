"""P1: signed deliveries of 6.9 KB, stored before they are answered, beside raw creates.

Webhook server, client and embedded API share one process, as in `foreman up`; the load comes from
this one over kept-alive connections. The raw creates are made in that process too, by the same
client, of the same Deliveries: what an ack costs more is the door.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import json
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog
from rich.console import Console
from rich.table import Table

from app.webhook.events import as_delivery, parse
from app.webhook.server import application, open_door, serving
from k8s.client import Client, UnixAccess, connect
from k8s.embedded.serve import EmbeddedSettings, serve
from k8s.errors import AlreadyExists
from k8s.meta import Meta
from k8s.resources.core import Namespace
from k8s.resources.delivery import Delivery

CLIENTS, WARM, DELIVERIES = 16, 200, 5000
BODY_BYTES = 6900
NAMESPACE = "foreman-system"
SECRET = "bench"


def now() -> datetime:
    return datetime.now(UTC)


def body() -> bytes:
    """An `issues.labeled` of the size GitHub sends, most of it fields that we do not read."""
    person = {"login": "maintainer", "id": 7, "type": "User", "site_admin": False}
    given = {
        "action": "labeled",
        "issue": {
            "number": 12,
            "title": "It is broken",
            "body": "Steps to reproduce. " * 40,
            "state": "open",
            "labels": [{"name": "foreman", "color": "ededed"}],
            "user": person,
            "updated_at": "2026-03-01T12:00:00Z",
        },
        "label": {"name": "foreman"},
        "repository": {"id": 99, "full_name": "octo/hello", "default_branch": "main"},
        "installation": {"id": 4},
        "sender": person,
    }
    filler = {f"field_{i}_url": f"https://api.github.com/repos/octo/hello/{i}" for i in range(200)}
    while len(json.dumps(given | filler)) > BODY_BYTES:
        filler.popitem()
    return json.dumps(given | filler).encode()


def request(raw: bytes, delivery: str) -> bytes:
    signature = hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()
    head = (
        f"POST /webhook HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
        f"X-GitHub-Event: issues\r\nX-GitHub-Delivery: {delivery}\r\n"
        f"X-Hub-Signature-256: sha256={signature}\r\nContent-Length: {len(raw)}\r\n\r\n"
    )
    return head.encode() + raw


async def shared(work: Callable[[int], Awaitable[None]], count: int) -> tuple[float, list[float]]:
    """Per second, and each one's milliseconds, when as many as there are share *count* calls."""
    numbers, took = iter(range(count)), list[float]()

    async def one() -> None:
        for number in numbers:
            before = time.perf_counter()
            await work(number)
            took.append((time.perf_counter() - before) * 1000)

    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(CLIENTS):
            group.create_task(one())
    return count / (time.perf_counter() - began), took


async def load(port: int, prefix: str, count: int) -> tuple[float, list[float]]:
    """Deliveries over one kept-alive connection per client."""
    raw = body()
    idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(CLIENTS)]
    ready = [request(raw, f"{prefix}-{number}") for number in range(count)]

    async def post(number: int) -> None:
        reader, writer = idle.pop()
        writer.write(ready[number])
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        answer = await reader.readexactly(length)
        assert b" 202 " in head, head
        assert b"stored" in answer, answer
        idle.append((reader, writer))

    try:
        return await shared(post, count)
    finally:
        for _, writer in idle:
            writer.close()


# -- the process under load --------------------------------------------------------------------


async def served() -> None:
    """Serve until standard input ends; answers `raw N` and `count` on it."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    with tempfile.TemporaryDirectory() as directory:
        async with (
            serve(EmbeddedSettings(directory=Path(directory), port=None)) as api,
            connect(UnixAccess(api.socket, api.admin_token)) as client,
        ):
            with contextlib.suppress(AlreadyExists):
                await client.create(Namespace(metadata=Meta(name=NAMESPACE)))
            door = open_door([SECRET], client, namespace=NAMESPACE, clock=now)
            async with serving(application(door), "127.0.0.1", 0) as port:
                print(port, flush=True)
                async for line in lines():
                    print(json.dumps(await answer(client, line.split())), flush=True)


async def lines() -> AsyncIterator[str]:
    while line := await asyncio.to_thread(sys.stdin.readline):
        yield line


async def answer(client: Client, words: list[str]) -> object:
    match words:
        case ["raw", count]:
            rate, took = await shared(raw_create(client), int(count))
            return row(rate, took), rate
        case _:
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            return [len((await client.list(Delivery, NAMESPACE)).items), peak]


def raw_create(client: Client) -> Callable[[int], Awaitable[None]]:
    event = parse("issues", json.loads(body()))
    assert event is not None

    async def create(number: int) -> None:
        name = f"raw-{time.perf_counter_ns()}-{number}"
        await client.create(as_delivery(event, name=name, namespace=NAMESPACE, received_at=now()))

    return create


# -- the measurement ---------------------------------------------------------------------------


def row(rate: float, took: list[float]) -> tuple[str, str, str]:
    cuts = statistics.quantiles(took, n=100)
    return f"{rate:,.0f}/s", f"{cuts[49]:.2f}", f"{cuts[98]:.2f}"


async def main() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bench.intake",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin
    assert process.stdout

    async def ask(words: str) -> Any:
        process.stdin.write(f"{words}\n".encode())  # type: ignore[union-attr]
        return json.loads(await process.stdout.readline())  # type: ignore[union-attr]

    try:
        port = int(await process.stdout.readline())
        await load(port, "warm", WARM)
        stored_before, idle = await ask("count")
        acks, took = await load(port, "first", DELIVERIES)
        more, took_more = await load(port, "second", DELIVERIES)
        stored, peak = await ask("count")
        raw_row, raw = await ask(f"raw {DELIVERIES}")
    finally:
        process.stdin.close()
        await process.wait()
    table = Table("", "rate", "p50 ms", "p99 ms", "of raw", title=f"concurrency {CLIENTS}")
    table.add_row("raw creates of the same Deliveries", *raw_row, "1.00")
    table.add_row("signed deliveries, first run", *row(acks, took), f"{acks / raw:.2f}")
    table.add_row("signed deliveries, second run", *row(more, took_more), f"{more / raw:.2f}")
    console = Console()
    console.print(table)
    sent = 2 * DELIVERIES
    console.print(
        f"{len(body())} bytes each; {stored - stored_before:.0f} of {sent} stored;"
        f" peak {peak:.0f} MiB resident, {idle:.0f} after the warm-up"
    )


if __name__ == "__main__":
    asyncio.run(served())
