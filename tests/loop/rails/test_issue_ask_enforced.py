from __future__ import annotations

from typing import Any

import pytest

from loop.rails import issue_ask, issue_ask_enforced, scope
from loop.rails.order import Reconciled, reconcile
from loop.rails.seats import open_seat
from tests.loop.rails.rails_support import record

RAILS = [issue_ask.RAIL, scope.RAIL, issue_ask_enforced.RAIL]


def ruled(verdict: Any, body: str | None, claim: str) -> Reconciled:
    return reconcile(record(verdict=verdict, body=body, issue_ask=claim), RAILS)


def test_who_does_not_know_the_ask_says_no_go() -> None:
    found = ruled("GO", "The parser crashes on empty lines", "Paint the shed")

    assert (found.verdict, found.extra.verdict_claimed) == ("NO-GO", "GO")
    assert found.extra.scope_vouched is False
    assert found.extra.issue_ask_claimed == "Paint the shed"
    assert open_seat(found.verdict, found.extra)


def test_the_change_vouches_for_the_reviewer() -> None:
    found = ruled("GO", "The parser in `a.py` crashes on empty lines", "Paint the shed")

    assert found.verdict == "GO"
    assert found.extra.scope_vouched is True
    assert found.extra.verdict_demoted is None
    assert found.rulings[-1].ruling == "annotated"
    assert found.extra.issue_ask_verified is False


def test_drift_is_not_outvoted() -> None:
    found = ruled("GO", "The parser in `b.py` crashes on empty lines", "Paint the shed")

    assert found.verdict == "NO-GO"
    assert [r.ruling for r in found.rulings] == ["overridden", "demoted", "annotated"]
    assert open_seat(found.verdict, found.extra) == ""


@pytest.mark.parametrize("verdict", ["NO-GO", "INCOMPLETE"])
def test_other_verdicts_are_marked(verdict: Any) -> None:
    found = ruled(verdict, "The parser crashes on empty lines", "Paint the shed")

    assert (found.verdict, found.rulings[-1].ruling) == (verdict, "annotated")
    assert found.extra.scope_vouched is None


def test_a_verified_ask_is_enough() -> None:
    found = ruled("GO", "The parser crashes on empty lines", "crashes on empty lines")

    assert (found.verdict, found.rulings[-1].ruling) == ("GO", "kept")


@pytest.mark.parametrize("body", [None, "", "  \n"])
def test_without_a_text_nothing_is_enforced(body: str | None) -> None:
    found = ruled("GO", body, "Paint the shed")

    assert found.verdict == "GO"
    assert "issueAskVerified" not in found.extra.wire()
    assert found.rulings[-1].ruling == "could not run"
