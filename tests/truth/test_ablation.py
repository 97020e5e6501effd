"""No rail and no check is there for nothing: without it, something else comes out."""

from __future__ import annotations

from typing import Any

import pytest

from loop.gates.check import switch_of
from loop.gates.checks.order import CHECKS, COMMAND_CHECKS
from loop.rails.order import RAILS, reconcile
from loop.rails.rail import Rail
from tests.truth.case import Case, corpus, fold
from tests.truth.stage import Seen, Stage
from tools.result import Extra

CONTENT = ("secrets", "sizes", "workflows")
EVERY_CHECK = [*(c.name for c in CHECKS), *(c.name for c in COMMAND_CHECKS), *CONTENT]

# That something ran is no decision.
_BOOKS = frozenset({"railsRun", "railsSkipped", "rulings"})
# Of a coder's result, what its checks decide.
_DECIDED = ("outcome", "gateAdvisories", "noFunctionalChange", "unverified")


def about(name: str) -> list[Case]:
    """The cases of that rail or check, the lies first."""
    cases = [case for case in corpus() if fold(case.story.topic) == fold(name)]
    return sorted(cases, key=lambda case: not case.is_lie)


@pytest.mark.parametrize("rail", [pytest.param(rail, id=rail.name) for rail in RAILS])
def test_without_a_rail_a_case_comes_out_otherwise(stage: Stage, rail: Rail) -> None:
    rest = [other for other in RAILS if other is not rail]

    assert any(_differs(stage.seen(case), rest) for case in about(rail.name))


@pytest.mark.parametrize("check", EVERY_CHECK)
def test_without_a_check_a_case_comes_out_otherwise(stage: Stage, check: str) -> None:
    off = (switch_of(check),)

    assert any(
        _decided(stage.seen(case)) != _decided(stage.play(case, off=off)) for case in about(check)
    )


def _differs(seen: Seen, rails: list[Rail]) -> bool:
    whole, part = reconcile(seen.record), reconcile(seen.record, rails)
    return _outcome(whole.verdict, whole.extra) != _outcome(part.verdict, part.extra)


def _outcome(verdict: str, extra: Extra) -> dict[str, Any]:
    wire = {key: value for key, value in extra.wire().items() if key not in _BOOKS}
    return {"verdict": verdict, **wire}


def _decided(seen: Seen) -> dict[str, Any]:
    wire = seen.extra.wire()
    return {"verdict": seen.verdict, **{key: wire.get(key) for key in _DECIDED}}
