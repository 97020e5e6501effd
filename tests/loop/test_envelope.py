from __future__ import annotations

import json
from typing import Any

import pytest

from loop.envelope import SIZE_LIMIT, transcript_envelope
from loop.model import Message


def envelope(messages: list[Message], *, limit: int = SIZE_LIMIT) -> tuple[Any, Any, int]:
    made = transcript_envelope(
        messages,
        turns=7,
        meta={"task": "code-12"},
        redact=lambda text: text.replace("s3cret", "***"),
        limit=limit,
    )
    size = sum(len(value.encode()) for value in made.values())
    return json.loads(made["transcript.json"]), json.loads(made["meta.json"]), size


def test_what_fits_is_kept_whole() -> None:
    body, meta, _ = envelope([Message("user", "s3cret"), Message("assistant", "b", reasoning="r")])

    assert body == {
        "schemaVersion": "foreman.transcript.v1",
        "turnCount": 7,
        "truncated": False,
        "messages": [
            {"role": "user", "content": "***"},
            {"role": "assistant", "content": "b", "reasoning_content": "r"},
        ],
    }
    assert meta == {
        "schemaVersion": "foreman.transcript.v1",
        "turnCount": 7,
        "truncated": False,
        "task": "code-12",
    }


def test_what_is_too_long_keeps_its_ends() -> None:
    messages = [Message("user", f"{number} " + "x" * 100) for number in range(100)]

    body, meta, size = envelope(messages, limit=5000)

    numbers = [m["content"].split()[0] for m in body["messages"]]
    assert numbers == ["0", "1", "[88", *(str(n) for n in range(90, 100))]
    assert body["truncated"]
    assert meta["truncated"]
    assert size <= 5000


@pytest.mark.parametrize("count", [3, 12, 13, 40])
def test_what_is_still_too_long_is_shortened(count: int) -> None:
    messages = [Message("user", "ä" * 200_000) for _ in range(count)]

    body, _, size = envelope(messages)

    assert size <= SIZE_LIMIT
    assert size > SIZE_LIMIT // 4
    assert body["truncated"]
    assert "characters left out" in body["messages"][0]["content"]
