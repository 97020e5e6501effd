from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.errors import ToolError
from tools.findings import findings
from tools.hand_in import SubmitResult
from tools.result import Extra
from tools.submit import Role, hand_in_schema, shortened, submission

CODER: dict[str, Any] = {"verdict": "GO", "summary": "Done.", "commit_message": "Fix it"}
REVIEW: dict[str, Any] = {"verdict": "GO", "summary": "Good.", "extra": {"findings": []}}


def hand_in(role: Role, **changes: Any) -> Any:
    return submission(role, {**(CODER if role == "coder" else REVIEW), **changes}, forgiving=False)


def test_a_coder_s_go() -> None:
    handed = hand_in("coder")

    assert (handed.verdict, handed.summary, handed.commit_message) == ("GO", "Done.", "Fix it")
    assert handed.extra == Extra()


def test_a_review_keeps_all_its_fields() -> None:
    handed = hand_in(
        "reviewer",
        verdict="NO-GO",
        extra={
            "reviewOutcome": "REQUEST-CHANGES",
            "issueAsk": "return 4",
            "filesTouched": ["a.py"],
            "testsAdded": False,
            "onTrust": "nothing",
            "prBody": "",
            "findings": [
                {
                    "severity": "blocker",
                    "area": "tests",
                    "message": "wrong",
                    "file": "a.py",
                    "line": 3,
                }
            ],
        },
    )

    assert handed.extra.review_outcome == "REQUEST-CHANGES"
    assert handed.extra.findings[0].line == 3
    assert handed.extra.tests_added is False


@pytest.mark.parametrize("word", ["no-go", "NO_GO", "No Go", "NOGO"])
def test_a_verdict_s_spelling_is_forgiven(word: str) -> None:
    assert hand_in("reviewer", verdict=word).verdict == "NO-GO"


