"""What a run is given beside its conversation, and what it ends in."""

from __future__ import annotations

from dataclasses import dataclass, field

from loop.model import Usage
from tools.result import Extra, FailureReason, Outcome, Result, Tokens, Verdict
from tools.submit import Submission
from tools.tool import Shown


@dataclass(frozen=True)
class Identity:
    """Who asks. Sent with every request, so that a scripted server needs no memory."""

    task: str
    agent: str = ""
    kind: str = ""
    issue: int | None = None  # None: the task is about no issue
    round: int = 0

    def headers(self, turn: int) -> dict[str, str]:
        """The headers of *turn*, 1-based."""
        words = {
            "X-Foreman-Task": self.task,
            "X-Foreman-Agent": self.agent,
            "X-Foreman-Kind": self.kind,
            "X-Foreman-Issue": "" if self.issue is None else str(self.issue),
            "X-Foreman-Round": str(self.round),
            "X-Foreman-Turn": str(turn),
        }
        return {name: value for name, value in words.items() if value}


@dataclass(frozen=True)
class RunSettings:
    """The budgets of one run."""

    identity: Identity
    max_turns: int = 50
    max_tokens: int | None = None
    """Prompt and completion tokens of all turns together; None: no budget."""
    seconds: float = 3600.0
    """The whole run, waiting for gates included."""
    max_retries: int = 3
    """Further attempts of one request after a transient failure."""
    context_tokens: int = 32768
    compact_at_percent: int = 85
    """Leaves room for one long reply in a context of 32768 tokens."""


@dataclass(frozen=True)
class Progress:
    """Where a run is, told after each turn."""

    turn: int
    max_turns: int
    last_tool: str
    tokens: int


@dataclass(frozen=True)
class CallRecord:
    """One tool call as it happened, and what its answer showed the model."""

    turn: int
    tool: str
    succeeded: bool
    shown: tuple[Shown, ...] = ()
    edited: bool = False


@dataclass(frozen=True)
class Ending:
    """How a run ended. There is always one; *submission* is None unless the model decided."""

    verdict: Verdict
    outcome: Outcome
    reason: str
    summary: str
    failure_reason: FailureReason | None = None
    submission: Submission | None = None
    output: str | None = None  # None: not a freeform agent that answered in text
    error: str | None = None  # None: nothing failed
    turns: int = 0
    tokens: Usage = field(default_factory=Usage)
    seconds: float = 0.0
    calls: tuple[CallRecord, ...] = ()
    gate_attempts: int = 0
    gate_output: str = ""

    @property
    def edited(self) -> bool:
        """True if a tool call of this run changed the work tree."""
        return any(call.edited for call in self.calls)

    def result(self) -> Result:
        """The envelope: the model's claims, under what the harness knows of the run."""
        claimed = self.submission.extra if self.submission else Extra()
        extra = claimed.replace(
            outcome=self.outcome,
            reason=self.reason,
            error=self.error,
            turn_count=self.turns,
            tokens=Tokens(
                prompt=self.tokens.prompt,
                completion=self.tokens.completion,
                estimated=self.tokens.estimated,
            ),
            output=self.output,
            commit_message=(self.submission.commit_message or None) if self.submission else None,
            gate_attempts=self.gate_attempts or None,
            gate_output=self.gate_output or None,
        )
        return Result(
            verdict=self.verdict,
            failure_reason=self.failure_reason,
            summary=self.summary,
            extra=extra,
            elapsed_sec=round(self.seconds, 3),
        )
