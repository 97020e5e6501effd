"""Control groups for a command's memory and processes, where the node may make some.

They count all processes of a command together, also for root, whom RLIMIT_NPROC does not bind.
Version 1 needs the `pids` and `memory` hierarchies writable; version 2 both controllers delegated
to a group that is ours (systemd: `Delegate=yes` with `DelegateSubgroup=`, as a group that hands
out controllers may hold no processes itself).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tools.sandbox.runner import Limits

_NEEDED = ("pids", "memory")
_PREFIX = "foreman-"
_ENTER = (
    'while [ "$1" != -- ]; do echo 0 > "$1/cgroup.procs" || exit 125; shift; done; shift; exec "$@"'
)


@dataclass(frozen=True)
class Hierarchy:
    """Where groups can be made: one folder in version 2, one per controller in version 1."""

    version: Literal[1, 2]
    parents: tuple[Path, ...]

    @property
    def description(self) -> str:
        return f"cgroup v{self.version} (pids, memory)"


def places(mounts: str, own: str) -> list[Hierarchy]:
    """What /proc/self/mounts and /proc/self/cgroup offer, best first; nothing is tried yet."""
    paths: dict[str, str] = {}
    for line in own.splitlines():
        _, controllers, path = line.split(":", 2)
        for controller in controllers.split(","):
            paths[controller] = path
    unified: list[Hierarchy] = []
    found: dict[str, Path] = {}
    for line in mounts.splitlines():
        _, mount, kind, options, *_ = line.split()
        if kind == "cgroup2" and "" in paths:
            here = _below(mount, paths[""])
            unified += [Hierarchy(2, (here,)), Hierarchy(2, (here.parent,))]
        elif kind == "cgroup":
            for controller in set(_NEEDED) & set(options.split(",")):
                found[controller] = _below(mount, paths.get(controller, "/"))
    if len(found) == len(_NEEDED):
        unified.append(Hierarchy(1, tuple(dict.fromkeys(found[name] for name in _NEEDED))))
    return unified


def _below(mount: str, path: str) -> Path:
    """The group's folder; in a container without its own view of groups, the mount's root."""
    folder = Path(mount) / path.lstrip("/")
    return folder if folder.is_dir() else Path(mount)


def find() -> Hierarchy | None:
    """The first place where a group can really be made and limited. None: there is none."""
    try:
        mounts = Path("/proc/self/mounts").read_text()
        own = Path("/proc/self/cgroup").read_text()
    except OSError:
        return None
    for place in places(mounts, own):
        tidy(place)
        try:
            group = Group(place, Limits())
        except OSError:
            continue
        group.try_remove()
        return place
    return None


def tidy(hierarchy: Hierarchy) -> None:
    """Delete the empty groups of processes that are no more."""
    for parent in hierarchy.parents:
        for folder in parent.glob(f"{_PREFIX}*-*"):
            owner = folder.name.removeprefix(_PREFIX).partition("-")[0]
            if owner.isdigit() and not Path("/proc", owner).exists():
                with contextlib.suppress(OSError):
                    folder.rmdir()


class Group:
    """A group with *limits*, made at once; `remove` it. Raises OSError where it cannot be made."""

    def __init__(self, hierarchy: Hierarchy, limits: Limits) -> None:
        self._version = hierarchy.version
        name = f"{_PREFIX}{os.getpid()}-{secrets.token_hex(4)}"
        self.folders = tuple(parent / name for parent in hierarchy.parents)
        if hierarchy.version == 2:
            _delegate(hierarchy.parents[0])
        try:
            for folder in self.folders:
                folder.mkdir()
            for file, value in self._settings(limits):
                self._write(file, value)
        except OSError:
            self.try_remove()
            raise

    def entering(self, argv: Sequence[str]) -> list[str]:
        """*argv* behind a shell that moves itself into the group first, so nothing escapes it."""
        return ["/bin/sh", "-c", _ENTER, "sh", *map(str, self.folders), "--", *argv]

    def pids(self) -> set[int]:
        found: set[int] = set()
        for folder in self.folders:
            with contextlib.suppress(OSError):
                found |= {int(word) for word in (folder / "cgroup.procs").read_text().split()}
        return found

    def times_memory_was_short(self) -> int:
        """How often the kernel killed a process of the group for want of memory."""
        name = "memory.events" if self._version == 2 else "memory.oom_control"
        for folder in self.folders:
            with contextlib.suppress(OSError, ValueError):
                words = (folder / name).read_text().split()
                return int(words[words.index("oom_kill") + 1])
        return 0

    async def clear(self, *, within_seconds: float = 5.0) -> bool:
        """Kill what is in the group; true when it is empty."""
        return await self._until(lambda: not self.pids(), within_seconds)

    async def remove(self, *, within_seconds: float = 5.0) -> bool:
        """Kill what is in the group and delete it; true when it is no more."""
        with contextlib.suppress(OSError):
            self._write("pids.max", "0")  # nothing forks away from the killing
        return await self._until(self.try_remove, within_seconds)

    async def _until(self, done: Callable[[], bool], within_seconds: float) -> bool:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_seconds):
                while not done():
                    for pid in self.pids():
                        with contextlib.suppress(ProcessLookupError, PermissionError):
                            os.kill(pid, signal.SIGKILL)
                    await asyncio.sleep(0.002)
                return True
        return False

    def try_remove(self) -> bool:
        """True when the group is no more; false while processes are in it."""
        left = False
        for folder in self.folders:
            try:
                folder.rmdir()
            except FileNotFoundError:
                continue
            except OSError:
                left = True
        return not left

    def _settings(self, limits: Limits) -> list[tuple[str, str]]:
        memory = str(limits.memory_bytes)
        name = "memory.max" if self._version == 2 else "memory.limit_in_bytes"
        settings = [("pids.max", str(limits.processes)), (name, memory)]
        # without these a group over its memory goes on in swap; not every kernel counts that
        swap = {"memory.swap.max": "0", "memory.memsw.limit_in_bytes": memory}
        there = {file for file in swap for folder in self.folders if (folder / file).exists()}
        return settings + [(file, swap[file]) for file in sorted(there)]

    def _write(self, file: str, value: str) -> None:
        for folder in self.folders:
            if (folder / file).exists():
                (folder / file).write_text(value)
                return
        raise FileNotFoundError(file)


def _delegate(parent: Path) -> None:
    """Hand the controllers to groups below *parent*; raises OSError where it may not."""
    given = (parent / "cgroup.subtree_control").read_text().split()
    for controller in _NEEDED:
        if controller not in given:
            (parent / "cgroup.subtree_control").write_text(f"+{controller}")
