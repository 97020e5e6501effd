"""One bare mirror per repository and node: what was fetched once is never fetched again.

Workspaces borrow its objects, so nothing in it is ever deleted: no gc runs (preciousObjects), and
each task pins its commits by a ref. Fetched tips live under hashed names, so that a branch `a` and
a later branch `a/b` of the remote do not collide. Tasks of one repository take turns, in this
process by a lock and between processes by a lock file.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import os
import re
import shutil
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import structlog

from loop.repo.errors import CloneFailed, GitError
from loop.repo.faults import remedy, remote_fault
from loop.repo.git import Git, Where
from loop.repo.refs import checked_ref, checked_sha
from loop.repo.remote import Remote

log = structlog.get_logger(__name__)

_TIPS = "refs/foreman/tips"
_PINS = "refs/foreman/pins"
_LOCK_SECONDS = 0.02
_PACKS_BEFORE_INDEX = 20


class Mirrors:
    """The mirrors below *directory*, one for each URL."""

    def __init__(self, directory: Path, git: Git) -> None:
        self._directory = directory
        self._git = git
        self._mirrors: dict[str, Mirror] = {}

    def of(self, remote: Remote) -> Mirror:
        """The mirror of *remote*'s repository; nothing is fetched yet."""
        if remote.url not in self._mirrors:
            slug = re.sub(r"[^A-Za-z0-9._-]+", "-", remote.repository)[-80:].strip("-.")
            digest = hashlib.sha256(remote.url.encode()).hexdigest()[:10]
            path = self._directory / f"{slug}-{digest}.git"
            self._mirrors[remote.url] = Mirror(path, self._git)
        return self._mirrors[remote.url]


