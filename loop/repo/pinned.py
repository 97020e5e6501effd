"""Commits by their names, whatever branches point at today: to look again at what was judged."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from loop.repo.errors import CloneFailed, GitError, RefError, RemoteError
from loop.repo.git import Git, Where
from loop.repo.history import History
from loop.repo.mirror import clone_failed
from loop.repo.refs import checked_sha
from loop.repo.remote import Remote


async def repository_with(
    git: Git, shas: Sequence[str], *, mirrors: Path, remote: Remote, scratch: Path
) -> Path:
    """A repository that holds *shas*: a node's mirror below *mirrors*, else one fetched to *scratch*.

    A mirror keeps what was force-pushed away; a remote gives a commit by name while it has it.
    Raises `CloneFailed`.
    """
    slug = remote.repository.replace("/", "-")
    for mirror in sorted(mirrors.glob(f"*{slug}-*.git")) if mirrors.is_dir() else ():
        if await _has(git, mirror, shas):
            return mirror
    bare = scratch / "pinned.git"
    options = ("--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head")
    try:
        await git.run("init", "--quiet", "--bare", "--template=", "--", str(bare))
        specs = [f"{checked_sha(sha)}:refs/foreman/pinned/{checked_sha(sha)}" for sha in shas]
        await git.run(
            "fetch", *options, "--", remote.git_url, *specs, where=Where(bare), remote=remote
        )
    except (RefError, RemoteError) as exc:
        raise CloneFailed(str(exc), fault="other") from exc
    except GitError as exc:
        raise clone_failed(remote, exc) from exc
    return bare


async def _has(git: Git, repository: Path, shas: Sequence[str]) -> bool:
    history = History(git, repository)
    try:
        return all([await history.has_commit(sha) for sha in shas])
    except (GitError, RefError):
        return False
