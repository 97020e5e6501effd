from __future__ import annotations

from typing import Any

import pytest

from app.github import views


def linking(**source: Any) -> dict[str, Any]:
    return {"event": "cross-referenced", "source": {"type": "issue", "issue": source}}


@pytest.mark.parametrize(
    ("event", "number"),
    [
        pytest.param(
            linking(number=7, pull_request={}, repository={"full_name": "o/r"}), None, id="no pull"
        ),
        pytest.param(
            linking(number=7, pull_request={"url": "x"}, repository={"full_name": "O/R"}),
            7,
            id="pull request",
        ),
        pytest.param(
            linking(number=7, pull_request={"url": "x"}, repository={"full_name": "o/x"}),
            None,
            id="elsewhere",
        ),
        pytest.param({"event": "labeled"}, None, id="another event"),
        pytest.param({"event": "commented", "source": None}, None, id="no source"),
    ],
)
def test_linked_pull_requests(event: dict[str, Any], number: int | None) -> None:
    assert views.linked_pull_request(event, "o/r") == number


def run(**changes: Any) -> dict[str, Any]:
    given = {
        "name": "tests",
        "status": "completed",
        "conclusion": "failure",
        "output": {"title": "1 failed", "summary": "sum", "text": "trace"},
        "app": {"slug": "github-actions"},
    }
    return given | changes


def test_only_failures_bring_their_texts() -> None:
    assert views.check(run()).text == "trace"
    assert views.check(run(conclusion="success")).summary == ""
    assert views.check(run(status="in_progress", conclusion=None)).conclusion is None


def test_a_log_replaces_the_text_and_its_end_is_kept() -> None:
    shown = views.check(run(), log="x" * 30_000 + "Error: end")

    assert shown.text.endswith("Error: end")
    assert len(shown.text) == views.TEXT_LENGTH


def test_a_gone_author_is_a_ghost() -> None:
    assert views.login({"user": None}) == "ghost"


@pytest.mark.parametrize(
    ("state", "status", "conclusion"),
    [
        pytest.param("pending", "queued", None, id="pending"),
        pytest.param("success", "completed", "success", id="success"),
        pytest.param("error", "completed", "error", id="error"),
    ],
)
def test_statuses_take_the_shape_of_checks(state: str, status: str, conclusion: str | None) -> None:
    shown = views.status({"context": "ci", "state": state, "description": "words"})

    assert (shown.status, shown.conclusion) == (status, conclusion)
    assert shown.title == ("" if state == "success" else "words")
