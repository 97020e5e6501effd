"""ALREADY-RESOLVED: what git says of a coder's word, on a real repository."""

from __future__ import annotations

from typing import Any

import pytest

from loop.work.coder import code
from loop.work.job import Done
from loop.work.resolved import mentions
from tests.loop.work.person import commit, merge
from tests.loop.work.workshop import Workshop, call, persona, turn

FILES = {"add.py": "def add(a, b):\n    return a + b\n"}


async def said(workshop: Workshop, claim: str, **job: Any) -> Done:
    extra = {"outcome": "ALREADY-RESOLVED", "resolvedBy": claim}
    answer = call(
        "submit_result", verdict="NO-GO", summary="it adds", commit_message="", extra=extra
    )
    async with workshop.means(turn(answer)) as means:
        return await code(workshop.job(**job), persona(), means)


def believed(done: Done) -> bool:
    [ruling] = done.result.extra.rulings or []
    assert done.result.verdict == "NO-GO"
    is_so = done.result.extra.outcome == "ALREADY-RESOLVED"
    assert (ruling.ruling == "kept") == is_so
    assert bool(done.result.extra.unverified) != is_so
    return is_so


async def test_a_commit_of_the_base_about_the_issue(workshop: Workshop) -> None:
    sha = commit(workshop, "main", FILES, message="Make add add\n\nFixes #1")

    done = await said(workshop, f"commit {sha[:8]} by Ann")

    assert believed(done)
    assert done.result.extra.resolved_by == sha
    assert done.result.extra.resolved_by_claimed == f"commit {sha[:8]} by Ann"


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        pytest.param("Make add add", "does not mention #1", id="no mention"),
        pytest.param("Make add add, see #12", "does not mention #1", id="another number"),
    ],
)
async def test_a_commit_about_something_else(workshop: Workshop, message: str, reason: str) -> None:
    sha = commit(workshop, "main", FILES, message=message)

    done = await said(workshop, sha)

    assert not believed(done)
    [asked] = done.result.extra.unverified or []
    assert reason in asked.why_it_matters
    assert done.result.extra.resolved_by is None
    assert done.result.extra.resolved_by_claimed == sha


async def test_a_commit_that_is_not_merged(workshop: Workshop) -> None:
    workshop.git("branch", "topic", "main")
    sha = commit(workshop, "topic", FILES, message="Fixes #1")

    assert not believed(await said(workshop, "the branch topic"))
    assert not believed(await said(workshop, sha, task="t2", uid="uid-2"))


async def test_a_commit_that_was_reverted_since(workshop: Workshop) -> None:
    sha = commit(workshop, "main", FILES, message="Fixes #1")
    told = f"Revert\n\nThis reverts commit {sha}."
    undone = commit(workshop, "main", {"add.py": "x"}, message=told)

    done = await said(workshop, sha)

    assert not believed(done)
    [asked] = done.result.extra.unverified or []
    assert f"was reverted by {undone[:12]}" in asked.why_it_matters
    commit(workshop, "main", FILES, message=f"Reapply\n\nThis reverts commit {undone}.")
    assert believed(await said(workshop, sha, task="t2", uid="uid-2"))


@pytest.mark.parametrize("claim", ["deadbeef01", "a wizard did it", "main", "#1", "HEAD"])
async def test_what_is_not_there(workshop: Workshop, claim: str) -> None:
    commit(workshop, "main", {"note.md": "x"}, message="Say nothing")

    assert not believed(await said(workshop, claim))


async def test_a_merged_branch(workshop: Workshop) -> None:
    workshop.git("branch", "topic", "main")
    commit(workshop, "topic", FILES, message="Make add add")
    merge(workshop, "topic", message="Merge pull request #4 from ann/topic\n\nFixes #1")

    assert believed(await said(workshop, "branch `topic`"))
    assert believed(await said(workshop, "Merged in PR #4.", task="t2", uid="uid-2"))


async def test_a_squashed_pull_request(workshop: Workshop) -> None:
    sha = commit(workshop, "main", FILES, message="Make add add (#4)\n\nCloses #1")

    done = await said(workshop, "https://host/acme/sum/pull/4")

    assert believed(done)
    assert done.result.extra.resolved_by == sha


async def test_without_an_issue_nothing_can_mention_it(workshop: Workshop) -> None:
    sha = commit(workshop, "main", FILES, message="Fixes #1")

    done = await said(workshop, sha, issue=None, snapshot=None, prompt="make add add")

    assert not believed(done)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Fixes #1", True),
        ("fixes acme/sum#1.", True),
        ("GH-1", True),
        ("https://host/acme/sum/issues/1", True),
        ("#11", False),
        ("issue 1", False),
        ("v1", False),
    ],
)
def test_mentions(text: str, *, found: bool) -> None:
    assert mentions(text, 1) == found
