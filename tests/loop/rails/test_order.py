from __future__ import annotations

from typing import Any, get_args

import pytest

from loop.errors import RailError
from loop.rails.order import RAILS, reconcile
from loop.rails.rail import Outcome, Rail
from tests.loop.rails.rails_support import record
from tools.result import Ruling, Verdict

VERDICTS: tuple[Verdict, ...] = get_args(Verdict)


def rail(name: str, demoted_to: Any) -> Rail:
    ruling = Ruling(rail=name, ruling="demoted" if demoted_to else "kept", reason="because")
    return Rail(name, lambda _record, _so_far: Outcome(ruling, demoted_to=demoted_to))


def test_the_rails_are_in_the_order_of_the_page() -> None:
    assert [rail.name for rail in RAILS] == [
        "filesTouched",
        "issueAsk",
        "emptyClaim",
        "neverLooked",
        "scope",
        "groundedFindings",
        "verdictFromFindings",
        "issueAskEnforced",
    ]


@pytest.mark.parametrize("order", ["NO-GO", "INCOMPLETE"])
@pytest.mark.parametrize("claimed", VERDICTS)
def test_no_rail_raises_a_verdict(claimed: Verdict, order: str) -> None:
    found = reconcile(record(verdict=claimed), [rail("r", order)])

    ladder = ["GO", "NO-GO", "INCOMPLETE"]
    if claimed in ladder:
        assert ladder.index(found.verdict) >= ladder.index(claimed)
        assert found.verdict != "GO"
    else:
        assert found.verdict == claimed


@pytest.mark.parametrize("verdict", ["GO", "GATE-PASS", "Skipped"])
def test_a_rail_that_answers_go_is_a_bug(verdict: str) -> None:
    with pytest.raises(RailError, match=f"answers {verdict}"):
        reconcile(record(verdict="NO-GO"), [rail("r", verdict)])


def test_a_demotion_keeps_the_claim_beside_it() -> None:
    found = reconcile(record(), [rail("a", None), rail("b", "NO-GO"), rail("c", "INCOMPLETE")])

    assert found.verdict == "INCOMPLETE"
    assert found.extra.verdict_claimed == "GO"
    assert found.extra.verdict_demoted is True
    assert found.extra.demotion_reason == "b: because; c: because"
    assert found.extra.rails_run == ["a", "b", "c"]


def test_demoted_is_said_only_if_the_verdict_changed() -> None:
    found = reconcile(record(verdict="INCOMPLETE"), [rail("a", "NO-GO")])

    assert found.verdict == "INCOMPLETE"
    assert found.extra.verdict_demoted is None
    assert found.extra.verdict_claimed is None
    assert found.extra.demotion_reason is None


def test_what_only_the_harness_may_say_is_not_taken_from_a_model() -> None:
    claims = record(
        issue_ask_verified=True,
        issue_ask_method="quote",
        verdict_demoted=True,
        verdict_claimed="GO",
        rails_run=["all of them"],
        rulings=[Ruling(rail="filesTouched", ruling="kept")],
        files_touched_claimed=["x"],
        somethingElse="kept",
    )
    found = reconcile(claims, [])

    assert found.extra.wire() == {"railsRun": [], "rulings": [], "somethingElse": "kept"}


def test_every_rail_leaves_a_ruling() -> None:
    found = reconcile(record().replace(files=None, fault="no clone"))

    assert [r.rail for r in found.rulings] == [r.name for r in RAILS]
    assert found.extra.rulings == list(found.rulings)
    assert len(found.extra.rails_run or []) + len(found.extra.rails_skipped or []) == len(RAILS)


def test_nobody_approves_what_git_could_not_show() -> None:
    unread = record(verdict="GO").replace(files=None, fault="git: no space left on device")
    found = reconcile(unread)

    assert (found.verdict, found.failure_reason) == ("INCOMPLETE", "InfrastructureError")
    assert found.extra.demotion_reason == "neverLooked: git: no space left on device"
    assert {r.ruling for r in found.rulings} == {"could not run"}
    refused = unread.claims.replace(verdict="NO-GO")
    assert reconcile(unread.replace(claims=refused)).verdict == "NO-GO"


def test_without_rail_1_a_false_claim_stays() -> None:
    claims = record(files_touched=["invented.py"])

    assert reconcile(claims).extra.files_touched == ["a.py"]
    assert reconcile(claims, RAILS[1:]).extra.files_touched == ["invented.py"]


def test_the_same_record_is_ruled_the_same() -> None:
    claims = record(body="Fix the parser crash", issue_ask="x", files_touched=["b.py"])

    assert reconcile(claims) == reconcile(type(claims).model_validate_json(claims.text()))
