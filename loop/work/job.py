"""What a run is given and what it hands in, free of servers and clusters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from loop.codehost import PullRequestSeen
from loop.gates.gate import shortened
from loop.gates.profile import Override
from loop.snapshot import Snapshot
from tools.result import Advisory, Extra, FailureReason, Outcome, Result, Verdict, WorkClass

LOG_CHARACTERS = 32 * 1024

Speaker = Literal["system", "user", "assistant"]
Kind = Literal["issue-fix", "verify", "review", "freeform", "integrate", "reconcile"]


@dataclass(frozen=True)
class Part:
    """A slice of one issue: the branch that a coder made and the files that are its own."""

    name: str
    branch: str
    files: tuple[str, ...]


@dataclass(frozen=True)
class SharedName:
    """An identifier that slices agreed on; *defined_by* and *referenced_by* name slices."""

    name: str
    defined_by: str
    referenced_by: tuple[str, ...]


@dataclass(frozen=True)
class Job:
    """One task, as values.

    `branch` is where the work lands or lies; `head_sha` pins a review, "" means the branch's head.
    """

    task: str
    uid: str
    kind: Kind
    directory: Path  # the run's own: workspace, control, transcript
    repository: str = ""
    issue: int | None = None
    branch: str = ""
    base_branch: str = ""
    prompt: str = ""
    prompt_prefix: str = ""
    conversation: tuple[tuple[Speaker, str], ...] = ()
    snapshot: Snapshot | None = None
    open_pull_request: bool = False
    allow_overwrite: bool = False
    pull_request: int | None = None
    head_sha: str = ""
    round: int = 0
    gate: Override | None = None  # what the task says above the repository's own profile
    revise_from: str = ""  # the branch whose work is amended, on today's base; "": begin anew
    advisories: tuple[Advisory, ...] = ()  # for a reviewer: what the coder's gate wants looked at
    self_go: tuple[WorkClass, ...] | None = None  # work classes whose GO needs no human; None: all
    contract: str = ""  # what slices agreed on, in words
    parts: tuple[Part, ...] = ()
    shared_names: tuple[SharedName, ...] = ()


@dataclass(frozen=True)
class Done:
    """How a run ended. *transcript* and *evidence* are texts for ConfigMaps, redacted."""

    result: Result
    phase: Literal["Succeeded", "Failed"] = "Succeeded"
    transcript: dict[str, str] = field(default_factory=dict)
    evidence: str = ""
    pull_request: PullRequestSeen | None = None  # None: none was asked for, or it failed


class NoTokenError(Exception):
    """There is no token for the task; the message says what to do."""


class Tokens(Protocol):
    """The task's own token for the code host; never handed to a model."""

    source: str

    async def read(self) -> str:
        """One that may read; "" where nobody has one. Raises `NoTokenError`."""
        ...

    async def push(self) -> str:
        """One that may push and open a pull request. Raises `NoTokenError`."""
        ...


def ended(
    verdict: Verdict,
    summary: str,
    *,
    outcome: Outcome | None = None,
    failure: FailureReason | None = None,
    reason: str = "",
    error: str = "",
) -> Result:
    """An envelope for an ending that no model decided."""
    extra = Extra(outcome=outcome, reason=reason or None, error=error or None)
    return Result(verdict=verdict, failure_reason=failure, summary=summary, extra=extra)


def precondition(failure: FailureReason, message: str) -> Done:
    """The run could not begin: EXECUTOR-PRECONDITION-FAILED, as in the M3 runbook."""
    result = ended(
        "INCOMPLETE",
        message,
        outcome="EXECUTOR-PRECONDITION-FAILED",
        failure=failure,
        reason=failure,
        error=message,
    )
    return Done(result)


_FAILURES: Mapping[str, FailureReason] = {"GATE-FAIL": "GateFailed", "GATE-ERROR": "GateError"}


def computed(verdict: Verdict, summary: str, *, tool: str, log: str = "") -> Result:
    """An envelope for what *tool* found out without a model; *log* is kept unless all is well."""
    extra = Extra(
        deterministic=True,
        dispatched_tool=tool,
        log_tail=shortened(log, LOG_CHARACTERS) or None if verdict != "GATE-PASS" else None,
    )
    return Result(
        kind="deterministic",
        verdict=verdict,
        failure_reason=_FAILURES.get(verdict),
        summary=summary,
        extra=extra,
    )
