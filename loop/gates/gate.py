"""Running a gate profile: the repository's own commands, in order, to the first failure.

A failure is the work's fault; that something could not run is not, and is said. Then the verdict is
GATE-PASS only where the tests ran, or the profile has none and another command ran.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Literal

from loop.gates.profile import GateProfile
from loop.gates.setup import OUTPUT_CHARACTERS, SettingUp, in_place, refusals
from loop.gates.words import ORDER, SWITCHES, CommandName
from tools.result import Advisory, CheckRun, GateCommand, Unverified
from tools.sandbox.runner import CommandResult, Network, Runner

GateVerdict = Literal["GATE-PASS", "GATE-FAIL", "GATE-ERROR"]

FEEDBACK_CHARACTERS = 12_000
GATE_SECONDS = 1800.0

# Python takes a compiled file for current when size and second of the source are the same, so an
# edit could be judged by what stood there before: each command compiles into a folder of its own.
_BEFORE = 'export PYTHONPYCACHEPREFIX="$(mktemp -d)" NO_COLOR=1\n'
# Only after a setup that ran: else a model could plant its own python3 where nobody commits it.
_INSTALLED = 'export PATH="$PWD/.venv/bin:$PWD/node_modules/.bin:$PATH"\n'
_NOT_FOUND = 127
_NOT_EXECUTABLE = 126
# A tool that a launcher does not have: python -m TOOL, cargo TOOL, npx TOOL.
_NO_MODULE = re.compile(r"^\S*python[\d.]*(?:\.exe)?: No module named ([\w.]+)\s*$", re.MULTILINE)
_NO_SUBCOMMAND = re.compile(
    r"^error: (?:no such (?:sub)?command: `|'cargo-)\w+|^npm (?:ERR!|error) (?:could not determine"
    r" executable|canceled due to missing packages)|^error: toolchain '.*' is not installed"
    r"|^go: (?:go\.mod requires go >= |download go[\d.]+ for ).*$",
    re.MULTILINE,
)
# pre-commit's own: a hook's environment that cannot be fetched. A hook that fails says otherwise.
_NO_HOOKS = re.compile(r"^An unexpected error has occurred: .*$", re.MULTILINE)
UNPREPARED = re.compile(
    r"ModuleNotFoundError|Cannot find (?:module|package)|ERR_MODULE_NOT_FOUND|no required module"
    r"|failed to (?:get|download)|cannot find module providing|dial tcp|Could not resolve host"
    r"|: not found$",
    re.MULTILINE,
)


@dataclass(frozen=True)
class GateReport:
    """How a gate ended. *commands* are those that had their turn, what could not run included."""

    verdict: GateVerdict
    commands: tuple[GateCommand, ...]
    summary: str
    profile: str = ""
    checks: tuple[CheckRun, ...] = ()  # what was asked of the change after the commands
    gate_changed: tuple[str, ...] = ()  # files of the change that define the gate otherwise
    unverified: tuple[Unverified, ...] = ()  # numbers without proof: what a person has to find out

    @property
    def failed(self) -> GateCommand | None:
        """The command that made it GATE-FAIL; None where a check did."""
        if self.verdict != "GATE-FAIL" or self.refusals:
            return None
        return next((c for c in self.commands if c.exit_code not in (0, None)), None) or (
            self.commands[-1] if self.commands else None
        )

    @property
    def is_set_up(self) -> bool:
        """Whether what the repository depends on was installed by the gate's own command."""
        return _is_set_up(self.commands)

    @property
    def is_tested(self) -> bool:
        """Whether the test command ran and passed."""
        return any(c.name == "test" and c.exit_code == 0 for c in self.commands)

    @property
    def refusals(self) -> tuple[CheckRun, ...]:
        """The checks that turn the work back."""
        return tuple(run for run in self.checks if run.refuses)

    @property
    def advisories(self) -> tuple[Advisory, ...]:
        """What a reviewer should look at."""
        return tuple(
            Advisory(check=run.check, detail=run.detail)
            for run in self.checks
            if run.tier == "advisory" and run.outcome == "failed"
        )

    @property
    def log_tail(self) -> str:
        """The end of the last command's output."""
        return self.commands[-1].output[-FEEDBACK_CHARACTERS:] if self.commands else ""

    def feedback(self) -> str:
        """For the coder: what failed, with its output as it stands. Text of the repository's."""
        lines = [f"The gate says {self.verdict}: {self.summary}"]
        if failed := self.failed:
            shown = shortened(failed.output, FEEDBACK_CHARACTERS)
            lines += [f"$ {failed.command}", shown or "(no output)"]
            lines.append("Mend the cause in the workspace, run the command yourself, submit again.")
        lines += [f"\n{run.check}: {run.detail}" for run in self.refusals]
        passed = [c.name for c in self.commands if c.exit_code == 0]
        if passed:
            lines.append(f"Passed before that: {', '.join(passed)}.")
        lines += [
            f"{c.name}: {c.output}"
            for c in self.commands
            if c.exit_code is None and c is not self.failed
        ]
        return "\n".join(lines)


