"""Turns that call no tool: what kind they are, and how many in a row are forgiven."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from loop.model import Reply

Stall = Literal["text", "reasoning", "truncated"]
LIMITS: Mapping[Stall, int] = {"text": 2, "reasoning": 4, "truncated": 3}
REASONS: Mapping[Stall, str] = {
    "text": "AssistantHallucinatedFinish",
    "reasoning": "ReasoningOnly",
    "truncated": "Truncated",
}


def stall_of(reply: Reply) -> Stall | None:
    """Why *reply* gets nothing done; None if it calls tools. An empty reply counts as text."""
    cut = reply.finish_reason == "length"
    unreadable = any(call.arguments is None for call in reply.calls)
    if reply.calls and not (cut and unreadable):
        return None
    if cut:
        return "truncated"
    return "reasoning" if reply.reasoning.strip() and not reply.text.strip() else "text"


class Recoveries:
    """How often in a row a model stalled; each kind counts for itself."""

    def __init__(self) -> None:
        self._counts: dict[Stall, int] = {}

    def are_spent(self, stall: Stall) -> bool:
        """Count *stall*; True if there were more of its kind than are forgiven."""
        self._counts[stall] = self._counts.get(stall, 0) + 1
        return self._counts[stall] > LIMITS[stall]

    def reset(self) -> None:
        self._counts.clear()
