"""When the demo succeeded: never without the rail that catches its reviewer's lie."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from app.demo.outcome import Outcome, faults
from app.demo.scenario import Ending, load
from app.report.evidence import evidence_table
from loop.evidence import Ask, ChangedFile, Claims, Record
from loop.rails import files_touched
from loop.rails.order import RAILS, reconcile
from loop.rails.rail import Rail
from tools.result import Extra

GOOD: dict[str, Any] = {
    "repository": "acme/durations",
    "issue": 1,
    "workload": "w",
    "phase": "Completed",
    "steps": {"code-1": "GO", "verify-1": "GATE-PASS", "review-1-0": "GO"},
    "pull_request": {"number": 2, "url": "u", "head_sha": "s", "draft": False},
    "checks": [
        {"name": f"foreman / {name}", "conclusion": "success"}
        for name in ("code", "verify", "review", "verdict")
    ],
    "verdict": "GO",
    "gate_attempts": 2,
    "commit_message": "Refuse\n\nSigned-off-by: A <a@b.c>\nFixes #1\n",
    "status": "Foreman: done",
    "seconds": 1.0,
}
ENDING = load("first").ending


def judged(rails: Sequence[Rail]) -> dict[str, Any]:
    """The demo's own reviewer, its claims judged by *rails*."""
    scenario = load("first")
    said = scenario.runs[1].replies[-1]
    arguments = dict(said["calls"][0]["arguments"])
    record = Record(
        files=[
            ChangedFile(path=path, status="modified", added=1)
            for path in ("durations/__init__.py", "tests/test_durations.py")
        ],
        ask=Ask(number=1, body=scenario.issue.body),
        claims=Claims(
            verdict=arguments["verdict"],
            summary=arguments["summary"],
            extra=Extra.model_validate(arguments["extra"]),
        ),
    )
    found = reconcile(record, rails)
    review = {"event": "COMMENTED", "verdict": found.verdict, "body": evidence_table(found.rulings)}
    return {"rulings": [r.wire() for r in found.rulings], "review": review}


def outcome(**changes: Any) -> Outcome:
    return Outcome.model_validate({**GOOD, **judged(RAILS), **changes})


def test_a_good_end_has_no_faults() -> None:
    assert faults(outcome(), ENDING) == []


def test_without_rail_1_the_demo_fails() -> None:
    rest = [rail for rail in RAILS if rail is not files_touched.RAIL]

    found = faults(outcome(**judged(rest)), ENDING)

    assert len(rest) == len(RAILS) - 1
    assert "ruling of filesTouched: missing, not overridden" in found


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        pytest.param({"pull_request": None}, "no pull request", id="no pull request"),
        pytest.param(
            {"pull_request": {**GOOD["pull_request"], "draft": True}},
            "still a draft",
            id="draft",
        ),
        pytest.param({"gate_attempts": 1}, "the gate was tried 1 times", id="gate never red"),
        pytest.param({"review": None}, "no review", id="no review"),
        pytest.param(
            {"steps": {**GOOD["steps"], "review-1-0": "NO-GO"}},
            "step review-1-0: NO-GO, not GO",
            id="no-go",
        ),
        pytest.param(
            {"steps": {**GOOD["steps"], "code-1-r1": "GO"}},
            "step code-1-r1: GO, not expected",
            id="a round too many",
        ),
        pytest.param({"phase": "Failed"}, "the Workload is Failed", id="phase"),
        pytest.param({"checks": []}, "not every check run", id="no checks"),
        pytest.param(
            {"checks": [{"name": "x", "conclusion": None}]}, "not every check run", id="running"
        ),
        pytest.param({"commit_message": "x\n\nFixes #1"}, "not signed off", id="sign-off"),
        pytest.param(
            {"commit_message": "x\n\nSigned-off-by: A <a@b.c>"}, "end with Fixes #1", id="fixes"
        ),
        pytest.param(
            {"review": {"event": "COMMENTED", "verdict": "GO", "body": "fine"}},
            "the review does not say 'overridden'",
            id="hidden",
        ),
    ],
)
def test_each_missing_part_is_a_fault(changes: dict[str, Any], told: str) -> None:
    assert told in "; ".join(faults(outcome(**changes), ENDING))


def test_a_real_models_pull_request_may_stay_a_draft() -> None:
    draft = {**GOOD["pull_request"], "draft": True}

    assert faults(outcome(pull_request=draft, verdict="NO-GO", steps={}), None) == []


def test_no_pull_request_where_none_is_wanted() -> None:
    wanted = Ending(pull_request="none", steps=GOOD["steps"], told=["already resolved"])

    found = faults(outcome(checks=[], pull_request=None, status="already resolved"), wanted)

    assert found == []
    assert "there is a pull request" in faults(outcome(checks=[]), wanted)
    assert "does not say 'already resolved'" in "; ".join(faults(outcome(checks=[]), wanted))
