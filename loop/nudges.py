"""What the loop tells a model that got stuck, and how often.

The texts name only verdicts and tools that this run has: a model that obeys must not be refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from loop.recoveries import Stall

SUBMIT = "submit_result"
INTERRUPTED = "interrupted: the run stopped before this call had an answer"
_KEPT_REASONING = 8000


@dataclass(frozen=True)
class Vocabulary:
    """The words a nudge may use. *verdicts* are those that the run's `submit_result` takes."""

    tools: tuple[str, ...]
    verdicts: tuple[str, ...]

    @property
    def submits(self) -> bool:
        return SUBMIT in self.tools


def vocabulary(schemas: Sequence[Mapping[str, Any]]) -> Vocabulary:
    """The names in OpenAI function schemas."""
    functions = {schema["function"]["name"]: schema["function"] for schema in schemas}
    parameters = functions.get(SUBMIT, {}).get("parameters", {})
    verdict = parameters.get("properties", {}).get("verdict", {})
    return Vocabulary(tools=tuple(functions), verdicts=tuple(verdict.get("enum", ())))


def placeholder(stall: Stall, *, reasoned: bool) -> str:
    """What stands for an empty reply: servers choke on assistant messages without content."""
    if stall == "truncated":
        return "(this reply was cut off by the output limit)"
    return "(paused to reason; no call was made)" if reasoned else "(empty response from model)"


def nudge(stall: Stall, words: Vocabulary) -> str:
    """What to say after a turn that called no tool."""
    finish = _finish(words)
    match stall:
        case "text":
            if not words.submits:
                return "That reply was empty. Answer the task in text now."
            return (
                f"That reply called no tool, so nothing happened. Reply with a tool call. {finish}"
            )
        case "reasoning":
            return f"You reasoned and then stopped. Continue from that reasoning and act. {finish}"
        case "truncated":
            return (
                "That reply was cut off by the output limit; nothing of it was carried out. Stop "
                "deliberating and act in smaller steps: one short call at a time, a large file in "
                f"several edits. {finish}"
            )


def with_reasoning(text: str, reasoning: str) -> str:
    """*text* with the end of a cut reasoning, for the one request that continues it."""
    kept = reasoning[-_KEPT_REASONING:].strip()
    return f"{text}\n\nYour reasoning up to there, shown this once:\n{kept}" if kept else text


def closing(words: Vocabulary, *, left: int) -> str:
    """What to say when only *left* turns remain."""
    turns = "This is the last turn" if left == 1 else f"{left} turns are left"
    if not words.submits:
        return f"{turns}. No more tools: give your answer in text now."
    return f"{turns}. Only {SUBMIT} is accepted now{_verdicts(words)}. Hand in what you have."


def refusal(words: Vocabulary, name: str) -> str:
    """The answer to a call of *name* in the closing turns."""
    if not words.submits:
        return f"{name}: no tool is accepted in the last turns; answer in text now"
    return f"{name}: only {SUBMIT} is accepted in the last turns; call it now"


def _finish(words: Vocabulary) -> str:
    if not words.submits:
        return "When you are done, answer in text."
    return f"If you are done, call {SUBMIT}{_verdicts(words)}."


def _verdicts(words: Vocabulary) -> str:
    return f" (verdict {', '.join(words.verdicts)})" if words.verdicts else ""
