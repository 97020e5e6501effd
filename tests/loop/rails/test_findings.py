from __future__ import annotations

from typing import Any

import pytest

from loop.evidence import ChangedFile, Record
from loop.rails import grounded_findings, scope, verdict_from_findings
from loop.rails.order import Reconciled, reconcile
from tests.loop.rails.rails_support import file, finding, inside, record
from tools.result import Finding

FILES = [file("src/a.py", 20), file("lib/b.py", 3), file("new.py", 7, old="old.py")]
GONE = ChangedFile(path="gone.py", status="deleted", removed=4)
IMAGE = ChangedFile(path="logo.png", status="added", binary=True)
RAILS = [scope.RAIL, grounded_findings.RAIL, verdict_from_findings.RAIL]


def ruled(verdict: Any, *findings: Finding, **fields: Any) -> Reconciled:
    given = {"files": [*FILES, GONE, IMAGE], **fields}
    return reconcile(record(verdict=verdict, findings=list(findings), **given), RAILS)


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({"file": "src/a.py", "line": 20}, id="line"),
        pytest.param({"file": "src/a.py", "line": 17}, id="three before"),
        pytest.param({"file": "src/a.py", "line": 23}, id="three behind"),
        pytest.param({"file": "./src/a.py", "line": 20}, id="dot"),
        pytest.param({"file": "a.py", "line": 20}, id="end of the path"),
        pytest.param({"file": "old.py", "line": 7}, id="old name"),
        pytest.param({"file": "b/src/a.py", "line": 20}, id="as a diff writes it"),
        pytest.param({"file": "/workspace/src/a.py", "line": 20}, id="in the checkout"),
        pytest.param({"file": "gone.py"}, id="file gone"),
        pytest.param({"file": "logo.png"}, id="binary"),
        pytest.param({"file": "src/a.py", "area": "tests"}, id="missing tests"),
        pytest.param({"file": "src/a.py", "area": "wired-up", "line": 900}, id="missing wiring"),
        pytest.param({"file": "lib/b.py", "area": "regression"}, id="regression"),
        pytest.param({"file": "main.py", "area": "regression"}, id="named in the issue"),
        pytest.param({"file": "app/main.py", "area": "wired-up"}, id="named by its end"),
    ],
)
def test_what_points_at_the_change_carries_a_no_go(said: Any) -> None:
    found = ruled("NO-GO", finding(**said), body="`a.py` must be called from `main.py`")

    assert found.verdict == "NO-GO"
    assert found.extra.ungrounded_findings is None
    assert found.extra.grounded_finding_reason is None


@pytest.mark.parametrize("severity", ["blocker", "major"])
@pytest.mark.parametrize("verdict_of", ["REQUEST-CHANGES", "REJECT"])
@pytest.mark.parametrize(
    ("said", "why"),
    [
        pytest.param({}, "names no file", id="nowhere"),
        pytest.param({"file": "c.py", "line": 3}, "c.py is not in the diff", id="another file"),
        pytest.param({"file": "src/a.py"}, "src/a.py: no line", id="no line"),
        pytest.param(
            {"file": "src/a.py", "line": 24}, "src/a.py:24 is not in the diff", id="too far"
        ),
        pytest.param(
            {"file": "c.py", "area": "tests"}, "c.py is not in the diff", id="tests of another file"
        ),
        pytest.param({"file": "b/a.py", "line": 20}, "b/a.py is not in the diff", id="folder"),
        pytest.param(
            {"file": "x/src/a.py", "line": 20}, "x/src/a.py is not in the diff", id="another root"
        ),
    ],
)
def test_a_no_go_that_nothing_supports_is_no_verdict(
    severity: str, verdict_of: str, said: Any, why: str
) -> None:
    wrong = finding(severity, **said)
    found = ruled("NO-GO", wrong, review_outcome=verdict_of)

    assert (found.verdict, found.outcome) == ("INCOMPLETE", "UNGROUNDED")
    assert found.extra.verdict_claimed == "NO-GO"
    assert found.extra.findings == [wrong]
    assert found.extra.ungrounded_findings == [wrong]
    assert found.extra.grounded_finding_reason == why


@pytest.mark.parametrize("findings", [(), (finding("minor", file="src/a.py", line=20),)])
def test_a_no_go_without_a_blocking_finding_is_none_either(findings: tuple[Finding, ...]) -> None:
    found = ruled("NO-GO", *findings)

    assert (found.verdict, found.outcome) == ("INCOMPLETE", "UNGROUNDED")
    assert found.extra.grounded_finding_reason == "no blocking finding was handed in"


def test_one_grounded_finding_carries_the_others() -> None:
    wrong = finding(file="c.py", line=1)
    found = ruled("NO-GO", wrong, finding("blocker", file="src/a.py", line=20))

    assert (found.verdict, found.outcome) == ("NO-GO", None)
    assert found.extra.ungrounded_findings == [wrong]
    assert found.rulings[1].ruling == "annotated"


def test_drift_carries_a_no_go() -> None:
    body = "`other.py` is broken"

    assert ruled("NO-GO", body=body).verdict == "NO-GO"
    docs = ruled("NO-GO", body=body, files=[file("README.md", 1)])
    assert docs.outcome == "UNGROUNDED"


def test_a_go_with_a_finding_that_blocks_is_a_no_go() -> None:
    found = ruled("GO", finding("minor"), finding("blocker", file="src/a.py", line=20))

    assert (found.verdict, found.extra.verdict_claimed) == ("NO-GO", "GO")
    assert found.extra.verdict_from_findings_reason == (
        "its own finding blocks: blocker at src/a.py:20: m"
    )
    assert found.extra.demotion_reason == (
        "verdictFromFindings: its own finding blocks: blocker at src/a.py:20"
    )


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(finding("minor", file="src/a.py", line=20), id="minor"),
        pytest.param(finding("blocker", file="src/a.py", line=900), id="ungrounded"),
        pytest.param(finding("blocker"), id="nowhere"),
    ],
)
def test_what_does_not_block_leaves_a_go(said: Finding) -> None:
    found = ruled("GO", said)

    assert found.verdict == "GO"
    assert found.extra.ungrounded_findings == ([said] if said.severity == "blocker" else None)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        pytest.param({"files": None, "fault": "no clone"}, "no clone", id="no diff"),
        pytest.param({"files": []}, "the diff is empty", id="empty"),
    ],
)
def test_without_a_diff_the_verdict_stands(fields: Any, reason: str) -> None:
    found: Record = record(verdict="NO-GO", findings=[finding()]).replace(**fields)
    after = reconcile(found, RAILS)

    assert after.verdict == "NO-GO"
    assert reason in (after.extra.rails_skipped or [""])[1]


def test_what_is_cut_from_the_record_cannot_be_contradicted() -> None:
    cut = [FILES[0].replace(hunks_omitted=2)]
    found = record(verdict="NO-GO", files=cut, findings=[finding(file="src/a.py", line=900)])

    assert reconcile(found, RAILS).verdict == "NO-GO"
    elsewhere = record(verdict="NO-GO", findings=[finding(file="z.py", line=9)])
    assert reconcile(elsewhere.replace(files_omitted=9), RAILS).verdict == "NO-GO"


def test_a_file_that_the_issue_names_by_its_end_is_known_whole() -> None:
    said = finding("major", "wired-up", file="src/app/main.py")
    found = record(verdict="NO-GO", body="wire it up in `main.py`", findings=[said])

    assert reconcile(inside(found, ["src/app/main.py"]), RAILS).verdict == "NO-GO"
