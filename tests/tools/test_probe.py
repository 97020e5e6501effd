from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tools.sandbox.probe import probe
from tools.sandbox.runner import Box


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all of the PATH; it has prlimit."""
    folder = tmp_path / "programs"
    folder.mkdir()
    (folder / "prlimit").symlink_to(shutil.which("prlimit") or "/gone")
    monkeypatch.setenv("PATH", str(folder))
    return folder


def bwrap(folder: Path, script: str) -> None:
    (folder / "bwrap").write_text(
        f'#!/bin/sh\n[ "$1" = --version ] && echo bubblewrap 0.8.0 && exit 0\n{script}\n'
    )
    (folder / "bwrap").chmod(0o755)


async def test_without_bubblewrap_it_says_what_to_install(programs: Path) -> None:
    sandbox = await probe()

    assert sandbox.name == "plain"
    assert not sandbox.isolates
    assert sandbox.problem.startswith("bwrap: not found; apt-get install bubblewrap")
    assert "no isolation" in sandbox.description


async def test_without_prlimit_it_says_what_to_install(programs: Path) -> None:
    bwrap(programs, "exit 0")
    (programs / "prlimit").unlink()

    assert (await probe()).problem == "prlimit: not found; install util-linux"


async def test_an_old_bubblewrap_is_too_old(programs: Path) -> None:
    (programs / "bwrap").write_text("#!/bin/sh\necho bubblewrap 0.6.1\n")
    (programs / "bwrap").chmod(0o755)

    assert (await probe()).problem == (
        "bwrap: version 0.6.1 is too old; 0.8 or newer has --disable-userns"
    )


@pytest.mark.parametrize(
    ("script", "words"),
    [
        pytest.param(
            "echo 'bwrap: setting up uid map: Permission denied' >&2; exit 1",
            "refuses user namespaces; allow them .*uid map: Permission denied",
            id="no user namespaces",
        ),
        pytest.param("echo 'bwrap: odd' >&2; exit 1", "does not work here; bwrap: odd", id="other"),
        pytest.param(
            'while [ $1 != -- ]; do shift; done; shift; exec "$@"', "does not work", id="no wall"
        ),
    ],
)
async def test_it_is_tried_and_not_guessed(programs: Path, script: str, words: str) -> None:
    bwrap(programs, script)

    sandbox = await probe()

    assert sandbox.name == "plain"
    assert re.search(words, sandbox.problem), sandbox.problem


@pytest.mark.sandbox
async def test_where_it_works_the_description_names_the_limits(bubblewrap: object) -> None:
    sandbox = await probe()

    assert sandbox.isolates
    assert sandbox.problem == ""
    assert sandbox.description.startswith("bubblewrap 0.")
    assert "limits: rlimits and " in sandbox.description


async def test_the_operator_can_switch_it_off(work: Path) -> None:
    sandbox = await probe(want="plain")

    assert sandbox.problem == "switched off by the operator"
    assert sandbox.runner(Box(work)).workspace == str(work)
