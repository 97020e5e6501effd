from __future__ import annotations

import pytest

from app.github.pull_request_text import BODY_LENGTH, body, defused, template_among, title


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("fixes #7", "fixes issue #7", id="plain"),
        pytest.param("Closes: #7", "Closes: issue #7", id="colon"),
        pytest.param("RESOLVED octo/hello#7", "RESOLVED issue octo/hello#7", id="elsewhere"),
        pytest.param("fix GH-7", "fix issue GH-7", id="old style"),
        pytest.param(
            "closed https://github.com/o/r/issues/7",
            "closed issue https://github.com/o/r/issues/7",
            id="address",
        ),
        pytest.param("close\n#7", "close\nissue #7", id="over a line end"),
        pytest.param("see #7 and prefix #7", "see #7 and prefix #7", id="no keyword"),
        pytest.param("fixes the bug", "fixes the bug", id="no reference"),
        pytest.param("fix #7, close #8", "fix issue #7, close issue #8", id="several"),
    ],
)
def test_closing_keywords_lose_their_grip(text: str, expected: str) -> None:
    assert defused(text) == expected
    assert defused(expected) == expected


def test_the_body_closes_the_one_issue_it_was_given() -> None:
    text = body(
        "It also fixes #8.", template="## Checklist\n<!-- hidden -->\n- [ ] closes #9", issue=7
    )

    assert text == "It also fixes issue #8.\n\n## Checklist\n\n- [ ] closes issue #9\n\nFixes #7"


def test_a_long_body_is_cut_and_still_closes_its_issue() -> None:
    text = body("x" * 100_000, template="y", issue=7)

    assert len(text) <= BODY_LENGTH
    assert text.endswith("GitHub takes no more.\n\nFixes #7")


def test_nothing_to_close_closes_nothing() -> None:
    assert body("Words.") == "Words."


def test_titles_are_one_line_of_bearable_length() -> None:
    assert title("Mend\n  it, fixes #7") == "Mend it, fixes issue #7"
    assert title("Mend it", draft_refused=True) == "[WIP] Mend it"
    assert len(title("x" * 1000)) == 256


@pytest.mark.parametrize(
    ("names", "found"),
    [
        pytest.param(["README.md"], None, id="none"),
        pytest.param(["PULL_REQUEST_TEMPLATE.md"], "PULL_REQUEST_TEMPLATE.md", id="upper"),
        pytest.param(["a", "pull_request_template.txt"], "pull_request_template.txt", id="text"),
        pytest.param(["pull_request_template.mdx"], None, id="another ending"),
    ],
)
def test_templates_have_any_case(names: list[str], found: str | None) -> None:
    assert template_among(names) == found
