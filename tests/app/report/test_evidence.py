from __future__ import annotations

from app.report.body import section
from app.report.evidence import (
    advisories,
    checks_table,
    not_verified,
    to_verify,
    unfounded,
)
from app.report.reviews import review
from tests.app.report.report_support import pushed, reviewed, subjects
from tools.result import Advisory, CheckRun, Extra, Finding, Unverified

STRAY = Finding(severity="major", area="regression", message="breaks x", file="z.py", line=9)
REAL = Finding(severity="minor", area="style", message="rename y")


def test_facts_for_a_person_are_a_table_and_boxes() -> None:
    fact = Unverified(fact="40 tok/s", why_it_matters="users plan by it", how_to_verify="measure")

    assert to_verify([fact]).split("\n\n")[1:] == [
        (
            "| Fact | Why it matters | How to find out |\n| --- | --- | --- |\n"
            "| 40 tok/s | users plan by it | measure |"
        ),
        "- [ ] 40 tok/s",
    ]
    assert to_verify([]) == ""


def test_a_finding_without_ground_is_marked_and_another_is_not() -> None:
    task = reviewed(verdict="INCOMPLETE", findings=[STRAY, REAL], ungrounded_findings=[STRAY])

    body = review(task, "<!-- m -->", {}).body

    assert body.count("points at nothing of this change") == 1
    assert body.index("breaks x") < body.index("points at nothing") < body.index("rename y")


def test_what_was_never_shown_is_named() -> None:
    told = not_verified(Extra(unseen_files=[f"f{i}.py" for i in range(12)]))

    assert "`f9.py` and 2 more" in told
    assert "`f10.py`" not in told


def test_checks_that_passed_take_one_line() -> None:
    runs = [
        CheckRun(check="bite", tier="block", outcome="failed", detail="green without the fix"),
        CheckRun(check="secrets", tier="block", outcome="passed"),
        CheckRun(check="sizes", tier="block", outcome="passed"),
    ]

    told = checks_table(runs)

    assert "| bite | ❌ failed | green without the fix |" in told
    assert told.endswith("Passed: secrets, sizes.")
    assert checks_table([]) == ""


def test_a_summary_without_ground_is_a_warning_of_at_most_five() -> None:
    told = unfounded(Extra(summary_unverified_claims=[f"claim{i}" for i in range(7)]))

    assert told.startswith("> [!WARNING]")
    assert "`claim4`" in told
    assert "`claim5`" not in told


def test_advisories_are_listed() -> None:
    assert "- caller-impact: two calls" in advisories(
        Extra(gate_advisories=[Advisory(check="caller-impact", detail="two calls")])
    )


def test_the_pull_request_says_what_the_newest_round_changed() -> None:
    text = section(subjects([pushed(summary_unverified_claims=["retry()"]), reviewed()])[0])

    assert text.index("### What changed") < text.index("[!WARNING]") < text.index("### What was")
    assert "> - `retry()`" in text


def test_tests_that_nobody_added_are_told() -> None:
    claimed = Extra(tests_added=True, files_touched=["a.py"])

    assert "the diff holds none" in not_verified(claimed)
    assert not_verified(claimed.replace(files_touched=["a.py", "tests/test_a.py"])) == ""


def test_the_approvers_words_stand_in_the_text_as_words() -> None:
    approved = section(subjects([pushed(), reviewed(pr_body="Closes #9 <b>well</b>")])[0])
    objected = section(subjects([pushed(), reviewed("NO-GO", pr_body="Closes #9")])[0])

    assert "### What the reviewer says" in approved
    assert "<b>" not in approved
    assert "Closes #9" not in approved
    assert "### What the reviewer says" not in objected
