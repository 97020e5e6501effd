"""Rails and checks whose cases wait for them. Whoever builds one takes its name off."""

from __future__ import annotations

from collections.abc import Iterable

from tests.truth.case import Case, fold

WAITING: tuple[str, ...] = ()


def waits_for(case: Case) -> str:
    """The first name of the list that *case* needs; "" where all is there."""
    expect = case.story.expect
    return awaited([case.story.topic, *expect.rulings, *expect.checks])


def awaited(names: Iterable[str]) -> str:
    listed = {fold(name) for name in WAITING}
    return next((name for name in names if fold(name) in listed), "")
