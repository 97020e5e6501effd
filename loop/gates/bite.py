"""The bite check: the tests of a change must fail without it.

All files but the tests are put back as they were at the merge base, in a second work tree, and the
changed tests run there. A test that fails is what is wanted. Where nothing compiles or loads, that
counts only when the error names what the change brings, and is called weak.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from loop.gates.bench import Bench
from loop.gates.check import Change, Found
from loop.gates.failures import Reading, read, together
from loop.gates.gate import UNPREPARED, could_not_run
from loop.gates.narrowing import narrowed
from loop.gates.novelty import brought, named, used
from loop.gates.trial import Trial, listed, planned
from loop.repo.errors import GitError
from loop.repo.variant import Entry
from tools.sandbox.runner import Runner

SECONDS = 900.0

_TOOTHLESS = (
    "your tests pass without your change: with {sources} as before, `{command}` passes. Write a test"
    " that fails on the old code, for the reason the issue gives"
)
_SILENT = (
    "without your change your tests do not run at all, and what stops them is nothing that your"
    " change adds: {error}. Write a test that runs on the old code and fails"
)
_IDLE = (
    "without your change your tests do not load, for want of {names}, but no test uses that. Write a"
    " test that calls what you changed and checks what comes back"
)
_WEAK = (
    "weak: without the change the tests do not compile or load, for want of {names} ({error})."
    " No test ran on the old code"
)


async def bite(
    change: Change, bench: Bench, *, clock: Callable[[], float] = time.monotonic
) -> Found:
    """Whether the changed tests fail without the change."""
    trial = planned(change)
    if isinstance(trial, Found):
        return trial
    if not bench.tested:
        return Found("could not run", "the gate ran no tests, so none is known to pass")
    ends = clock() + SECONDS
    attempt = _Attempt(change, bench, trial, seconds_left=lambda: max(0.0, ends - clock()))
    try:
        ended = await attempt.run(trial.entries)
        code = trial.entries_of_code()
        if (
            isinstance(ended, Reading)
            and ended.ended == "broken"
            and not _wanting(change, trial, ended)
            and code != trial.entries
        ):
            # A manifest as it was may stop everything: then the code alone is put back.
            ended = await attempt.run(code)
    except GitError as fault:
        return Found("could not run", f"no second work tree: {fault}")
    return ended if isinstance(ended, Found) else ruled(change, trial, ended, attempt.command)


@dataclass
class _Attempt:
    """Runs the tests on a variant; *command* is what ran."""

    change: Change
    bench: Bench
    trial: Trial
    seconds_left: Callable[[], float]
    command: str = ""

    async def run(self, entries: Sequence[Entry]) -> Reading | Found:
        async with self.bench.variant(entries, self.trial.contents) as runner:
            wanted = narrowed(
                self.change.profile.commands["test"],
                self.trial.tests,
                package=await self._package(runner),
            )
            if not wanted.commands:
                return Found("could not run", f"no command runs {listed(wanted.left_out)}")
            readings = await self._built(runner)
            if isinstance(readings, Found):
                return readings
            ran = await self._tested(runner, wanted.commands)
            return ran if isinstance(ran, Found) else together([*readings, *ran])

    async def _tested(self, runner: Runner, commands: Sequence[str]) -> list[Reading] | Found:
        whole = self.change.profile.commands["test"]
        readings = await self._each(runner, commands)
        if isinstance(readings, list) and together(readings).ended == "nothing":
            commands = [whole]
            readings = await self._each(runner, commands)
        self.command = " && ".join(commands)
        return readings

    async def _built(self, runner: Runner) -> list[Reading] | Found:
        """Where tests run what a build makes; a build that fails may still have made it."""
        profile = self.change.profile
        build = profile.commands.get("build", "")
        if profile.language not in ("node", "generic") or not build or "--noEmit" in build:
            return []
        readings = await self._each(runner, [build])
        if isinstance(readings, Found):
            return readings
        return [reading for reading in readings if reading.ended == "broken"]

    async def _each(self, runner: Runner, commands: Sequence[str]) -> list[Reading] | Found:
        readings = []
        for command in commands:
            result = await self.bench.run(runner, command, seconds=self.seconds_left())
            if why := could_not_run(command, result):
                return Found("could not run", f"{command}: {why}")
            if result.timed_out:
                return Found(
                    "could not run", f"{command}: was stopped after {result.seconds:.0f} s"
                )
            if result.killed or result.exit_code is None:
                return Found("could not run", f"{command}: was stopped: too much {result.killed}")
            readings.append(read(f"{result.stdout}\n{result.stderr}", result.exit_code))
        return readings

    async def _package(self, runner: Runner) -> str:
        if self.change.profile.language != "node":
            return ""
        seconds = self.seconds_left()
        return (await self.bench.run(runner, "cat package.json", seconds=seconds)).stdout


def ruled(change: Change, trial: Trial, ended: Reading, command: str) -> Found:
    """What the way the tests ended means."""
    if ended.ended == "failed":
        told = f": {listed(ended.tests)}" if ended.tests else ""
        return Found("passed", f"tests fail without the change{told}")
    error = ended.errors[0].partition("\n")[0] if ended.errors else "no error that can be read"
    if ended.ended == "broken":
        if names := _wanting(change, trial, ended):
            if not used(names, _tests(change, trial)):
                return Found("failed", _IDLE.format(names=listed(names)))
            return Found("passed", _WEAK.format(names=listed(names), error=error))
        if any(UNPREPARED.search(error) for error in ended.errors):
            return Found("could not run", f"`{command}` lacks what it needs: {error}")
        return Found("failed", _SILENT.format(error=error))
    return Found("failed", _TOOTHLESS.format(sources=listed(trial.sources), command=command))


def _wanting(change: Change, trial: Trial, ended: Reading) -> list[str]:
    """Names that the errors miss and the change brings."""
    return sorted(brought(trial.undone) & named(ended.errors, _tests(change, trial)))


def _tests(change: Change, trial: Trial) -> dict[str, bytes]:
    """The changed tests, as they were run."""
    after = {file.path: file.after for file in change.files if file.path in trial.tests}
    return {path: text for path, text in after.items() if text is not None} | dict(trial.contents)
