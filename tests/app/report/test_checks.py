from __future__ import annotations

import pytest

from app.report.checks import checks, digest
from k8s.meta import LocalRef
from k8s.pipeline.rollup import rollup
from k8s.resources.task import AgenticTask, Payload, Progress
from tests.app.report.report_support import (
    HEAD,
    NOW,
    ended,
    pushed,
    reviewed,
    subjects,
    task,
    workload,
)
from tools.result import GateCommand, Tokens

GATE = [
    GateCommand(name="lint", command="ruff check . | cat", exit_code=0, seconds=1.25),
    GateCommand(name="test", command="pytest", exit_code=1, seconds=3),
    GateCommand(name="setup", command="uv sync"),
]
VERIFY = ended("verify-12", "verify", "GATE-PASS", "all green", gate=GATE)
RUNNING = task(
    "review-12-0",
    "review",
    phase="Running",
    progress=Progress(turn=3, max_turns=50, last_tool="grep", tokens=100),
)


def found(*tasks: AgenticTask) -> dict[str, tuple[str, str | None, str]]:
    (subject,) = subjects(tasks)
    return {
        c.name.removeprefix("foreman / "): (c.status, c.conclusion, c.title)
        for c in checks(subject, workload_uid="wl-1")
    }


def test_without_a_commit_there_is_no_check() -> None:
    assert found(ended("code-12", "issue-fix", "NO-GO", outcome="NO-CHANGES")) == {}


@pytest.mark.parametrize(
    ("tasks", "expected"),
    [
        pytest.param(
            [
                pushed(summary="Fixed it"),
                task("verify-12", "verify"),
                task("review-12-0", "review"),
            ],
            {
                "code": ("completed", "success", "GO: Fixed it"),
                "verify": ("queued", None, "Waiting"),
                "review": ("queued", None, "Waiting"),
                "verdict": ("in_progress", None, "Waiting"),
            },
            id="pushed",
        ),
        pytest.param(
            [pushed(), VERIFY, RUNNING],
            {
                "code": ("completed", "success", "GO: done"),
                "verify": ("completed", "success", "GATE-PASS: all green"),
                "review": ("in_progress", None, "turn 3 of 50, grep"),
                "verdict": ("in_progress", None, "turn 3 of 50, grep"),
            },
            id="in review",
        ),
        pytest.param(
            [pushed(), VERIFY, reviewed(), reviewed("NO-GO", "review-12-1")],
            {
                "code": ("completed", "success", "GO: done"),
                "verify": ("completed", "success", "GATE-PASS: all green"),
                "review": ("completed", "failure", "NO-GO: 1 of 2 reviewers say GO"),
                "verdict": ("completed", "failure", "NO-GO"),
            },
            id="one says no",
        ),
        pytest.param(
            [pushed(), VERIFY, reviewed()],
            {
                "code": ("completed", "success", "GO: done"),
                "verify": ("completed", "success", "GATE-PASS: all green"),
                "review": ("completed", "success", "GO: 1 of 1 reviewers say GO"),
                "verdict": ("completed", "success", "GO"),
            },
            id="all say yes",
        ),
        pytest.param(
            [
                pushed(),
                ended("verify-12", "verify", "GATE-ERROR", "no image"),
                ended("review-12-0", "review", "INCOMPLETE", "verify ended", phase="Failed"),
            ],
            {
                "code": ("completed", "success", "GO: done"),
                "verify": ("completed", "action_required", "GATE-ERROR: no image"),
                "review": (
                    "completed",
                    "action_required",
                    "Not decided: needs a person: 0 of 1 reviewers say GO",
                ),
                "verdict": ("completed", "action_required", "Not decided: needs a person"),
            },
            id="gate could not run",
        ),
        pytest.param(
            [pushed(), ended("review-12-0", "review", "INCOMPLETE", outcome="CANCELLED")],
            {
                "code": ("completed", "success", "GO: done"),
                "review": ("completed", "cancelled", "Cancelled: 0 of 1 reviewers say GO"),
                "verdict": ("completed", "cancelled", "Cancelled"),
            },
            id="cancelled, no verifier",
        ),
        pytest.param(
            [
                task(
                    "review-40-0",
                    "review",
                    payload=Payload(repo="o/r", pull_request=40, head_sha=HEAD),
                    phase="Running",
                )
            ],
            {
                "review": ("in_progress", None, "starting"),
                "verdict": ("in_progress", None, "starting"),
            },
            id="a review that was asked for",
        ),
    ],
)
def test_one_check_a_name(tasks: list[AgenticTask], expected: dict[str, object]) -> None:
    assert found(*tasks) == expected


