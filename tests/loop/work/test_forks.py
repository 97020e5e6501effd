"""Work that is pushed to a fork: later rounds and judges find it there, not upstream."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from loop.work.coder import code
from loop.work.means import Means
from loop.work.verifier import verify
from tests.loop.work.workshop import MEND, Workshop, call, go, persona, turn

BRANCH = "foreman/w/issue-1"


@pytest.fixture(name="fork")
def _fork(workshop: Workshop) -> Path:
    path = workshop.folder / "remotes" / "bot" / "sum.git"
    workshop.git("clone", "-q", "--bare", str(workshop.bare), str(path))
    return path


@asynccontextmanager
async def means(
    workshop: Workshop, fork: Path, *replies: Mapping[str, Any]
) -> AsyncIterator[Means]:
    async with workshop.means(*replies) as given:
        there = replace(given.repositories, fork_url=f"file://{fork}")
        yield replace(given, repositories=there)


async def test_a_round_amends_what_is_on_the_fork(workshop: Workshop, fork: Path) -> None:
    async with means(workshop, fork, turn(MEND), turn(go())) as given:
        first = await code(workshop.job(), persona(), given)
    note = call("write_file", path="NOTE.md", content="It adds.\n")

    async with means(workshop, fork, turn(note), turn(go())) as given:
        job = workshop.job(task="r1", uid="uid-2", revise_from=BRANCH, prompt="Say so")
        done = await code(job, persona(), given)

    assert (first.result.verdict, done.result.verdict) == ("GO", "GO")
    assert workshop.branches() == {"main"}
    on_fork = workshop.git("ls-remote", str(fork), "refs/heads/foreman/*").split()
    assert done.result.extra.commit_sha in on_fork
    assert first.result.extra.commit_sha in on_fork  # as the attempt that was replaced


async def test_a_gate_judges_what_is_on_the_fork(workshop: Workshop, fork: Path) -> None:
    async with means(workshop, fork, turn(MEND), turn(go())) as given:
        first = await code(workshop.job(), persona(), given)

    async with means(workshop, fork) as given:
        done = await verify(workshop.job(kind="verify", task="v"), persona(role="verifier"), given)

    assert done.result.verdict == "GATE-PASS"
    assert done.result.extra.commit_sha == first.result.extra.commit_sha


async def test_a_second_claim_finds_the_push_on_the_fork(workshop: Workshop, fork: Path) -> None:
    async with means(workshop, fork, turn(MEND), turn(go())) as given:
        first = await code(workshop.job(), persona(), given)

    async with means(workshop, fork) as given:
        again = await code(workshop.job(), persona(), given)

    assert again.result.extra.commit_sha == first.result.extra.commit_sha
