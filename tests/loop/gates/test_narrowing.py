"""A test command is cut down to the changed tests only where it is plain how."""

from __future__ import annotations

import json

import pytest

from loop.gates.narrowing import narrowed

PY, GO, RS, JS, TS = "tests/test_a.py", "pkg/a_test.go", "tests/a.rs", "t/a.test.js", "t/a.test.ts"


@pytest.mark.parametrize(
    ("command", "tests", "commands"),
    [
        pytest.param("python3 -m pytest -q", [PY], ["python3 -m pytest -q tests/test_a.py"], id="pytest"),
        pytest.param("uv run pytest tests -k 'not slow'", [PY], ["uv run pytest -k 'not slow' tests/test_a.py"], id="pytest: places give way"),
        pytest.param("pytest -c tests/p.ini .", [PY], ["pytest -c tests/p.ini tests/test_a.py"], id="pytest: a value is no place"),
        pytest.param("pytest", ["tests/data/a.json", PY], ["pytest tests/test_a.py"], id="pytest: files of tests come along"),
        pytest.param("pytest", ["tests/conftest.py"], ["pytest"], id="pytest: no file holds tests itself"),
        pytest.param("pytest tests | tee log", [PY], ["pytest tests | tee log"], id="a pipe"),
        pytest.param("pytest tests && ./more", [PY], ["pytest tests && ./more"], id="two commands"),
        pytest.param("python3 -m unittest discover -s tests", [PY, "tests/test_b.py"], ["python3 -m unittest discover -s tests -p test_a.py", "python3 -m unittest discover -s tests -p test_b.py"], id="unittest"),
        pytest.param("python3 -m unittest tests.test_a", [PY], ["python3 -m unittest tests.test_a"], id="unittest by name"),
        pytest.param("go test -race ./...", [GO, "a_test.go"], ["go test -race . ./pkg"], id="go"),
        pytest.param("go test ./...", ["pkg/testdata/a.json"], ["go test ./..."], id="go: data alone"),
        pytest.param("cargo test", [RS, "tests/b/main.rs"], ["cargo test --test a --test b"], id="cargo"),
        pytest.param("cargo test", [RS, "src/lib.rs"], ["cargo test"], id="cargo: tests in sources"),
        pytest.param("cargo test --lib", [RS], ["cargo test --lib"], id="cargo: targets are named"),
        pytest.param("make test", [PY], ["make test"], id="make"),
        pytest.param("npx vitest run", [TS], ["npx vitest run t/a.test.ts"], id="vitest"),
        pytest.param("node --test", [JS], ["node --test t/a.test.js"], id="node"),
        pytest.param("node --test", [TS], ["node --test"], id="node runs no TypeScript"),
        pytest.param("node --test dist", [JS], ["node --test dist"], id="node: a place is named"),
        pytest.param("pytest 'unclosed", [PY], ["pytest 'unclosed"], id="no shell words"),
    ],
)  # fmt: skip
def test_commands(command: str, tests: list[str], commands: list[str]) -> None:
    assert list(narrowed(command, tests).commands) == commands


@pytest.mark.parametrize(
    ("command", "tests"),
    [
        pytest.param("pytest", [TS], id="pytest"),
        pytest.param("python3 -m unittest discover", [TS], id="unittest"),
        pytest.param("go test ./...", [PY], id="go"),
        pytest.param("cargo test", [PY], id="cargo"),
    ],
)
def test_no_runner_runs_tests_of_another_language(command: str, tests: list[str]) -> None:
    found = narrowed(command, tests)

    assert (found.commands, list(found.left_out)) == ((), tests)


@pytest.mark.parametrize(
    ("script", "command"),
    [
        pytest.param("vitest run", "npm test --silent -- t/a.test.js", id="vitest"),
        pytest.param(
            "tsc && node --test", "npm test --silent -- t/a.test.js", id="the last command"
        ),
        pytest.param("node --test dist/*.js", "npm test --silent", id="files are named"),
        pytest.param("jest; exit 0", "npm test --silent", id="no plain command"),
        pytest.param("./run-tests", "npm test --silent", id="a runner of one's own"),
    ],
)
def test_a_script_of_npm_decides(script: str, command: str) -> None:
    package = json.dumps({"scripts": {"test": script}})

    assert narrowed("npm test --silent", [JS], package=package).commands == (command,)


@pytest.mark.parametrize("package", ["", "{", "[]", '{"scripts": {}}', '{"scripts": null}'])
def test_a_package_without_a_script_leaves_the_command(package: str) -> None:
    assert narrowed("npm test", [JS], package=package).commands == ("npm test",)
