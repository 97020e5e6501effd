"""A stored verdict against what record, git and issue give today."""

from __future__ import annotations

from loop.evidence import Ask, ChangedFile, Claims, Hunk, Record
from loop.explanation import Explanation, explain_code, explain_review
from loop.rails.order import reconcile
from tools.result import CheckRun, Extra, Result

FILE = ChangedFile(
    path="a.py",
    status="modified",
    added=1,
    hunks=[Hunk(old_start=1, old_count=0, new_start=1, new_count=1)],
)
RECORD = Record(
    repository="acme/a",
    files=[FILE],
    ask=Ask(number=1, title="Wrong sum", body="The sum in a.py must be right."),
    claims=Claims(verdict="NO-GO", summary="No.", extra=Extra(files_touched=["b.py"])),
)


def stored(record: Record = RECORD) -> Result:
    found = reconcile(record)
    return Result(verdict=found.verdict, summary="No.", extra=found.extra)


def explained(result: Result | None = None, **there: object) -> Explanation:
    return explain_review(RECORD, result or stored(), fresh=RECORD.replace(**there))


def test_what_was_stored_comes_out_again() -> None:
    found = explained(files=[FILE], ask=RECORD.ask)

    assert found.differences == ()
    assert list(found.rulings) == stored().extra.rulings


def test_git_wins_over_the_record() -> None:
    there = FILE.replace(path="c.py")

    found = explained(files=[there])

    assert any("only in the record: a.py; only in git: c.py" in told for told in found.differences)
    assert next(r for r in found.rulings if r.rail == "filesTouched").found == "c.py"


def test_another_issue_than_the_snapshot_is_told() -> None:
    other = Ask(number=1, title="Wrong sum", body="Something else entirely.")

    assert "the record's issue is not the snapshot's" in explained(ask=other).differences


def test_a_verdict_that_was_changed_in_the_store_is_told() -> None:
    found = explained(result=stored().replace(verdict="GO"))

    assert any(told.startswith("the verdict is stored as GO") for told in found.differences)


def test_a_ruling_that_was_taken_out_is_told() -> None:
    result = stored()
    rest = [r for r in result.extra.rulings or [] if r.rail != "filesTouched"]
    bent = result.replace(extra=result.extra.replace(rulings=rest))

    [told] = explained(result=bent).differences

    assert told.startswith("filesTouched: no ruling is stored")


def test_checks_that_come_out_otherwise_are_told_and_commands_stay_as_stored() -> None:
    proof = CheckRun(check="claim-evidence", tier="block", outcome="passed")
    bite = CheckRun(check="bite", tier="block", outcome="passed")
    result = Result(verdict="GO", extra=Extra(checks=[proof, bite]))
    again = [proof.replace(outcome="failed", detail="40 ms has no proof")]

    found = explain_code(RECORD, result, again=again)

    assert found.differences == ("claim-evidence: stored passed, recomputed failed",)
    assert [run.outcome for run in found.checks] == ["failed", "passed"]
    assert explain_code(RECORD, result, again=[proof]).differences == ()


def test_a_record_of_another_commit_than_was_judged_is_told() -> None:
    extra = stored().extra.replace(commit_sha="b" * 40)
    other = RECORD.replace(head_sha="a" * 40)

    found = explain_review(other, stored().replace(extra=extra), fresh=other)

    assert found.differences == (
        "the record is of commit aaaaaaaaaaaa, what was judged is bbbbbbbbbbbb",
    )


def test_a_check_that_was_taken_out_is_told() -> None:
    runs = [CheckRun(check=name, tier="block", outcome="passed") for name in ("one", "two")]
    result = Result(verdict="GO", extra=Extra(checks=runs[:1]))

    found = explain_code(RECORD, result, again=runs)

    assert found.differences == ("two: no run is stored, recomputed passed",)
