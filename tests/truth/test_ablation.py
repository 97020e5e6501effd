"""No rail and no check is there for nothing: without it, something else comes out."""

from __future__ import annotations

from typing import Any

import pytest

from loop.rails.order import RAILS, reconcile
from loop.rails.rail import Rail
from tests.truth.case import Case, corpus, fold
from tests.truth.stage import Seen, Stage
from tools.result import Extra

_BOOKS = frozenset({"railsRun", "railsSkipped", "rulings", "checks"})


def outcome(verdict: str, extra: Extra) -> dict[str, Any]:
    """What counts as having changed: not that something ran, but what it decided."""
    wire = {key: value for key, value in extra.wire().items() if key not in _BOOKS}
    return {"verdict": verdict, **wire}


def about(name: str) -> list[Case]:
    """The cases of that rail or check first, then the others."""
    return sorted(corpus(), key=lambda case: fold(case.story.topic) != fold(name))


@pytest.mark.parametrize("rail", [pytest.param(rail, id=rail.name) for rail in RAILS])
def test_without_a_rail_a_case_comes_out_otherwise(stage: Stage, rail: Rail) -> None:
    rest = [other for other in RAILS if other is not rail]

    assert any(
        _differs(stage.seen(case), rest)
        for case in about(rail.name)
        if case.story.role == "reviewer" and case.story.topic == rail.name
    )


def _differs(seen: Seen, rails: list[Rail]) -> bool:
    whole, part = reconcile(seen.record), reconcile(seen.record, rails)
    return outcome(whole.verdict, whole.extra) != outcome(part.verdict, part.extra)
