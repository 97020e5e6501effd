"""Whatever is claimed of whatever change: verdicts go down, and nothing the model says is ours."""

from __future__ import annotations

from typing import Any, TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from loop.evidence import (
    Ask,
    Call,
    ChangedFile,
    Claims,
    Covers,
    Hunk,
    Record,
    ShownLines,
    Surroundings,
    read_record,
)
from loop.rails.order import RAILS, reconcile
from loop.rails.seats import open_seat
from tools.result import Extra, Finding

Model = TypeVar("Model")
LADDER = ("GO", "NO-GO", "INCOMPLETE")
PATHS = ("src/a.py", "src/b.py", "tests/test_a.py", "README.md", "c.png")


def built(model: type[Model], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Model]:
    """`st.builds` takes wire names for Python's."""
    return st.fixed_dictionaries(fields).map(lambda given: model(**given))


paths = st.sampled_from(PATHS)
counts = st.integers(0, 500)
hunks = built(Hunk, old_start=counts, old_count=counts, new_start=counts, new_count=counts)
files = built(
    ChangedFile,
    path=paths,
    old_path=st.none() | paths,
    status=st.sampled_from(("added", "modified", "deleted", "renamed")),
    hunks=st.lists(hunks, max_size=3),
    hunks_omitted=st.integers(0, 1),
)
shown = built(ShownLines, path=paths, start=counts, end=counts, side=st.sampled_from((None, "old")))
calls = built(
    Call, turn=st.just(1), tool=st.just("bash"), succeeded=st.booleans(), shown=st.lists(shown)
)
findings = built(
    Finding,
    severity=st.sampled_from(("blocker", "major", "minor")),
    area=st.sampled_from(("tests", "other", "regression")),
    message=st.sampled_from(("wrong", "the branch is empty", "")),
    file=st.none() | paths,
    line=st.none() | counts,
)
texts = st.sampled_from(
    ("", "Fix `src/a.py` please, it crashes", "Nothing is named here at all", "`lib/z.py` is slow")
)
extras = built(
    Extra,
    findings=st.none() | st.lists(findings, max_size=3),
    issue_ask=st.none() | texts,
    files_touched=st.none() | st.lists(paths, max_size=3),
    review_outcome=st.sampled_from((None, "APPROVE", "REJECT")),
    issue_ask_verified=st.sampled_from((None, True)),
    scope_matched=st.none() | st.just(["src/a.py"]),
    scope_drift_detected=st.sampled_from((None, True)),
)
around = built(
    Surroundings,
    named=st.lists(paths | st.just("src/"), max_size=2),
    tests=st.dictionaries(paths, built(Covers, by_import=st.lists(paths, max_size=1))),
    extensions=st.just([".py"]),
    identifiers=st.lists(st.just("read_all"), max_size=1),
    omitted=st.integers(0, 1),
)
records = built(
    Record,
    files=st.none() | st.lists(files, max_size=3),
    files_omitted=st.integers(0, 1),
    calls=st.lists(calls, max_size=3),
    calls_omitted=st.integers(0, 1),
    ask=st.none() | built(Ask, title=st.just("t"), body=texts),
    surroundings=st.none() | around,
    claims=built(
        Claims,
        verdict=st.sampled_from((*LADDER, "GATE-PASS")),
        summary=st.sampled_from(("fine", "The branch is empty.")),
        extra=extras,
    ),
)


@settings(max_examples=300, deadline=None)
@given(records)
def test_no_record_raises_a_verdict(record: Record) -> None:
    found = reconcile(record)
    claimed: Any = record.claims.verdict

    if claimed not in LADDER:
        assert found.verdict == claimed
    else:
        assert LADDER.index(found.verdict) >= LADDER.index(claimed)
    assert (found.extra.verdict_demoted is True) == (found.verdict != claimed)
    assert len(found.rulings) == len(RAILS)
    assert (found.outcome == "UNGROUNDED") <= (found.verdict == "INCOMPLETE")
    assert bool(found.outcome) <= (claimed == "NO-GO")


@settings(max_examples=100, deadline=None)
@given(records)
def test_a_stored_record_is_judged_the_same(record: Record) -> None:
    assert reconcile(read_record(record.text())) == reconcile(record)


@settings(max_examples=100, deadline=None)
@given(records)
def test_only_a_seat_without_a_verdict_is_open(record: Record) -> None:
    found = reconcile(record)

    if open_seat(found.verdict, found.extra.replace(outcome=found.outcome)):
        assert found.extra.verdict_demoted


@settings(max_examples=200, deadline=None)
@given(records)
def test_what_is_said_of_the_harness_changes_nothing(record: Record) -> None:
    claims = record.claims
    silent = claims.extra.replace(
        issue_ask_verified=None, scope_matched=None, scope_drift_detected=None
    )

    assert reconcile(record) == reconcile(record.replace(claims=claims.replace(extra=silent)))
