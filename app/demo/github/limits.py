"""Rate limits: the hour's budget of requests, and the secondary one on creating content."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.demo.github.problems import DOCS, Problem

_HOUR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)
_DOCUMENTATION = f"{DOCS}/using-the-rest-api/rate-limits-for-the-rest-api"
_ANONYMOUS = 60


@dataclass
class Budget:
    limit: int
    resets_at: datetime
    used: int = 0
    writes: deque[datetime] = field(default_factory=deque)

    @property
    def remaining(self) -> int:
        return max(0, self.limit - self.used)

    def headers(self, resource: str) -> dict[str, str]:
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(int(self.resets_at.timestamp())),
            "X-RateLimit-Used": str(self.used),
            "X-RateLimit-Resource": resource,
        }


class Limits:
    def __init__(
        self,
        clock: Callable[[], datetime],
        *,
        hourly: int,
        writes_per_minute: int | None,
        writes_per_hour: int | None,
    ) -> None:
        self._clock = clock
        self._hourly = hourly
        self._writes = ((_MINUTE, writes_per_minute), (_HOUR, writes_per_hour))
        self._budgets: dict[tuple[str, str], Budget] = {}

    def budget(self, who: str, resource: str = "core") -> Budget:
        now = self._clock()
        found = self._budgets.get((who, resource))
        if found is None:
            limit = _ANONYMOUS if who == "anonymous" else self._hourly
            found = self._budgets[who, resource] = Budget(limit, now + _HOUR)
        elif found.resets_at <= now:
            found.used, found.resets_at = 0, now + _HOUR
        return found

    def spend(self, who: str, resource: str = "core") -> Budget:
        """Count one request. Raises 403 where the hour's are used up."""
        budget = self.budget(who, resource)
        if budget.remaining == 0:
            raise primary(who, budget)
        budget.used += 1
        return budget

    def refund(self, who: str) -> Budget:
        """What was read unchanged costs nothing."""
        budget = self.budget(who)
        budget.used = max(0, budget.used - 1)
        return budget

    def write(self, who: str) -> None:
        """Count one creation of content. Raises 403 with Retry-After where they come too fast."""
        now = self._clock()
        writes = self.budget(who).writes
        while writes and writes[0] <= now - _HOUR:
            writes.popleft()
        for span, most in self._writes:
            recent = [w for w in writes if w > now - span]
            if most is not None and len(recent) >= most:
                wait = recent[-most] + span - now
                raise secondary(retry_after=max(1, int(wait.total_seconds()) + 1))
        writes.append(now)


def primary(who: str, budget: Budget, status: int = 403) -> Problem:
    """The refusal of a used-up budget."""
    headers = budget.headers("core") | {"X-RateLimit-Remaining": "0"}
    message = f"API rate limit exceeded for {who.replace('installation', 'installation ID')}."
    return Problem(status, message, headers=headers, documentation_url=_DOCUMENTATION)


def secondary(*, retry_after: int, status: int = 403) -> Problem:
    return Problem(
        status,
        "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
        headers={"Retry-After": str(retry_after)},
        documentation_url=f"{_DOCUMENTATION}#about-secondary-rate-limits",
    )
