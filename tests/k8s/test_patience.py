"""An API that is away for a while costs time, not work."""

from __future__ import annotations

import pytest

from k8s.errors import Conflict, Unavailable
from k8s.patience import patiently


class Flaky:
    """Answers after *faults* were raised, in their order."""

    def __init__(self, *faults: Exception) -> None:
        self.faults = list(faults)
        self.calls = 0

    async def __call__(self) -> str:
        self.calls += 1
        if self.faults:
            raise self.faults.pop(0)
        return "here"


def away() -> Unavailable:
    return Unavailable(0, "Unavailable", "no answer")


async def test_it_asks_until_it_is_answered() -> None:
    call = Flaky(away())

    assert await patiently(call) == "here"
    assert call.calls == 2


async def test_it_gives_up_at_last() -> None:
    call = Flaky(away(), away())

    with pytest.raises(Unavailable):
        await patiently(call, seconds=0.1)


async def test_other_errors_are_not_waited_for() -> None:
    call = Flaky(Conflict(409, "Conflict", "read again"))

    with pytest.raises(Conflict):
        await patiently(call)
    assert call.calls == 1
