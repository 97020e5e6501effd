"""kubectl as a person runs it: a binary, a kubeconfig file, what it prints."""

from __future__ import annotations

import asyncio
import os
import re
import shlex
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.cluster.control_plane import assets

ROOT = Path(__file__).parents[3]
NAMESPACE = "kubectl-list"
SECONDS = 60


@dataclass(frozen=True)
class Step:
    """One command. *stdin* may ask for `{uid}`, the uid of *uid_of*.

    *meanwhile*: commands that run once this one watches. *lines*: how many lines of a command that
    does not end by itself are waited for.
    """

    id: str
    command: str
    stdin: str = ""
    fails: bool = False
    meanwhile: tuple[str, ...] = ()
    lines: int = 0
    uid_of: str = ""


@dataclass(frozen=True)
class Output:
    """*code* None: it was stopped after it had printed its lines."""

    code: int | None
    stdout: str
    stderr: str


def binary() -> Path | None:
    """The kubectl of the cluster assets, else the one on PATH."""
    folder: Path | None = assets().existing(("kubectl",))
    if folder:
        return folder / "kubectl"
    found = shutil.which("kubectl")
    return Path(found) if found else None


class Kubectl:
    """Runs commands against one server; *folder* keeps its caches apart."""

    def __init__(self, program: Path, kubeconfig: Path, folder: Path) -> None:
        self._arguments = [str(program), f"--kubeconfig={kubeconfig}", f"--namespace={NAMESPACE}"]
        self._environment = {"HOME": str(folder), "PATH": os.environ["PATH"]}

    async def run(self, step: Step) -> Output:
        stdin = step.stdin
        if step.uid_of:
            query = f"get {step.uid_of} -o jsonpath={{.metadata.uid}}"
            stdin = stdin.replace("{uid}", (await self._plain(query)).stdout)
        if not step.meanwhile:
            return await self._plain(step.command, stdin)
        return await self._watching(step)

    async def _plain(self, command: str, stdin: str = "") -> Output:
        process = await self._start(shlex.split(command))
        async with asyncio.timeout(SECONDS):
            out, err = await process.communicate(stdin.encode())
        return Output(process.returncode, out.decode(), err.decode())

    async def _watching(self, step: Step) -> Output:
        """At verbosity 6 kubectl tells its requests: so it is known when it watches."""
        process = await self._start([*shlex.split(step.command), "-v=6"])
        assert process.stdin is not None
        process.stdin.close()
        async with asyncio.timeout(SECONDS), asyncio.TaskGroup() as group:
            told = asyncio.Event()
            errors = group.create_task(_read_until(process.stderr, "watch=true", told))
            printed = group.create_task(_read_lines(process.stdout, step.lines))
            await told.wait()
            for command in step.meanwhile:
                assert (await self._plain(command)).code == 0
            stdout = await printed
            if step.lines:
                process.terminate()
            await errors
            await _read_lines(process.stdout, 0)  # to its end, or the pipe stays open
            await process.wait()
        return Output(None if step.lines else process.returncode, stdout, "")

    async def _start(self, arguments: Sequence[str]) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *self._arguments,
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self._environment,
            cwd=ROOT,  # the list names files as the runbook does
        )


async def _read_until(stream: asyncio.StreamReader | None, word: str, told: asyncio.Event) -> None:
    assert stream is not None
    async for line in stream:
        if word in line.decode():
            told.set()
    told.set()


async def _read_lines(stream: asyncio.StreamReader | None, count: int) -> str:
    """*count* 0: all there are."""
    assert stream is not None
    lines = []
    async for line in stream:
        lines.append(line.decode())
        if len(lines) == count:
            break
    return "".join(lines)


_UID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_NORMAL = (
    (re.compile(_UID), "UID"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"), "TIME"),
    (re.compile(r"(resourceVersion\"?: |Resource Version: +)\"?\d+\"?"), r"\1VERSION"),
    (re.compile(r"\b(\d+[smhd]){1,2}\b|<invalid>"), "AGE"),
    (re.compile(r"127\.0\.0\.1:\d+"), "SERVER"),
    (re.compile(r"(?<=\S) {2,}"), "  "),  # columns are as wide as the ages in them
    (re.compile(r"[ \t]+$", re.MULTILINE), ""),
)
# kube-apiserver names the faults of an object in no particular order.
_FAULTS = re.compile(r"(^\* .*\n)+", re.MULTILINE)


def normal(text: str) -> str:
    """*text* without what differs from run to run."""
    for pattern, instead in _NORMAL:
        text = pattern.sub(instead, text)
    return _FAULTS.sub(lambda found: "".join(sorted(found[0].splitlines(keepends=True))), text)
