"""A transcript as the two keys of a ConfigMap, `foreman.transcript.v1`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from loop.encoding import dump
from loop.model import Message
from loop.transcript import Redact, message_wire, redacted

SCHEMA_VERSION = "foreman.transcript.v1"
# A ConfigMap holds 1 MiB; 16 KiB stay for its metadata.
SIZE_LIMIT = 1024 * 1024 - 16 * 1024
FIRST_KEPT = 2
LAST_KEPT = 10


def transcript_envelope(
    messages: Sequence[Message],
    *,
    turns: int,
    meta: Mapping[str, Any],
    redact: Redact,
    limit: int = SIZE_LIMIT,
) -> dict[str, str]:
    """`transcript.json` and `meta.json`, together at most *limit* bytes.

    What is too long keeps its first 2 and last 10 messages around a marker; if that is still too
    long, contents are shortened until it fits. Both say so in `truncated`.
    """
    whole = [redacted(message_wire(message), redact) for message in messages]
    room = limit - len(_meta(turns=turns, truncated=False, meta=meta, redact=redact))
    body, truncated = _fitting(whole, turns=turns, room=room)
    described = _meta(turns=turns, truncated=truncated, meta=meta, redact=redact)
    return {"transcript.json": body.decode(), "meta.json": described.decode()}


def _fitting(messages: list[dict[str, Any]], *, turns: int, room: int) -> tuple[bytes, bool]:
    body = _body(messages, turns=turns, truncated=False)
    if len(body) <= room:
        return body, False
    kept = messages
    if (gone := len(messages) - FIRST_KEPT - LAST_KEPT) > 0:
        marker = {"role": "user", "content": f"[{gone} messages left out]"}
        kept = [*messages[:FIRST_KEPT], marker, *messages[-LAST_KEPT:]]
    body = _body(kept, turns=turns, truncated=True)
    longest = room
    while len(body) > room and longest > 1:
        longest //= 2
        body = _body([_shortened(m, longest) for m in kept], turns=turns, truncated=True)
    return body, True


def _body(messages: Sequence[Mapping[str, Any]], *, turns: int, truncated: bool) -> bytes:
    return dump(
        {
            "schemaVersion": SCHEMA_VERSION,
            "turnCount": turns,
            "truncated": truncated,
            "messages": messages,
        }
    )


def _meta(*, turns: int, truncated: bool, meta: Mapping[str, Any], redact: Redact) -> bytes:
    counted = {"schemaVersion": SCHEMA_VERSION, "turnCount": turns, "truncated": truncated}
    return dump({**redacted(meta, redact), **counted})


def _shortened(value: Any, longest: int) -> Any:
    """*value* with each of its strings at most *longest* characters, and a word where it was cut."""

    def cut(text: str) -> str:
        gone = len(text) - longest
        note = f" … [{gone} characters left out]"
        return text if gone <= len(note) else text[:longest] + note

    return redacted(value, cut)
