"""What is made of the honest verdicts: lies, which are caught, and likenesses, which are not."""

from __future__ import annotations

import pytest

from loop.rails.order import reconcile
from tests.truth.case import Case, corpus
from tests.truth.judgement import faults
from tests.truth.lies import can_lie, lies
from tests.truth.likenesses import likenesses
from tests.truth.stage import Stage
from tests.truth.waiting import awaited, waits_for
from tests.truth.worse import can_be_worse, worse

HONEST = [pytest.param(case, id=case.name) for case in corpus() if not case.is_lie]
REVIEWS = [pytest.param(case, id=case.name) for case in corpus() if can_lie(case)]
CHANGES = [pytest.param(case, id=case.name) for case in corpus() if can_be_worse(case)]


@pytest.mark.parametrize("case", REVIEWS)
def test_the_same_change_lied_about_is_caught(stage: Stage, case: Case) -> None:
    told = [
        lie
        for lie in lies(stage.seen(case).record)
        if not awaited([lie.rail]) and not lie.caught(reconcile(lie.record))
    ]

    assert [lie.name for lie in told] == []


@pytest.mark.parametrize("case", CHANGES)
def test_the_same_change_made_worse_is_turned_back(stage: Stage, case: Case) -> None:
    made = [one for one in worse(case) if not awaited([one.check])]

    played = stage.play_all([one.play for one in made])

    assert [m.name for m, seen in zip(made, played, strict=True) if seen.verdict == "GO"] == []


@pytest.mark.parametrize("case", HONEST)
def test_another_dress_changes_nothing(stage: Stage, case: Case) -> None:
    dressed = list(likenesses(case))

    played = stage.play_all([like.play for like in dressed])

    found = {like.name: faults(like.case, s) for like, s in zip(dressed, played, strict=True)}
    if any(found.values()) and (name := waits_for(case)):
        pytest.xfail(f"waits for {name}")
    assert not any(found.values()), found
