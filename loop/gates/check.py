"""What a coder check is: a pure function of the change as it would be committed.

Checks are asked on each hand-in that says GO, after the gate's commands. A blocking one that fails
goes back to the coder, an advisory one to the reviewer.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from loop.gates.bench import Bench
from loop.gates.gate import shortened
from loop.gates.profile import GateProfile
from loop.languages.source_text import SourceText
from loop.repo.diff import FileChange
from loop.snapshot import Snapshot
from loop.sources import Kind, kind_of
from loop.survey import Survey
from tools.result import CheckRun, Evidence, Unverified

DETAIL_CHARACTERS = 8 * 1024

Tier = Literal["block", "advisory"]


@dataclass(frozen=True)
class ChangedText:
    """One changed file. A side is None where it is not there, binary, or too large to be read."""

    change: FileChange
    before: bytes | None
    after: bytes | None

    @property
    def path(self) -> str:
        return self.change.path

    @cached_property
    def old(self) -> SourceText | None:
        """The former side as code; None where it has no text."""
        return None if self.before is None else SourceText(self.change.old_path, self.before)

    @cached_property
    def new(self) -> SourceText | None:
        return None if self.after is None else SourceText(self.path, self.after)

    @property
    def old_lines(self) -> list[str]:
        """Of the former side; none where it has no text."""
        return lines_of(self.before or b"")

    @property
    def new_lines(self) -> list[str]:
        return lines_of(self.after or b"")


@dataclass(frozen=True)
class Change:
    """From the merge base to what is handed in, untracked files included."""

    files: tuple[ChangedText, ...]
    profile: GateProfile
    issue: Snapshot | None = None
    evidence: tuple[Evidence, ...] = ()  # the coder's proofs
    cited: Mapping[str, bytes] = field(default_factory=dict)
    """Files that the proofs name, as they are at the merge base."""
    survey: Survey | None = None  # of the merge base; None: nobody looked

    def kind(self, path: str) -> Kind:
        """As `kind_of`, by the repository's own endings and its place for tests besides."""
        layout = self.profile.test_layout
        kind = kind_of(path, self.profile.source_extensions)
        if kind == "source" and layout and path.startswith(f"{layout.test_root.strip('/')}/"):
            return "test"
        return kind


@dataclass(frozen=True)
class Found:
    """What a check says. *detail* tells what is wrong and how to mend it, or why it could not run."""

    outcome: Literal["passed", "failed", "waived", "could not run"]
    detail: str = ""
    unverified: tuple[Unverified, ...] = ()  # what a person would have to find out


PASSED = Found("passed")


@dataclass(frozen=True)
class Check:
    """*name* is the one in the result; `FOREMAN_<NAME>_GATE=0` switches it off."""

    name: str
    tier: Tier
    judge: Callable[[Change], Found]


@dataclass(frozen=True)
class CommandCheck:
    """A check that runs commands in the job's sandbox, after all others and only if none blocks.

    It leaves the work tree as it found it: commands run in a variant of it.
    """

    name: str
    tier: Tier
    judge: Callable[[Change, Bench], Awaitable[Found]]


@dataclass(frozen=True)
class Asked:
    """What the checks said, in their order."""

    runs: tuple[CheckRun, ...] = ()
    unverified: tuple[Unverified, ...] = ()

    @property
    def blocked(self) -> bool:
        return any(run.refuses for run in self.runs)


def lines_of(content: bytes) -> list[str]:
    """Numbered as git numbers them: only a line feed ends a line."""
    lines = content.decode("utf-8", "replace").split("\n")
    if not lines[-1]:
        lines.pop()
    return [line.removesuffix("\r") for line in lines]


def switch_of(name: str) -> str:
    """As `FOREMAN_<NAME>_GATE` is read: lower case, underscores."""
    return name.replace("-", "_").replace(" ", "_").lower()


def ask(change: Change, checks: Sequence[Check], *, switched_off: Collection[str] = ()) -> Asked:
    """Each of *checks* on *change*. Pure, and for as long as the grammars take."""
    runs: list[CheckRun] = []
    unverified: list[Unverified] = []
    for check in checks:
        if switch_of(check.name) in switched_off:
            runs.append(switched_off_run(check))
            continue
        found = check.judge(change)
        runs.append(run_of(check, found))
        unverified += [_printable(fact) for fact in found.unverified]
    return Asked(tuple(runs), tuple(unverified))


def run_of(check: Check | CommandCheck, found: Found) -> CheckRun:
    """As it goes into the result: no file name can break the text, and none makes it endless."""
    detail = shortened(_text(found.detail), DETAIL_CHARACTERS)
    return CheckRun(check=check.name, tier=check.tier, outcome=found.outcome, detail=detail)


def switched_off_run(check: Check | CommandCheck) -> CheckRun:
    why = f"FOREMAN_{switch_of(check.name).upper()}_GATE=0"
    return CheckRun(check=check.name, tier=check.tier, outcome="switched off", detail=why)


def _printable(fact: Unverified) -> Unverified:
    return Unverified(**{name: _text(told) for name, told in fact})


def _text(told: str) -> str:
    """*told* without the bytes of a file name that are no UTF-8."""
    return told.encode("utf-8", "replace").decode()
