from __future__ import annotations

import pytest

from loop.errors import EvidenceError
from loop.evidence import (
    Ask,
    Call,
    ChangedFile,
    Claims,
    Hunk,
    Record,
    ShownLines,
    ask_of,
    calls_made,
    changed_files,
    read_record,
    sealed,
)
from loop.redaction import MARK, Redactor
from loop.repo.diff import FileChange
from loop.repo.diff import Hunk as DiffHunk
from loop.snapshot import Snapshot
from loop.task import CallRecord
from tools.result import Extra, Finding, GateCommand
from tools.tool import Shown

SECRET = "correct-horse-battery-staple"

RECORD = Record(
    repository="o/r",
    base_sha="a" * 40,
    head_sha="b" * 40,
    files=[
        ChangedFile(
            path="new.py",
            old_path="old.py",
            status="renamed",
            added=1,
            removed=2,
            hunks=[Hunk(old_start=3, old_count=2, new_start=3, new_count=1)],
        )
    ],
    calls=[
        Call(turn=1, tool="bash", succeeded=True, shown=[ShownLines(path="new.py", start=1, end=9)])
    ],
    gate=[GateCommand(name="test", command="pytest", exit_code=1, output="1 failed")],
    ask=Ask(number=7, title="t", body="body", snapshot="foreman-issue-w-7"),
    claims=Claims(
        verdict="NO-GO",
        summary="no",
        extra=Extra(findings=[Finding(severity="major", area="other", message="m")], odd=1),
    ),
)


def test_a_record_is_read_as_it_was_written() -> None:
    assert read_record(RECORD.text()) == RECORD
    assert RECORD.wire()["schemaVersion"] == "foreman.evidence.v1"


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"schemaVersion":"foreman.evidence.v2"}', "{"])
def test_what_is_no_record_is_told(text: str) -> None:
    with pytest.raises(EvidenceError, match=r"foreman\.evidence\.v1"):
        read_record(text)


def test_a_sealed_record_holds_no_secret() -> None:
    leaky = RECORD.replace(
        ask=Ask(title=SECRET, body=f"x {SECRET}"),
        gate=[GateCommand(name="test", command=f"TOKEN={SECRET} make", output=SECRET)],
        claims=Claims(verdict="GO", summary=SECRET, extra=Extra(note={SECRET: [SECRET]})),
    )
    found = sealed(leaky, Redactor([SECRET]).value)

    assert SECRET not in found.text()
    assert found.claims.summary == MARK
    assert sealed(found, Redactor([SECRET]).value) == found


def test_what_fits_is_kept_whole() -> None:
    assert sealed(RECORD, Redactor().value) == RECORD


def test_a_huge_record_is_cut_and_says_so() -> None:
    hunk = Hunk(old_start=1, old_count=1, new_start=1, new_count=1)
    files = [ChangedFile(path=f"f{n}.py", status="added", hunks=[hunk] * 7) for n in range(2500)]
    huge = RECORD.replace(
        files=files,
        calls=[Call(turn=n, tool="bash", succeeded=True) for n in range(9000)],
        gate=[GateCommand(name="test", command="x", output="o" * 10**6 + "the end")],
        ask=Ask(body="b" * 10**6),
        claims=Claims(verdict="GO", extra=Extra(findings=[], note="n" * 10**6)),
    )
    found = sealed(huge, Redactor().value, limit=100_000)

    assert len(found.text().encode()) <= 100_000
    assert len(found.files or []) + found.files_omitted == 2500
    assert all(len(f.hunks) + f.hunks_omitted == 7 for f in found.files or [])
    assert found.calls[-1].turn == 8999
    assert len(found.calls) + found.calls_omitted == 9000
    assert found.gate[0].output.endswith("the end")
    assert read_record(found.text()) == found


def test_a_diff_is_kept_as_places() -> None:
    change = FileChange(
        status="R",
        path="neu\udcff.py",
        old_path="old.py",
        old_mode="100644",
        new_mode="100644",
        old_sha="0",
        new_sha="1",
        hunks=(DiffHunk(3, 2, 3, 1, ("a", "b"), ("c",)),),
    )

    (file,) = changed_files([change])

    assert file == ChangedFile(
        path="neu\ufffd.py",
        old_path="old.py",
        status="renamed",
        added=1,
        removed=2,
        hunks=[Hunk(old_start=3, old_count=2, new_start=3, new_count=1)],
    )


def test_calls_and_the_ask_are_taken_over() -> None:
    calls = calls_made([CallRecord(2, "read_file", True, (Shown("a.py", 1, 5),), edited=False)])
    ask = ask_of(Snapshot(repository="o/r", number=7, title="t", body="b"), "foreman-issue-w-7")

    assert calls == [
        Call(
            turn=2,
            tool="read_file",
            succeeded=True,
            shown=[ShownLines(path="a.py", start=1, end=5)],
        )
    ]
    assert ask == Ask(number=7, title="t", body="b", snapshot="foreman-issue-w-7")


def test_a_reviewer_who_looks_around_a_lot_leaves_the_change_in_the_record() -> None:
    around = [ShownLines(path=f"elsewhere/{n}.py", start=n, end=n) for n in range(500)]
    of_it = ShownLines(path="new.py", start=1, end=9)
    calls = [Call(turn=n, tool="grep", succeeded=True, shown=[*around, of_it]) for n in range(40)]
    found = sealed(RECORD.replace(calls=calls), lambda value: value)

    assert found.files == RECORD.files
    assert found.files_omitted == found.calls_omitted == 0
    assert [call.shown for call in found.calls[:2]] == [[of_it], []]
    assert not any(call.shown_omitted for call in found.calls)
