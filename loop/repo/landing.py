"""From a work tree to a commit that exists here only: refused, or ready for `pushing`.

A step of its own, so that the caller can have the push token minted after it: it needs none.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from loop.gates.finding import ContentFinding
from loop.repo.content import check_content
from loop.repo.errors import GitError, RefError, WorkspaceError
from loop.repo.git import Git
from loop.repo.history import History
from loop.repo.message import compose
from loop.repo.refs import push_branch
from loop.repo.staging import staged
from loop.repo.workspace import Workspace


@dataclass(frozen=True)
class Identity:
    """Who a commit is by. Refuses what would break out of git's `Name <email>`."""

    name: str
    email: str

    def __post_init__(self) -> None:
        for value in (self.name, self.email):
            if not value.strip() or not value.isprintable() or re.search("[<>]", value):
                raise RefError(
                    f"{value!r}: not a name or email for commits;"
                    " set --commit-author-name and --commit-author-email"
                )
        if "@" not in self.email or " " in self.email:
            raise RefError(f"{self.email!r}: not an email; set --commit-author-email")

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>"


@dataclass(frozen=True)
class Landing:
    """What to commit and how. *message* is the model's; the committer signs off."""

    workspace: Workspace
    branch: str
    task_uid: str
    message: str
    author: Identity
    committer: Identity
    model: str = ""
    issue: int | None = None  # closed by the commit
    summary: str = ""  # for the message where the model wrote none
    gate_failed: bool = False  # for `refs.gate_failed_branch`: says so and closes nothing
    switched_off: frozenset[str] = frozenset()  # of secrets, sizes, workflows
    known_secrets: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Prepared:
    """A commit that exists here only."""

    sha: str
    branch: str
    task_uid: str
    committer_email: str
    message: str
    repository: Path  # the git directory that holds it


@dataclass(frozen=True)
class NoChanges:
    """The work tree is what it was: NO-CHANGES."""


@dataclass(frozen=True)
class Rejected:
    """COMMIT-REJECTED: *reason* is for the coder and for people."""

    reason: str
    findings: tuple[ContentFinding, ...] = ()


def _as_it_is(text: str) -> str:
    return text


async def prepare(
    git: Git, landing: Landing, *, now: datetime, redact: Callable[[str], str] = _as_it_is
) -> Prepared | NoChanges | Rejected:
    """Commit the work tree on the commit it started from, if its content may be committed.

    Commits that somebody made inside are flattened into this one. *redact* is given the message.
    """
    push_branch(landing.branch)
    workspace = landing.workspace
    try:
        async with staged(git, workspace) as index:
            tree = await git.text("write-tree", where=index)
    except WorkspaceError as exc:
        return Rejected(str(exc))
    parent = workspace.start.sha
    if await _adds_nothing(git, workspace, tree):
        return NoChanges()
    findings = await check_content(
        git,
        workspace.where,
        parent=parent,
        tree=tree,
        switched_off=landing.switched_off,
        known_secrets=landing.known_secrets,
    )
    if findings:
        shown = "\n".join(f"- {finding}" for finding in findings[:20])
        return Rejected(f"the commit was refused for what it holds:\n{shown}", tuple(findings))
    message = redact(
        compose(
            landing.message,
            task_uid=landing.task_uid,
            signed_off_by=str(landing.committer),
            model=landing.model,
            issue=landing.issue,
            summary=landing.summary,
            gate_failed=landing.gate_failed,
        )
    )
    try:
        sha = await _commit(git, landing, tree=tree, message=message, now=now)
    except GitError as exc:
        return Rejected(f"the commit could not be made: {exc.detail or exc}")
    return Prepared(
        sha=sha,
        branch=landing.branch,
        task_uid=landing.task_uid,
        committer_email=landing.committer.email,
        message=message,
        repository=workspace.control,
    )


async def _adds_nothing(git: Git, workspace: Workspace, tree: str) -> bool:
    """The files are what they were at the start, or what the amended branch has on the same base."""
    start, where = workspace.start, workspace.where
    for sha in (start.sha, start.seen if start.prior else ""):
        if sha and tree == await git.text("rev-parse", f"{sha}^{{tree}}", where=where):
            return await History(git, workspace.control).is_ancestor(start.sha, sha)
    return False


async def _commit(git: Git, landing: Landing, *, tree: str, message: str, now: datetime) -> str:
    date = f"{int(now.timestamp())} +0000"
    author, committer = landing.author, landing.committer
    output = await git.run(
        "commit-tree",
        "--no-gpg-sign",
        "-p",
        landing.workspace.start.sha,
        "-F",
        "-",
        tree,
        where=landing.workspace.where,
        stdin=message.encode("utf-8", "replace"),
        environment={
            "GIT_AUTHOR_NAME": author.name,
            "GIT_AUTHOR_EMAIL": author.email,
            "GIT_AUTHOR_DATE": date,
            "GIT_COMMITTER_NAME": committer.name,
            "GIT_COMMITTER_EMAIL": committer.email,
            "GIT_COMMITTER_DATE": date,
        },
    )
    return output.text
