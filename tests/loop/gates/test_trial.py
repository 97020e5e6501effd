"""What the bite check puts back, and which tests have to notice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from loop.gates.check import Found
from loop.gates.profile import GateProfile
from loop.gates.trial import Trial, planned
from loop.repo.diff import ABSENT
from loop.tested import TestLayout
from tests.loop.gates.change_support import change

PROFILE = GateProfile("python", {"test": "pytest"})
CODE, TEST = {"cart.py": "def total(): ...\n"}, {"tests/test_cart.py": "def test(): ...\n"}
RUST = "pub fn a() {}\n\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn t() {}\n}\n"

Files = Mapping[str, str]


def plan(before: Files, after: Files, profile: GateProfile = PROFILE) -> Trial:
    trial = planned(change(before, after, profile=profile))
    assert isinstance(trial, Trial), trial
    return trial


@pytest.mark.parametrize(
    ("before", "after", "outcome", "why"),
    [
        pytest.param(CODE, {"cart.py": "x = 1\n"}, "waived", "touches no test", id="no test"),
        pytest.param({**CODE, **TEST}, {"cart.py": "x = 1\n"}, "waived", "touches no test", id="a test is gone"),
        pytest.param({}, TEST, "waived", "touches no source file", id="tests alone"),
        pytest.param({"README.md": "a\n"}, {"README.md": "b\n", **TEST}, "waived", "touches no source file", id="documents"),
        pytest.param({"a.toml": "a = 1\n"}, {"a.toml": "a = 2\n", **TEST}, "waived", "touches no source file", id="configuration"),
        pytest.param({}, {"src/a.rs": RUST}, "passed", "weak: the tests are inside src/a.rs, which is new", id="a new file that tests itself"),
    ],
)  # fmt: skip
def test_there_may_be_nothing_to_try(before: Files, after: Files, outcome: str, why: str) -> None:
    found = planned(change(before, after, profile=PROFILE))

    assert isinstance(found, Found)
    assert found.outcome == outcome
    assert why in found.detail


def test_without_a_test_command_it_could_not_run() -> None:
    found = planned(change({}, {**CODE, **TEST}, profile=GateProfile("python", {})))

    assert found == Found("could not run", "this repository has no test command")


def test_everything_but_the_tests_is_as_before() -> None:
    before = {"gone.py": "a = 1\n", "cart.py": "b = 1\n", "note.md": "n\n", **TEST}
    after = {
        "cart.py": "b = 2\n",
        "new.py": "c = 1\n",
        "note.md": "m\n",
        "tests/test_new.py": "def test(): ...\n",
    }

    trial = plan(before, after)

    assert {e.path: e.mode for e in trial.entries} == {
        "gone.py": "100644",
        "cart.py": "100644",
        "note.md": "100644",
        "new.py": ABSENT,
    }
    assert trial.tests == ("tests/test_new.py",)
    assert {e.path for e in trial.entries_of_code()} == {"gone.py", "cart.py", "new.py"}


def test_a_rename_is_undone() -> None:
    text = "def total(prices):\n    return sum(prices)\n"

    trial = plan({"a.py": text}, {"b.py": text, **TEST})

    assert {e.path: e.mode for e in trial.entries} == {"a.py": "100644", "b.py": ABSENT}


def test_a_test_root_holds_tests_whatever_they_are_called() -> None:
    profile = replace(PROFILE, test_layout=TestLayout("checks", "src"))

    trial = plan(CODE, {"cart.py": "x = 1\n", "checks/cart.py": "assert 1\n"}, profile)

    assert trial.tests == ("checks/cart.py",)
    assert [e.path for e in trial.entries] == ["cart.py"]


def test_tests_inside_a_file_are_put_into_what_it_was() -> None:
    before = "pub fn a() -> i32 {\n    1\n}\n\n#[cfg(test)]\nmod tests {\n    fn old() {}\n}\n"
    after = (
        "pub fn a() -> i32 {\n    2\n}\n\n/// Only here.\n#[cfg(test)]\n#[allow(dead_code)]\n"
        "mod tests {\n    #[test]\n    fn new() {}\n}\n\npub fn b() {}\n"
    )

    trial = plan({"src/a.rs": before}, {"src/a.rs": after})

    assert trial.tests == ("src/a.rs",)
    assert trial.contents["src/a.rs"].decode() == (
        "pub fn a() -> i32 {\n    1\n}\n\n#[cfg(test)]\n#[allow(dead_code)]\n"
        "mod tests {\n    #[test]\n    fn new() {}\n}\n"
    )
