from __future__ import annotations

from typing import Any

import pytest

from app.report.comments import StatusComment, status_comment
from k8s.meta import Condition
from k8s.resources.task import AgenticTask, Cancellation, Progress
from k8s.resources.workload import Trigger, Workload
from tests.app.report.report_support import (
    HEAD,
    NOW,
    ended,
    pushed,
    review_workload,
    reviewed,
    subjects,
    task,
    workload,
)
from tools.result import Tokens, Unverified


def comment(about: Workload, *tasks: AgenticTask) -> StatusComment:
    found = status_comment(about, tasks, subjects(tasks, about))
    assert found is not None
    return found


def coding(turn: int = 3, **status: Any) -> AgenticTask:
    progress = Progress(turn=turn, max_turns=50, last_tool="bash", tokens=4321)
    return task("code-12", "issue-fix", phase="Running", progress=progress, **status)


def test_it_opens_with_its_marker() -> None:
    found = comment(workload())

    assert found.number == 12
    assert found.marker == "<!-- foreman:status:wl-1 -->"
    assert found.text.startswith(f"{found.marker}\n### Foreman is working on this\n")


def test_while_it_runs_it_shows_turns_and_tokens() -> None:
    text = comment(workload(), coding(), task("verify-12", "verify")).text

    assert "| Step | State | Turns | Tokens |   |" in text
    assert "| code-12 | 🔄 running | 3 | 4,321 | turn 3 of 50, bash |" in text
    assert "| verify-12 | ⏳ waiting |   |   |   |" in text
    assert "`/foreman cancel`" in text


def test_what_a_task_waits_for_is_said() -> None:
    waiting = Condition(
        type="Scheduled",
        status="False",
        reason="EndpointNotReady",
        message="ModelEndpoint coder: cannot connect",
        last_transition_time=NOW,
    )
    text = comment(workload(), task("code-12", "issue-fix", conditions=[waiting])).text

    assert "ModelEndpoint coder: cannot connect" in text


def test_at_the_end_it_says_what_to_do() -> None:
    tokens = Tokens(prompt=1000, completion=500, estimated=True)
    text = comment(
        workload(phase="Completed"), pushed(turn_count=7, tokens=tokens), reviewed()
    ).text

    assert "### Foreman: done" in text
    assert "| code-12 | ✅ GO | 7 | about 1,500 | done |" in text
    assert f"**Pull request:** #13 (ready for review), head `{HEAD[:12]}`" in text
    assert "**Next:** review #13 and merge it." in text
    assert "asked for by `ann`" in text


@pytest.mark.parametrize(
    ("about", "tasks", "expected"),
    [
        pytest.param(
            workload(phase="Failed"),
            [ended("code-12", "issue-fix", "NO-GO", "nothing changed", outcome="NO-CHANGES")],
            ["stopped, a person is needed", "(NO-CHANGES)", "retry or reject"],
            id="no changes",
        ),
        pytest.param(
            workload(phase="Failed"),
            [
                ended(
                    "code-12",
                    "issue-fix",
                    "INCOMPLETE",
                    "the model went silent for 60 s",
                    outcome="LOOP-INCOMPLETE",
                    reason="Timeout",
                    error="no bytes from http://model for 60 s",
                )
            ],
            [
                "INCOMPLETE",
                "LOOP-INCOMPLETE · Timeout",
                "the model went silent for 60 s",
                "no bytes from",
            ],
            id="a model that hangs",
        ),
        pytest.param(
            workload(phase="Failed"),
            [pushed(), reviewed("NO-GO", summary="wrong place")],
            ["#13 (draft)", "NO-GO", "wrong place", "`foreman approve r-12-abc`"],
            id="turned down",
        ),
        pytest.param(
            workload(phase="Completed"),
            [ended("code-12", "issue-fix", "NO-GO", outcome="ALREADY-RESOLVED", resolved_by="b1")],
            [
                "### Foreman: already resolved",
                "✅ already resolved",
                "Resolved by `b1`",
                "check it, and close this if you agree",
            ],
            id="already resolved",
        ),
        pytest.param(
            workload(phase="Failed"),
            [
                ended(
                    "code-12",
                    "issue-fix",
                    "INCOMPLETE",
                    outcome="CODER-GATE-FAILED",
                    gate_failed_branch="foreman/wip",
                )
            ],
            ["The attempt is kept on branch `foreman/wip`"],
            id="gate failed",
        ),
        pytest.param(
            workload(phase="Failed"),
            [
                ended(
                    "code-12",
                    "issue-fix",
                    "NO-GO",
                    outcome="NEEDS-VERIFICATION",
                    unverified=[Unverified(fact="price", how_to_verify="ask sales")],
                )
            ],
            ["**Needs a person to verify**", "| price |   | ask sales |", "- [ ] price"],
            id="needs verification",
        ),
        pytest.param(
            workload(phase="Failed", cancellation=Cancellation(by="ann", reason="label removed")),
            [ended("code-12", "issue-fix", "INCOMPLETE", outcome="CANCELLED")],
            ["### Foreman: cancelled", "⏹️ cancelled", "cancelled by `ann`: label removed"],
            id="cancelled",
        ),
        pytest.param(
            workload(cancellation=Cancellation(by="ann")),
            [coding()],
            ["### Foreman: being cancelled"],
            id="being cancelled",
        ),
        pytest.param(
            workload(
                phase="Failed",
                conditions=[
                    Condition(
                        type="Planned",
                        status="False",
                        reason="RenderError",
                        message="spec.pipeline: two steps have the same name",
                        last_transition_time=NOW,
                    )
                ],
            ),
            [],
            ["two steps have the same name"],
            id="never began",
        ),
        pytest.param(
            workload(phase="Failed"),
            [ended("code-12", "issue-fix", "GO", pull_request_error="drafts", phase="Failed")],
            ["No pull request: drafts"],
            id="no pull request",
        ),
        pytest.param(
            review_workload().replace(status=workload(phase="Completed").status),
            [
                reviewed(
                    step="review-40-0",
                    payload=review_workload().spec.pipeline[0].payload,
                )
            ],
            ["### Foreman: done", "**Next:** read the review in #40."],
            id="review",
        ),
    ],
)
def test_every_end_is_explained(
    about: Workload, tasks: list[AgenticTask], expected: list[str]
) -> None:
    text = comment(about, *tasks).text

    assert [part for part in expected if part not in text] == []


def test_a_models_words_ping_nobody_and_order_nothing() -> None:
    nasty = "@ann Fixes #3\n/foreman fix\n<!-- foreman:status:wl-1 -->\n[x](javascript:a)"
    text = comment(workload(phase="Failed"), pushed("NO-GO", summary=nasty)).text

    assert "@ann" not in text
    assert "#3" not in text
    assert text.count("<!--") == 1
    assert "\\[x\\](javascript\u200b:a)" in text
    assert not [line for line in text.split("\n") if line.strip().startswith("/foreman")]


def test_progress_is_no_fact_and_an_end_is_one() -> None:
    before, after = comment(workload(), coding(3)), comment(workload(), coding(4))
    done = comment(workload(), pushed())

    assert before.text != after.text
    assert before.facts == after.facts != done.facts


def test_about_nothing_there_is_no_comment() -> None:
    assert status_comment(workload(issues=[], trigger=Trigger()), [], []) is None