async def run_gate(
    profile: GateProfile,
    runner: Runner,
    *,
    switched_off: Collection[str] = (),
    set_up: SettingUp | None = None,
    installed: bool = False,
    timeout_seconds: float = GATE_SECONDS,
    clock: Callable[[], float] = time.monotonic,
) -> GateReport:
    """Run *profile* within *timeout_seconds* in all; *switched_off* as in `words.SWITCHES`.

    *set_up* None: setup runs like any other command. *installed*: one ran and passed before.
    """
    ends = clock() + timeout_seconds
    done: list[GateCommand] = []
    fault = ""
    for name in ORDER:
        if name not in profile.commands:
            continue
        if SWITCHES[name] in switched_off:
            why = f"switched off by FOREMAN_{SWITCHES[name].upper()}_GATE=0"
            done.append(_not_run(profile, name, why))
            continue
        command = profile.commands[name]
        run = set_up if name == "setup" and set_up else _Plainly(name, runner)
        result = await run(
            command,
            script=prelude(installed=installed or _is_set_up(done)) + command,
            network=profile.network,
            timeout_seconds=max(0.0, ends - clock()),
        )
        ran, fault = _ran(name, command, result)
        done.append(ran)
        if fault:
            break
    return _report(profile, done, fault)


def prelude(*, installed: bool) -> str:
    """The shell before each command; *installed*: a setup of the gate ran and passed."""
    return _BEFORE + (_INSTALLED if installed else "")


def _is_set_up(commands: Iterable[GateCommand]) -> bool:
    return any(command.name == "setup" and command.exit_code == 0 for command in commands)


@dataclass(frozen=True)
class _Plainly:
    """A command in the work tree itself; only `setup` gets a network."""

    name: CommandName
    runner: Runner

    async def __call__(
        self, command: str, *, script: str, network: Network, timeout_seconds: float
    ) -> CommandResult:
        if self.name == "setup":
            return await in_place(
                self.runner, script, network=network, timeout_seconds=timeout_seconds
            )
        return await self.runner.run(
            script, timeout_seconds=timeout_seconds, output_limit=OUTPUT_CHARACTERS
        )


def _ran(name: CommandName, command: str, result: CommandResult) -> tuple[GateCommand, str]:
    """The command as it ran, and what went wrong if that ends the gate."""
    output = "\n".join(part for part in (_joined(result), refusals(result)) if part)
    why = could_not_run(command, result)
    if why:
        said = f"could not run: {why}" + (f"\n{output}" if output else "")
        return GateCommand(name=name, command=command, seconds=result.seconds, output=said), ""
    fault = ""
    if result.timed_out:
        fault = f"was stopped after {result.seconds:.0f} s"
    elif result.killed:
        fault = f"was stopped: too much {result.killed}"
    elif result.exit_code != 0:
        fault = f"ended with exit code {result.exit_code}"
    if result.timed_out or result.killed:
        output = f"{output}\n[{fault}]".strip()
    ran = GateCommand(
        name=name,
        command=command,
        exit_code=result.exit_code,
        seconds=result.seconds,
        output=shortened(output, OUTPUT_CHARACTERS),
    )
    return ran, fault


