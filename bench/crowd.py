"""P7: a hundred loops in one process: memory of each, and how late the event loop gets.

Each turn runs `echo hi`; the scripted model takes a second for it, as a fast real one does. The
loops start spread over that second.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

import structlog
from rich.console import Console
from rich.table import Table

from bench.loop import Child, ours, script, server

LOOPS, TURNS, SECONDS_PER_TURN = 100, 20, 1.0
PROBE_SECONDS = 0.005


def resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 2**20


async def lateness(until: asyncio.Event, late: list[float]) -> None:
    """How much later than asked a short sleep ends, again and again."""
    while not until.is_set():
        before = time.perf_counter()
        await asyncio.sleep(PROBE_SECONDS)
        late.append(time.perf_counter() - before - PROBE_SECONDS)


async def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    slow = [{**reply, "delaySeconds": SECONDS_PER_TURN} for reply in script(TURNS)]
    late: list[float] = []
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        async with server(directory, {TURNS: slow, 1: script(1)}) as base_url:
            await ours(base_url, Child(), turns=1, directory=directory)  # warm
            before, most, done = resident_mib(), 0.0, asyncio.Event()
            async with asyncio.TaskGroup() as group:
                group.create_task(lateness(done, late))
                running = []
                for _ in range(LOOPS):  # in lockstep all would answer in the same millisecond
                    run = ours(base_url, Child(), turns=TURNS, directory=directory)
                    running.append(group.create_task(run))
                    await asyncio.sleep(SECONDS_PER_TURN / LOOPS)
                while not all(task.done() for task in running):
                    most = max(most, resident_mib())
                    await asyncio.sleep(0.1)
                done.set()
    table = Table("loops", "MiB each", "lag p50 ms", "lag p99 ms")
    cuts = statistics.quantiles(late, n=100)
    each = (most - before) / LOOPS
    table.add_row(str(LOOPS), f"{each:.2f}", f"{cuts[49] * 1000:.1f}", f"{cuts[98] * 1000:.1f}")
    Console(width=100).print(table)
    print("P7 wants 3 MiB each, lag p99 50 ms")
