"""The work tree of a job: fresh from the base for coders, at the head for those who judge."""

from __future__ import annotations

from dataclasses import dataclass, replace

from loop.repo.errors import CloneFailed, GitError, RefError, RemoteError
from loop.repo.history import History
from loop.repo.mirror import Mirror
from loop.repo.pushing import remote_commit
from loop.repo.refs import checked_branch, head, pull
from loop.repo.remote import Remote, push_remote
from loop.repo.restoring import by_people, restored
from loop.repo.workspace import Start, Workspace
from loop.work.job import Job
from loop.work.means import Repositories

DEFAULT_BASE = "main"


class CheckoutError(Exception):
    """There is nothing to work on; the message is the task's."""


@dataclass(frozen=True)
class Tips:
    """What the remote has now. *branch_sha* "" where the branch is not there yet."""

    mirror: Mirror
    remote: Remote
    base_branch: str
    base_sha: str
    branch_sha: str


async def tips(job: Job, repositories: Repositories, token: str) -> Tips:
    """Fetch base and branch fresh, the branch from where it is pushed to. Raises `CheckoutError`."""
    base = job.base_branch or DEFAULT_BASE
    try:
        remote = repositories.remote(job.repository, token)
        mirror = repositories.mirrors.of(remote)
        ours = pull(job.pull_request) if job.pull_request else head(checked_branch(job.branch))
        found = await mirror.refresh(remote, [head(base)], optional=[ours])
        seen = Tips(mirror, remote, base, found[head(base)], found.get(ours, ""))
        if job.pull_request or not repositories.fork_url:
            return seen
        return replace(seen, branch_sha=await pushed_head(job.branch, repositories, seen))
    except (CloneFailed, RefError, RemoteError) as exc:
        raise CheckoutError(str(exc)) from exc


async def for_coder(
    job: Job, repositories: Repositories, found: Tips, *, committer: str
) -> Workspace:
    """A work tree on the task's branch: the base's tip, or the work that is to be amended on it.

    *committer* is the email of our commits. A branch that people committed to is amended even if
    it may be overwritten: what they did is theirs.
    """
    start = Start(
        job.branch, found.base_sha, found.base_branch, found.base_sha, seen=found.branch_sha
    )
    git, where = repositories.git, found.mirror.where
    try:
        if prior := await _prior(job, repositories, found, committer=committer):
            start = await restored(git, where, start, prior=prior, committer=committer)
    except (CloneFailed, RefError, RemoteError, GitError) as exc:
        raise CheckoutError(str(exc)) from exc
    return await _create(job, repositories, found, start)


async def holding(job: Job, repositories: Repositories, found: Tips, *, tree: str) -> Workspace:
    """A work tree at the base's tip that holds *tree* in the place of its files."""
    start = Start(
        job.branch,
        found.base_sha,
        found.base_branch,
        found.base_sha,
        tree=tree,
        seen=found.branch_sha,
    )
    return await _create(job, repositories, found, start)


async def _prior(job: Job, repositories: Repositories, found: Tips, *, committer: str) -> str:
    """The commit to begin from instead of the base; "" where there is none."""
    if job.revise_from:
        same = job.revise_from == job.branch
        prior = (
            found.branch_sha if same else await pushed_head(job.revise_from, repositories, found)
        )
        if not prior:
            raise CheckoutError(
                f"{job.revise_from}: not on the remote, and building its work again would overwrite"
                " what is there; push it, or ask for a fresh attempt without reviseFromBranch"
            )
        return prior
    if not (job.allow_overwrite and found.branch_sha):
        return ""
    theirs = await by_people(
        repositories.git,
        found.mirror.where,
        base=found.base_sha,
        tip=found.branch_sha,
        committer=committer,
    )
    return found.branch_sha if theirs else ""


async def pushed_head(branch: str, repositories: Repositories, found: Tips) -> str:
    """The head of *branch* where we push; "" where it is not there. Raises `CloneFailed`."""
    remote = push_remote(found.remote, repositories.fork(found.remote.token))
    seen = await remote_commit(repositories.git, found.mirror.path, remote, branch)
    return seen.sha if seen else ""


async def for_judge(job: Job, repositories: Repositories, found: Tips) -> Workspace:
    """A throw-away work tree at `job.head_sha`, else the branch's head, against the merge base."""
    sha = job.head_sha or found.branch_sha
    if not found.branch_sha:
        what = job.branch or f"pull request #{job.pull_request}"
        raise CheckoutError(
            f"{what}: not on the remote; there is nothing to judge until a coder pushed it"
        )
    if not await History(repositories.git, found.mirror.path).has_commit(sha):
        raise CheckoutError(
            f"{sha[:12]}: the head moved since the review was asked for, to"
            f" {found.branch_sha[:12]}; ask again with /foreman review"
        )
    base = await merge_base(repositories, found, sha)
    branch = job.branch or f"pull-{job.pull_request}"
    return await _create(job, repositories, found, Start(branch, sha, found.base_branch, base))


async def merge_base(repositories: Repositories, found: Tips, sha: str) -> str:
    """The merge base of the pull request's own base and *sha*. Raises `CheckoutError`."""
    try:
        return await repositories.git.text(
            "merge-base", found.base_sha, sha, where=found.mirror.where
        )
    except GitError as exc:
        raise CheckoutError(
            f"{sha[:12]}: no common history with {found.base_branch}; rebase the branch onto it"
        ) from exc


async def _create(job: Job, repositories: Repositories, found: Tips, start: Start) -> Workspace:
    try:
        return await repositories.workspaces.create(
            job.directory, found.mirror, start, remote=found.remote
        )
    except CloneFailed as exc:
        raise CheckoutError(str(exc)) from exc
