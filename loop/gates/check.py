"""What a coder check is: a pure function of the change as it would be committed.

Checks are asked on each hand-in that says GO, after the gate's commands. A blocking one that fails
goes back to the coder, an advisory one to the reviewer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from loop.gates.profile import GateProfile
from loop.repo.diff import FileChange
from loop.snapshot import Snapshot
from tools.result import CheckRun, Evidence, Unverified

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


@dataclass(frozen=True)
class Change:
    """From the merge base to what is handed in, untracked files included."""

    files: tuple[ChangedText, ...]
    profile: GateProfile
    issue: Snapshot | None = None
    evidence: tuple[Evidence, ...] = ()  # the coder's proofs
    cited: Mapping[str, bytes] = field(default_factory=dict)
    """Files that the proofs name, as they are at the merge base."""


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

    def run(self, change: Change) -> CheckRun:
        found = self.judge(change)
        return CheckRun(check=self.name, tier=self.tier, outcome=found.outcome, detail=found.detail)
