"""What a later round is told: of the work that lies there, and of what was said of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from loop.prompts.rounds import agreement, amending, digest, to_look_at
from loop.repo.workspace import Start
from loop.snapshot import Snapshot
from loop.work.job import Job
from tools.result import Advisory

BASE, PRIOR = "a" * 40, "b" * 40
SNAPSHOT = Snapshot(repository="a/b", number=3, title="It breaks", body="Mend it")


def job(**fields: Any) -> Job:
    return Job(**{"task": "t", "uid": "u", "kind": "issue-fix", "directory": Path(), **fields})


def test_work_that_begins_at_the_base_is_told_nothing() -> None:
    assert amending(Start("b", BASE, "main", BASE)) == ""


def test_conflicts_are_listed_to_a_bound() -> None:
    names = tuple(f"f{n}.py" for n in range(40))
    text = amending(Start("b", BASE, "main", BASE, prior=PRIOR, conflicts=names))

    assert f"`git diff {BASE[:12]}` shows all of it" in text
    assert "- f29.py\n- and 10 more" in text
    assert "f30.py" not in text


def test_peoples_commits_are_told_of() -> None:
    text = amending(Start("b", PRIOR, "main", BASE, prior=PRIOR))

    assert "keep what they did" in text


@pytest.mark.parametrize(
    ("fields", "source"),
    [
        pytest.param({}, "what the operator pasted, written by operator", id="the whole ask"),
        pytest.param({"snapshot": SNAPSHOT}, "hint by the one who asked", id="a hint"),
        pytest.param(
            {"snapshot": SNAPSHOT, "revise_from": "b", "round": 1},
            "what was found wrong with the previous attempt, written by foreman",
            id="a round",
        ),
        pytest.param(
            {"snapshot": SNAPSHOT, "round": 1},
            "what is known of the rounds before, written by foreman",
            id="a round from the base",
        ),
    ],
)
def test_a_digest_says_whose_words_it_holds(fields: dict[str, Any], source: str) -> None:
    text = digest(job(prompt="add.py:2 subtracts", **fields))

    assert source in text
    assert "add.py:2 subtracts" in text


def test_advisories_are_to_be_looked_at() -> None:
    assert to_look_at(()) == ""
    text = to_look_at([Advisory(check="test-dilution", detail="an assertion is gone")])

    assert text.startswith("Look at each of these")
    assert "test-dilution: an assertion is gone" in text


def test_only_the_coders_of_slices_are_told_what_was_agreed() -> None:
    assert agreement(job()) == ""
    assert agreement(job(kind="review", contract="x")) == ""
    assert "user_id is an int" in agreement(job(contract="user_id is an int"))
