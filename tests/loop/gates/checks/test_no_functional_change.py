from __future__ import annotations

from collections.abc import Mapping

import pytest

from loop.gates.check import run_of
from loop.gates.checks.no_functional_change import CHECK, changes_nothing
from loop.gates.gate import GateReport
from tests.loop.gates.survey_support import edit

CODE = {
    "a.py": "def f(x):\n    return x + 1\n",
    "a.ts": "export const f = (x: number) => x + 1;\n",
    "a.go": "package a\n\nfunc F() int { return 1 }\n",
    "a.rs": "pub fn f() -> i32 { 1 }\n",
    "A.java": "class A { int f() { return 1; } }\n",
    "a.cpp": "int f() { return 1; }\n",
    "a.zig": "fn f() {}\n",
    "tests/test_a.py": "def test_f():\n    assert f(1) == 2\n",
    "README.md": "# A\n",
    "a.toml": "x = 1\n",
}


@pytest.mark.parametrize(
    ("now", "told"),
    [
        pytest.param({"a.py": 'def f(x):\n    """Add."""\n\n    return x+1  # one\n'}, "comments and layout", id="python"),
        pytest.param({"a.ts": "/** Adds. */\nexport const f = (x: number) => x + 1; // f\n"}, "comments and layout", id="typescript"),
        pytest.param({"a.go": "package a\n\n// F is one.\nfunc F() int { return 1 }\n"}, "comments and layout", id="go"),
        pytest.param({"a.rs": "/// One.\npub fn f() -> i32 { 1 }\n"}, "comments and layout", id="rust"),
        pytest.param({"A.java": "/* A */\nclass A { int f() { return 1; } }\n"}, "comments and layout", id="java"),
        pytest.param({"a.cpp": "// Careful.\nint f() { return 1; }\n"}, "comments and layout", id="cpp"),
        pytest.param({"README.md": "# B\n", "tests/test_a.py": "def test_f():\n    assert f(2) == 3\n"}, "documents, tests", id="docs-and-tests"),
        pytest.param({"README.md": None}, "documents", id="a-document-deleted"),
    ],
)  # fmt: skip
def test_what_changes_nothing_is_told(now: Mapping[str, str | None], told: str) -> None:
    found = CHECK.judge(edit(CODE, now))

    assert found.outcome == "failed"
    assert f"only {told}." in found.detail


@pytest.mark.parametrize(
    "now",
    [
        pytest.param({"a.py": "def f(x):\n    return x + 2\n"}, id="python"),
        pytest.param({"a.ts": "export const f = (x: number) => x + 2; // f\n"}, id="typescript"),
        pytest.param({"a.go": "//go:build linux\n\npackage a\n\nfunc F() int { return 1 }\n"}, id="go"),
        pytest.param({"a.rs": "pub fn f() -> i32 { 2 }\n"}, id="rust"),
        pytest.param({"A.java": "class A { int f() { return 2; } }\n"}, id="java"),
        pytest.param({"a.cpp": "int f() { return 2; }\n"}, id="cpp"),
        pytest.param({"a.toml": "x = 2\n"}, id="configuration"),
        pytest.param({"a.zig": "fn f() {} // c\n"}, id="no-grammar-in-doubt"),
        pytest.param({"b.py": "# nothing yet\n"}, id="a-new-file"),
        pytest.param({"b.py": CODE["a.py"], "a.py": None}, id="a-move"),
        pytest.param({"a.py": None}, id="a-deletion"),
    ],
)  # fmt: skip
def test_what_may_run_passes(now: Mapping[str, str | None]) -> None:
    assert CHECK.judge(edit(CODE, {"README.md": "# B\n", **now})).outcome == "passed"


def test_of_an_empty_change_it_says_nothing() -> None:
    assert CHECK.judge(edit(CODE, {})).outcome == "could not run"


@pytest.mark.parametrize(
    ("now", "said"),
    [
        pytest.param({"README.md": "# B\n"}, True, id="nothing"),
        pytest.param({"a.toml": "x = 2\n"}, False, id="something"),
        pytest.param({}, None, id="not-said"),
    ],
)
def test_the_result_carries_it(now: Mapping[str, str | None], said: bool | None) -> None:
    run = run_of(CHECK, CHECK.judge(edit(CODE, now)))

    assert changes_nothing(GateReport("GATE-PASS", (), "", checks=(run,))) is said
    assert changes_nothing(GateReport("GATE-PASS", (), "")) is None
