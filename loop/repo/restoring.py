"""A prior attempt put on today's base: what the coder of a later round starts from.

Commits of ours are flattened into the one that the round will make. What people committed is never
rewritten: the round's commit goes on top of it, and the push is a plain one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from loop.repo.errors import CloneFailed, GitError, WorkspaceError
from loop.repo.git import Git, Where
from loop.repo.message import TASK_TRAILER
from loop.repo.refs import checked_sha
from loop.repo.staging import tree
from loop.repo.workspace import Start, Workspace

_MARKS = "<" * 7


async def restored(git: Git, where: Where, start: Start, *, prior: str, committer: str) -> Start:
    """*start*, with the work of *prior* on its base; *committer* is the email that ours carry.

    Where both changed the same lines the file holds both versions between git's marks. Raises
    CloneFailed for a *prior* that shares no history with the base.
    """
    try:
        onto = await _onto(git, where, start, prior=prior, committer=committer)
        if onto == prior:
            return replace(start, sha=prior, prior=prior)
        output = await git.run(
            "merge-tree",
            "--write-tree",
            "-z",
            "--name-only",
            "--no-messages",
            checked_sha(onto),
            checked_sha(prior),
            where=where,
            accept=(0, 1),
        )
    except GitError as exc:
        raise CloneFailed(
            f"{prior[:12]}: the prior attempt could not be put on {start.base_branch}:"
            f" {exc.detail or exc}; begin again without reviseFromBranch",
            fault="other",
            detail=exc.detail,
            exit_code=exc.exit_code,
        ) from exc
    merged, *conflicts = output.text.split("\0")
    return replace(start, sha=onto, tree=merged, prior=prior, conflicts=_named(conflicts))


async def _onto(git: Git, where: Where, start: Start, *, prior: str, committer: str) -> str:
    """The commit that the round's own is put on: never one that leaves out what people committed."""
    for tip in (start.seen, prior):
        if tip and await by_people(git, where, base=start.base_sha, tip=tip, committer=committer):
            return tip
    return start.base_sha


async def by_people(git: Git, where: Where, *, base: str, tip: str, committer: str) -> bool:
    """Whether a commit between *base* and *tip* is not one that a task of ours made."""
    log = await git.text(
        "log",
        "-z",
        f"--format=%ce%n%(trailers:key={TASK_TRAILER},valueonly,separator=%x2C)",
        f"{checked_sha(base)}..{checked_sha(tip)}",
        where=where,
    )
    commits = (entry.partition("\n") for entry in log.split("\0") if entry)
    return any(email != committer or not task.strip() for email, _, task in commits)


async def unresolved(git: Git, workspace: Workspace) -> tuple[str, ...]:
    """The files that still hold both versions, as git marked them when the work was restored."""
    start = workspace.start
    if not start.conflicts:
        return ()
    now = await tree(git, workspace)
    try:
        output = await git.run(
            "grep",
            "-l",
            "-z",
            "-F",
            "-e",
            f"{_MARKS} {start.sha}",
            now,
            where=workspace.where,
            accept=(0, 1),
        )
    except GitError as exc:
        raise WorkspaceError(f"workspace: git could not read it: {exc.detail or exc}") from exc
    found = output.text.split("\0")
    return _named([name.removeprefix(f"{now}:") for name in found])


def _named(entries: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(entry for entry in entries if entry))