@pytest.mark.parametrize(
    ("role", "changes", "words"),
    [
        pytest.param(
            "coder", {"verdict": "MAYBE"}, "verdict: 'MAYBE' is not 'GO', 'NO-GO' or", id="verdict"
        ),
        pytest.param("coder", {"summary": ""}, "summary: should", id="no summary"),
        pytest.param(
            "coder", {"commit_message": " "}, "commit_message: empty; a GO needs", id="no message"
        ),
        pytest.param(
            "coder", {"extra": {"outcome": "DONE"}}, "extra.outcome: 'DONE' is not", id="outcome"
        ),
        pytest.param(
            "coder",
            {"outcome": "ALREADY-RESOLVED"},
            "outcome belong inside extra",
            id="one level up",
        ),
        pytest.param(
            "coder",
            {"verdict": "NO-GO", "extra": {"outcome": "ALREADY-RESOLVED"}},
            "needs resolvedBy",
            id="resolved by nobody",
        ),
        pytest.param(
            "coder",
            {"verdict": "NO-GO", "extra": {"outcome": "NEEDS-VERIFICATION"}},
            "needs unverified",
            id="nothing unverified",
        ),
        pytest.param(
            "coder",
            {"extra": {"evidence": [{"claim": "x"}]}},
            r"extra.evidence\[0\].source: missing",
            id="deep",
        ),
        pytest.param(
            "coder",
            {"extra": {"resolved": "x"}},
            "extra.resolved: unknown, did you mean resolvedBy",
            id="key",
        ),
        pytest.param(
            "reviewer",
            {"extra": {"findings": "none"}},
            "extra.findings: should be a list",
            id="list",
        ),
        pytest.param(
            "reviewer",
            {"extra": {"findings": [{"message": "m", "line": "12-14"}]}},
            r"extra.findings\[0\].line: should be one line number, got '12-14'",
            id="line",
        ),
        pytest.param(
            "reviewer",
            {"extra": {"findings": [{"severity": "major"}]}},
            r"\[0\].message: missing",
            id="message",
        ),
        pytest.param("reviewer", {"extra": None}, "extra: should", id="null"),
    ],
)
def test_a_wrong_shape_is_answered_with_what_is_wrong(
    role: Role, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(ToolError, match=words):
        hand_in(role, **changes)


async def test_after_two_refusals_a_finding_loses_only_its_bad_field() -> None:
    tool = SubmitResult("reviewer")
    call = {**REVIEW, "extra": {"findings": [{"message": "m", "line": "12-14", "file": "a.py"}, 7]}}

    for _ in range(2):
        with pytest.raises(ToolError):
            await tool.call(call)
    result = await tool.call(call)

    assert result.submission
    [finding] = result.submission.extra.findings or []
    assert (finding.message, finding.file, finding.line) == ("m", "a.py", None)


@pytest.mark.parametrize(
    ("severity", "area", "read"),
    [
        ("Critical", "tests", ("blocker", "tests")),
        ("medium", "missing tests", ("major", "tests")),
        ("nit", "test_prod_fidelity", ("minor", "test-prod-fidelity")),
        (None, 3, ("major", "other")),
    ],
)
def test_words_of_findings_are_normalised(severity: Any, area: Any, read: tuple[str, str]) -> None:
    [finding], lost = findings([{"severity": severity, "area": area, "message": "m"}])

    assert (finding.severity, finding.area) == read
    assert lost == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["message", "line", "file", "severity", "x"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_no_json_breaks_the_reading_of_findings(raw: Any) -> None:
    found, lost = findings(raw)

    if isinstance(raw, list):
        assert len(found) + len(lost) >= len(raw)


@given(st.sampled_from(["coder", "reviewer", "other"]), st.dictionaries(st.text(max_size=6), JSON))
def test_no_json_breaks_a_submission(role: Role, arguments: dict[str, Any]) -> None:
    with pytest.raises(ToolError):
        submission(role, arguments, forgiving=True)


@pytest.mark.parametrize("role", ["coder", "reviewer", "other"])
def test_schemas_are_plain_and_accept_what_they_describe(role: Role) -> None:
    schema = hand_in_schema(role)

    assert "$ref" not in str(schema)
    assert "title" not in schema
    jsonschema_rs.validator_for(schema).validate(
        REVIEW
        if role == "reviewer"
        else {
            key: value for key, value in CODER.items() if role == "coder" or key != "commit_message"
        }
    )
    assert set(schema["required"]) <= set(schema["properties"])


def test_roles_see_their_own_fields() -> None:
    coder = hand_in_schema("coder")["properties"]["extra"]["properties"]
    reviewer = hand_in_schema("reviewer")["properties"]["extra"]["properties"]

    assert list(coder) == ["outcome", "resolvedBy", "unverified", "evidence"]
    assert coder["unverified"]["items"]["required"] == ["fact"]
    assert list(reviewer["findings"]["items"]["properties"]) == [
        *("severity", "area", "message", "file", "line", "suggestion")
    ]


@given(st.text(max_size=500))
def test_summaries_fit(text: str) -> None:
    assert len(shortened(text).encode()) <= 280


def test_a_long_summary_ends_with_a_sentence() -> None:
    first = "A" * 180 + "."

    assert shortened(f"{first} {'b' * 200}") == first


@pytest.mark.parametrize(
    ("said", "read"),
    [
        pytest.param({"file": "a.py:12"}, ("a.py", 12), id="colon"),
        pytest.param({"file": "a.py:12-14"}, ("a.py", 12), id="range"),
        pytest.param({"file": "a.py#L12"}, ("a.py", 12), id="link"),
        pytest.param({"file": "a.py:12", "line": 3}, ("a.py", 3), id="said apart"),
        pytest.param({"file": " `a.py:12` "}, ("a.py", 12), id="as in prose"),
        pytest.param({"file": "a.py"}, ("a.py", None), id="none"),
    ],
)
def test_a_line_behind_the_file_is_the_line(
    said: dict[str, Any], read: tuple[str, int | None]
) -> None:
    [finding], lost = findings([{"message": "m", **said}])

    assert ((finding.file, finding.line), lost) == (read, [])
