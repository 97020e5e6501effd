"""A change that defines its own gate is told from one that names another dependency."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from loop.gates.gate import GateReport
from loop.gates.redefinition import as_changed, redefined
from tests.loop.gates.change_support import change
from tools.result import GateCommand

PASS = GateReport(
    "GATE-PASS", (GateCommand(name="test", command="old", exit_code=0),), "passed: test"
)
PACKAGE = {"name": "a", "version": "1.0.0", "dependencies": {}, "scripts": {"test": "jest"}}
PYPROJECT = '[project]\nname = "a"\nversion = "1"\n\n[tool.pytest.ini_options]\naddopts = "-q"\n'
CARGO = '[package]\nname = "a"\nversion = "1.0.0"\n\n[dependencies]\n\n[lib]\ntest = true\n'


def found(path: str, before: str | None, after: str | None) -> tuple[str, ...]:
    old = {} if before is None else {path: before}
    new = {} if after is None else {path: after}
    files = [file.change for file in change(old, new).files]
    contents = ({p: t.encode() for p, t in side.items()} for side in (old, new))
    return redefined(files, *contents)


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        pytest.param("Makefile", "test:\n\tpytest\n", "test:\n\ttrue\n", id="Makefile"),
        pytest.param("conftest.py", None, "collect_ignore = ['tests']\n", id="a file that is new"),
        pytest.param("pytest.ini", "[pytest]\n", None, id="a file that is gone"),
        pytest.param("pytest.py", None, "", id="a stand-in for a tool"),
        pytest.param("package.json", json.dumps(PACKAGE), json.dumps({**PACKAGE, "scripts": {"test": "true"}}), id="scripts of npm"),
        pytest.param("package.json", json.dumps(PACKAGE), "{", id="not JSON"),
        pytest.param("pyproject.toml", PYPROJECT, PYPROJECT.replace("-q", "-q --ignore tests"), id="options of pytest"),
        pytest.param("Cargo.toml", CARGO, CARGO.replace("true", "false"), id="a target that is not tested"),
        pytest.param("Cargo.toml", CARGO, CARGO.replace("[dep", "[lints.rust]\nunused = 'allow'\n\n[dep"), id="lints of cargo"),
        pytest.param("Cargo.toml", CARGO, CARGO.replace("\n\n[dep", "\nautotests = false\n\n[dep"), id="tests that cargo does not find"),
    ],
)  # fmt: skip
def test_what_defines_the_gate_otherwise(path: str, before: str | None, after: str | None) -> None:
    assert found(path, before, after) == (path,)


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        pytest.param("src/a.py", "x = 1\n", "x = 2\n", id="a source file"),
        pytest.param("web/Makefile", "a:\n", "b:\n", id="not at the root"),
        pytest.param("package.json", json.dumps(PACKAGE), json.dumps({**PACKAGE, "dependencies": {"b": "1"}}), id="npm"),
        pytest.param("pyproject.toml", PYPROJECT, PYPROJECT.replace('"1"', '"2"\ndependencies = ["b"]'), id="python"),
        pytest.param("Cargo.toml", CARGO, CARGO.replace("[dependencies]", '[dependencies]\nb = "1"'), id="cargo"),
        pytest.param("go.mod", "module a\n", "module a\n\nrequire b v1.0.0\n", id="go"),
        pytest.param("requirements.txt", "a\n", "a\nb\n", id="pip"),
    ],
)  # fmt: skip
def test_another_dependency_leaves_the_gate_as_it_is(path: str, before: str, after: str) -> None:
    assert found(path, before, after) == ()


def test_a_renamed_definition_counts_at_both_names() -> None:
    text = "[pytest]\naddopts = -q\ntestpaths = tests\n"
    files = [file.change for file in change({"pytest.ini": text}, {"tox.ini": text}).files]

    assert redefined(files, {"pytest.ini": text.encode()}, {"tox.ini": text.encode()}) == (
        "pytest.ini",
        "tox.ini",
    )


def test_both_versions_have_to_pass() -> None:
    again = GateCommand(name="test", command="new", exit_code=1, output="1 failed")
    failed = GateReport("GATE-FAIL", (again,), "test ended with exit code 1")

    both = as_changed(PASS, failed)

    assert both.verdict == "GATE-FAIL"
    assert both.summary == "as this change defines the gate, test ended with exit code 1"
    assert "$ new\n1 failed" in both.feedback()
    assert as_changed(PASS, replace(PASS, summary="")).verdict == "GATE-PASS"
