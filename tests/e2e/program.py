"""Programs of ours as processes, and waiting for what they do."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from k8s.errors import Unavailable
from tests.e2e import processes

LOOK_SECONDS = 0.05
_STOP_SECONDS = 20.0

T = TypeVar("T")


def free_port() -> int:
    """One that nobody listens on now, and that the kernel gives to no outgoing connection."""
    while True:
        port = random.randrange(15_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


async def until(look: Callable[[], Awaitable[T | None]], *, seconds: float, what: str = "") -> T:
    """The first answer of *look* that is neither None nor False. An API that is away is waited for."""
    try:
        async with asyncio.timeout(seconds):
            while True:
                try:
                    found = await look()
                except Unavailable:
                    found = None
                if found is not None and found is not False:
                    return found
                await asyncio.sleep(LOOK_SECONDS)
    except TimeoutError:
        raise AssertionError(f"{what or look.__name__}: not within {seconds:g} s") from None


def foreman_environment(directory: Path, **settings: str) -> dict[str, str]:
    """What a process of ours sees of the world: a home of its own, and *settings*."""
    home = directory / "home"
    home.mkdir(exist_ok=True)
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "PYTHONSAFEPATH": "1",
        **settings,
    }


@dataclass
class Program:
    """A process with a log. *python* may be that of another environment."""

    arguments: Sequence[str]
    environment: Mapping[str, str]
    directory: Path
    log: Path
    python: str = sys.executable
    process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                self.python,
                "-m",
                *self.arguments,
                env=dict(self.environment),
                cwd=self.directory,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    @property
    def pid(self) -> int:
        assert self.process is not None, "started before"
        return self.process.pid

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.returncode is None

    async def kill(self) -> None:
        """SIGKILL, as the kernel does when memory is short."""
        if self.process is None:
            return
        processes.kill(self.process.pid)
        await self.process.wait()

    async def stop(self) -> int:
        """SIGTERM, as a service manager does; the exit code."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(_STOP_SECONDS):
            return await self.process.wait()

    async def line(self, start: str, *, seconds: float = 20.0) -> str:
        """The first line of the log that begins with *start*."""

        async def look() -> str | None:
            lines = self.log.read_text(errors="replace").splitlines()
            return next((line for line in lines if line.startswith(start)), None)

        return await until(look, seconds=seconds, what=f"{self.log.name}: a line {start!r}")
