"""The ways a run can end, each with its verdict, outcome, reason and failure reason."""

from __future__ import annotations

from collections.abc import Mapping

from loop.errors import ContextOverflow, ModelError, Transient
from loop.task import Ending
from tools.result import FailureReason, Outcome, Verdict
from tools.submit import Submission

SUBMITTED = "Submitted"
GATE_OUTPUT_LIMIT = 32 * 1024
_VERDICTS: Mapping[str, Verdict] = {"GO": "GO", "NO-GO": "NO-GO", "ERROR": "INCOMPLETE"}
# Outcomes that a model may name for itself; all others are the harness's to say.
_DECLARABLE: tuple[Outcome, ...] = ("ALREADY-RESOLVED", "NEEDS-VERIFICATION")


def submitted(submission: Submission) -> Ending:
    """The model decided."""
    declared = submission.extra.outcome
    return Ending(
        verdict=_VERDICTS[submission.verdict],
        outcome=declared if declared in _DECLARABLE else "MODEL-DECIDED",
        reason=SUBMITTED,
        summary=submission.summary,
        failure_reason="ModelReportedError" if submission.verdict == "ERROR" else None,
        submission=submission,
    )


def answered_in_text(text: str) -> Ending:
    """A freeform agent said its answer."""
    first = text.strip().splitlines()[0]
    return Ending(
        verdict="GO", outcome="MODEL-DECIDED", reason="Answered", summary=first[:280], output=text
    )


def gate_failed(submission: Submission, *, attempts: int, output: str) -> Ending:
    """Each GO was refused; what the model claimed is kept."""
    encoded = output.encode()
    kept = encoded[-GATE_OUTPUT_LIMIT:].decode(errors="ignore")
    return Ending(
        verdict="INCOMPLETE",
        outcome="CODER-GATE-FAILED",
        reason="GateRefused",
        summary=f"the gate refused the work {attempts} times",
        submission=submission,
        gate_output=kept,
    )


def stalled(reason: str, *, last: str) -> Ending:
    """The model went on without calling a tool."""
    return _incomplete(
        "LOOP-INCOMPLETE",
        reason,
        f"the model stopped calling tools ({reason})",
        failure_reason="ModelMisunderstood",
        error=last[:2000] or None,
    )


def out_of_turns(turns: int) -> Ending:
    return _incomplete(
        "LOOP-INCOMPLETE",
        "MaxTurnsExhausted",
        f"no result after {turns} turns",
        failure_reason="MaxTurnsExhausted",
    )


def out_of_tokens(limit: int) -> Ending:
    return _incomplete(
        "LOOP-BUDGET-EXHAUSTED", "TokensExhausted", f"no result within {limit} tokens"
    )


def out_of_seconds(limit: float) -> Ending:
    return _incomplete(
        "LOOP-BUDGET-EXHAUSTED",
        "Timeout",
        f"no result within {limit:g} s",
        failure_reason="Timeout",
    )


def model_failed(error: ModelError) -> Ending:
    """The model could not be heard; its server's own words are kept."""
    status = f" ({error.status})" if error.status else ""
    failure: FailureReason = "InfrastructureError"
    match error:
        case Transient(timed_out=True):
            reason, failure = "ModelTimeout", "Timeout"
        case Transient():
            reason = "ModelUnavailable"
        case ContextOverflow():
            reason = "ContextOverflow"
        case _:
            reason = "ModelRefused"
    return _incomplete(
        "LOOP-INCOMPLETE",
        reason,
        f"the model gave no reply{status}: {error.message}"[:280],
        failure_reason=failure,
        error=error.message,
    )


def broken(error: Exception) -> Ending:
    """A defect of ours or of the machine."""
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return _incomplete(
        "LOOP-INCOMPLETE",
        "HarnessError",
        "the run broke; the log has the trace",
        failure_reason="InfrastructureError",
        error=f"{type(error).__name__}: {error}",
    )


def _incomplete(
    outcome: Outcome,
    reason: str,
    summary: str,
    *,
    failure_reason: FailureReason | None = None,
    error: str | None = None,
) -> Ending:
    return Ending(
        verdict="INCOMPLETE",
        outcome=outcome,
        reason=reason,
        summary=summary,
        failure_reason=failure_reason,
        error=error,
    )
