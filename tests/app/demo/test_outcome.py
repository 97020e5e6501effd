"""When the demo succeeded: never without the rail that catches its reviewer's lie."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from app.demo.outcome import Outcome, faults
from app.demo.scenario import load
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
    "pull_request": {"number": 2, "url": "u", "head_sha": "s", "draft": False},
    "checks": [{"name": "foreman / verdict", "conclusion": "success"}],
    "verdict": "GO",
    "gate_attempts": 2,
    "commit_message": "Refuse\n\nSigned-off-by: A <a@b.c>\nFixes #1\n",
    "seconds": 1.0,
}


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
    assert faults(outcome(), 1, scripted=True) == []


def test_without_rail_1_the_demo_fails() -> None:
    rest = [rail for rail in RAILS if rail is not files_touched.RAIL]

    found = faults(outcome(**judged(rest)), 1, scripted=True)

    assert len(rest) == len(RAILS) - 1
    assert found == ["no claim of the reviewer was overridden"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        pytest.param({"pull_request": None}, "no pull request", id="no pull request"),
        pytest.param(
            {"pull_request": {**GOOD["pull_request"], "draft": True}},
            "still a draft",
            id="draft",
        ),
        pytest.param({"gate_attempts": 1}, "gate did not turn green", id="gate never red"),
        pytest.param({"review": None}, "no review", id="no review"),
        pytest.param({"verdict": "NO-GO"}, "not GO", id="no-go"),
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
            "does not show the overridden claim",
            id="hidden",
        ),
    ],
)
def test_each_missing_part_is_a_fault(changes: dict[str, Any], told: str) -> None:
    assert told in "; ".join(faults(outcome(**changes), 1, scripted=True))


def test_a_real_models_pull_request_may_stay_a_draft() -> None:
    draft = {**GOOD["pull_request"], "draft": True}

    assert faults(outcome(pull_request=draft, verdict="NO-GO"), 1, scripted=False) == []
