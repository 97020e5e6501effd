"""What of a repository a gate profile is made from: its file names, and the files that define it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from loop.gates.verify_file import VERIFY_FILE

# A change to one of these changes the gate itself.
DEFINING_FILES = (
    VERIFY_FILE,
    ".flake8",
    ".github/foreman.yml",
    ".golangci.yaml",
    ".golangci.yml",
    ".pre-commit-config.yaml",
    ".ruff.toml",
    "Cargo.toml",
    "Makefile",
    "conftest.py",
    "go.mod",
    "package.json",
    "pyproject.toml",
    "pytest.ini",
    "requirements-dev.txt",
    "requirements.txt",
    "requirements_dev.txt",
    "ruff.toml",
    "setup.cfg",
    "setup.py",
    "tox.ini",
)
_PYTHON_TEST = re.compile(r"(?:.*/)?(?:test_[^/]*|[^/]*_test)\.py")
_TESTS_READ = 30
_SHADOWS = frozenset(
    {"pytest", "_pytest", "unittest", "compileall", "flake8", "sitecustomize", "usercustomize"}
    | {".venv", "node_modules"}
)


@dataclass(frozen=True)
class Facts:
    """*files* holds the content of those defining files that are there, and of some tests."""

    paths: frozenset[str]
    files: Mapping[str, bytes] = field(default_factory=dict)

    def text(self, *names: str) -> str:
        """The content of those of *names* that are there, one after the other."""
        return "\n".join(
            self.files[name].decode("utf-8", "replace") for name in names if name in self.files
        )

    @property
    def python_tests(self) -> list[str]:
        return sorted(path for path in self.paths if _PYTHON_TEST.fullmatch(path))


class Reader(Protocol):
    """A commit's files."""

    async def paths(self, sha: str) -> frozenset[str]: ...
    async def blobs(self, sha: str, paths: Iterable[str]) -> dict[str, bytes]: ...


async def gather(reader: Reader, sha: str, *, also: Iterable[str] = ()) -> Facts:
    """The facts of commit *sha*, the merge base. *also* are paths that exist now besides.

    A test that the change adds or removes must not decide whether tests run: both sides count.
    """
    paths = await reader.paths(sha)
    facts = Facts(paths | frozenset(also))
    tests = [path for path in facts.python_tests if path in paths]
    wanted = [*(name for name in DEFINING_FILES if name in paths), *tests[:_TESTS_READ]]
    return Facts(facts.paths, await reader.blobs(sha, wanted))


def defines_gate(paths: Sequence[str]) -> list[str]:
    """Those of *paths* that define the gate, or stand in for a tool of it: that needs a human.

    `python3 -m pytest` finds a `pytest.py` of the repository before the real one.
    """
    return sorted(
        path
        for path in paths
        if path in DEFINING_FILES or path.partition("/")[0].removesuffix(".py") in _SHADOWS
    )
