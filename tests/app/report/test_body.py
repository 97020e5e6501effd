from __future__ import annotations

import pytest

from app.github.pull_request_text import BODY_LENGTH as LIMIT
from app.github.pull_request_text import refreshed
from app.report.body import section
from loop.work.pull_request import END, START
from tests.app.report.report_support import pushed, reviewed, subjects

PART = f"{START}\n\nnew\n\n{END}"


def test_the_section_shows_verdicts_and_checked_claims() -> None:
    text = section(subjects([pushed(), reviewed(summary="fine, fixes #3")])[0])

    assert text.startswith(START)
    assert text.endswith(END)
    assert "| code-12 | GO | done |" in text
    assert "| **filesTouched**: b.py | a.py | ⚠️ overridden: not in the diff: b.py |" in text
    assert "fixes #3" not in text


@pytest.mark.parametrize(
    ("body", "issue", "expected"),
    [
        pytest.param("", None, PART, id="empty"),
        pytest.param("Words.\n\nFixes #12", 12, f"Words.\n\nFixes #12\n\n{PART}", id="appended"),
        pytest.param(
            f"Words.\n{START}old{END}\nCloses: #12 by hand.",
            12,
            f"Words.\n{PART}\nCloses: #12 by hand.",
            id="in its place",
        ),
        pytest.param(
            "Words about #12 and fixes #123",
            12,
            f"Words about #12 and fixes #123\n\n{START}\n\nnew\n\nFixes #12\n\n{END}",
            id="closes what it is about",
        ),
        pytest.param(f"{START} never ended", None, f"{START} never ended\n\n{PART}", id="half"),
        pytest.param("x" * LIMIT, 12, "x" * LIMIT, id="no room"),
    ],
)
def test_only_our_part_changes(body: str, issue: int | None, expected: str) -> None:
    assert refreshed(body, PART, issue=issue) == expected


@pytest.mark.parametrize("issue", [None, 12])
def test_refreshing_twice_is_refreshing_once(issue: int | None) -> None:
    once = refreshed("Words.", PART, issue=issue)

    assert refreshed(once, PART, issue=issue) == once
