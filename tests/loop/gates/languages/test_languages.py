"""Gates and bite checks on real repositories, with the tools of each language."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from loop.gates.gate import GateReport
from tests.loop.gates.languages.compiled import (
    GO,
    RUST,
    RUST_INLINE_FIX,
    RUST_INLINE_TOOTHLESS,
)
from tests.loop.gates.languages.repositories import REPOSITORIES
from tests.loop.gates.languages.repository import Repository
from tests.loop.gates.languages.scripted import PYTHON, UNITTEST
from tests.loop.gates.languages.shop import Shop
from tools.sandbox.probe import Sandbox

Opened = Callable[..., Awaitable[Shop]]


def of(repository: Repository, *values: object) -> ParameterSet:
    """One worker for each language: compilers keep what they built in a home that tests share."""
    mark = pytest.mark.xdist_group(f"toolchain-{repository.name}")
    name = "-".join([repository.name, *map(str, values)])
    return pytest.param(repository, *values, id=name, marks=mark)


EACH = pytest.mark.parametrize("repository", [of(r) for r in REPOSITORIES])


@EACH
async def test_the_gate_passes_and_the_bite_check_sees_a_test_that_bites(
    shop: Opened, repository: Repository
) -> None:
    opened = await shop(repository)
    opened.change(repository.fix)

    report = await opened.gate()
    found = await opened.bite()

    assert report.verdict == "GATE-PASS", report.feedback()
    assert codes(report) == {0}
    assert found.outcome == "passed", found.detail
    assert "weak" not in found.detail


@pytest.mark.parametrize(
    ("repository", "command"),
    [of(repository, command) for repository in REPOSITORIES for command in repository.faults],
)
async def test_the_gate_fails_where_a_command_finds_fault(
    shop: Opened, repository: Repository, command: str
) -> None:
    opened = await shop(repository)
    opened.change(repository.faults[command])

    # formatters and linters compile as well, and would find it first
    report = await opened.gate(**{"format": "true", "lint": "true"} if command == "build" else {})

    assert report.verdict == "GATE-FAIL", report.feedback()
    assert report.failed is not None
    assert report.failed.name == command, report.feedback()


@EACH
async def test_tests_without_teeth_are_seen(shop: Opened, repository: Repository) -> None:
    opened = await shop(repository)
    opened.change(repository.toothless)

    report = await opened.gate()
    found = await opened.bite()

    assert report.verdict == "GATE-PASS", report.feedback()
    assert found.outcome == "failed", found.detail
    assert found.detail.startswith("your tests pass without your change")


@EACH
async def test_a_test_that_does_not_compile_without_the_change_bites_weakly(
    shop: Opened, repository: Repository
) -> None:
    opened = await shop(repository)
    opened.change(repository.weak)

    report = await opened.gate()
    found = await opened.bite()

    assert report.verdict == "GATE-PASS", report.feedback()
    assert found.outcome == "passed", found.detail
    assert found.detail.startswith("weak: ")
    assert repository.wanted in found.detail


@pytest.mark.xdist_group("toolchain-rust")
async def test_tests_inside_the_file_they_test_are_kept(shop: Opened) -> None:
    biting, toothless = await shop(RUST, name="biting"), await shop(RUST, name="toothless")
    biting.change(RUST_INLINE_FIX)
    toothless.change(RUST_INLINE_TOOTHLESS)

    bites, does_not = await biting.bite(), await toothless.bite()

    assert bites.outcome == "passed", bites.detail
    assert "weak" not in bites.detail
    assert does_not.outcome == "failed", does_not.detail
    assert does_not.detail.startswith("your tests pass without your change")


@EACH
async def test_a_missing_tool_is_no_fault_of_the_work(
    shop: Opened, repository: Repository, plain: Sandbox, tmp_path: Path
) -> None:
    tools = dataclasses.replace(plain.toolchain, search_path=str(_bare(tmp_path)))
    opened = await shop(repository, sandbox=dataclasses.replace(plain, toolchain=tools))
    opened.change(repository.fix)

    report = await opened.gate()
    found = await opened.bite()

    assert report.verdict == "GATE-ERROR"
    assert codes(report) == {None}
    assert found.outcome == "could not run", found.detail


HOOKS = (
    "repos:\n- repo: local\n  hooks:\n  - id: no-print\n    name: No print\n"
    "    language: pygrep\n    entry: print\n    files: \\.py$\n"
)
REMOTE_HOOKS = "repos:\n- repo: file:///nonexistent/hooks\n  rev: v1\n  hooks:\n  - id: any\n"


@pytest.mark.parametrize(
    ("hooks", "code", "verdict", "exit_code", "told"),
    [
        pytest.param(HOOKS, "", "GATE-PASS", 0, "Passed", id="passed"),
        pytest.param(HOOKS, "print(1)\n", "GATE-FAIL", 123, "new.py:1:print(1)", id="failed"),
        pytest.param(REMOTE_HOOKS, "", "GATE-PASS", None, "could not run: An unexpected error", id="not to be had"),
    ],
)  # fmt: skip
async def test_hooks_of_the_repository_run_in_the_gate(
    shop: Opened, hooks: str, *, code: str, verdict: str, exit_code: int | None, told: str
) -> None:
    files = {**UNITTEST.files, ".pre-commit-config.yaml": hooks}
    hooked = dataclasses.replace(UNITTEST, files=files, tools=(*UNITTEST.tools, "pre-commit"))
    opened = await shop(hooked)
    opened.change({**UNITTEST.fix, "new.py": code})

    report = await opened.gate()

    [ran] = [command for command in report.commands if command.name == "hooks"]
    assert (report.verdict, ran.exit_code) == (verdict, exit_code), report.feedback()
    assert told in ran.output


async def test_hooks_without_their_program_could_not_run(
    shop: Opened, plain: Sandbox, tmp_path: Path
) -> None:
    bare = _bare(tmp_path)
    for name in ("git", "xargs"):
        (bare / name).symlink_to(shutil.which(name) or "")
    tools = dataclasses.replace(plain.toolchain, search_path=str(bare))
    files = {**UNITTEST.files, ".pre-commit-config.yaml": HOOKS}
    opened = await shop(
        dataclasses.replace(UNITTEST, files=files),
        sandbox=dataclasses.replace(plain, toolchain=tools),
    )
    opened.change(UNITTEST.fix)

    report = await opened.gate(build="true", test="true")

    [ran] = [command for command in report.commands if command.name == "hooks"]
    assert (report.verdict, ran.exit_code) == ("GATE-PASS", None), report.feedback()
    assert "pre-commit" in ran.output


@pytest.mark.xdist_group("toolchain-go")
async def test_a_toolchain_that_is_too_old_is_no_fault_of_the_work(shop: Opened) -> None:
    files = {**GO.files, "go.mod": "module example.test/cart\n\ngo 1.99\n"}
    opened = await shop(dataclasses.replace(GO, files=files))
    opened.change(GO.fix)

    report = await opened.gate(
        lint="GOTOOLCHAIN=local go vet ./...",
        build="GOTOOLCHAIN=local go build ./...",
        test="GOTOOLCHAIN=local go test ./...",
    )

    assert report.verdict == "GATE-ERROR", report.feedback()
    assert "could not run: go: go.mod requires go >= 1.99" in report.summary


@pytest.mark.sandbox
@pytest.mark.parametrize("repository", [of(r) for r in REPOSITORIES if r is not PYTHON])
async def test_a_sandbox_shows_each_toolchain(
    shop: Opened, repository: Repository, bubblewrap: Sandbox
) -> None:
    opened = await shop(repository, sandbox=bubblewrap)
    opened.change(repository.fix)

    report = await opened.gate()
    found = await opened.bite()

    assert report.verdict == "GATE-PASS", report.feedback()
    assert codes(report) == {0}, report.feedback()
    assert found.outcome == "passed", found.detail
    assert "weak" not in found.detail


def codes(report: GateReport) -> set[int | None]:
    """Exit codes of all but the setup, which has no network here."""
    return {command.exit_code for command in report.commands if command.name != "setup"}


def _bare(folder: Path) -> Path:
    """A PATH with a shell's own companions and nothing else."""
    bare = folder / "bare"
    bare.mkdir()
    for name in ("cat", "mktemp", "sh"):
        (bare / name).symlink_to(f"/usr/bin/{name}")
    return bare
