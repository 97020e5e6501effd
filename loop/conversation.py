"""The conversation of one run, kept in two places at once: the context window and the transcript."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import structlog

from loop.calls import Answer
from loop.context import Session
from loop.model import Message, Reply, ToolCall
from loop.nudges import SUBMIT, placeholder, with_reasoning
from loop.recoveries import Stall
from loop.task import RunSettings
from loop.transcript import Recorded, Transcript, interrupted
from tools.submit import Submission

log = structlog.get_logger()


class Conversation:
    """What was said so far, and what the harness will say next."""

    def __init__(
        self,
        opening: Sequence[Message],
        *,
        recorded: Recorded,
        encode: Callable[[Message], bytes],
        settings: RunSettings,
        transcript: Transcript,
        tools_bytes: int,
    ) -> None:
        """Begin with *opening*, or go on after what is *recorded*.

        A call that the crash left without an answer reads as interrupted. Only a submission is
        judged again: it changes nothing, and the model has nothing to add.
        """
        known = recorded.messages or tuple(opening)
        self.unjudged = unjudged(recorded)
        if not recorded.messages:
            transcript.opening(opening)
        if self.unjudged:
            known = known[: -len(self.unjudged)]
        else:
            for message in recorded.missing:
                transcript.note(recorded.turn, message)
        head = next((n for n, m in enumerate(known) if m.role == "assistant"), len(known))
        self._transcript = transcript
        self._session = Session(
            known[:head],
            encode=encode,
            context_tokens=settings.context_tokens,
            compact_at_percent=settings.compact_at_percent,
            tools_bytes=tools_bytes,
        )
        for message in known[head:]:
            self._session.append(message)
        self.awaits_nudge = known[-1].role == "assistant" and not self.unjudged
        self._spoke_before_crash = bool(recorded.messages[head:]) and known[-1].role == "user"
        self._pending: list[str] = []
        self._reasoning = ""
        self._shown_once: Message | None = None
        self._unanswered = self.unjudged
        self._turn = recorded.turn

    def say(self, text: str, *, reasoning: str = "") -> None:
        """Say *text* before the next request; the cut *reasoning* is shown in that one only."""
        self._pending.append(text)
        self._reasoning = reasoning

    def open_turn(self, turn: int) -> None:
        """Speak what is pending, as one message, and make room."""
        self._turn = turn
        self._shown_once = None
        if self._spoke_before_crash:
            self._spoke_before_crash = False
            self._pending.clear()
        if self._pending:
            message = Message(role="user", content="\n\n".join(self._pending))
            self._pending.clear()
            self._transcript.note(turn, message)
            self._session.append(message)
            if self._reasoning:
                shown = with_reasoning(message.content, self._reasoning)
                self._shown_once = replace(message, content=shown)
                self._reasoning = ""
        if self._session.is_over_budget:
            self.compact()

    def messages(self) -> list[bytes]:
        """What the next request sends."""
        if self._shown_once:
            return self._session.wire_once(self._shown_once)
        return self._session.wire()

    def compact(self) -> bool:
        """Drop old turns; False if there are none to drop."""
        done = self._session.compact()
        log.info("context.compacted", turn=self._turn, dropped=self._session.dropped, done=done)
        return done

    def replied(self, reply: Reply, stall: Stall | None, *, seconds: float) -> None:
        """Keep *reply*; where it called nothing usable, without its calls and never empty."""
        content = reply.text
        if stall and not content.strip():
            content = placeholder(stall, reasoned=bool(reply.reasoning))
        message = Message(
            role="assistant",
            content=content,
            reasoning=reply.reasoning,
            calls=() if stall else reply.calls,
        )
        if not reply.usage.estimated:
            self._session.measured(reply.usage.prompt)
        self._session.append(message)
        self._transcript.reply(self._turn, message, usage=reply.usage, seconds=seconds)
        self._unanswered = message.calls

    def answered(self, answers: Sequence[Answer], *, accepted: Submission | None) -> None:
        """Keep the answers to all calls of the last reply; with *accepted* they are the end."""
        kept = [(answer.message(), answer.record) for answer in answers]
        for message, _ in kept:
            self._session.append(message)
        self._transcript.answers(kept, accepted=accepted)
        self._unanswered = ()

    def close(self) -> None:
        """Answer what a run that ended in the middle of a turn left open."""
        for call in self._unanswered:
            self._transcript.note(self._turn, interrupted(call))
        self._unanswered = ()


def unjudged(recorded: Recorded) -> tuple[ToolCall, ...]:
    """The calls at the end that hand in a result and have no answer, if no others lack theirs."""
    missing = recorded.missing
    if not missing or any(message.name != SUBMIT for message in missing):
        return ()
    if recorded.messages[-len(missing) :] != missing:
        return ()
    last = next(m for m in reversed(recorded.messages) if m.role == "assistant")
    return last.calls[-len(missing) :]
