"""Commands under bubblewrap: own user, process, network, IPC and host name spaces.

One sandbox per command, about 5 ms each. Three flags must never go: `--unshare-user` with
`--cap-drop ALL`, since bubblewrap started by root leaves a command all capabilities (it can remount
/usr and write to the node's), and `--disable-userns`, since a fresh user namespace gives them back.
What root owns in /proc is covered (`procfs`). Bubblewrap itself starts with an empty environment: its own stays readable inside at
/proc/1/environ, whatever `--clearenv` does for the command.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tools.sandbox import furniture, gateway, procfs
from tools.sandbox.cgroup import Group, Hierarchy
from tools.sandbox.egress import Egress
from tools.sandbox.furniture import HOME, USER
from tools.sandbox.process import Child, gone
from tools.sandbox.runner import (
    NO_ENVIRONMENT,
    Box,
    CommandResult,
    Limits,
    Network,
    SandboxName,
)
from tools.sandbox.supervision import Outcome, Plan, Supervisor
from tools.sandbox.toolchain import Toolchain

WORKSPACE = "/workspace"
_CONTROL = "/run/git"
_SHARED_MEMORY_BYTES = 64 * 2**20
_END_SECONDS = 5.0

ISOLATION: tuple[tuple[str, ...], ...] = (
    ("--unshare-all",),
    ("--unshare-user",),
    ("--uid", "1000"),
    ("--gid", "1000"),
    ("--cap-drop", "ALL"),
    ("--disable-userns",),
    ("--die-with-parent",),
    ("--new-session",),
    ("--hostname", "sandbox"),
)


@dataclass(frozen=True)
class Programs:
    """Where the programs are that make a sandbox, and the shell inside it."""

    bubblewrap: str
    prlimit: str
    shell: str


def arguments(
    *,
    box: Box,
    toolchain: Toolchain,
    programs: Programs,
    command: str,
    network: Network,
    environment: Mapping[str, str],
    status: int,
    isolation: Sequence[Sequence[str]] = ISOLATION,
    covered: Sequence[Path] = (),
    entering: Sequence[str] = (),
) -> list[str]:
    """The whole command line of one sandbox; pure, so that tests can take a defence out.

    *covered* are files and folders of /proc that nothing may be written to, *entering* the words
    that put it into the network name space of a gateway.
    """
    return [
        *entering,
        programs.bubblewrap,
        *(word for flag in isolation for word in flag),
        *(["--share-net"] if network == "host" or entering else []),
        *_programs(toolchain),
        *_files(box, network, covered),
        *("--remount-ro", "/dev", "--remount-ro", "/"),
        *("--chdir", WORKSPACE, "--clearenv"),
        *_variables(toolchain, environment),
        *("--json-status-fd", str(status), "--"),
        *rlimits(programs.prlimit, box.limits, processes=True),
        *(programs.shell, "-c", command),
    ]


def _programs(toolchain: Toolchain) -> list[str]:
    words: list[str] = []
    for path in toolchain.binds:
        words += ["--ro-bind", str(path), str(path)]
    for target, name in toolchain.links:
        words += ["--symlink", target, name]
    return words


def _files(box: Box, network: Network, covered: Sequence[Path]) -> list[str]:
    scratch = furniture.scratch(box)
    words = ["--proc", "/proc", "--dev", "/dev"]
    for entry in covered:
        words += ["--ro-bind", str(entry), str(entry)]
    words += ["--size", str(_SHARED_MEMORY_BYTES), "--tmpfs", "/dev/shm"]  # noqa: S108
    words += ["--ro-bind", str(scratch.etc), "/etc"]
    for folder in furniture.mounted():
        words += ["--ro-bind", str(folder), str(folder)]
    if network == "host":
        for name in ("/etc/hosts", "/etc/resolv.conf"):
            words += ["--ro-bind-try", name, name]
    words += ["--bind", str(scratch.temporary), "/tmp"]  # noqa: S108
    words += ["--bind", str(scratch.home), HOME]
    for store in box.objects:
        words += ["--ro-bind", str(store), str(store)]
    words += ["--bind", str(box.workspace), WORKSPACE]
    if box.control is not None:
        words += ["--ro-bind", str(box.control), _CONTROL]
        words += ["--ro-bind", str(scratch.etc / "gitdir"), f"{WORKSPACE}/.git"]
    return words


def _variables(toolchain: Toolchain, environment: Mapping[str, str]) -> list[str]:
    variables = {
        "PATH": toolchain.search_path,
        "HOME": HOME,
        "USER": USER,
        "LANG": "C.UTF-8",
        "TMPDIR": "/tmp",  # noqa: S108 - the sandbox's own
        "WORKSPACE_ROOT": WORKSPACE,
        "GIT_OPTIONAL_LOCKS": "0",  # the view is read-only: git must not try to refresh its index
        **toolchain.environment,
        **environment,
    }
    return [word for name, value in variables.items() for word in ("--setenv", name, value)]


def rlimits(prlimit: str, limits: Limits, *, processes: bool) -> list[str]:
    """The words before a command that give it *limits*.

    DATA, not AS: node and others reserve far more address space than they use.
    """
    words = [prlimit, f"--data={limits.memory_bytes}", f"--fsize={limits.file_bytes}"]
    words += [f"--cpu={limits.cpu_seconds}", "--core=0"]
    if processes:
        words.append(f"--nproc={limits.processes}")
    return [*words, "--"]


class BubblewrapRunner:
    """Runs commands in sandboxes over one box."""

    name: SandboxName = "bubblewrap"
    workspace = WORKSPACE

    def __init__(
        self,
        box: Box,
        *,
        toolchain: Toolchain,
        programs: Programs,
        hierarchy: Hierarchy | None,
        isolation: Sequence[Sequence[str]] = ISOLATION,
        covered: Sequence[Path] | None = None,
        gateways: gateway.Means | None = None,
    ) -> None:
        """*covered* None: what this user may write of /proc. *gateways* None: there are none."""
        self._box = box
        self._gateways = gateways
        self._closing: set[asyncio.Event] = set()
        self._covered = procfs.writable() if covered is None else covered
        self._toolchain = toolchain
        self._programs = programs
        self._hierarchy = hierarchy
        self._isolation = isolation
        self._open = 0
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
        furniture.furnish(self._box)
        if not self._open and (why := furniture.foreign_git(self._box)):
            return CommandResult(None, could_not_run=why)

        async def ran(gate: gateway.Gateway | None) -> CommandResult:
            plan = Plan(
                argv=lambda status: arguments(
                    box=self._box,
                    toolchain=self._toolchain,
                    programs=self._programs,
                    command=command,
                    network=network,
                    environment={**(gate.environment if gate else {}), **environment},
                    status=status,
                    isolation=self._isolation,
                    covered=self._covered,
                    entering=gate.entering if gate else (),
                ),
                environment={},
                directory=self._box.workspace,
                timeout_seconds=timeout_seconds,
                output_limit=output_limit,
                sweep=_emptied,
            )
            return await self._executed(plan)

        if not isinstance(network, Egress):
            return await ran(None)
        return await self._through_gateway(network, ran)

    async def _executed(self, plan: Plan) -> CommandResult:
        self._open += 1
        try:
            outcome = await self._supervisor.execute(plan)
        except OSError as exc:
            return CommandResult(None, could_not_run=f"bubblewrap: {exc.strerror or exc}")
        finally:
            self._open -= 1
            if not self._open and self._box.control is not None:
                furniture.forget_git(self._box)
        return _result(outcome)

    def beside(self, workspace: Path) -> BubblewrapRunner:
        return BubblewrapRunner(
            self._box.beside(workspace),
            toolchain=self._toolchain,
            programs=self._programs,
            hierarchy=self._hierarchy,
            isolation=self._isolation,
            covered=self._covered,
            gateways=self._gateways,
        )

    async def _through_gateway(
        self, network: Egress, ran: Callable[[gateway.Gateway], Awaitable[CommandResult]]
    ) -> CommandResult:
        if self._gateways is None:
            return CommandResult(None, could_not_run="egress: this sandbox has no way out")
        over = asyncio.Event()
        try:
            async with gateway.opened(network, self._gateways) as gate:
                self._closing.add(over)
                result = await ran(gate)
                return replace(result, visits=gate.visits)
        except OSError as exc:
            return CommandResult(None, could_not_run=f"egress: {exc}")
        finally:
            over.set()
            self._closing.discard(over)

    async def kill(self) -> None:
        await self._supervisor.kill()
        for over in list(self._closing):
            await over.wait()


def _result(outcome: Outcome) -> CommandResult:
    child = outcome.child
    noted = _noted(child)
    stderr = child.stderr.text()
    code = noted.get("exit-code")
    timed_out = outcome.stopped == "time"
    refused = ""
    if code is None and not outcome.stopped and outcome.code >= 0:
        refused = stderr.strip() or f"bubblewrap ended with {outcome.code}"
    killed = outcome.stopped or ("" if code is not None or refused else "killed from outside")
    return CommandResult(
        exit_code=None if timed_out or refused else code,
        stdout=child.stdout.text(),
        stderr="" if refused else stderr,
        timed_out=timed_out,
        seconds=child.seconds,
        could_not_run=refused,
        killed=killed,
    )


def _noted(child: Child) -> dict[str, int]:
    """What bubblewrap reported: `child-pid` at the start, `exit-code` if the command ran."""
    noted: dict[str, int] = {}
    for line in child.status.text().splitlines():
        try:
            noted |= json.loads(line)
        except ValueError:
            continue  # cut off by a kill
    return noted


async def _emptied(child: Child, _: Group | None) -> None:
    """Wait until the sandbox's first process is dead, and so its whole process namespace."""
    pid = _noted(child).get("child-pid")
    if pid is not None:
        await gone(pid, within_seconds=_END_SECONDS)
