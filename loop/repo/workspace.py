"""A task's work tree, made from the mirror without a second download.

The git directory ("control") lies outside the work tree and borrows the mirror's objects, so what a
model or a build does in the work tree reaches neither.
"""

from __future__ import annotations

import os
import shutil
import uuid
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from loop.repo.errors import CloneFailed, GitError
from loop.repo.git import Git, Where
from loop.repo.mirror import Mirror
from loop.repo.refs import checked_branch, checked_sha, head
from loop.repo.remote import Remote
from loop.repo.removal import Trash

TREE = "workspace"
CONTROL = "control"
VARIANT = "variant"  # a second work tree, while there is one
_RECORD = "foreman.json"

_CONFIG = """[core]
\trepositoryformatversion = 0
\tbare = false
\tlogAllRefUpdates = false
[gc]
\tauto = 0
"""

# What tools leave behind and nobody commits; a repository's .gitignore can say otherwise.
_EXCLUDED = """__pycache__/
*.py[co]
.pytest_cache/
.mypy_cache/
.ruff_cache/
.hypothesis/
.venv/
node_modules/
.DS_Store
*.swp
"""


@dataclass(frozen=True)
class Start:
    """What a workspace holds at first: *sha* on *branch*, to be judged against *base*.

    A prior attempt's files can be checked out in its place: *tree*, "" for those of *sha*.
    """

    branch: str
    sha: str
    base_branch: str
    base_sha: str
    tree: str = ""
    prior: str = ""  # the commit that is amended; "" where the work begins at the base
    conflicts: tuple[str, ...] = ()  # files of *tree* where the prior attempt and the base disagree
    seen: str = ""  # the branch's head on the remote when the work began; "": it had none


@dataclass(frozen=True)
class Workspace:
    """A work tree at *path* and its git directory at *control*, both in *directory*.

    *objects* are the stores that *control* borrows from: the sandbox must show them too.
    """

    directory: Path
    objects: tuple[Path, ...]
    start: Start

    @property
    def path(self) -> Path:
        return self.directory / TREE

    @property
    def control(self) -> Path:
        return self.directory / CONTROL

    @property
    def where(self) -> Where:
        """For commands that need no work tree."""
        return Where(self.control)


class Workspaces:
    """Makes, finds and deletes workspaces; *trash* takes the old ones."""

    def __init__(self, git: Git, trash: Path) -> None:
        self._git = git
        self._trash = Trash(trash)

    async def create(
        self, directory: Path, mirror: Mirror, start: Start, *, remote: Remote | None = None
    ) -> Workspace:
        """A fresh work tree in *directory*; what was there before is deleted in the background.

        *start*'s commits are pinned by the name of *directory*. With a *remote* a broken mirror is
        cloned again, once. Raises CloneFailed.
        """
        for branch in (start.branch, start.base_branch):
            checked_branch(branch)
        try:
            return await self._created(directory, mirror, start)
        except GitError as exc:
            again = [head(start.base_branch)], [head(start.branch)]
            if remote is None or not await mirror.mend(remote, again[0], optional=again[1]):
                raise _unusable(start, exc) from exc
        try:
            return await self._created(directory, mirror, start)
        except GitError as exc:
            raise _unusable(start, exc) from exc

    def open(self, directory: Path) -> Workspace | None:
        """The workspace that a former process left in *directory*, if it is whole."""
        try:
            record = orjson.loads((directory / CONTROL / _RECORD).read_bytes())
            objects = tuple(Path(path) for path in record.pop("objects"))
            conflicts = tuple(record.pop("conflicts"))
            workspace = Workspace(directory, objects, Start(**record, conflicts=conflicts))
        except (OSError, ValueError, TypeError, KeyError):
            return None
        whole = workspace.path.is_dir() and all(path.is_dir() for path in objects)
        return workspace if whole else None

    async def discard(self, directory: Path, mirror: Mirror) -> None:
        """Take work tree and control out of *directory* at once; `sweep` frees the space."""
        self._clear(directory)
        await mirror.unpin(pin_name(directory))

    async def sweep(self) -> None:
        """Delete what was discarded, by this process or by one that was killed."""
        await self._trash.sweep()

    def _clear(self, directory: Path) -> None:
        for name in (CONTROL, TREE, VARIANT):
            self._trash.take(directory / name)

    async def _created(self, directory: Path, mirror: Mirror, start: Start) -> Workspace:
        self._clear(directory)
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        workspace = Workspace(directory, (mirror.objects,), start)
        pinned = [sha for sha in (start.sha, start.base_sha, start.prior) if sha]
        await mirror.pin(pin_name(directory), *pinned)
        seal(workspace)
        _put(workspace.control / head(start.branch), f"{checked_sha(start.sha)}\n")
        base = workspace.control / "refs" / "remotes" / "origin" / start.base_branch
        _put(base, f"{checked_sha(start.base_sha)}\n")
        workspace.path.mkdir(mode=0o755)
        await self._git.run(
            "-c",
            f"checkout.workers={min(4, os.cpu_count() or 1)}",
            "-c",
            "checkout.thresholdForParallelism=100",
            "read-tree",
            "--reset",
            "-u",
            start.tree or start.sha,
            where=Where(workspace.control, workspace.path),
        )
        # last: `open` takes a workspace only when it was made to its end
        (workspace.control / _RECORD).write_bytes(orjson.dumps(_record(workspace)))
        return workspace


def pin_name(directory: Path) -> str:
    """Under which name a workspace's commits are pinned in its mirror."""
    return str(directory)


def seal(workspace: Workspace) -> None:
    """Write the git directory's own files as they must be, whatever was done to them since.

    Outside of a sandbox a command could have written there: no configuration, hook, attribute or
    graft of its making survives this.
    """
    control = workspace.control
    for name in ("objects/info", "objects/pack", "refs/heads", "info"):
        (control / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in ("config.worktree", "info/attributes", "info/grafts", "shallow", "commondir"):
        (control / name).unlink(missing_ok=True)
    shutil.rmtree(control / "hooks", ignore_errors=True)
    _put(control / "config", _CONFIG)
    _put(control / "HEAD", f"ref: {head(workspace.start.branch)}\n")
    _put(control / "info" / "exclude", _EXCLUDED)
    alternates = "".join(f"{path}\n" for path in workspace.objects)
    _put(control / "objects" / "info" / "alternates", alternates)


def _put(path: Path, text: str) -> None:
    """Write *text* unless it is there: a command in the sandbox may be reading it."""
    if path.is_symlink() or not path.is_file() or path.read_bytes() != text.encode():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name[:100]}.{uuid.uuid4().hex}")
        fresh.write_text(text)
        fresh.replace(path)


def _record(workspace: Workspace) -> dict[str, object]:
    objects = [str(path) for path in workspace.objects]
    return {**asdict(workspace.start), "objects": objects}


def _unusable(start: Start, exc: GitError) -> CloneFailed:
    return CloneFailed(
        f"{start.branch}: no work tree could be made of {start.sha[:12]}: {exc.detail or exc}",
        fault="other",
        detail=exc.detail,
        exit_code=exc.exit_code,
    )
