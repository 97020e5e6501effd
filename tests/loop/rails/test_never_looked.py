from __future__ import annotations

from typing import Any

import pytest

from loop.evidence import Call, ChangedFile, Hunk, Record, ShownLines
from loop.rails.never_looked import RAIL, unseen
from loop.rails.order import reconcile
from tests.loop.rails.rails_support import diff_of, file, lines, read, record


def changed(path: str, *hunks: tuple[int, int, int, int], **fields: Any) -> ChangedFile:
    return ChangedFile(
        path=path,
        status=fields.pop("status", "modified"),
        added=sum(hunk[3] for hunk in hunks),
        removed=sum(hunk[1] for hunk in hunks),
        hunks=[Hunk(old_start=a, old_count=b, new_start=c, new_count=d) for a, b, c, d in hunks],
        **fields,
    )


def seen(files: list[ChangedFile], *calls: Call, **fields: Any) -> Record:
    return record(files=files, **fields).replace(calls=list(calls))


def ruled(found: Record) -> tuple[str, str, list[str] | None]:
    after = reconcile(found, [RAIL])
    return after.verdict, after.rulings[0].ruling, after.extra.unseen_files


SMALL = [file("a.py", 3), file("b.py", 9)]


def test_a_go_over_a_change_that_was_read_stands() -> None:
    assert ruled(seen(SMALL, diff_of(SMALL))) == ("GO", "kept", None)


def test_a_go_without_a_look_is_no_verdict() -> None:
    after = reconcile(seen(SMALL), [RAIL])

    assert (after.verdict, after.extra.verdict_claimed) == ("INCOMPLETE", "GO")
    assert after.extra.unseen_files == ["a.py", "b.py"]
    assert after.rulings[0].found == "0 of 4 changed lines were shown"
    assert after.extra.demotion_reason == "neverLooked: not shown to the reviewer: a.py, b.py"


@pytest.mark.parametrize("verdict", ["NO-GO", "INCOMPLETE"])
def test_other_verdicts_are_only_marked(verdict: Any) -> None:
    assert ruled(seen(SMALL, verdict=verdict)) == (verdict, "annotated", ["a.py", "b.py"])


def test_one_file_left_out_of_a_small_change_is_told() -> None:
    assert ruled(seen(SMALL, diff_of(SMALL[:1]))) == ("INCOMPLETE", "demoted", ["b.py"])


def test_a_file_half_read_is_told() -> None:
    files = [changed("a.py", (1, 0, 1, 10))]
    after = reconcile(seen(files, *read(lines("a.py", 1, 6))), [RAIL])

    assert after.rulings[0].reason == "not shown to the reviewer: a.py (6 of 10 lines)"
    assert after.extra.unseen_files == ["a.py"]


@pytest.mark.parametrize(
    ("files", "shown"),
    [
        pytest.param(SMALL, [lines("a.py", 1, 5), lines("b.py", 1, 20)], id="read_file"),
        pytest.param(
            [changed("a.py", (1, 0, 1, 10))],
            [lines("a.py", 1, 4), lines("a.py", 5, 3), lines("a.py", 7, 9)],
            id="in pieces",
        ),
        pytest.param(
            [changed("a.py", (5, 3, 4, 0))], [lines("a.py", 5, 3, side="old")], id="lines gone"
        ),
        pytest.param(
            [changed("a.py", (1, 4, 0, 0), status="deleted")],
            [lines("a.py", 1, 4, side="old")],
            id="file gone",
        ),
        pytest.param(
            [changed("new.py", (5, 1, 5, 0), status="renamed", old_path="old.py")],
            [lines("old.py", 5, 1, side="old")],
            id="renamed",
        ),
        pytest.param(
            [changed("new.py", status="renamed", old_path="old.py")],
            [ShownLines(path="new.py", start=0, end=0)],
            id="moved only",
        ),
        pytest.param(
            [changed("a.png", binary=True), changed("a.py", (1, 1, 1, 1))],
            [lines("a.py", 1, 1)],
            id="beside a picture",
        ),
        pytest.param(
            [changed("a.py", (1, 6, 1, 2))], [lines("a.py", 1, 2)], id="replaced by fewer"
        ),
    ],
)
def test_these_looks_suffice(files: list[ChangedFile], shown: Any) -> None:
    assert ruled(seen(files, *read(*shown))) == ("GO", "kept", None)


