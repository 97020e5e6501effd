"""What works on this node, found by doing it once: bubblewrap with every flag, or else plain."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tools.sandbox import cgroup
from tools.sandbox.bubblewrap import BubblewrapRunner, Programs
from tools.sandbox.cgroup import Hierarchy
from tools.sandbox.egress import Visit
from tools.sandbox.gateway import Means
from tools.sandbox.plain import PlainRunner
from tools.sandbox.runner import NO_ENVIRONMENT, Box, Runner, SandboxName
from tools.sandbox.toolchain import Toolchain, toolchain

_OLDEST = (0, 8)  # the first with --disable-userns
_PROBE_SECONDS = 20
_TRIAL = (
    "set -e; grep -q '^CapEff:[[:space:]]*0*$' /proc/self/status; echo x > probe; "
    "echo x > /tmp/probe; ! (echo x > /usr/probe) 2>/dev/null; "
    '! (echo x > /probe) 2>/dev/null; [ -z "$(find /proc/sys -type f -writable 2>/dev/null)" ]; '
    "echo works"
)
_DENIED = (
    "bwrap: this kernel or container refuses user namespaces; allow them (sysctl "
    "kernel.unprivileged_userns_clone=1, user.max_user_namespaces, or "
    "kernel.apparmor_restrict_unprivileged_userns=0), or run Foreman where they are allowed"
)


@dataclass(frozen=True)
class Sandbox:
    """How commands run on this node. *problem*: why not under bubblewrap, and the remedy; or ""."""

    name: SandboxName
    description: str
    problem: str
    toolchain: Toolchain
    programs: Programs
    hierarchy: Hierarchy | None
    gateways: Means

    @property
    def isolates(self) -> bool:
        """Whether what runs in it is kept from the node: else only trusted repositories may."""
        return self.name == "bubblewrap"

    def runner(self, box: Box) -> Runner:
        if self.name == "bubblewrap":
            return BubblewrapRunner(
                box,
                toolchain=self.toolchain,
                programs=self.programs,
                hierarchy=self.hierarchy,
                gateways=self.gateways,
            )
        return PlainRunner(
            box,
            search_path=self.toolchain.search_path,
            shell=self.programs.shell,
            prlimit=self.programs.prlimit,
            hierarchy=self.hierarchy,
            toolchain=self.toolchain.environment,
            gateways=self.gateways,
        )


async def probe(
    *,
    want: Literal["auto", "plain"] = "auto",
    toolchains: Sequence[Path] = (),
    on_visit: Callable[[Visit], None] = lambda _: None,
    variables: Mapping[str, str] = NO_ENVIRONMENT,
) -> Sandbox:
    """Try bubblewrap as it will be used; where it does not work or is not wanted, plain.

    *toolchains* are installation prefixes that a sandbox sees besides those of the node's PATH.
    *on_visit* hears what commands with allowed hosts ask the filtering proxy for, *variables* are
    for their environment.
    """
    tools = toolchain(search_path=os.get_exec_path(), home=Path.home(), more=toolchains)
    programs = Programs(
        bubblewrap=shutil.which("bwrap") or "",
        prlimit=shutil.which("prlimit") or "",
        shell=shutil.which("bash", path="/usr/bin:/bin") or "/bin/sh",
    )
    gateways = Means(
        programs.bubblewrap,
        shutil.which("nsenter") or "",
        on_visit=on_visit,
        variables=variables,
    )
    hierarchy = cgroup.find()
    problem = "switched off by the operator" if want == "plain" else _missing(programs)
    limits = hierarchy.description if hierarchy else "a watcher of the process tree"
    if not problem:
        works = Sandbox("bubblewrap", "", "", tools, programs, hierarchy, gateways)
        problem = await _trial(works)
        if not problem:
            said = f"bubblewrap {_version(programs.bubblewrap)}; limits: rlimits and {limits}"
            return Sandbox("bubblewrap", said, "", tools, programs, hierarchy, gateways)
    said = (
        "plain: no isolation; files, network and processes of the node's user are within reach, "
        "and allowed hosts are only recommended, by proxy variables; "
        f"limits: {'rlimits and ' if programs.prlimit else ''}{limits}"
    )
    return Sandbox("plain", said, problem, tools, programs, hierarchy, gateways)


def _missing(programs: Programs) -> str:
    if sys.platform != "linux":
        return f"bwrap: bubblewrap needs Linux, this is {sys.platform}"
    if not programs.bubblewrap:
        return "bwrap: not found; apt-get install bubblewrap, or your system's package of that name"
    if not programs.prlimit:
        return "prlimit: not found; install util-linux"
    version = _version(programs.bubblewrap)
    if tuple(map(int, re.findall(r"\d+", version)[:2])) < _OLDEST:
        oldest = ".".join(map(str, _OLDEST))
        return f"bwrap: version {version} is too old; {oldest} or newer has --disable-userns"
    return ""


def _version(bubblewrap: str) -> str:
    said = subprocess.run([bubblewrap, "--version"], capture_output=True, text=True, check=False)
    return said.stdout.strip().removeprefix("bubblewrap ") or "0"


async def _trial(sandbox: Sandbox) -> str:
    """Run the trial command; "" when all held, else what did not and what helps."""
    with tempfile.TemporaryDirectory(prefix="foreman-probe-") as top:
        workspace = Path(top, "workspace")
        workspace.mkdir()
        runner = sandbox.runner(Box(workspace))
        result = await runner.run(_TRIAL, timeout_seconds=_PROBE_SECONDS)
    if result.ok and result.stdout == "works\n":
        return ""
    said = (result.could_not_run or result.stderr).strip()
    if re.search(r"uid map|Operation not permitted|Permission denied|user namespace", said):
        return f"{_DENIED} ({said.splitlines()[-1]})"
    return f"bwrap: does not work here; {said or 'the trial command failed'}"
