"""P9: the embedded API over its socket: creates with validation, watch latency, a long list.

Server and clients share one process and one loop, so the raw floor of aiohttp in the same run says
how much of a figure is HTTP. Objects are AgenticTasks of 0.9 KB, validated strictly.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import aiohttp
import orjson
from aiohttp import web
from rich.console import Console
from rich.table import Table

from k8s.client import Client, UnixAccess, connect
from k8s.embedded.serve import EmbeddedApi, EmbeddedSettings, serve
from k8s.meta import Meta
from k8s.resources.task import AgenticTask, Payload, TaskSpec

CLIENTS, CREATES, LISTED, PACED, PACE_SECONDS = 16, 6000, 10_000, 400, 0.01
PATH = "/apis/foreman.llmkube.dev/v1alpha1/namespaces/default/agentictasks"
PROMPT = "Reproduce the failing example of the issue, then fix its cause. " * 10


def task(name: str) -> AgenticTask:
    payload = Payload(repo="acme/widgets", issue=42, branch="foreman/issue-42", prompt=PROMPT)
    return AgenticTask(
        metadata=Meta(name=name, namespace="default", labels={"app": "bench"}),
        spec=TaskSpec(kind="issue-fix", payload=payload, timeout_seconds=1800),
    )


async def shared(work: Callable[[int], Awaitable[object]], count: int) -> tuple[float, list[float]]:
    """Per second, and each one's milliseconds, when `CLIENTS` tasks share *count* calls."""
    numbers = iter(range(count))
    took: list[float] = []

    async def client() -> None:
        for number in numbers:
            before = time.perf_counter()
            await work(number)
            took.append((time.perf_counter() - before) * 1000)

    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(CLIENTS):
            group.create_task(client())
    return count / (time.perf_counter() - began), took


@asynccontextmanager
async def session(socket: Path, token: str) -> AsyncIterator[aiohttp.ClientSession]:
    connector = aiohttp.UnixConnector(path=str(socket), limit=64)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    async with aiohttp.ClientSession("http://api", connector=connector, headers=headers) as open_:
        yield open_


async def floor(directory: Path) -> tuple[float, list[float], list[float]]:
    """The same bodies to a handler that only reads them and answers as many bytes.

    The rate and milliseconds of `CLIENTS` at once, and the milliseconds of one that is paced: a
    core that slept is several times slower than a busy one.
    """

    async def answer(request: web.BaseRequest) -> web.Response:
        return web.Response(body=await request.read(), status=201)

    runner = web.ServerRunner(web.Server(answer, access_log=None))
    await runner.setup()
    await web.UnixSite(runner, directory / "floor.sock").start()
    try:
        async with session(directory / "floor.sock", "none") as open_:
            post, paced = poster(open_), []
            rate, took = await shared(post, CREATES)
            for number in range(PACED):
                before = time.perf_counter()
                await post(number)
                paced.append((time.perf_counter() - before) * 1000)
                await asyncio.sleep(PACE_SECONDS)
            return rate, took, paced
    finally:
        await runner.cleanup()


def poster(open_: aiohttp.ClientSession, prefix: str = "raw") -> Callable[[int], Awaitable[None]]:
    bodies = [orjson.dumps(task(f"{prefix}-{number}").wire()) for number in range(CREATES)]

    async def post(number: int) -> None:
        data = bodies[number]
        async with open_.post(f"{PATH}?fieldValidation=Strict", data=data) as response:
            await response.read()
            assert response.status == 201, await response.text()

    return post


async def watch_latency(client: Client, *, paced: bool) -> list[float]:
    """Milliseconds from sending a create until a watcher has the object."""
    start = (await client.list(AgenticTask, "default", labels="app=none")).resource_version
    sent: dict[str, float] = {}
    took: list[float] = []

    async def watcher() -> None:
        changes = client.watch(AgenticTask, "default", resource_version=start)
        async with aclosing(changes):
            async for change in changes:
                took.append((time.perf_counter() - sent[change.object.metadata.name]) * 1000)
                if len(took) == PACED:
                    return

    async def create(number: int) -> None:
        name = f"watched-{paced}-{number}".lower()
        sent[name] = time.perf_counter()
        await client.create(task(name))

    async with asyncio.TaskGroup() as group:
        group.create_task(watcher())
        await asyncio.sleep(0.2)
        if paced:
            for number in range(PACED):
                await create(number)
                await asyncio.sleep(PACE_SECONDS)
        else:
            await shared(create, PACED)
    return took


async def listing(open_: aiohttp.ClientSession) -> float:
    """Best of five, in seconds, for the bytes of `LISTED` objects."""
    best = 9.9
    for _ in range(5):
        before = time.perf_counter()
        async with open_.get(PATH) as response:
            size = len(await response.read())
        best = min(best, time.perf_counter() - before)
        assert size > LISTED * 900
    return best


def quantiles(milliseconds: list[float]) -> tuple[str, str]:
    cuts = statistics.quantiles(milliseconds, n=100)
    return f"{cuts[49]:.2f}", f"{cuts[98]:.2f}"


async def measured(api: EmbeddedApi, directory: Path, table: Table) -> None:
    async def create(number: int) -> None:
        await client.create(task(f"client-{number}"))

    base, took, paced_floor = await floor(directory)
    table.add_row("aiohttp floor, POST of 0.9 KB", f"{base:,.0f}/s", *quantiles(took), "1.00")
    async with (
        session(api.socket, api.admin_token) as open_,
        connect(UnixAccess(api.socket, api.admin_token)) as client,
    ):
        for label, work in (("creates, raw HTTP", poster(open_)), ("creates, our client", create)):
            rate, took = await shared(work, CREATES)
            table.add_row(label, f"{rate:,.0f}/s", *quantiles(took), f"{rate / base:.2f}")
        table.add_row("aiohttp floor, paced 100/s", "", *quantiles(paced_floor), "")
        for label, paced in (("watch, paced 100/s", True), ("watch, burst of 16 clients", False)):
            table.add_row(label, "", *quantiles(await watch_latency(client, paced=paced)), "")
        seconds = await listing(open_)
        table.add_row(
            f"list of {2 * CREATES + 2 * PACED:,}", f"{seconds * 1000:.0f} ms", "", "", ""
        )


async def main() -> None:
    table = Table("embedded API", "rate", "p50 ms", "p99 ms", "of floor")
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        async with serve(EmbeddedSettings(directory=directory / "api", port=None)) as api:
            await measured(api, directory, table)
    Console(width=100).print(table)
    print("P9 wants 5,000 creates/s, paced watch p50 1 ms, 10,000 objects listed in 150 ms")
