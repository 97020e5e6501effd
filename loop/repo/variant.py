"""A second work tree beside a task's own: what would be committed, with some files as they were.

It is checked out from git, so nothing that a build left behind is in it, and every file is newer
than any build output. Folders with installed dependencies come along: nobody has a network here.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from loop.repo.diff import ABSENT
from loop.repo.errors import WorkspaceError
from loop.repo.git import Git, Where
from loop.repo.removal import remove
from loop.repo.staging import tree
from loop.repo.workspace import VARIANT, Workspace

_NO_SHA = "0" * 40
_INSTALLED = frozenset({".venv", "node_modules", "target", "venv", "vendor"})
# cargo writes into files of an earlier build, so those may not be shared
_COPIED = frozenset({"target"})


@dataclass(frozen=True)
class Entry:
    """How one path shall be. *mode* `ABSENT`: not there."""

    path: str
    mode: str = ABSENT
    sha: str = _NO_SHA


@asynccontextmanager
async def variant(
    git: Git,
    workspace: Workspace,
    *,
    entries: Sequence[Entry],
    contents: Mapping[str, bytes] | None = None,
) -> AsyncIterator[Path]:
    """The work tree as it stands, with *entries* as they say and *contents* by path.

    It is deleted in the end. Raises WorkspaceError where it cannot be made.
    """
    top = workspace.directory / VARIANT
    index = workspace.control / f"index.{uuid.uuid4().hex}"
    where = Where(workspace.control, top, index)
    await remove(top)
    try:
        top.mkdir(mode=0o755)
        await git.run("read-tree", await tree(git, workspace), where=where)
        await _put(git, where, [entry for entry in entries if entry.mode == ABSENT])
        await _put(git, where, [entry for entry in entries if entry.mode != ABSENT])
        await _put(git, where, await _written(git, where, contents or {}))
        await git.run("checkout-index", "--all", "--force", where=where)
        await asyncio.to_thread(_bring, workspace.path, top)
        yield top
    finally:
        for path in (index, index.with_name(f"{index.name}.lock")):
            path.unlink(missing_ok=True)
        await remove(top)


async def _put(git: Git, where: Where, entries: Sequence[Entry]) -> None:
    if entries:
        lines = "".join(
            f"{entry.mode.lstrip('0') or 0} {entry.sha}\t{entry.path}\0" for entry in entries
        )
        stdin = lines.encode("utf-8", "surrogateescape")
        await git.run("update-index", "-z", "--index-info", where=where, stdin=stdin)


async def _written(git: Git, where: Where, contents: Mapping[str, bytes]) -> list[Entry]:
    entries = []
    for path, content in contents.items():
        stored = await git.run("hash-object", "-w", "--stdin", where=where, stdin=content)
        entries.append(Entry(path, "100644", stored.text))
    return entries


def _bring(source: Path, target: Path) -> None:
    """Folders that an installer filled, where git has nothing of that name."""
    for folder, names, _ in os.walk(source):
        here = Path(folder)
        for name in [name for name in names if name in _INSTALLED]:
            names.remove(name)
            there = target / here.relative_to(source) / name
            if not (here / name).is_symlink() and there.parent.is_dir() and not there.exists():
                _copy(here / name, there, shared=name not in _COPIED)


def _copy(source: Path, target: Path, *, shared: bool) -> None:
    try:
        shutil.copytree(
            source,
            target,
            symlinks=True,
            ignore=_special,
            copy_function=_link if shared else shutil.copy2,
        )
    except OSError as exc:
        raise WorkspaceError(f"{source.name}: cannot be copied for a second work tree") from exc


def _link(source: str, target: str) -> None:
    """A second name for a file; a copy where file systems or their rules forbid that."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)


def _special(folder: str, names: list[str]) -> list[str]:
    """Those of *names* that are no file, folder or link: pipes, sockets, devices."""
    plain = (stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK)
    return [name for name in names if stat.S_IFMT(Path(folder, name).lstat().st_mode) not in plain]
