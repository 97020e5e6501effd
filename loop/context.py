"""The wire view of a conversation under the strategy `session`.

Append-only: what was sent once is sent again, byte for byte, until the budget is reached. Then
whole turns are dropped from the old end, far enough that many turns pass before it happens again,
and the drop point stays where it is. The head (system and first user message) and the newest turn
are never dropped. What is gone is named at the end of the head.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace

from loop.model import Message

Encode = Callable[[Message], bytes]

KEEP_SHARE = 0.6
_BYTES_PER_TOKEN = 4


class Session:
    """The messages of one run as bytes; tokens are measured where a server counts them."""

    def __init__(
        self,
        opening: Sequence[Message],
        *,
        encode: Encode,
        context_tokens: int,
        compact_at_percent: int,
        tools_bytes: int = 0,
    ) -> None:
        self._encode = encode
        self._opening = tuple(opening)
        self._head = [encode(message) for message in opening]
        self._groups: list[list[bytes]] = []
        self._budget = context_tokens * compact_at_percent // 100
        self._bytes = tools_bytes + sum(map(len, self._head))
        self._measured_bytes = 0  # 0: no server has counted yet
        self._measured_tokens = 0
        self.dropped = 0

    def append(self, message: Message) -> None:
        """Add *message*; an assistant message opens a new turn."""
        encoded = self._encode(message)
        if message.role == "assistant" or not self._groups:
            self._groups.append([])
        self._groups[-1].append(encoded)
        self._bytes += len(encoded)

    def wire(self) -> list[bytes]:
        """Every message of the next request."""
        return [*self._head, *itertools.chain.from_iterable(self._groups)]

    def wire_once(self, last: Message) -> list[bytes]:
        """The next request with *last* in the place of its last message, for this one time."""
        return [*self.wire()[:-1], self._encode(last)]

    def measured(self, tokens: int) -> None:
        """The server counted *tokens* for everything appended so far."""
        self._measured_bytes, self._measured_tokens = self._bytes, tokens

    @property
    def tokens(self) -> int:
        """What the next request will cost: measured as far as it was, estimated beyond."""
        if not self._measured_bytes:
            return self._bytes // _BYTES_PER_TOKEN
        grown = self._bytes - self._measured_bytes
        return self._measured_tokens + grown // _BYTES_PER_TOKEN

    @property
    def is_over_budget(self) -> bool:
        return self.tokens > self._budget

    def compact(self) -> bool:
        """Drop the oldest turns down to 60 % of the budget; False if nothing can go.

        Where the server overflowed below our own budget, 60 % of what it refused.
        """
        tokens = self.tokens
        allowed = KEEP_SHARE * min(self._budget, tokens)
        per_byte = tokens / self._bytes
        gone = 0
        while len(self._groups) - gone > 1 and self._bytes * per_byte > allowed:
            self._bytes -= sum(map(len, self._groups[gone]))
            gone += 1
        if not gone:
            return False
        del self._groups[:gone]
        self.dropped += gone
        self._mark()
        self._measured_bytes, self._measured_tokens = self._bytes, int(self._bytes * per_byte)
        return True

    def _mark(self) -> None:
        """Say at the end of the head what is gone: its other bytes, and so its cache, stay."""
        *_, last = self._opening
        marker = (
            f"[{self.dropped} earlier turns of this conversation were dropped to fit the context. "
            "Files keep the changes made in them; read again what you need.]"
        )
        marked = self._encode(replace(last, content=f"{last.content}\n\n{marker}"))
        self._bytes += len(marked) - len(self._head[-1])
        self._head[-1] = marked
