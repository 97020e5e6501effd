"""Running commands under their limits, and ending each with all that it started."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import weakref
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.sandbox.cgroup import Group, Hierarchy
from tools.sandbox.process import Child
from tools.sandbox.runner import Limits
from tools.sandbox.usage import Usage, descendants

_LOOK_SECONDS = 0.05  # between looks at what a running command uses
_END_SECONDS = 5.0  # for the kernel to clear away what was killed


@dataclass(frozen=True)
class Plan:
    """One command, ready to start. *argv* takes the descriptor for bubblewrap's status.

    *members* names the processes that belong to a running command where no group counts them;
    *sweep* ends what is left of it once its first process is dead, and returns when that is so; it
    gets the group where that holds nothing else.
    """

    argv: Callable[[int], Sequence[str]]
    environment: Mapping[str, str]
    directory: Path
    timeout_seconds: float
    output_limit: int
    sweep: Callable[[Child, Group | None], Awaitable[None]]
    members: Callable[[int], set[int]] = descendants
    before_reaping: Callable[[int], None] = lambda _: None


@dataclass(frozen=True)
class Outcome:
    """*code* is the first process's return code; *stopped* the limit that ended it, or ""."""

    code: int
    stopped: str
    child: Child


class Supervisor:
    """Executes plans for one box. *folders* are those whose disk use counts.

    One control group serves all commands of the box. `kill` deletes it, or else the garbage
    collector, or `cgroup.tidy` of a later process.
    """

    def __init__(
        self, limits: Limits, *, folders: Sequence[Path], hierarchy: Hierarchy | None
    ) -> None:
        self._limits = limits
        self._folders = folders
        self._hierarchy = hierarchy
        self._group: Group | None = None
        self._running: dict[Child, asyncio.Event] = {}

    async def execute(self, plan: Plan) -> Outcome:
        """Raises OSError where the command cannot be started."""
        group = self._grouped()
        short_before = group.times_memory_was_short() if group else 0
        child = Child(
            lambda status: group.entering(plan.argv(status)) if group else plan.argv(status),
            environment=plan.environment,
            directory=plan.directory,
            output_limit=plan.output_limit,
            before_reaping=plan.before_reaping,
        )
        over = self._running[child] = asyncio.Event()
        usage = Usage(
            self._limits,
            folders=self._folders,
            pids=None if group else lambda: plan.members(child.pid),
        )
        try:
            stopped = await self._watched(child, usage, plan.timeout_seconds)
        finally:
            _kill(child)
            await _ended(child)
            alone = len(self._running) == 1  # else the group holds others' processes too
            await plan.sweep(child, group if alone else None)
            del self._running[child]
            over.set()
        if group and not stopped and group.times_memory_was_short() > short_before:
            stopped = f"memory: more than {self._limits.memory_bytes // 2**20} MiB"
        return Outcome(child.ended.result(), stopped, child)

    async def kill(self) -> None:
        """End all that runs; returns when it is gone."""
        waiting = list(self._running.values())
        for child in self._running:
            _kill(child)
        for over in waiting:
            await over.wait()
        if self._group and not self._running:
            group, self._group = self._group, None
            await group.remove()

    def _grouped(self) -> Group | None:
        if self._hierarchy and self._group is None:
            self._group = Group(self._hierarchy, self._limits)
            weakref.finalize(self, self._group.try_remove)
        return self._group

    async def _watched(self, child: Child, usage: Usage, timeout_seconds: float) -> str:
        """Wait for the end, or for a limit: its name."""
        while True:
            rest = timeout_seconds - child.seconds
            await asyncio.wait([child.ended], timeout=max(0.0, min(_LOOK_SECONDS, rest)))
            if child.ended.done():
                return ""
            if rest <= 0:
                return "time"
            if child.written > self._limits.output_bytes:
                return f"output: more than {self._limits.output_bytes // 2**20} MiB"
            if over := await usage.over():
                return over


def _kill(child: Child) -> None:
    """Kill *child* and, for one that has not come as far as dying with its parent, its children."""
    if child.ended.done():
        return
    family = descendants(child.pid) - {child.pid}
    child.kill()
    for pid in family:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)


async def _ended(child: Child) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_END_SECONDS):
            await asyncio.shield(child.ended)
