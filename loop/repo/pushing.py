"""From a commit here to a branch of the remote: refused, or there and read back."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from pathlib import Path

from loop.repo.errors import GitError, PushRefused, RemoteFault
from loop.repo.faults import remedy, remote_fault
from loop.repo.git import Git, Where
from loop.repo.history import CommitSeen, History
from loop.repo.landing import Identity, Prepared
from loop.repo.message import TASK_TRAILER
from loop.repo.mirror import advertised, clone_failed
from loop.repo.refs import attempt_branch, head, push_branch
from loop.repo.remote import Remote

_ON_TOP = 50  # commits of others above ours, at most


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


async def push(
    git: Git,
    prepared: Prepared,
    remote: Remote,
    *,
    overwrite: bool = False,
    over: str | None = None,
) -> Landed | PushFailed:
    """Push to `refs/heads/<branch>` of *remote* and read the head back before claiming it.

    A branch that holds a commit of our task is left as it is: an earlier claim landed it.
    Another head is followed when ours descends from it, else replaced only with *overwrite*, and
    only if it is still the one that was looked at. With *over* that is the head as it was when the
    work began ("" for no branch), and what is replaced is kept on a branch of its own. Where no
    answer came, it is looked at again: the push may have arrived all the same.
    """
    branch = push_branch(prepared.branch)
    try:
        for seconds in (*git.pauses, None):
            try:
                return await _pushed(git, prepared, remote, overwrite=overwrite, over=over)
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
    git: Git, prepared: Prepared, remote: Remote, *, overwrite: bool, over: str | None
) -> Landed | PushFailed:
    """Once, from what the remote has now. Raises PushRefused."""
    branch, repository = prepared.branch, prepared.repository
    there = await remote_commit(git, repository, remote, branch)
    if there is not None and (landed := await _landed_before(git, there, prepared)):
        return landed
    contained = there is None or await History(git, repository).is_ancestor(there.sha, prepared.sha)
    if there is not None and not contained:
        if not overwrite or over not in (None, there.sha):
            raise _moved(branch, there.sha, over if overwrite else None)
        if over is not None:
            await keep(git, prepared, remote, sha=there.sha)
    expected = there.sha if there else ""
    await _push(git, repository, remote, branch=branch, sha=prepared.sha, expected=expected)
    found = (await advertised(git, remote, [head(branch)])).get(head(branch))
    if found != prepared.sha:
        return PushFailed(
            branch,
            "other",
            f"{branch}: pushed {prepared.sha[:12]}, but the remote shows"
            f" {found[:12] if found else 'no such branch'}; push again",
        )
    return Landed(branch, prepared.sha)


def _moved(branch: str, now: str, over: str | None) -> PushRefused:
    """The refusal of a head that may not be replaced; *over* is the one that could have been."""
    if over is None:
        told = f"is at {now[:12]}, which this work does not contain"
    else:
        told = f"moved to {now[:12]} while the work was done; it was {over[:12] or 'not there'}"
    return PushRefused(
        f"{branch}: the remote branch {told}; {remedy('non-fast-forward')}",
        fault="non-fast-forward",
    )


async def keep(git: Git, prepared: Prepared, remote: Remote, *, sha: str) -> str:
    """The branch on which an attempt *sha* at `prepared.branch` stays, pushed if it is not there.

    Raises PushRefused.
    """
    there = await attempts(git, remote, prepared.branch)
    for number, kept in there.items():
        if kept == sha:
            return attempt_branch(prepared.branch, number)
    fresh = attempt_branch(prepared.branch, max(there, default=0) + 1)
    await _push(git, prepared.repository, remote, branch=fresh, sha=sha, expected="")
    return fresh


async def attempts(git: Git, remote: Remote, branch: str) -> dict[int, str]:
    """The heads of *branch* that were replaced, by their number. Raises PushRefused."""
    pattern = head(attempt_branch(branch, 0)).removesuffix("0")
    try:
        output = await git.run(
            "ls-remote", "--quiet", "--", remote.git_url, f"{pattern}*", remote=remote
        )
    except GitError as exc:
        raise _refused(branch, remote, exc) from exc
    lines = (line.partition("\t") for line in output.text.splitlines())
    numbers = {ref.removeprefix(pattern): sha for sha, _, ref in lines if ref.startswith(pattern)}
    return {int(number): sha for number, sha in numbers.items() if number.isdecimal()}


async def _landed_there(git: Git, prepared: Prepared, remote: Remote) -> Landed | None:
    """The branch as it is now, if our task put it there."""
    there = await remote_commit(git, prepared.repository, remote, prepared.branch)
    return await _landed_before(git, there, prepared) if there is not None else None


async def find_landed(
    git: Git, repository: Path, remote: Remote, branch: str, *, task_uid: str, committer: Identity
) -> CommitSeen | None:
    """The commit of the remote branch that an earlier claim of this task put there.

    People may have committed on top of it. *repository* is the mirror or a control directory.
    Raises CloneFailed.
    """
    seen = await remote_commit(git, repository, remote, branch)
    return await _ours(git, repository, seen, task_uid, committer.email) if seen else None


async def _ours(
    git: Git, repository: Path, tip: CommitSeen, task_uid: str, committer_email: str
) -> CommitSeen | None:
    """The newest commit that the task made among those that *tip* ends; None: there is none."""
    if _is_ours(tip, task_uid, committer_email):
        return tip
    found = await git.text(
        "log",
        f"-n{_ON_TOP}",
        "--format=%H",
        "--fixed-strings",
        f"--grep={TASK_TRAILER}: {task_uid}",
        tip.sha,
        where=Where(repository),
    )
    history = History(git, repository)
    for sha in found.split():
        seen = await history.commit(sha)
        if _is_ours(seen, task_uid, committer_email):
            return seen
    return None


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


async def _push(
    git: Git, repository: Path, remote: Remote, *, branch: str, sha: str, expected: str
) -> None:
    ref = head(push_branch(branch))
    try:
        await git.run(
            "push",
            "--no-follow-tags",
            "--no-signed",
            "--recurse-submodules=no",
            f"--force-with-lease={ref}:{expected}",
            "--",
            remote.git_url,
            f"{sha}:{ref}",
            where=Where(repository),
            remote=remote,
        )
    except GitError as exc:
        raise _refused(branch, remote, exc) from exc


def _refused(branch: str, remote: Remote, exc: GitError) -> PushRefused:
    fault = remote_fault(exc.detail) if exc.exit_code is not None else "unreachable"
    return PushRefused(
        f"{branch}: the push to {remote.repository} was refused ({fault});"
        f" {remedy(fault)}: {exc.detail}",
        fault=fault,
        detail=exc.detail,
        exit_code=exc.exit_code,
    )


async def _landed_before(git: Git, there: CommitSeen, prepared: Prepared) -> Landed | None:
    if there.sha == prepared.sha:
        return Landed(prepared.branch, there.sha, already=True)
    ours = await _ours(git, prepared.repository, there, prepared.task_uid, prepared.committer_email)
    return Landed(prepared.branch, ours.sha, already=True) if ours else None


def _is_ours(seen: CommitSeen, task_uid: str, committer_email: str) -> bool:
    """The trailer alone could be anybody's text; the committer has to be us too."""
    return (TASK_TRAILER, task_uid) in seen.trailers and seen.committer_email == committer_email
