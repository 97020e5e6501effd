from __future__ import annotations

import pytest

from loop.evidence import ChangedFile
from loop.rails.empty_claim import RAIL
from loop.rails.order import reconcile
from tests.loop.rails.rails_support import file, record
from tools.result import Finding, Verdict

DOCS = [file("README.md", 1)]


@pytest.mark.parametrize(
    "summary",
    [
        "The branch is empty.",
        "Rejected: the diff is empty",
        "The pull request appears to be completely empty.",
        "Empty diff.",
        "git diff returned an empty diff, so I cannot approve.",
        "No commits found on this branch.",
        "There are no code changes in this branch.",
        "No changes were made.",
        "no changes",
        "There is nothing to review here.",
        "Nothing to review.",
        "The branch does not contain any changes.",
        "This PR contains no commits.",
        "I could not read the diff.",
        "I was unable to fetch the repository because of permissions.",
        "Git history is unreadable.",
        "The branch is identical to main.",
        "The tests look fine.\nHowever, the diff output is blank.",
    ],
)
def test_a_change_called_empty_is_not_decided(summary: str) -> None:
    found = reconcile(record(verdict="NO-GO", summary=summary), [RAIL])

    assert found.verdict == "INCOMPLETE"
    assert found.failure_reason == "ModelReportedError"
    assert found.extra.verdict_demoted is True
    assert found.extra.verdict_claimed == "NO-GO"
    assert found.extra.empty_claim_reason
    assert (found.extra.demotion_reason or "").startswith("emptyClaim: ")
    assert found.rulings[0].ruling == "demoted"


@pytest.mark.parametrize(
    "summary",
    [
        "The diff is empty, nothing to object to.",
        "There is nothing to review, so GO.",
        "There is no diff.",
        "branch appears to be empty",
        "No changes were found in this branch.",
        "I could not read the diff, but the tests pass.",
        "Unable to fetch the branch.",
    ],
)
def test_nor_is_it_waved_through(summary: str) -> None:
    assert reconcile(record(summary=summary), [RAIL]).verdict == "INCOMPLETE"


@pytest.mark.parametrize(
    ("verdict", "summary"),
    [
        pytest.param("GO", "Looks good, no changes.", id="asks for none"),
        pytest.param("GO", "No changes needed.", id="needs none"),
        pytest.param("GO", "Handles an empty diff without crashing.", id="its subject is a diff"),
        pytest.param("GO", "Returns early when the branch is empty in the store.", id="a store"),
        pytest.param("NO-GO", "The else branch is empty and swallows the error.", id="else"),
        pytest.param("NO-GO", "There are no changes to the tests in this diff.", id="no tests"),
        pytest.param(
            "NO-GO", "No code changes to parser.py, though the issue names it.", id="one file"
        ),
        pytest.param("NO-GO", "I could not find the diff's handling of tabs.", id="a detail"),
        pytest.param(
            "NO-GO", "I could not find the changes the issue asks for in b.py.", id="wanted"
        ),
        pytest.param("NO-GO", "The empty list is not handled.", id="an empty list"),
        pytest.param("NO-GO", "An empty commit message is accepted.", id="message"),
        pytest.param("NO-GO", "The diff is not empty but wrong.", id="not empty"),
        pytest.param("NO-GO", "The branch cannot find the repository root on Windows.", id="code"),
        pytest.param("GO", "Handles the case where the branch is empty.", id="a condition"),
        pytest.param("GO", "Returns early if the diff is empty.", id="a guard"),
        pytest.param("GO", "Nothing to review in the tests.", id="a part"),
        pytest.param("GO", "There is nothing to review further.", id="the rest"),
        pytest.param("GO", "Formatter run: no changes made.", id="of a tool"),
        pytest.param("GO", "Public API: no changes there.", id="of a part"),
        pytest.param("GO", "compare() now returns an empty diff.", id="what the code returns"),
        pytest.param("GO", "Raises when it cannot read the repository.", id="what it raises"),
        pytest.param("GO", "Fails early if git failed to fetch the branch.", id="what fails"),
        pytest.param("GO", "", id="no words"),
    ],
)
def test_what_an_honest_reviewer_writes_stays(verdict: Verdict, summary: str) -> None:
    found = reconcile(record(verdict=verdict, summary=summary), [RAIL])

    assert found.verdict == verdict
    assert found.extra.verdict_demoted is None
    assert found.rulings[0].ruling == "kept"


def test_a_finding_can_say_it_too() -> None:
    finding = Finding(severity="blocker", area="other", message="The branch is empty.")
    found = reconcile(record(verdict="NO-GO", summary="Rejected.", findings=[finding]), [RAIL])

    assert found.verdict == "INCOMPLETE"


def test_a_finding_about_a_file_speaks_of_that_file() -> None:
    finding = Finding(severity="major", area="other", message="The branch is empty.", file="b.py")
    found = reconcile(record(verdict="NO-GO", summary="Rejected.", findings=[finding]), [RAIL])

    assert found.verdict == "NO-GO"


def test_who_misses_tests_in_a_file_of_the_diff_has_seen_it() -> None:
    finding = Finding(severity="major", area="tests", message="none for add", file="a.py")
    found = record(verdict="NO-GO", summary="The tests have no changes.", findings=[finding])

    assert reconcile(found, [RAIL]).verdict == "NO-GO"


@pytest.mark.parametrize(
    ("line", "name", "verdict"),
    [
        pytest.param(20, "src/a.py", "NO-GO", id="on the line"),
        pytest.param(23, "a.py", "NO-GO", id="near it, by suffix"),
        pytest.param(17, "src/a.py", "NO-GO", id="just before"),
        pytest.param(24, "src/a.py", "INCOMPLETE", id="too far"),
        pytest.param(20, "b.py", "INCOMPLETE", id="another file"),
        pytest.param(None, "src/a.py", "INCOMPLETE", id="no line"),
    ],
)
def test_who_points_into_the_diff_has_seen_it(line: int | None, name: str, verdict: str) -> None:
    finding = Finding(severity="major", area="other", message="wrong", file=name, line=line)
    claims = record(
        verdict="NO-GO",
        summary="No changes were made.",
        findings=[finding],
        files=[file("src/a.py", 20)],
    )

    assert reconcile(claims, [RAIL]).verdict == verdict


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param([], "NO-GO", id="it is true"),
        pytest.param(DOCS, "NO-GO", id="documents are no code"),
        pytest.param([file("a.py", 1)], "INCOMPLETE", id="it is not"),
    ],
)
def test_a_true_claim_stands(files: list[ChangedFile], expected: str) -> None:
    claims = record(verdict="NO-GO", summary="There are no code changes in this PR.", files=files)

    assert reconcile(claims, [RAIL]).verdict == expected


def test_without_a_diff_the_verdict_stands() -> None:
    claims = record(verdict="NO-GO", summary="The branch is empty.")
    found = reconcile(claims.replace(files=None, fault="clone failed"), [RAIL])

    assert found.verdict == "NO-GO"
    assert found.extra.rails_skipped == ["emptyClaim: clone failed"]
