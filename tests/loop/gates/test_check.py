from __future__ import annotations

import importlib
import pkgutil

import pytest

from loop.gates import checks
from loop.gates.check import PASSED, Change, Check, Found, ask, switch_of
from loop.gates.checks.order import CHECKS, COMMAND_CHECKS
from loop.gates.finding import ContentFinding, content_runs
from loop.gates.gate import GateReport
from loop.work.gating import only_unproven, with_checks
from tests.loop.gates.change_support import PROFILE
from tools.result import Unverified

NOTHING = Change((), PROFILE)
GOOD = Check("good", "block", lambda _: PASSED)
BAD = Check("bad-thing", "block", lambda _: Found("failed", "mend it"))
ODD = Check("odd", "advisory", lambda _: Found("failed", "look at it"))
UNPROVEN = Check(
    "claim-evidence",
    "block",
    lambda _: Found("failed", "prove it", (Unverified(fact="12 ms"),)),
)
PASS = GateReport("GATE-PASS", (), "passed: test")


def test_all_are_asked_in_order_whatever_the_first_says() -> None:
    asked = ask(NOTHING, [BAD, GOOD, ODD])

    assert [(r.check, r.outcome) for r in asked.runs] == [
        ("bad-thing", "failed"),
        ("good", "passed"),
        ("odd", "failed"),
    ]
    assert asked.blocked


def test_one_that_is_switched_off_says_so() -> None:
    asked = ask(NOTHING, [BAD], switched_off=["bad_thing"])

    assert [(r.outcome, r.detail) for r in asked.runs] == [
        ("switched off", "FOREMAN_BAD_THING_GATE=0")
    ]
    assert not asked.blocked


def test_a_blocking_check_turns_the_gate_and_tells_the_coder() -> None:
    report = with_checks(PASS, ask(NOTHING, [GOOD, BAD, ODD]))

    assert (report.verdict, report.summary) == ("GATE-FAIL", "checks failed: bad-thing")
    assert report.feedback().endswith("\nbad-thing: mend it")
    assert "look at it" not in report.feedback()
    assert report.failed is None


def test_an_advisory_goes_to_the_reviewer_and_stops_nothing() -> None:
    report = with_checks(PASS, ask(NOTHING, [ODD]))

    assert report.verdict == "GATE-PASS"
    assert [(a.check, a.detail) for a in report.advisories] == [("odd", "look at it")]


def test_nothing_to_run_does_not_excuse_a_blocking_check() -> None:
    error = GateReport("GATE-ERROR", (), "there is nothing to run")

    assert with_checks(error, ask(NOTHING, [BAD])).verdict == "GATE-FAIL"
    assert with_checks(error, ask(NOTHING, [GOOD])).verdict == "GATE-ERROR"


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param([UNPROVEN, GOOD, ODD], True, id="proof alone"),
        pytest.param([UNPROVEN, BAD], False, id="something else too"),
        pytest.param([BAD], False, id="no proof asked for"),
    ],
)
def test_a_person_is_asked_only_where_proof_alone_is_missing(
    asked: list[Check], *, expected: bool
) -> None:
    assert only_unproven(with_checks(PASS, ask(NOTHING, asked))) is expected


def test_a_long_detail_keeps_head_and_tail() -> None:
    [run] = ask(
        NOTHING, [Check("x", "block", lambda _: Found("failed", "a" + "·" * 30_000 + "z"))]
    ).runs

    assert run.detail.startswith("a")
    assert run.detail.endswith("z")
    assert len(run.detail) < 9_000


def test_a_file_name_that_is_no_text_breaks_no_result() -> None:
    [run] = ask(NOTHING, [Check("x", "block", lambda _: Found("failed", "a\udcffb"))]).runs

    assert run.wire()["detail"] == "a?b"


def test_names_are_unique_and_make_switches() -> None:
    switches = [switch_of(check.name) for check in (*CHECKS, *COMMAND_CHECKS)]

    assert len(set(switches)) == len(switches)
    assert all(name.replace("_", "").isalpha() for name in switches)


def test_every_check_that_is_written_is_asked() -> None:
    modules = [
        importlib.import_module(f"{checks.__name__}.{found.name}")
        for found in pkgutil.iter_modules(checks.__path__)
    ]
    written = [module.CHECK for module in modules if hasattr(module, "CHECK")]

    assert len(written) >= 4
    assert [check.name for check in written if check not in CHECKS] == []


def test_content_checks_stand_beside_the_others() -> None:
    big = ContentFinding("sizes", "a.bin", "too big")

    runs = content_runs([big], switched_off=["workflows"])

    assert [(r.check, r.outcome) for r in runs] == [
        ("secrets", "could not run"),
        ("sizes", "failed"),
        ("workflows", "switched off"),
    ]
    assert [r.outcome for r in content_runs([])] == ["passed", "passed", "passed"]
