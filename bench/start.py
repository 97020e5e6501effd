"""P8: `foreman --help`, `foreman up` until it serves, and what it holds when idle.

The limit is the interpreter's own start in the same run.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

RUNS = 7
# A start compiles nothing: an installed house has its .pyc files.
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
IDLE_SECONDS = 5.0


async def main() -> None:
    bare = await _median([sys.executable, "-c", "pass"])
    help_ = await _median([sys.executable, "-m", "app.cli.main", "--help"])
    ready, resident = await _up()
    print(f"interpreter alone        {bare * 1000:7.0f} ms")
    print(f"foreman --help           {help_ * 1000:7.0f} ms   to reach 300   {help_ / bare:.1f} x")
    print(f"foreman up ready         {ready * 1000:7.0f} ms   to reach 1500  {ready / bare:.1f} x")
    for name, mebibytes in resident.items():
        print(f"idle, {name:<18} {mebibytes:7.0f} MiB   to reach 130")


async def _median(command: list[str]) -> float:
    seconds = []
    for _ in range(RUNS):
        began = time.perf_counter()
        child = await asyncio.create_subprocess_exec(
            *command, env=ENVIRONMENT, stdout=asyncio.subprocess.DEVNULL
        )
        await child.wait()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)


async def _up() -> tuple[float, dict[str, float]]:
    """Seconds until the API serves and the node is registered; resident memory by process."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "foreman.toml").touch()
        environment = {
            **ENVIRONMENT,
            "FOREMAN_DATA": folder,
            "FOREMAN_CONFIG": str(Path(folder) / "foreman.toml"),
            "FOREMAN_COMMIT_AUTHOR_EMAIL": "bench@foreman.invalid",
            "FOREMAN_API_PORT": "0",
            "FOREMAN_LOG_FORMAT": "json",
            "GITHUB_WEBHOOK_SECRET": "bench",
            "FOREMAN_PORT": "0",
        }
        began = time.perf_counter()
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "app.cli.main",
            "up",
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        assert child.stdout, "opened as a pipe"
        while not (line := await child.stdout.readline()).startswith(b"kubectl"):
            assert line, "foreman up ended before it served"
        ready = time.perf_counter() - began
        await asyncio.sleep(IDLE_SECONDS)
        node = _children(child.pid)
        held = {"up": _resident(child.pid), "its node": sum(_resident(pid) for pid in node)}
        child.terminate()
        await child.wait()
    return ready, held


def _children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(word) for word in text.split()]


def _resident(pid: int) -> float:
    """MiB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
