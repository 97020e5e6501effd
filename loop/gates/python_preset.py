"""Commands for Python: only tools that the repository configures, but always its tests. Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping

from loop.gates.facts import Facts
from loop.gates.words import CommandName

PYTHON = "python3"

_CONFIGURATION = ("pyproject.toml", "setup.cfg", "setup.py", "tox.ini", "pytest.ini", "conftest.py")
_REQUIREMENTS = ("requirements.txt", "requirements-dev.txt", "requirements_dev.txt")
_NOT_SOURCE = frozenset(
    {"tests", "test", "testing", "docs", "doc", "examples", "example", "benchmarks", "templates"}
)
_NAME = re.compile(r"[A-Za-z_]\w*")
_UNITTEST = re.compile(r"^\s*(?:import unittest|from unittest\b)", re.MULTILINE)
_PYTEST = re.compile(r"^\s*(?:import pytest|from pytest\b)", re.MULTILINE)


def looks_like(facts: Facts) -> bool:
    """Python without any packaging: a module at the top, or tests."""
    return bool(facts.python_tests) or any(
        path.endswith(".py") and "/" not in path for path in facts.paths
    )


def commands(facts: Facts) -> Mapping[CommandName, str]:
    """Format and lint where configured, compile the sources, run the tests."""
    found: dict[CommandName, str] = {}
    if formatter := _formatter(facts):
        found["format"] = formatter
    if linter := _linter(facts):
        found["lint"] = linter
    if roots := _sources(facts):
        found["build"] = f"{PYTHON} -m compileall -q {' '.join(map(shlex.quote, roots))}"
    if test := _test(facts):
        found["test"] = test
    return found


def _formatter(facts: Facts) -> str:
    """Ruff's linter alone says nothing about the format: half its users format by other means."""
    pyproject, hooks = facts.text("pyproject.toml"), facts.text(".pre-commit-config.yaml")
    own = facts.text("ruff.toml", ".ruff.toml")
    if "[tool.ruff.format" in pyproject or re.search(r"^\[format", own, re.MULTILINE):
        return "ruff format --check ."
    if re.search(r"\bid:\s*ruff-format\b", hooks):
        return "ruff format --check ."
    if "[tool.black]" in pyproject or re.search(r"\bid:\s*black\b", hooks):
        return "black --check --quiet ."
    return ""


def _linter(facts: Facts) -> str:
    hooks = facts.text(".pre-commit-config.yaml")
    if (
        "[tool.ruff" in facts.text("pyproject.toml")
        or facts.paths & {"ruff.toml", ".ruff.toml"}
        or "ruff-pre-commit" in hooks
    ):
        return "ruff check ."
    if ".flake8" in facts.paths or "[flake8]" in facts.text("setup.cfg", "tox.ini"):
        return f"{PYTHON} -m flake8"
    return ""


def _sources(facts: Facts) -> list[str]:
    """Folders and modules to compile; tests keep broken files as fixtures, so they are left out."""
    roots = set()
    for path in facts.paths:
        top, _, rest = path.partition("/")
        if not path.endswith(".py"):
            continue
        if (
            (not rest and _NAME.fullmatch(top.removesuffix(".py")))
            or top == "src"
            or (rest == "__init__.py" and _NAME.fullmatch(top))
        ):
            roots.add(top)
    return sorted(roots - _NOT_SOURCE)


def _test(facts: Facts) -> str:
    """Pytest, unless the tests are plainly unittest's and nothing asks for pytest."""
    if not facts.python_tests:
        return ""
    read = [path for path in facts.python_tests if path in facts.files]
    texts = [facts.text(path) for path in read]
    asks = "pytest" in facts.text(*_CONFIGURATION, *_REQUIREMENTS) or "conftest.py" in {
        path.rpartition("/")[2] for path in facts.paths
    }
    if asks or not texts or any(_PYTEST.search(text) for text in texts):
        return f"{PYTHON} -m pytest -q"
    if not all(_UNITTEST.search(text) for text in texts):
        return f"{PYTHON} -m pytest -q"
    return _unittest(facts)


def _unittest(facts: Facts) -> str:
    """`discover` enters packages only: a plain `tests` folder has to be named."""
    folders = {path.rpartition("/")[0] for path in facts.python_tests}
    if len(folders) == 1:
        (folder,) = folders
        if folder and f"{folder}/__init__.py" not in facts.paths:
            return f"{PYTHON} -m unittest discover -s {shlex.quote(folder)}"
    return f"{PYTHON} -m unittest discover"