class Mirror:
    """The mirror of one repository at *path*."""

    def __init__(self, path: Path, git: Git) -> None:
        self.path = path
        self._git = git
        self._lock = asyncio.Lock()

    @property
    def where(self) -> Where:
        return Where(self.path)

    @property
    def objects(self) -> Path:
        return self.path / "objects"

    async def refresh(
        self, remote: Remote, refs: Sequence[str], *, optional: Sequence[str] = ()
    ) -> dict[str, str]:
        """Ref to SHA as the remote has them now, their history being here afterwards.

        A name of *optional* that the remote lacks is left out; one of *refs* raises CloneFailed.
        """
        wanted = [checked_ref(ref) for ref in (*refs, *optional)]
        async with self._locked():
            await self._ensure()
            try:
                return await self._refreshed(remote, wanted, required=refs)
            except GitError as exc:
                if getattr(exc, "fault", "other") != "other" or await self._sound():
                    raise
            await self._discard()
            await self._ensure()
            return await self._refreshed(remote, wanted, required=refs)

    async def mend(
        self, remote: Remote, refs: Sequence[str], *, optional: Sequence[str] = ()
    ) -> bool:
        """After a read that failed: True when the mirror was broken and has been cloned again."""
        async with self._locked():
            if self.path.exists() and await self._sound():
                return False
            await self._discard()
            await self._ensure()
            wanted = [checked_ref(ref) for ref in (*refs, *optional)]
            await self._refreshed(remote, wanted, required=refs)
            return True

    async def pin(self, task: str, *shas: str) -> None:
        """Keep *shas* for *task*, whatever becomes of their branches."""
        lines = "".join(
            f"update {_pin(task, sha)} {checked_sha(sha)}\n" for sha in dict.fromkeys(shas)
        )
        async with self._locked():
            await self._git.run("update-ref", "--stdin", where=self.where, stdin=lines.encode())

    async def unpin(self, task: str) -> None:
        """Forget the pins of *task*; no error when there are none."""
        async with self._locked():
            found = await self._git.text(
                "for-each-ref", "--format=delete %(refname)", _pin(task), where=self.where
            )
            if found:
                await self._git.run(
                    "update-ref", "--stdin", where=self.where, stdin=f"{found}\n".encode()
                )

    async def _refreshed(
        self, remote: Remote, wanted: Sequence[str], *, required: Sequence[str]
    ) -> dict[str, str]:
        there = await advertised(self._git, remote, wanted)
        for ref in required:
            if ref not in there:
                raise CloneFailed(
                    f"{remote.repository}: no {ref} there; push it or name another base branch",
                    fault="missing",
                )
        here = await self._tips()
        if all(here.get(_tip(ref)) == sha for ref, sha in there.items()):
            return there
        await self._fetch(remote, list(there))
        here = await self._tips()
        return {ref: here[_tip(ref)] for ref in there}

    async def _fetch(self, remote: Remote, refs: Sequence[str]) -> None:
        specs = [f"+{ref}:{_tip(ref)}" for ref in refs]
        options = ("--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head")
        try:
            await self._git.run(
                "fetch", *options, "--", remote.git_url, *specs, where=self.where, remote=remote
            )
        except GitError as exc:
            raise clone_failed(remote, exc) from exc
        if len(list((self.objects / "pack").glob("*.pack"))) > _PACKS_BEFORE_INDEX:
            await self._git.run("multi-pack-index", "write", where=self.where)

    async def _tips(self) -> dict[str, str]:
        text = await self._git.text(
            "for-each-ref", "--format=%(refname) %(objectname)", _TIPS, where=self.where
        )
        return dict(line.split(" ", 1) for line in text.splitlines())

    async def _ensure(self) -> None:
        """Make the empty mirror, visible only when it is complete."""
        if self.path.exists():
            return
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = self.path.with_name(f".new-{uuid.uuid4().hex}")
        try:
            await self._git.run("init", "--quiet", "--bare", "--template=", "--", str(fresh))
            (fresh / "config").write_text(_CONFIG)
            (fresh / "objects" / "pack").mkdir(exist_ok=True)
            (fresh / "objects" / "info").mkdir(exist_ok=True)
            fresh.rename(self.path)
        except GitError:
            await asyncio.to_thread(shutil.rmtree, fresh, ignore_errors=True)
            raise

    async def _sound(self) -> bool:
        """True when every object that a ref needs is there and can be read."""
        try:
            await self._git.run("fsck", "--no-dangling", "--no-progress", where=self.where)
        except GitError as exc:
            log.warning("repo.mirror_broken", path=str(self.path), detail=exc.detail)
            return False
        return True

    async def _discard(self) -> None:
        """Move the broken mirror out of the way; what borrows from it cannot be saved."""
        if self.path.exists():
            aside = self.path.with_name(f".broken-{uuid.uuid4().hex}")
            self.path.rename(aside)
            await asyncio.to_thread(shutil.rmtree, aside, ignore_errors=True)

    @asynccontextmanager
    async def _locked(self) -> AsyncIterator[None]:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        async with self._lock:
            descriptor = os.open(f"{self.path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                await _flock(descriptor)
                yield
            finally:
                os.close(descriptor)


_CONFIG = """[core]
\trepositoryformatversion = 1
\tbare = true
\tlogAllRefUpdates = false
[extensions]
\tpreciousObjects = true
"""


async def advertised(git: Git, remote: Remote, refs: Sequence[str]) -> dict[str, str]:
    """Ref to SHA, of those *refs* that the remote has; raises CloneFailed."""
    try:
        output = await git.run(
            "ls-remote",
            "--quiet",
            "--",
            remote.git_url,
            *(checked_ref(ref) for ref in refs),
            remote=remote,
        )
    except GitError as exc:
        raise clone_failed(remote, exc) from exc
    lines = (line.partition("\t") for line in output.text.splitlines())
    # ls-remote matches the tail of names: foo/refs/heads/main too
    return {ref: checked_sha(sha) for sha, _, ref in lines if ref in refs}


def clone_failed(remote: Remote, exc: GitError) -> CloneFailed:
    """The failed read of a remote in words that somebody can act on."""
    fault = remote_fault(exc.detail) if exc.exit_code is not None else "unreachable"
    return CloneFailed(
        f"{remote.repository}: could not be fetched ({fault}); {remedy(fault)}: {exc.detail}",
        fault=fault,
        detail=exc.detail,
        exit_code=exc.exit_code,
    )


async def _flock(descriptor: int) -> None:
    """Wait for the lock file without holding a thread; dropped when the descriptor is closed."""
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            await asyncio.sleep(_LOCK_SECONDS)
        else:
            return


def _tip(ref: str) -> str:
    return f"{_TIPS}/{hashlib.sha256(ref.encode()).hexdigest()[:20]}"


def _pin(task: str, sha: str = "") -> str:
    folder = f"{_PINS}/{hashlib.sha256(task.encode()).hexdigest()[:20]}"
    return f"{folder}/{sha}" if sha else folder
