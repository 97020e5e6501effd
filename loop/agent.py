"""One run: a conversation with a model about a task, until it ends in an `Ending`.

A turn is one reply of the model. A reply with calls is answered call by call; one without is
nudged, a few times. Three budgets end a run that does not end itself: turns, tokens, seconds. The
tools on the wire are the same in every turn, what changes is which of them are accepted.

Nothing leaves `run` but cancellation. A run that was killed goes on from its transcript.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import structlog

from loop import endings
from loop.calls import Answer, Tools, carry_out
from loop.conversation import Conversation
from loop.encoding import dump
from loop.errors import ContextOverflow, ModelError
from loop.model import Message, Model, Reply, Request, ToolCall
from loop.nudges import SUBMIT, closing, nudge, refusal, vocabulary
from loop.recoveries import REASONS, Recoveries, Stall, stall_of
from loop.retries import Clock, answered
from loop.task import Ending, Progress, RunSettings
from loop.transcript import Recorded, Transcript
from tools.submit import Submission

log = structlog.get_logger()

MAX_GATE_ATTEMPTS = 4  # three refusals reach the model, the fourth ends the run
CLOSING_TURNS = 3


@dataclass(frozen=True)
class Callbacks:
    """What a run asks of, and tells, the house around it. None: nobody wants to know.

    *verify_terminal* judges a GO before it is accepted: None accepts it, words refuse it. *tree*
    names the git tree of the workspace, for resuming and for edits that no tool reports.
    """

    verify_terminal: Callable[[Submission], Awaitable[str | None]] | None = None
    tree: Callable[[], Awaitable[str]] | None = None
    on_progress: Callable[[Progress], None] | None = None


async def run(
    opening: Sequence[Message],
    *,
    model: Model,
    tools: Tools,
    settings: RunSettings,
    transcript: Transcript,
    callbacks: Callbacks | None = None,
    recorded: Recorded | None = None,
    clock: Clock | None = None,
) -> Ending:
    """How the conversation that starts with *opening* ended.

    *recorded* is what the transcript already holds of this run; then *opening* is not used.
    """
    recorded = recorded or Recorded()
    agent = _Run(
        model,
        tools,
        settings=settings,
        transcript=transcript,
        callbacks=callbacks or Callbacks(),
        recorded=recorded,
        clock=clock or Clock(),
    )
    budget = asyncio.timeout(settings.seconds - recorded.seconds)
    try:
        async with budget:
            ending = await agent.converse(opening)
    except ModelError as exc:
        ending = endings.model_failed(exc)
    except Exception as exc:  # the run worker: a bug must not cost the envelope
        if isinstance(exc, TimeoutError) and budget.expired():
            ending = endings.out_of_seconds(settings.seconds)
        else:
            log.exception("run.failed", task=settings.identity.task)
            ending = endings.broken(exc)
    return agent.concluded(ending)


class _Run:
    """The state of one run."""

    def __init__(
        self,
        model: Model,
        tools: Tools,
        *,
        settings: RunSettings,
        transcript: Transcript,
        callbacks: Callbacks,
        recorded: Recorded,
        clock: Clock,
    ) -> None:
        self.model, self.tools, self.settings = model, tools, settings
        self.transcript, self.callbacks, self.clock = transcript, callbacks, clock
        self.recorded = recorded
        schemas = tools.schemas()
        self.words = vocabulary(schemas)
        self.tools_json = dump(schemas) if schemas else b""
        self.started = clock.monotonic() - recorded.seconds
        self.turn, self.usage, self.tree = recorded.turn, recorded.usage, recorded.tree
        self.calls = list(recorded.calls)
        self.recoveries = Recoveries()
        self.gate_attempts = 0
        self.conversation: Conversation | None = None  # None: not begun

    async def converse(self, opening: Sequence[Message]) -> Ending:
        if self.recorded.submission:
            return endings.submitted(self.recorded.submission)
        talk = self.conversation = Conversation(
            opening,
            recorded=self.recorded,
            encode=self.model.encode,
            settings=self.settings,
            transcript=self.transcript,
            tools_bytes=len(self.tools_json),
        )
        if talk.awaits_nudge:
            talk.say(nudge("text", self.words))
        await self.note_tree()
        if talk.unjudged and (ending := await self.act(talk, talk.unjudged)):
            return ending
        while self.turn < self.settings.max_turns:
            if self.settings.max_tokens and self.usage.total >= self.settings.max_tokens:
                return endings.out_of_tokens(self.settings.max_tokens)
            self.turn += 1
            reply = await self.ask(talk)
            stall = stall_of(reply)
            talk.replied(reply, stall, seconds=self.elapsed)
            ending = (
                self.recover(talk, reply, stall) if stall else await self.act(talk, reply.calls)
            )
            self.tell_progress(reply)
            if ending:
                return ending
        return endings.out_of_turns(self.turn)

    async def ask(self, talk: Conversation) -> Reply:
        """The reply of this turn, however many requests it takes."""
        if self.is_closing:
            left = self.settings.max_turns - self.turn + 1
            talk.say(closing(self.words, left=left))
        talk.open_turn(self.turn)
        attempts = itertools.count(1)
        try:
            reply = await self.request(talk, attempts)
        except ContextOverflow:
            if not talk.compact():
                raise
            reply = await self.request(talk, attempts)
        self.usage += reply.usage
        return reply

    async def request(self, talk: Conversation, attempts: Iterator[int]) -> Reply:
        only = (SUBMIT if self.words.submits else "none") if self.is_closing else ""
        request = Request(
            messages=talk.messages(),
            tools=self.tools_json,
            turn=self.turn,
            only=only,
            headers=self.settings.identity.headers(self.turn),
        )
        retries = self.settings.max_retries
        return await answered(
            self.model, request, attempts=attempts, max_retries=retries, clock=self.clock
        )

    def recover(self, talk: Conversation, reply: Reply, stall: Stall) -> Ending | None:
        """A turn without a call: an answer in text, a nudge, or the end of patience."""
        if stall == "text" and reply.text.strip() and not self.words.submits:
            return endings.answered_in_text(reply.text)
        if self.recoveries.are_spent(stall):
            return endings.stalled(REASONS[stall], last=reply.text)
        talk.say(
            nudge(stall, self.words), reasoning=reply.reasoning if stall == "truncated" else ""
        )
        return None

    async def act(self, talk: Conversation, calls: Sequence[ToolCall]) -> Ending | None:
        """Carry out *calls*, judge what they hand in, and answer each."""
        self.recoveries.reset()
        answers = await carry_out(calls, tools=self.tools, turn=self.turn, refuse=self.refuse)
        if any(not self.tools.read_only(call.name) for call in calls) and (await self.note_tree()):
            answers = self.with_edits(answers)
        answers, ending = await self.judge(answers)
        accepted = ending.submission if ending and ending.reason == endings.SUBMITTED else None
        talk.answered(answers, accepted=accepted)
        self.calls += [answer.record for answer in answers]
        return ending

    async def judge(self, answers: list[Answer]) -> tuple[list[Answer], Ending | None]:
        """The first submission of a turn counts; a GO only if the house agrees."""
        handed_in = [n for n, answer in enumerate(answers) if answer.submission]
        for later in handed_in[1:]:
            answers[later] = answers[later].refused("ignored: an earlier call handed in a result")
        if not handed_in:
            return answers, None
        first = handed_in[0]
        submission = answers[first].submission
        assert submission is not None
        refused = await self.verify(submission)
        if refused is None:
            return answers, endings.submitted(submission)
        answers[first] = answers[first].refused(refused)
        if self.gate_attempts < MAX_GATE_ATTEMPTS:
            return answers, None
        failed = endings.gate_failed(submission, attempts=self.gate_attempts, output=refused)
        return answers, failed

    async def verify(self, submission: Submission) -> str | None:
        """What stands against accepting *submission*, None: nothing."""
        if submission.verdict != "GO" or not self.callbacks.verify_terminal:
            return None
        self.gate_attempts += 1
        return await self.callbacks.verify_terminal(submission)

    async def note_tree(self) -> bool:
        """Write down the workspace's tree; True if it is another than before."""
        if not self.callbacks.tree:
            return False
        before, self.tree = self.tree, await self.callbacks.tree()
        if self.tree != before:
            self.transcript.tree(self.turn, self.tree)
        return self.tree != before

    def with_edits(self, answers: list[Answer]) -> list[Answer]:
        """The tree changed: if no call says it was its doing, every writing one may have been."""
        if any(answer.record.edited for answer in answers):
            return answers
        return [
            replace(answer, record=replace(answer.record, edited=True))
            if answer.record.succeeded and not self.tools.read_only(answer.call.name)
            else answer
            for answer in answers
        ]

    def refuse(self, call: ToolCall) -> str:
        """Why *call* is not accepted in this turn, "" if it is."""
        return refusal(self.words, call.name) if self.is_closing and call.name != SUBMIT else ""

    def tell_progress(self, reply: Reply) -> None:
        if self.callbacks.on_progress:
            last = reply.calls[-1].name if reply.calls else ""
            progress = Progress(self.turn, self.settings.max_turns, last, self.usage.total)
            self.callbacks.on_progress(progress)

    @property
    def is_closing(self) -> bool:
        """True in the last turns of the budget; the first turn is never one of them."""
        left = self.settings.max_turns - self.turn + 1
        return left <= min(CLOSING_TURNS, self.settings.max_turns - 1)

    @property
    def elapsed(self) -> float:
        return self.clock.monotonic() - self.started

    def concluded(self, ending: Ending) -> Ending:
        """*ending* with what the run came to; the transcript is left complete."""
        if self.conversation:
            with contextlib.suppress(OSError):  # a full disk is what may have ended the run
                self.conversation.close()
        return replace(
            ending,
            turns=self.turn,
            tokens=self.usage,
            seconds=self.elapsed,
            calls=tuple(self.calls),
            gate_attempts=self.gate_attempts,
        )
