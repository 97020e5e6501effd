from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.github.limits import (
    WRITES_A_MINUTE,
    WRITES_AN_HOUR,
    Backoff,
    WriteBudget,
    primary_wait,
    refused_wait,
)

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("remaining", "limit", "reset", "seconds"),
    [
        pytest.param(4000, 5000, 600, 0, id="plenty"),
        pytest.param(21, 5000, 600, 0, id="just enough"),
        pytest.param(20, 5000, 600, 601, id="nearly spent"),
        pytest.param(0, 5000, -5, 0, id="already reset"),
        pytest.param(3, 60, 600, 0, id="a small limit keeps a small reserve"),
        pytest.param(1, 60, 600, 601, id="a small limit spent"),
    ],
)
def test_primary(remaining: int, limit: int, reset: int, seconds: float) -> None:
    assert primary_wait(remaining, limit, NOW + timedelta(seconds=reset), NOW) == seconds


@pytest.mark.parametrize(
    ("status", "headers", "message", "attempt", "seconds"),
    [
        pytest.param(200, {"retry-after": "7"}, "", 1, None, id="no refusal"),
        pytest.param(403, {}, "Resource not accessible by integration", 1, None, id="permission"),
        pytest.param(403, {"retry-after": "7"}, "", 1, 7, id="retry-after"),
        pytest.param(429, {"retry-after": "0"}, "", 1, 0, id="retry at once"),
        pytest.param(429, {}, "", 1, 60, id="429 without a hint"),
        pytest.param(429, {}, "", 3, 240, id="longer each time"),
        pytest.param(429, {"retry-after": "soon"}, "", 1, 60, id="unreadable hint"),
        pytest.param(403, {}, "You have exceeded a secondary rate limit", 1, 60, id="secondary"),
        pytest.param(
            403,
            {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOW.timestamp()) + 30)},
            "API rate limit exceeded",
            1,
            31,
            id="primary",
        ),
    ],
)
def test_refusals(
    status: int, headers: dict[str, str], message: str, attempt: int, seconds: float | None
) -> None:
    assert refused_wait(status, headers, message, attempt=attempt, now=NOW) == seconds


def test_writes_are_spread_over_minutes_and_hours() -> None:
    budget, now, sent = WriteBudget(), 0.0, []
    for _ in range(1200):
        wait = budget.take("first", now)
        assert wait is not None
        now += wait
        sent.append(now)

    for at in sent:
        assert sum(at - 60 < other <= at for other in sent) <= WRITES_A_MINUTE
        assert sum(at - 3600 < other <= at for other in sent) <= WRITES_AN_HOUR


def test_progress_gives_way_when_half_the_hour_is_spent() -> None:
    budget = WriteBudget()
    now = 0.0
    for _ in range(WRITES_AN_HOUR // 2):
        now += 10
        assert budget.take("first", now) == 0

    assert budget.take("progress", now) is None
    assert budget.take("first", now) == 0
    assert budget.take("progress", now + 3600) == 0


def test_progress_is_left_out_rather_than_waited_for() -> None:
    budget = WriteBudget()
    for _ in range(WRITES_A_MINUTE):
        budget.take("first", 0.0)

    assert budget.take("progress", 1.0) is None
    assert budget.take("first", 1.0) == 59


def test_failures_are_tried_again_later_each_time_until_one_succeeds() -> None:
    backoff = Backoff(first_seconds=1, longest_seconds=5)

    assert [backoff.next("a") for _ in range(4)] == [1, 2, 4, 5]
    assert backoff.next("b") == 1
    backoff.forget("a")
    assert backoff.next("a") == 1