def could_not_run(command: str, result: CommandResult) -> str:
    """Why *command* never came to its work: its tool is not here. "" when it did.

    A test that misses a module is a failing test; only the tool that the command names counts.
    """
    if result.could_not_run:
        return result.could_not_run
    if result.exit_code in (_NOT_FOUND, _NOT_EXECUTABLE):
        last = result.stderr.strip().rpartition("\n")[2]
        return last or f"exit code {result.exit_code}: a program it names is not here"
    if result.exit_code == 0:
        return ""
    missing = _NO_MODULE.search(result.stderr)
    if missing and re.search(rf"-m\s+{re.escape(missing[1])}\b", command):
        return f"{missing[1]} is not installed for this python3"
    found = _NO_SUBCOMMAND.search(result.stderr)
    if not found and "pre-commit" in command:
        found = _NO_HOOKS.search(result.stdout)
    return found[0] if found else ""


def _report(profile: GateProfile, done: list[GateCommand], fault: str) -> GateReport:
    last = done[-1] if done else None
    names = {command.name for command in done if command.exit_code == 0}
    silent = [command.name for command in done if command.exit_code is None]
    verdict: GateVerdict
    if fault and last is not None:
        verdict, summary = "GATE-FAIL", f"{last.name} {fault}"
        unprepared = "setup" in silent and UNPREPARED.search(last.output)
        if last.name == "setup":
            verdict, summary = "GATE-ERROR", f"setup {fault}: what the commands need is not there"
        elif unprepared:
            verdict = "GATE-ERROR"
            summary += ", for want of what setup would have installed, and setup could not run"
    elif not names - {"setup"}:
        verdict, summary = "GATE-ERROR", _nothing_ran(profile, done)
    elif "test" in silent and not _off(done, "test"):
        verdict, summary = "GATE-ERROR", f"test {_told(done, 'test')}"
    else:
        verdict, summary = (
            "GATE-PASS",
            f"passed: {', '.join(c.name for c in done if c.exit_code == 0)}",
        )
        if "test" not in profile.commands:
            summary += "; this repository has no tests to run"
    rest = [name for name in silent if name not in summary]
    if rest:
        summary += f"; not run: {', '.join(rest)}"
    return GateReport(verdict, tuple(done), summary, profile.described)


def _nothing_ran(profile: GateProfile, done: list[GateCommand]) -> str:
    if not done:
        return "there is nothing to run; name commands in .foreman/verify.yaml or in the Agent"
    return "; ".join(f"{command.name} {_told(done, command.name)}" for command in done)


def _told(done: list[GateCommand], name: str) -> str:
    return next((c.output.partition("\n")[0] for c in done if c.name == name), "")


def _off(done: list[GateCommand], name: str) -> bool:
    return _told(done, name).startswith("switched off")


def _not_run(profile: GateProfile, name: CommandName, why: str) -> GateCommand:
    return GateCommand(name=name, command=profile.commands[name], output=why)


def _joined(result: CommandResult) -> str:
    return "\n".join(part.rstrip() for part in (result.stdout, result.stderr) if part.strip())


def shortened(text: str, limit: int) -> str:
    """*text* with its middle cut out where it is longer than *limit*: the end tells most."""
    if len(text) <= limit:
        return text
    head = limit // 4
    tail = limit - head
    return f"{text[:head]}\n[… {len(text) - limit} characters left out …]\n{text[-tail:]}"
