from __future__ import annotations

import pytest

from loop.gates.work_class import ChangeClass, change_class, needs_human
from loop.repo.diff import FileChange, Hunk
from tools.result import WorkClass

DEFAULT: tuple[WorkClass, ...] = ("code-fix", "docs", "packaging", "config")


def lines(path: str, count: int, *, old: str = "") -> FileChange:
    hunks = (Hunk(0, 0, 1, count, (), ("x",) * count),) if count else ()
    status = "R" if old else "M"
    return FileChange(status, path, old or path, "100644", "100644", "a", "b", False, hunks)


@pytest.mark.parametrize(
    ("files", "name", "parts"),
    [
        pytest.param([], None, [], id="nothing"),
        pytest.param([lines("a.py", 5)], "code-fix", ["code-fix"], id="code"),
        pytest.param(
            [lines("a.go", 2), lines("a_test.go", 40)],
            "code-fix",
            ["code-fix"],
            id="tests are code",
        ),
        pytest.param([lines("tests/test_a.py", 4)], "code-fix", ["code-fix"], id="tests alone"),
        pytest.param([lines("docs/a.md", 4)], "docs", ["docs"], id="docs"),
        pytest.param([lines("Cargo.toml", 2)], "packaging", ["packaging"], id="packaging"),
        pytest.param([lines("deploy/values.yaml", 2)], "config", ["config"], id="config"),
        pytest.param([lines(".github/workflows/ci.yml", 1)], "ci-policy", ["ci-policy"], id="ci"),
        pytest.param(
            [lines(".goreleaser.yaml", 1)], "release-policy", ["release-policy"], id="rel"
        ),
        pytest.param(
            [lines("a.py", 70), lines("README.md", 30)], "code-fix", ["code-fix", "docs"], id="70 %"
        ),
        pytest.param(
            [lines("a.py", 69), lines("README.md", 31)], "mixed", ["code-fix", "docs"], id="69 %"
        ),
        pytest.param([lines("logo.png", 0)], "code-fix", ["code-fix"], id="no lines weigh one"),
        pytest.param(
            [lines("ci.md", 0, old=".github/workflows/ci.yml")],
            "mixed",
            ["docs", "ci-policy"],
            id="moved away",
        ),
    ],
)
def test_class_of_a_change(
    files: list[FileChange], name: str | None, parts: list[WorkClass]
) -> None:
    assert change_class(files) == ChangeClass(name, tuple(parts))  # type: ignore[arg-type]  # table


@pytest.mark.parametrize(
    ("files", "allowed", "expected"),
    [
        pytest.param([lines("a.py", 1)], DEFAULT, "", id="allowed"),
        pytest.param([lines(".goreleaser.yml", 1)], None, "", id="no policy allows all"),
        pytest.param([lines("a.py", 1)], (), "work class code-fix:", id="none allowed"),
        pytest.param([], DEFAULT, "", id="nothing changed"),
        pytest.param([lines("a.py", 5), lines("b.md", 5)], DEFAULT, "", id="mixed of allowed"),
        pytest.param(
            [lines("a.py", 5), lines("b.md", 5)],
            ("docs",),
            "code-fix is not",
            id="mixed with one not",
        ),
        pytest.param(
            [lines("a.py", 99), lines("b.md", 1)], ("code-fix",), "", id="a little of another"
        ),
        pytest.param(
            [lines("a.py", 300), lines(".github/workflows/ci.yml", 1)],
            DEFAULT,
            "ci-policy is not",
            id="a little policy",
        ),
    ],
)
def test_who_has_to_agree(
    files: list[FileChange], allowed: tuple[WorkClass, ...] | None, expected: str
) -> None:
    said = needs_human(change_class(files), allowed)

    assert expected in said
    assert bool(said) == bool(expected)
