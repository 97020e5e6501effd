from __future__ import annotations

import pytest

from app.report.reviews import COMMENTS, review, wanted
from k8s.resources.task import AgenticTask
from tests.app.report.report_support import HEAD, ended, pushed, reviewed, subjects, task
from tools.result import Finding

THERE = {"a.py": frozenset({3, 4})}
MARK = "<!-- foreman:review:uid-review-12-0 -->"


def finding(**changes: object) -> Finding:
    return Finding.model_validate(
        {"severity": "major", "area": "tests", "message": "no test", **changes}
    )


@pytest.mark.parametrize(
    ("tasks", "count"),
    [
        pytest.param([pushed(), reviewed()], 1, id="held"),
        pytest.param([pushed(), reviewed(), reviewed("NO-GO", "review-12-1")], 2, id="two"),
        pytest.param([pushed(), task("review-12-0", "review", phase="Running")], 0, id="running"),
        pytest.param([pushed(), ended("review-12-0", "review", "INCOMPLETE")], 0, id="no claims"),
        pytest.param([reviewed()], 0, id="no pull request"),
    ],
)
def test_a_review_that_was_held_is_posted(tasks: list[AgenticTask], count: int) -> None:
    found = [w for s in subjects(tasks) for w in wanted(s)]

    assert len(found) == count
    assert all((w.number, w.head_sha) == (13, HEAD) for w in found)


def test_a_review_is_of_the_commit_that_was_read() -> None:
    (found,) = wanted(subjects([pushed(), reviewed(commit_sha="b" * 40)])[0])

    assert found.head_sha == "b" * 40


def test_the_body() -> None:
    body = review(reviewed(summary="Looks right."), MARK, THERE).body

    assert body.split("\n") == [
        MARK,
        "### ✅ GO",
        "",
        "Looks right.",
        "",
        "| Claim | Evidence | Ruling |",
        "| --- | --- | --- |",
        "| **filesTouched**: b.py | a.py | ⚠️ overridden: not in the diff: b.py |",
        "| **issueAsk**: nothing claimed | - | ⚠️ could not run: the issue has no text |",
        "",
        "**Not verified**",
        "",
        "- issueAsk: the issue has no text",
        "",
        "Rails run: filesTouched. Could not run: issueAsk: the issue has no text.",
        "",
        (
            "<sub>What a reviewer claims is compared with git, the issue and the record of what it"
            " looked at; the evidence decides.</sub>"
        ),
    ]


def test_what_was_not_verified_is_listed() -> None:
    trusting = reviewed(issue_ask_verified=False, on_trust="the API's answer")

    body = review(trusting, MARK, THERE).body

    assert "- that the reviewer judged what the issue asks for" in body
    assert "- taken on trust: the API's answer" in body


def test_a_demotion_is_said_first() -> None:
    demoted = reviewed(
        "INCOMPLETE",
        verdict_demoted=True,
        verdict_claimed="NO-GO",
        demotion_reason="emptyClaim: there is a diff",
    )

    body = review(demoted, MARK, THERE).body

    assert "### ⚠️ INCOMPLETE" in body
    assert "The reviewer said NO-GO; the evidence does not carry it: emptyClaim" in body


def test_findings_on_lines_of_the_diff_are_comments() -> None:
    found = review(
        reviewed("NO-GO", findings=[finding(file="a.py", line=3, suggestion="x = `1`")]),
        MARK,
        THERE,
    )

    assert found.comments == (
        {
            "path": "a.py",
            "line": 3,
            "side": "RIGHT",
            "body": "**major** (tests): no test\n\nSuggestion:\n```text\nx = `1`\n```",
        },
    )
    assert "**Findings**" not in found.body


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        pytest.param(
            {"file": "a.py", "line": 9}, "- **major** (tests) `a.py:9`: no test", id="other line"
        ),
        pytest.param({"file": "b.py"}, "- **major** (tests) `b.py`: no test", id="other file"),
        pytest.param({}, "- **major** (tests): no test", id="no place"),
        pytest.param({"suggestion": "add\none"}, "  Suggestion: add one", id="with a suggestion"),
    ],
)
def test_other_findings_are_in_the_body(changes: dict[str, object], line: str) -> None:
    found = review(reviewed("NO-GO", findings=[finding(**changes)]), MARK, THERE)

    assert found.comments == ()
    assert line in found.body.split("\n")


def test_no_finding_is_lost_to_the_limit() -> None:
    many = [finding(file="a.py", line=3, message=f"point {n}.") for n in range(COMMENTS + 2)]

    found = review(reviewed("NO-GO", findings=many), MARK, THERE)

    assert len(found.comments) == COMMENTS
    assert f"point {COMMENTS}." in found.body
    assert f"point {COMMENTS + 1}." in found.body


def test_a_finding_is_only_words() -> None:
    nasty = finding(file="a.py", line=3, message="@ann <b>\n/foreman fix")

    (comment,) = review(reviewed("NO-GO", findings=[nasty]), MARK, THERE).comments

    assert "@ann" not in comment["body"]
    assert "<b>" not in comment["body"]
    assert "\n/foreman" not in comment["body"]
