"""From a work tree to a commit on the remote: refused, or there and read back.

Two steps, so that the caller can have the push token minted in between: `prepare` needs none.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from loop.gates.finding import ContentFinding
from loop.repo.content import check_content
from loop.repo.errors import GitError, PushRefused, RefError, RemoteFault, WorkspaceError
from loop.repo.faults import remedy, remote_fault
from loop.repo.git import Git, Where
from loop.repo.history import CommitSeen, History
from loop.repo.message import TASK_TRAILER, compose
from loop.repo.mirror import advertised, clone_failed
from loop.repo.refs import head, push_branch
from loop.repo.remote import Remote
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


@dataclass(frozen=True)
class Landed:
    """*sha* is the branch's head on the remote; *already*: it was there before."""

    branch: str
    sha: str
    already: bool = False


@dataclass(frozen=True)
class PushFailed:
    """PUSH-FAILED: *message* with a remedy."""

    branch: str
    fault: RemoteFault
    message: str


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
    if tree == await git.text("rev-parse", f"{parent}^{{tree}}", where=workspace.where):
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


async def push(
    git: Git, prepared: Prepared, remote: Remote, *, overwrite: bool = False
) -> Landed | PushFailed:
    """Push to `refs/heads/<branch>` of *remote* and read the head back before claiming it.

    A branch whose head carries our task's trailer is left as it is: an earlier claim landed it.
    Another head is followed when ours descends from it, else replaced only with *overwrite*, and
    only if it is still the one that was looked at. Where no answer came, it is looked at again:
    the push may have arrived all the same.
    """
    branch = push_branch(prepared.branch)
    try:
        for seconds in (*git.pauses, None):
            try:
                return await _pushed(git, prepared, remote, overwrite=overwrite)
            except PushRefused as exc:
                if landed := await _landed_there(git, prepared, remote):
                    return landed
                if seconds is None or exc.fault != "unreachable":
                    raise
            await asyncio.sleep(seconds)
    except GitError as exc:
        return PushFailed(branch, getattr(exc, "fault", "other"), str(exc))
    raise AssertionError("the last attempt returns or raises")


async def _pushed(
    git: Git, prepared: Prepared, remote: Remote, *, overwrite: bool
) -> Landed | PushFailed:
    """Once, from what the remote has now. Raises PushRefused."""
    branch = prepared.branch
    there = await remote_commit(git, prepared.repository, remote, branch)
    if there is not None and (landed := _landed_before(there, prepared)):
        return landed
    if there is not None and not overwrite:
        history = History(git, prepared.repository)
        if not await history.is_ancestor(there.sha, prepared.sha):
            raise PushRefused(
                f"{branch}: the remote branch is at {there.sha[:12]}, which this work does not"
                f" contain; {remedy('non-fast-forward')}",
                fault="non-fast-forward",
            )
    await _push(git, prepared, remote, expected=there.sha if there else "")
    found = (await advertised(git, remote, [head(branch)])).get(head(branch))
    if found != prepared.sha:
        return PushFailed(
            branch,
            "other",
            f"{branch}: pushed {prepared.sha[:12]}, but the remote shows"
            f" {found[:12] if found else 'no such branch'}; push again",
        )
    return Landed(branch, prepared.sha)


async def _landed_there(git: Git, prepared: Prepared, remote: Remote) -> Landed | None:
    """The branch as it is now, if our task put it there."""
    there = await remote_commit(git, prepared.repository, remote, prepared.branch)
    return _landed_before(there, prepared) if there is not None else None


async def find_landed(
    git: Git, repository: Path, remote: Remote, branch: str, *, task_uid: str, committer: Identity
) -> CommitSeen | None:
    """The head of the remote branch, if an earlier claim of this task put it there.

    *repository* is the mirror or a control directory. Raises CloneFailed.
    """
    seen = await remote_commit(git, repository, remote, branch)
    return seen if seen and _is_ours(seen, task_uid, committer.email) else None


async def remote_commit(
    git: Git, repository: Path, remote: Remote, branch: str
) -> CommitSeen | None:
    """The head of a branch on the remote as of now, its history being here; None: no branch.

    Raises CloneFailed.
    """
    ref = head(branch)
    if ref not in await advertised(git, remote, [ref]):
        return None
    seen = f"refs/foreman/seen/{hashlib.sha256(f'{remote.url} {ref}'.encode()).hexdigest()[:20]}"
    where = Where(repository)
    options = ("--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head")
    try:
        await git.run(
            "fetch", *options, "--", remote.git_url, f"+{ref}:{seen}", where=where, remote=remote
        )
    except GitError as exc:
        raise clone_failed(remote, exc) from exc
    sha = await git.text("rev-parse", "--verify", seen, where=where)
    return await History(git, repository).commit(sha)


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


async def _push(git: Git, prepared: Prepared, remote: Remote, *, expected: str) -> None:
    ref = head(prepared.branch)
    try:
        await git.run(
            "push",
            "--no-follow-tags",
            "--no-signed",
            "--recurse-submodules=no",
            f"--force-with-lease={ref}:{expected}",
            "--",
            remote.git_url,
            f"{prepared.sha}:{ref}",
            where=Where(prepared.repository),
            remote=remote,
        )
    except GitError as exc:
        fault = remote_fault(exc.detail) if exc.exit_code is not None else "unreachable"
        raise PushRefused(
            f"{prepared.branch}: the push to {remote.repository} was refused ({fault});"
            f" {remedy(fault)}: {exc.detail}",
            fault=fault,
            detail=exc.detail,
            exit_code=exc.exit_code,
        ) from exc


def _landed_before(there: CommitSeen, prepared: Prepared) -> Landed | None:
    if there.sha == prepared.sha or _is_ours(there, prepared.task_uid, prepared.committer_email):
        return Landed(prepared.branch, there.sha, already=True)
    return None


def _is_ours(seen: CommitSeen, task_uid: str, committer_email: str) -> bool:
    """The trailer alone could be anybody's text; the committer has to be us too."""
    return (TASK_TRAILER, task_uid) in seen.trailers and seen.committer_email == committer_email
