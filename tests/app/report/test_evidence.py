from __future__ import annotations

from app.report.body import section
from app.report.evidence import advisories, not_verified
from app.report.reviews import review
from tests.app.report.report_support import pushed, reviewed, subjects
from tools.result import Advisory, Extra, Finding

STRAY = Finding(severity="major", area="regression", message="breaks x", file="z.py", line=9)
REAL = Finding(severity="minor", area="style", message="rename y")


def test_a_finding_without_ground_is_marked_and_another_is_not() -> None:
    task = reviewed(verdict="INCOMPLETE", findings=[STRAY, REAL], ungrounded_findings=[STRAY])

    body = review(task, "<!-- m -->", {}).body

    assert body.count("points at nothing of this change") == 1
    assert body.index("breaks x") < body.index("points at nothing") < body.index("rename y")


def test_what_was_never_shown_is_named() -> None:
    told = not_verified(Extra(unseen_files=[f"f{i}.py" for i in range(12)]))

    assert "`f9.py` and 2 more" in told
    assert "`f10.py`" not in told


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