@pytest.mark.parametrize(
    ("files", "shown"),
    [
        pytest.param(
            [changed("a.py", (5, 3, 4, 0))], [lines("a.py", 1, 20)], id="what went is not there now"
        ),
        pytest.param(
            [changed("a.py", (5, 60, 5, 1))], [lines("a.py", 1, 20)], id="a guard gone for a line"
        ),
        pytest.param(
            [changed("a.py", (1, 4, 0, 0), status="deleted")], [lines("a.py", 1, 4)], id="file gone"
        ),
        pytest.param([changed("a.py", (1, 0, 1, 2))], [lines("b.py", 1, 2)], id="another file"),
        pytest.param(
            [changed("new.py", status="renamed", old_path="old.py")],
            [lines("c.py", 1, 2)],
            id="moved only",
        ),
        pytest.param(
            [changed("a.py", (1, 0, 1, 2))], [lines("a.py", 1, 2, side="old")], id="another side"
        ),
    ],
)
def test_these_looks_do_not(files: list[ChangedFile], shown: Any) -> None:
    assert ruled(seen(files, *read(*shown))) == ("INCOMPLETE", "demoted", [files[0].path])


LARGE = [changed("a.py", (1, 0, 1, 500)), changed("b.py", (1, 0, 1, 100))]


def test_four_fifths_of_a_large_change_are_enough() -> None:
    most = read(lines("a.py", 1, 420), lines("b.py", 1, 60))

    assert ruled(seen(LARGE, *most)) == ("GO", "kept", ["b.py"])
    assert ruled(seen(LARGE, *read(lines("a.py", 1, 419), lines("b.py", 1, 60)))) == (
        "INCOMPLETE",
        "demoted",
        ["b.py"],
    )


def test_a_source_file_of_a_large_change_may_not_be_left_out() -> None:
    assert ruled(seen(LARGE, *read(lines("a.py", 1, 500)))) == ("INCOMPLETE", "demoted", ["b.py"])
    other = [LARGE[0], changed("b.md", (1, 0, 1, 100))]
    assert ruled(seen(other, *read(lines("a.py", 1, 500)))) == ("GO", "kept", ["b.md"])


def test_nobody_has_to_read_the_lock_file_of_a_large_change() -> None:
    lock = changed("web/package-lock.json", (1, 900, 1, 900))
    assert ruled(seen([*SMALL, lock], diff_of(SMALL))) == ("GO", "kept", None)

    small = changed("uv.lock", (1, 0, 1, 9))
    assert ruled(seen([*SMALL, small], diff_of(SMALL)))[2] == ["uv.lock"]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        pytest.param({"calls_omitted": 1}, "shown more than is kept", id="calls"),
        pytest.param({"files_omitted": 1}, "too large to be kept whole", id="files"),
    ],
)
def test_what_was_cut_from_the_record_demotes_nobody(fields: Any, reason: str) -> None:
    found = seen(SMALL, diff_of(SMALL[:1])).replace(**fields)
    after = reconcile(found, [RAIL])

    assert (after.verdict, after.rulings[0].ruling) == ("GO", "could not run")
    assert reason in after.rulings[0].reason


def test_who_saw_nothing_of_a_huge_change_is_demoted_all_the_same() -> None:
    assert ruled(seen(SMALL).replace(files_omitted=5000))[:2] == ("INCOMPLETE", "demoted")


def test_what_was_not_shown_is_counted_by_file() -> None:
    found = seen(SMALL, diff_of(SMALL[:1]))

    assert [(look.file.path, look.lines, look.seen) for look in unseen(found)] == [("b.py", 2, 0)]


def test_a_model_cannot_say_itself_what_it_saw() -> None:
    found = seen(SMALL, diff_of(SMALL), unseen_files=["x.py"])

    assert reconcile(found, [RAIL]).extra.unseen_files is None
