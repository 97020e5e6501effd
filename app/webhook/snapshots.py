"""The issue as of the trigger, kept before anything acts on it.

Title and body are the event's own, so later edits never reach a model. Comments count if their
author may write to the repository and they were neither made nor changed after the trigger.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.webhook.conversation import Conversation
from app.webhook.intents import MAY_ASK
from app.webhook.names import snapshot_name
from k8s.meta import Meta
from k8s.resources.core import ConfigMap
from loop.cleaning import clean
from loop.snapshot import SNAPSHOT_KEY, Snapshot, SnapshotComment

COMMENTS_READ = 1000
KEPT_BYTES = 600_000  # a ConfigMap holds at most 1 MiB

_CLOSES = re.compile(
    r"(?<![\w/])(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?[ \t]+"
    r"(?:(?P<repository>[\w.-]+/[\w.-]+))?#(?P<number>[1-9]\d{0,8})\b",
    re.IGNORECASE | re.ASCII,
)


@dataclass(frozen=True)
class Asked:
    """What was asked, as of *at*."""

    number: int
    title: str
    body: str
    author: str
    labels: tuple[str, ...]
    at: datetime


async def take(
    conversation: Conversation, asked: Asked, *, allowed_bots: frozenset[str] = frozenset()
) -> Snapshot:
    """*asked* with the comments that count."""
    comments, withheld = await _comments(conversation, asked, allowed_bots)
    kept = _bounded(comments)
    return Snapshot(
        repository=conversation.repository,
        number=asked.number,
        title=clean(asked.title),
        body=clean(asked.body),
        author=asked.author,
        permission=await conversation.permission(asked.author) if asked.author else "",
        labels=list(asked.labels),
        comments=kept,
        withheld=withheld + len(comments) - len(kept),
    )


async def _comments(
    conversation: Conversation, asked: Asked, allowed_bots: frozenset[str]
) -> tuple[list[SnapshotComment], int]:
    kept: list[SnapshotComment] = []
    withheld = 0
    async for comment in conversation.comments(asked.number, COMMENTS_READ):
        if _moment(comment["created_at"]) > asked.at or conversation.is_ours(comment):
            continue
        author: Mapping[str, Any] = comment.get("user") or {}
        login = author.get("login", "")
        permission = await _permission(conversation, author, allowed_bots)
        if not permission or _moment(comment["updated_at"]) > asked.at:
            withheld += 1
            continue
        body = clean(comment.get("body") or "")
        kept.append(SnapshotComment(author=login, permission=permission, body=body))
    return kept, withheld


async def _permission(
    conversation: Conversation, author: Mapping[str, Any], allowed_bots: frozenset[str]
) -> str:
    """Why an author's words count; "" where they do not."""
    login = author.get("login", "")
    if author.get("type") == "Bot":
        return "allowed bot" if login in allowed_bots else ""
    permission = await conversation.permission(login) if login else "none"
    return permission if permission in MAY_ASK else ""


def _bounded(comments: Sequence[SnapshotComment]) -> list[SnapshotComment]:
    """The newest of *comments* that fit."""
    kept: list[SnapshotComment] = []
    room = KEPT_BYTES
    for comment in reversed(comments):
        room -= len(comment.body.encode("utf-8", "replace"))
        if room < 0:
            break
        kept.append(comment)
    return kept[::-1]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def closed_issue(body: str, repository: str) -> int | None:
    """The issue of *repository* that a pull request's *body* says it closes; the first of them."""
    for found in _CLOSES.finditer(body):
        elsewhere = found["repository"]
        if elsewhere is None or elsewhere.lower() == repository.lower():
            return int(found["number"])
    return None


def config_map(snapshot: Snapshot, *, workload: str, namespace: str) -> ConfigMap:
    """Where the snapshot is kept; it gets its owner once the Workload is there."""
    name = snapshot_name(workload, snapshot.number)
    data = {SNAPSHOT_KEY: snapshot.model_dump_json(by_alias=True)}
    return ConfigMap(metadata=Meta(name=name, namespace=namespace), data=data)
