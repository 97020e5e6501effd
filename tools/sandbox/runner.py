"""How a command is run, whatever stands behind it.

This package imports the standard library only: a Job's tools container needs no more of the house.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Literal, Protocol

from tools.sandbox.egress import Egress, Visit

Network = Literal["none", "host"] | Egress
SandboxName = Literal["bubblewrap", "plain"]

NO_ENVIRONMENT: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class CommandResult:
    """How one command ended; its exit code is data, not an error.

    *stdout* and *stderr* keep head and tail, with a line between that counts what was cut.
    """

    exit_code: int | None  # None: could not run, or was killed by a limit of the runner
    stdout: str = ""
    stderr: str = ""
    timed_out: bool = False
    seconds: float = 0.0
    could_not_run: str = ""  # why it never started
    killed: str = ""  # which limit of the runner ended it: time, memory, processes, disk, output
    visits: tuple[Visit, ...] = ()  # what it asked the filtering proxy for

    @property
    def ok(self) -> bool:
        return self.exit_code == 0


@dataclass(frozen=True)
class Limits:
    """What one command may use. Memory and processes count for all its processes together."""

    memory_bytes: int = 4 * 2**30
    processes: int = 512
    file_bytes: int = 2 * 2**30
    cpu_seconds: int = 3600  # of each process
    disk_bytes: int = 10 * 2**30  # workspace and scratch together
    output_bytes: int = 64 * 2**20  # stdout and stderr together, before the command is stopped


@dataclass(frozen=True)
class Box:
    """What a task's commands see.

    *scratch* holds what outlives a command: /tmp and the home of the sandbox.
    """

    workspace: Path
    control: Path | None = None  # git directory, read-only inside; None: the workspace has no view
    objects: tuple[Path, ...] = ()  # object stores that *control* borrows from
    limits: Limits = field(default_factory=Limits)
    scratch: Path | None = None  # None: a folder `<workspace>.scratch` beside the workspace

    @property
    def scratch_directory(self) -> Path:
        return self.scratch or self.workspace.with_name(self.workspace.name + ".scratch")

    def beside(self, workspace: Path) -> Box:
        """The same over *workspace*, scratch folders included."""
        return replace(self, workspace=workspace, scratch=self.scratch_directory)


class Runner(Protocol):
    """Runs shell commands in one box."""

    @property
    def name(self) -> SandboxName: ...

    @property
    def workspace(self) -> str:
        """The workspace's path as commands see it."""
        ...

    async def run(
        self,
        command: str,
        *,
        timeout_seconds: float,
        network: Network = "none",
        environment: Mapping[str, str] = NO_ENVIRONMENT,
        output_limit: int = 16384,
    ) -> CommandResult:
        """*output_limit* is per stream, in bytes. Cancelling kills the command as a whole."""
        ...

    def beside(self, workspace: Path) -> Runner:
        """A runner over *workspace* instead, with the scratch folders of this one."""
        ...

    async def kill(self) -> None:
        """Nothing that this runner started is alive afterwards; it can be used again."""
        ...
