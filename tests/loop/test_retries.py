from __future__ import annotations

import pytest

from loop.retries import Clock, pause


def spread(share: float) -> Clock:
    return Clock(spread=lambda low, high: low + share * (high - low))


@pytest.mark.parametrize(
    ("attempt", "asked", "seconds"),
    [
        (1, None, 0.25),
        (2, None, 1.0),
        (3, None, 4.0),
        (9, None, 30.0),
        (1, 9.0, 9.0),
        (3, 1.0, 4.0),
    ],
)
def test_pauses_grow_and_a_servers_wish_is_the_least(
    attempt: int, asked: float | None, seconds: float
) -> None:
    assert pause(attempt, asked=asked, clock=spread(0.5)) == pytest.approx(seconds)


def test_pauses_are_spread_by_a_fifth() -> None:
    assert pause(2, asked=None, clock=spread(0.0)) == pytest.approx(0.8)
    assert pause(2, asked=None, clock=spread(1.0)) == pytest.approx(1.2)
