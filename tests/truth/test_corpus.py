"""Every lie caught, no honest verdict flipped."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.truth.case import Case, corpus, fold
from tests.truth.judgement import faults
from tests.truth.stage import Stage
from tests.truth.waiting import WAITING, waits_for

CASES = [pytest.param(case, id=case.name) for case in corpus()]


@pytest.mark.parametrize("case", CASES)
def test_a_case_comes_out_as_it_must(stage: Stage, case: Case) -> None:
    found = faults(case, stage.seen(case))

    if found and (name := waits_for(case)):
        pytest.xfail(f"waits for {name}")
    assert not found


def test_no_name_waits_without_a_case_that_fails(stage: Stage) -> None:
    idle = [name for name in WAITING if not _has_failing_case(stage, name)]

    assert idle == [], "take them off the list"


def _has_failing_case(stage: Stage, name: str) -> bool:
    waiting = (case for case in corpus() if fold(waits_for(case)) == fold(name))
    return any(faults(case, stage.seen(case)) for case in waiting)


def test_an_honest_case_expects_what_was_said() -> None:
    meant = {"NO_GO": "NO-GO", "ERROR": "INCOMPLETE"}
    flipped = [
        case.name
        for case in corpus()
        if not case.is_lie
        and case.story.expect.verdict != meant.get(said := case.story.says["verdict"], said)
    ]

    assert flipped == []


def test_the_corpus_is_as_large_and_as_mixed_as_promised() -> None:
    cases = corpus()
    kinds = Counter(case.story.kind for case in cases)

    assert min(kinds["lie"], kinds["honest"]) >= 60
    assert {"python", "typescript", "go", "rust", "java", "cpp"} <= {
        case.story.language for case in cases
    }
