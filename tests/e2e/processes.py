"""Processes of this machine as /proc shows them: whose child is whose, and who is still alive."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_SET_CHILD_SUBREAPER = 36  # prctl(2)


@contextmanager
def gathering_orphans() -> Iterator[None]:
    """While the block runs, whoever loses its parent below us becomes our child.

    So what a killed process left behind is found, however far it detached itself.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        yield
    finally:
        libc.prctl(_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def _stat(pid: int) -> tuple[str, int] | None:
    """State and parent of *pid*; None: there is none."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    state, parent, *_ = text.rpartition(")")[2].split()
    return state, int(parent)


def _pids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def children(parent: int) -> list[int]:
    """Zombies included."""
    return [pid for pid in _pids() if (found := _stat(pid)) and found[1] == parent]


def descendants(ancestor: int) -> list[int]:
    """Every process below *ancestor*, zombies included."""
    parents = {pid: found[1] for pid in _pids() if (found := _stat(pid))}
    below: list[int] = []
    seen = {ancestor}
    while fresh := [pid for pid, parent in parents.items() if parent in seen and pid not in seen]:
        below += fresh
        seen |= set(fresh)
    return below


def is_alive(pid: int) -> bool:
    """A zombie is not: it runs nothing and holds nothing."""
    found = _stat(pid)
    return found is not None and found[0] not in "ZX"


def command_line(pid: int) -> list[str]:
    """Empty for a process that is gone."""
    try:
        raw = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return []
    return raw.decode(errors="replace").split("\0")[:-1]


def saying(word: str) -> list[int]:
    """Living processes with *word* in their command line, ourselves left out."""
    mine = os.getpid()
    return [
        pid
        for pid in _pids()
        if pid != mine and is_alive(pid) and any(word in part for part in command_line(pid))
    ]


def kill(*pids: int) -> None:
    """SIGKILL, all at once; whoever is gone already is gone."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


async def gone(before: set[int], *, within_seconds: float) -> list[str]:
    """Wait until we have no living children but *before*; the command lines of those that stay."""
    us = os.getpid()
    try:
        async with asyncio.timeout(within_seconds):
            while left := _reaped(set(children(us)) - before):
                await asyncio.sleep(0.02)
    except TimeoutError:
        return [" ".join(command_line(pid))[:300] for pid in left]
    return []


def _reaped(pids: set[int]) -> list[int]:
    """Those that live; the dead ones, whose parents did not wait for them, are waited for."""
    living = []
    for pid in pids:
        if is_alive(pid):
            living.append(pid)
            continue
        with suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
    return living
