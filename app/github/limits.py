"""GitHub's limits as decisions over values: when to wait, how long, and what to leave out.

https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Mapping
from datetime import datetime
from typing import Literal

Lane = Literal["first", "progress"]

RESERVE = 20  # calls of the hour that stay unspent, for what other processes have in flight
WRITES_A_MINUTE = 80
WRITES_AN_HOUR = 500
SECONDARY_SECONDS = 60.0  # GitHub: without a Retry-After, wait at least a minute
MARGIN_SECONDS = 1.0  # reset times have whole seconds


def primary_wait(remaining: int, limit: int, reset: datetime, now: datetime) -> float:
    """Seconds until the next call may be made; 0 while enough of the hour's calls are left."""
    if remaining > min(RESERVE, limit // 50):
        return 0.0
    return max(0.0, (reset - now).total_seconds() + MARGIN_SECONDS)


def refused_wait(
    status: int, headers: Mapping[str, str], message: str, *, attempt: int, now: datetime
) -> float | None:
    """Seconds to wait after a refusal for a limit. None: it was refused for another reason."""
    if status not in (403, 429):
        return None
    if (after := _number(headers.get("retry-after"))) is not None:
        return max(0.0, after)
    if headers.get("x-ratelimit-remaining") == "0":
        reset = _number(headers.get("x-ratelimit-reset"))
        return max(0.0, (reset or 0.0) - now.timestamp()) + MARGIN_SECONDS
    if status == 429 or "secondary rate limit" in message.lower() or "abuse" in message.lower():
        return SECONDARY_SECONDS * float(2 ** min(attempt - 1, 4))
    return None


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None


class WriteBudget:
    """Writes of one installation, kept under the content-creation limits.

    Lane `first` waits its turn; lane `progress` gives way: it is left out rather than waited for,
    and once half the hour's writes are spent.
    """

    def __init__(self) -> None:
        self._sent: deque[float] = deque(maxlen=WRITES_AN_HOUR)

    def take(self, lane: Lane, now: float) -> float | None:
        """Seconds to wait before the write that this call books. None: leave it out."""
        while self._sent and self._sent[0] <= now - 3600:
            self._sent.popleft()
        at = now
        if len(self._sent) >= WRITES_A_MINUTE:
            at = max(at, self._sent[-WRITES_A_MINUTE] + 60)
        if len(self._sent) >= WRITES_AN_HOUR:
            at = max(at, self._sent[0] + 3600)
        if lane == "progress" and (at > now or len(self._sent) >= WRITES_AN_HOUR // 2):
            return None
        self._sent.append(at)
        return at - now


class Backoff:
    """Seconds until something that failed is tried again, longer each time, per key."""

    def __init__(self, *, first_seconds: float = 0.25, longest_seconds: float = 300.0) -> None:
        self._first = first_seconds
        self._longest = longest_seconds
        self._failures: dict[Hashable, int] = {}

    def next(self, key: Hashable) -> float:
        failures = self._failures[key] = self._failures.get(key, 0) + 1
        return min(self._first * 2.0 ** (min(failures, 32) - 1), self._longest)

    def forget(self, key: Hashable) -> None:
        self._failures.pop(key, None)
