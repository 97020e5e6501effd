"""What the terminal shows of resources."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.cli.pages import age, columns, task_page, workload_page
from k8s.resources.agent import Agent, AgentSpec
from k8s.resources.task import AgenticTask
from k8s.resources.workload import Workload
from tools.result import CheckRun, Extra, Finding, Result, Ruling, Unverified

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_columns_are_kubectls() -> None:
    agent = Agent(
        metadata={"name": "a", "creationTimestamp": NOW - timedelta(hours=5)},
        spec=AgentSpec(role="coder", tools=["bash"], model="m"),
        status={
            "conditions": [
                {"type": "Other", "status": "False", "reason": "r", "lastTransitionTime": NOW},
                {"type": "Validated", "status": "True", "reason": "r", "lastTransitionTime": NOW},
            ]
        },
    )

    head, row = columns(Agent, [agent], NOW).splitlines()

    assert head.split() == ["NAME", "ROLE", "MODEL", "INFERENCESERVICE", "VALIDATED", "AGE"]
    assert row.split() == ["a", "coder", "m", "True", "5h"]


@pytest.mark.parametrize(
    ("seconds", "text"), [(-3, "0s"), (90, "90s"), (130, "2m"), (7200, "2h"), (200000, "2d")]
)
def test_age(seconds: int, text: str) -> None:
    assert age(timedelta(seconds=seconds)) == text


def task(**status: object) -> AgenticTask:
    return AgenticTask(
        metadata={"name": "t"}, spec={"kind": "review", "payload": {}}, status=status
    )


def test_a_running_task_shows_its_turn() -> None:
    page = task_page(
        task(phase="Running", progress={"turn": 3, "maxTurns": 50, "lastTool": "bash", "tokens": 9})
    )

    assert "turn 3 of 50, 9 tokens, last tool bash" in page


def test_a_result_shows_claim_and_evidence() -> None:
    result = Result(
        verdict="GO",
        summary="fine",
        extra=Extra(
            outcome="MODEL-DECIDED",
            rulings=[
                Ruling(rail="filesTouched", ruling="overridden", claimed="b.py", found="a.py")
            ],
            findings=[Finding(severity="minor", area="style", message="long", file="a.py", line=3)],
        ),
    )

    page = task_page(task(phase="Succeeded", verdict="GO", result=result))

    assert "filesTouched  b.py     a.py   overridden" in page
    assert "- minor/style: long (a.py:3)" in page
    assert "MODEL-DECIDED" in page


def test_a_workload_lists_its_tasks() -> None:
    workload = Workload(
        metadata={"name": "w"},
        spec={"intent": "x", "repo": "a/b", "issues": [1]},
        status={
            "phase": "Completed",
            "conditions": [
                {"type": "Completed", "status": "True", "reason": "R", "lastTransitionTime": NOW}
            ],
        },
    )

    page = workload_page(workload, [task(phase="Succeeded", verdict="GO")])

    assert page.startswith("Workload w: Completed\na/b #1")
    assert "t     Succeeded  GO" in page
    assert "Completed  True    R" in page


def test_checks_and_findings_say_what_blocks() -> None:
    stray = Finding(severity="major", area="other", message="elsewhere", file="z.py", line=3)
    extra = Extra(
        checks=[CheckRun(check="bite", tier="block", outcome="failed", detail="green before")],
        findings=[stray],
        ungrounded_findings=[stray],
        unverified=[Unverified(fact="40 ms", how_to_verify="measure it")],
    )

    page = task_page(
        task(phase="Succeeded", verdict="NO-GO", result=Result(verdict="NO-GO", extra=extra))
    )

    assert "bite   block  failed  green before" in page
    assert "elsewhere (z.py:3) [does not block]" in page
    assert "- to verify: 40 ms; measure it" in page


def test_a_workload_says_what_waits_for_a_person() -> None:
    workload = Workload(metadata={"name": "w"}, spec={"intent": "x", "repo": "a/b", "issues": [1]})
    code = AgenticTask(
        metadata={"name": "w-code-1", "labels": {"foreman.llmkube.dev/step": "code-1"}},
        spec={"kind": "issue-fix", "payload": {"issue": 1}},
        status={"phase": "Succeeded", "verdict": "INCOMPLETE"},
    )

    assert "Waits for you: code-1 left no change to judge" in workload_page(workload, [code])
