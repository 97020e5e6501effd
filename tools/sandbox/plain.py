"""Commands as ordinary children of the node, for repositories that the operator trusts.

What it keeps: a clean environment, a home and a temporary folder of the task, a throw-away copy as
the view of git, rlimits, and the end of all that a command started (by process group, by a mark in
the environment, and by control group where there is one). What it does not: files, network and
other processes of the node's user are within reach, and a process that clears its environment and
leaves its group survives where no control group can be made.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from tools.sandbox import furniture, gateway
from tools.sandbox.bubblewrap import rlimits
from tools.sandbox.cgroup import Group, Hierarchy
from tools.sandbox.egress import Egress
from tools.sandbox.process import Child, gone
from tools.sandbox.runner import NO_ENVIRONMENT, Box, CommandResult, Network, SandboxName
from tools.sandbox.supervision import Plan, Supervisor
from tools.sandbox.usage import descendants

_MARK = "FOREMAN_COMMAND"
_SWEEPS = 20


class PlainRunner:
    """Runs commands in the workspace itself. *prlimit* "": no rlimits here.

    *toolchain* are variables that programs of the node need to find their installation.
    """

    name: SandboxName = "plain"

    def __init__(
        self,
        box: Box,
        *,
        search_path: str,
        shell: str,
        prlimit: str,
        hierarchy: Hierarchy | None,
        gateways: gateway.Means,
        toolchain: Mapping[str, str] = NO_ENVIRONMENT,
    ) -> None:
        self._box = box
        self._gateways = gateways
        self._toolchain = toolchain
        self._hierarchy = hierarchy
        self._search_path = search_path
        self._shell = shell
        self._prlimit = prlimit
        self._open = 0
        self.workspace = str(box.workspace)
        folders = (box.workspace, box.scratch_directory)
        self._supervisor = Supervisor(box.limits, folders=folders, hierarchy=hierarchy)

    async def run(
        self,
        command: str,
        *,
        timeout_seconds: float,
        network: Network = "none",
        environment: Mapping[str, str] = NO_ENVIRONMENT,
        output_limit: int = 16384,
    ) -> CommandResult:
        """*network* cannot be withheld here; `Sandbox.description` says so.

        For an egress the proxy's variables are set, which a command may heed or not.
        """
        if not isinstance(network, Egress):
            return await self._run(command, timeout_seconds, environment, output_limit)
        async with gateway.beside(network, self._gateways) as gate:
            told = {**gate.environment, **environment}
            result = await self._run(command, timeout_seconds, told, output_limit)
            return replace(result, visits=gate.visits)

    async def _run(
        self,
        command: str,
        timeout_seconds: float,
        environment: Mapping[str, str],
        output_limit: int,
    ) -> CommandResult:
        if not self._open:
            if why := furniture.foreign_git(self._box):
                return CommandResult(None, could_not_run=why)
            self._show_git()
        mark = f"{_MARK}={secrets.token_hex(16)}"
        plan = Plan(
            argv=lambda _: [*self._limits(), self._shell, "-c", command],
            environment=self._environment(mark) | dict(environment),
            directory=self._box.workspace,
            timeout_seconds=timeout_seconds,
            output_limit=output_limit,
            sweep=lambda child, group: _swept(mark, child, group),
            members=lambda pid: descendants(pid) | marked(mark),
            before_reaping=_kill_group,
        )
        self._open += 1
        try:
            outcome = await self._supervisor.execute(plan)
        except OSError as exc:
            return CommandResult(None, could_not_run=f"{self._shell}: {exc.strerror or exc}")
        finally:
            self._open -= 1
            if not self._open and self._box.control is not None:
                furniture.forget_git(self._box)
        code = outcome.code if outcome.code >= 0 else 128 - outcome.code
        return CommandResult(
            exit_code=None if outcome.stopped == "time" else code,
            stdout=outcome.child.stdout.text(),
            stderr=outcome.child.stderr.text(),
            timed_out=outcome.stopped == "time",
            seconds=outcome.child.seconds,
            killed=outcome.stopped,
        )

    def beside(self, workspace: Path) -> PlainRunner:
        return PlainRunner(
            self._box.beside(workspace),
            search_path=self._search_path,
            shell=self._shell,
            prlimit=self._prlimit,
            hierarchy=self._hierarchy,
            gateways=self._gateways,
            toolchain=self._toolchain,
        )

    async def kill(self) -> None:
        await self._supervisor.kill()

    def _limits(self) -> list[str]:
        # no limit on processes: the kernel counts it over all of the user's, the harness among them
        return rlimits(self._prlimit, self._box.limits, processes=False) if self._prlimit else []

    def _environment(self, mark: str) -> dict[str, str]:
        scratch = furniture.furnish(self._box)
        name, _, value = mark.partition("=")
        return {
            "PATH": self._search_path,
            "HOME": str(scratch.home),
            "USER": furniture.USER,
            "LANG": "C.UTF-8",
            "TMPDIR": str(scratch.temporary),
            "WORKSPACE_ROOT": self.workspace,
            "GIT_OPTIONAL_LOCKS": "0",
            **self._toolchain,
            name: value,
        }

    def _show_git(self) -> None:
        if self._box.control is None:
            return
        copy = furniture.furnish(self._box).git
        furniture.copied_git(self._box, copy)
        (self._box.workspace / ".git").write_text(f"gitdir: {copy}\n")


def marked(mark: str) -> set[int]:
    """Processes that carry *mark* in the environment they were started with; Linux only."""
    wanted = mark.encode()
    found = set()
    with contextlib.suppress(OSError):
        for name in Path("/proc").iterdir():
            if name.name.isdigit():
                with contextlib.suppress(OSError):
                    if wanted in (name / "environ").read_bytes().split(b"\0"):
                        found.add(int(name.name))
    return found


def _kill_group(leader: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


async def _swept(mark: str, child: Child, group: Group | None) -> None:
    """Kill what is left of a command until nothing is; its group knows best."""
    if group:
        await group.clear()
        return
    for _ in range(_SWEEPS):
        left = marked(mark) - {child.pid}
        if not left:
            return
        for pid in left:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        for pid in left:
            await gone(pid, within_seconds=1.0)
