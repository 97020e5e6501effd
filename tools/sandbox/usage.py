"""What a command uses, looked at now and then: the limits that no rlimit or group enforces."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from tools.sandbox.runner import Limits

_OURS = 3  # processes of the sandbox itself, beside the command's
_PAGE = os.sysconf("SC_PAGE_SIZE")


def descendants(pid: int) -> set[int]:
    """*pid* and all below it that still have a parent there; Linux only, elsewhere itself."""
    found: set[int] = set()
    todo = [pid]
    while todo:
        one = todo.pop()
        if one in found:
            continue
        found.add(one)
        with contextlib.suppress(OSError):
            for thread in Path(f"/proc/{one}/task").iterdir():
                with contextlib.suppress(OSError):
                    todo += [int(word) for word in (thread / "children").read_text().split()]
    return found


def resident_bytes(pids: Iterable[int]) -> int:
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError, IndexError):
            total += int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    return total


def tree_bytes(folder: Path, *, most: int) -> int:
    """Bytes on disk below *folder*, links not followed; stops counting past *most*."""
    total = 0
    todo = [str(folder)]
    while todo and total <= most:
        with contextlib.suppress(OSError), os.scandir(todo.pop()) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):
                    total += entry.stat(follow_symlinks=False).st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        todo.append(entry.path)
    return total


class Usage:
    """Compares a running command with its limits.

    *pids* names its processes where they have to be counted here; None: a group counts them.
    Disk is asked of the file system first, and the folders are only walked when that lost an eighth
    of what the command may fill.
    """

    def __init__(
        self, limits: Limits, *, folders: Sequence[Path], pids: Callable[[], set[int]] | None
    ) -> None:
        self._limits = limits
        self._folders = folders
        self._pids = pids
        self._step = max(limits.disk_bytes // 8, 1)
        self._free = self._free_bytes()

    async def over(self) -> str:
        """The limit that was passed, in words; "": none."""
        if self._pids is not None:
            pids = self._pids()
            if len(pids) > self._limits.processes + _OURS:
                return f"processes: more than {self._limits.processes}"
            if resident_bytes(pids) > self._limits.memory_bytes:
                return f"memory: more than {_size(self._limits.memory_bytes)}"
        if any(
            before - now > self._step
            for before, now in zip(self._free, self._free_bytes(), strict=True)
        ):
            return await self._disk()
        return ""

    async def _disk(self) -> str:
        most = self._limits.disk_bytes
        used = 0
        for folder in self._folders:
            used += await asyncio.to_thread(tree_bytes, folder, most=most - used)
        self._free = self._free_bytes()
        return f"disk: more than {_size(most)}" if used > most else ""

    def _free_bytes(self) -> list[int]:
        free = []
        for folder in self._folders:
            status = os.statvfs(folder)
            free.append(status.f_bfree * status.f_frsize)
        return free


def _size(count: int) -> str:
    return f"{count // 2**20} MiB" if count >= 2**20 else f"{count} bytes"
