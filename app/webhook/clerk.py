"""Carries orders out, each so that doing it again changes nothing.

Whoever dies between two lines is started again with the same Delivery: objects have deterministic
names, answers have markers, and what no longer holds (the label is gone, the issue is closed) is
seen by looking, not remembered.
"""

from __future__ import annotations

import structlog

from app.github.errors import Forbidden, NotFound, Rejected
from app.webhook import commands, replies
from app.webhook.desk import Case, Outcome, maker_of, workloads_of
from app.webhook.ending import cancel
from app.webhook.intents import (
    Cancel,
    Intent,
    React,
    Refuse,
    Reply,
    StartReview,
    StartWorkload,
)
from app.webhook.starting import start
from k8s.pipeline.labels import WORKLOAD
from k8s.resources.task import AgenticTask

log = structlog.get_logger(__name__)


async def carry_out(case: Case, intent: Intent) -> Outcome | None:
    """None: shown, but nothing to tell of."""
    match intent:
        case React():
            await _react(case, intent)
            return None
        case Refuse():
            return await _refuse(case, intent)
        case Reply():
            return await _reply(case, intent)
        case Cancel():
            return await cancel(case, intent)
        case StartWorkload() | StartReview():
            return await start(case, intent)


async def _react(case: Case, reaction: React) -> None:
    try:
        await case.conversation.react(reaction)
    except (NotFound, Forbidden, Rejected) as exc:
        # Deleted, locked: nothing that work has to wait for.
        log.info("delivery.reaction_refused", number=reaction.number, error=str(exc))


async def _refuse(case: Case, refuse: Refuse) -> Outcome:
    text = replies.refusal(refuse.person, case.permission, case.office.label)
    marker = replies.refusal_marker(refuse.person)
    await case.conversation.say_once(refuse.number, marker, text)
    return Outcome("Refused", f"{refuse.person}: permission {case.permission}, needs write")


async def _reply(case: Case, reply: Reply) -> Outcome:
    marker = replies.answer_marker(reply.comment, reply.kind)
    match reply.kind:
        case "help":
            text = commands.help_text()
        case "status":
            text = await _status(case, reply)
        case "not-here":
            text = replies.not_here("pull-request" if reply.is_pull_request else "issue")
        case "unknown":
            text, marker = replies.unknown(), replies.UNKNOWN_MARKER
    answer = replies.answering(reply.line, text)
    await case.conversation.say_once(reply.number, marker, answer)
    return Outcome("Done", f"answered {reply.kind}")


async def _status(case: Case, reply: Reply) -> str:
    found = await workloads_of(case, reply.number, is_pull_request=reply.is_pull_request)
    if reply.is_pull_request and (maker := await maker_of(case, reply.number)):
        found.append(maker)
    newest = max(found, key=lambda w: str(w.metadata.creation_timestamp), default=None)
    if newest is None:
        return replies.status(None, ())
    labels = f"{WORKLOAD}={newest.metadata.name}"
    office = case.office
    tasks = await office.client.list(AgenticTask, office.namespace, labels=labels)
    return replies.status(newest, tasks.items)