def test_the_body_of_a_check_run() -> None:
    (subject,) = subjects(
        [pushed(branch="b", turn_count=4, tokens=Tokens(prompt=1200, completion=34))]
    )
    check = checks(subject, workload_uid="wl-1")[0]

    assert check.body() == {
        "name": "foreman / code",
        "head_sha": HEAD,
        "external_id": "wl-1 foreman / code",
        "status": "completed",
        "conclusion": "success",
        "started_at": "2030-01-02T03:04:05Z",
        "completed_at": "2030-01-02T03:04:05Z",
        "output": {
            "title": "GO: done",
            "summary": "done\n\nBranch `b`\n\nTurns: 4\n\nTokens: 1,234",
        },
    }
    assert check.started_at == NOW


def test_a_gate_is_shown_by_its_commands() -> None:
    (subject,) = subjects([pushed(), VERIFY.replace()])
    summary = checks(subject, workload_uid="wl-1")[1].summary

    assert "| lint | `ruff check . \\| cat` | ✅ passed | 1.2 s |" in summary
    assert "| test | `pytest` | ❌ exit 1 | 3.0 s |" in summary
    assert "| setup | `uv sync` | ⚠️ could not run | 0.0 s |" in summary


def test_a_failing_gate_shows_the_end_of_its_log() -> None:
    failing = ended("verify-12", "verify", "GATE-FAIL", log_tail="1 failed\n```\n/foreman fix")
    (subject,) = subjects([pushed(), failing])
    text = checks(subject, workload_uid="wl-1")[1].text

    assert text.startswith("````text\n1 failed\n")
    assert "\n/foreman" not in text


def test_the_review_check_carries_the_evidence() -> None:
    (subject,) = subjects([pushed(), reviewed("NO-GO", summary="@ann: no. Fixes #9")])
    summary = checks(subject, workload_uid="wl-1")[1].summary

    assert "| Claim | Evidence | Ruling |" in summary
    assert "| **filesTouched**: b.py | a.py | ⚠️ overridden: not in the diff: b.py |" in summary
    assert "Rails run: filesTouched. Could not run: issueAsk: the issue has no text." in summary
    assert "@ann" not in summary
    assert "#9" not in summary


def test_the_sandbox_is_named() -> None:
    (subject,) = subjects([pushed(execution_mode="plain: no bubblewrap here")])

    assert "plain: no bubblewrap here" in checks(subject, workload_uid="wl-1")[0].summary


def test_progress_is_no_fact() -> None:
    later = RUNNING.replace(
        status=RUNNING.status.replace(progress=Progress(turn=4, max_turns=50, last_tool="bash"))
    )
    before, after = (
        checks(subjects([pushed(), t])[0], workload_uid="w")[1] for t in (RUNNING, later)
    )

    assert before.facts == after.facts
    assert digest(before.body()) != digest(after.body())


def test_a_gate_that_runs_is_told() -> None:
    assert found(pushed(), task("verify-12", "verify", phase="Verifying"))["verify"] == (
        "in_progress",
        None,
        "running the gate",
    )


def test_what_not_all_were_asked_about_is_not_decided() -> None:
    about = workload(reviewer_agent_refs=[LocalRef(name="reviewer")], max_tasks=1)
    tasks = [pushed()]
    (subject,) = subjects(tasks, about)
    told = {c.name: (c.conclusion, c.title) for c in checks(subject, workload_uid="wl-1")}

    assert told["foreman / verdict"] == (
        "action_required",
        "Not decided: there was no review-12-0",
    )
    assert rollup(about, tasks).phase == "Failed"
