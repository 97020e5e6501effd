from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from loop.gates.checks.caller_impact import CHECK
from tests.loop.gates.survey_support import edit

PYTHON = {
    "wait.py": "def parse(n):\n    return n\n\n\ndef other():\n    return 1\n",
    "server.py": "from wait import parse\n\nPAUSE = parse(30)\nAGAIN = parse(31)\n",
}
TYPESCRIPT = {
    "src/wait.ts": "export function parse(n: number) {\n  return n;\n}\n",
    "src/server.tsx": 'import { parse } from "./wait";\nexport const p = parse(1);\n',
}
GO = {
    "wait/wait.go": "package wait\n\nfunc Parse(n int) int {\n\treturn n\n}\n",
    "server/server.go": 'package server\n\nimport "example.com/wait"\n\nvar P = wait.Parse(1)\n',
}
RUST = {
    "src/wait.rs": "pub fn parse(n: i32) -> i32 {\n    n\n}\n",
    "src/main.rs": "mod wait;\nfn main() {\n    wait::parse(1);\n}\n",
}
JAVA = {
    "Wait.java": "class Wait {\n  int parse(int n) {\n    return n;\n  }\n}\n",
    "Server.java": "class Server {\n  int p = new Wait().parse(1);\n}\n",
}
CPP = {
    "wait.cc": "int parse(int n) {\n  return n;\n}\n",
    "server.cc": '#include "wait.h"\nint p = parse(1);\n',
}


@pytest.mark.parametrize(
    ("before", "path", "old", "new", "told"),
    [
        pytest.param(PYTHON, "wait.py", "return n", "return n * 60", "parse (wait.py, changed): server.py:3, server.py:4", id="python"),
        pytest.param(TYPESCRIPT, "src/wait.ts", "return n", "return n * 60", "parse (src/wait.ts, changed): src/server.tsx:2", id="typescript"),
        pytest.param(GO, "wait/wait.go", "return n", "return n * 60", "Parse (wait/wait.go, changed): server/server.go:5", id="go"),
        pytest.param(RUST, "src/wait.rs", "    n\n", "    n * 60\n", "parse (src/wait.rs, changed): src/main.rs:3", id="rust"),
        pytest.param(JAVA, "Wait.java", "return n", "return n * 60", "Wait.parse (Wait.java, changed): Server.java:2", id="java"),
        pytest.param(CPP, "wait.cc", "return n", "return n * 60", "parse (wait.cc, changed): server.cc:2", id="cpp"),
        pytest.param(PYTHON, "wait.py", "def parse", "def read", "parse (wait.py, removed): server.py:3, server.py:4", id="renamed"),
    ],
)  # fmt: skip
def test_callers_that_stay_as_they_are_are_told(
    before: Mapping[str, str], path: str, old: str, new: str, told: str
) -> None:
    found = CHECK.judge(edit(before, {path: before[path].replace(old, new)}))

    assert found.outcome == "failed"
    assert found.detail.splitlines()[1:] == [told]


@pytest.mark.parametrize(
    ("before", "now", "outcome"),
    [
        pytest.param(PYTHON, {"wait.py": PYTHON["wait.py"].replace("return 1", "return 2")}, "passed", id="nobody-calls-it"),
        pytest.param(PYTHON, {"wait.py": "# c\n" + PYTHON["wait.py"]}, "passed", id="only-moved-down"),
        pytest.param(PYTHON, {"wait.py": PYTHON["wait.py"].replace("(n):\n", "(n):\n    # why\n\n")}, "passed", id="only-a-comment"),
        pytest.param(PYTHON, {"wait.py": None, "server.py": "PAUSE = 30\n"}, "passed", id="the-caller-is-changed-too"),
        pytest.param({"a.py": "def f():\n    return 1\n", "tests/test_a.py": "f()\n"}, {"a.py": "def f():\n    return 2\n"}, "passed", id="only-tests-call-it"),
        pytest.param(PYTHON, {"new.py": "def f(): pass\n"}, "waived", id="only-new-files"),
        pytest.param(PYTHON, {"README.md": "A\n"}, "waived", id="documents"),
        pytest.param({"a.zig": "fn f() {}\n"}, {"a.zig": "fn g() {}\n"}, "could not run", id="no-grammar"),
    ],
)  # fmt: skip
def test_otherwise_it_is_quiet(
    before: Mapping[str, str], now: Mapping[str, str | None], outcome: str
) -> None:
    assert CHECK.judge(edit(before, now)).outcome == outcome


def test_a_deleted_file_takes_its_functions_away() -> None:
    found = CHECK.judge(edit(PYTHON, {"wait.py": None}))

    assert "parse (wait.py, removed): server.py:3, server.py:4" in found.detail


def test_a_moved_file_keeps_them() -> None:
    found = CHECK.judge(edit(PYTHON, {"wait.py": None, "lib/wait.py": PYTHON["wait.py"]}))

    assert found.outcome == "passed"


def test_ten_places_are_enough() -> None:
    before = {**PYTHON, "many.py": "parse(1)\n" * 30}

    found = CHECK.judge(edit(before, {"wait.py": "def parse(n):\n    return 0\n"}))

    assert "many.py:10 and 22 more" in found.detail
    assert "many.py:11" not in found.detail


def test_a_name_that_everybody_defines_tells_nothing() -> None:
    before = {**PYTHON, **{f"p{n}.py": "def parse(n): pass\n" for n in range(4)}}

    assert (
        CHECK.judge(edit(before, {"wait.py": "def parse(n):\n    return 0\n"})).outcome == "passed"
    )


def test_another_language_calls_something_else() -> None:
    before = {"wait.py": PYTHON["wait.py"], "a.go": "package a\nvar X = parse(1)\n"}

    assert (
        CHECK.judge(edit(before, {"wait.py": "def parse(n):\n    return 0\n"})).outcome == "passed"
    )


def test_without_a_survey_it_could_not_run() -> None:
    assert (
        CHECK.judge(replace(edit(PYTHON, {"wait.py": None}), survey=None)).outcome
        == "could not run"
    )
