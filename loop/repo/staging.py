"""The work tree as git would commit it, without touching the workspace's own index.

The harness never asks git to look into a repository nested in the work tree: the configuration of
such a repository would run in our git (`core.fsmonitor`).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

from loop.repo.comparison import tree_changes
from loop.repo.diff import GITLINK, FileChange
from loop.repo.errors import GitError, WorkspaceError
from loop.repo.git import Git, Where
from loop.repo.workspace import Workspace, seal


async def tree(git: Git, workspace: Workspace) -> str:
    """The id of the work tree as it stands, ignored files and nested repositories left out."""
    async with staged(git, workspace, nested="leave out") as index:
        return await git.text("write-tree", where=index)


async def changed(git: Git, workspace: Workspace, *, patch: bool = True) -> tuple[FileChange, ...]:
    """The work tree against the commit it started from, new files included.

    With hunks, unless *patch* is off: then no file is too large.
    """
    now = await tree(git, workspace)
    return await tree_changes(git, workspace.where, workspace.start.sha, now, patch=patch)


@asynccontextmanager
async def staged(
    git: Git, workspace: Workspace, *, nested: Literal["refuse", "leave out"] = "refuse"
) -> AsyncIterator[Where]:
    """A temporary index that holds the work tree as it stands.

    Submodule entries of the start commit are taken out while git looks at the files and put back
    after, so git never asks a nested repository anything. Raises WorkspaceError for a repository
    in the work tree, unless *nested* is "leave out".
    """
    await asyncio.to_thread(_drop_view, workspace.path)
    seal(workspace)
    index = workspace.control / f"index.{uuid.uuid4().hex}"
    where = Where(workspace.control, workspace.path, index)
    try:
        await _from_start(git, workspace, where)
        links = await _gitlinks(git, where)
        if links:
            await _index_info(git, where, [(f"0 {'0' * 40}", path) for path in links])
        repositories = await _repositories(git, workspace, where, links)
        if repositories and nested == "refuse":
            shown = ", ".join(repositories[:5])
            raise WorkspaceError(f"{shown}: a git repository inside the workspace; delete its .git")
        await _add(git, where, repositories)
        await _put_back(git, where, links)
        yield where
    finally:
        for path in (index, index.with_name(f"{index.name}.lock")):
            path.unlink(missing_ok=True)


async def _from_start(git: Git, workspace: Workspace, where: Where) -> None:
    """The start commit as index, with the file times of the checkout where they are known."""
    assert where.index is not None
    with contextlib.suppress(FileNotFoundError):
        await asyncio.to_thread(shutil.copy2, workspace.control / "index", where.index)
    await git.run("read-tree", "--reset", workspace.start.sha, where=where)


async def _add(git: Git, where: Where, leave_out: Sequence[str]) -> None:
    excluded = [f":(exclude,literal){path}" for path in leave_out]
    try:
        await git.run("add", "--all", "--", ".", *excluded, where=where)
    except GitError as exc:
        raise WorkspaceError(
            f"workspace: git could not read all of it: {exc.detail}", detail=exc.detail
        ) from exc


async def _gitlinks(git: Git, where: Where) -> dict[str, str]:
    """Path to SHA of the submodule entries in an index."""
    entries = await _entries(git, where)
    return {path: sha for path, (mode, sha) in entries.items() if mode == GITLINK}


async def _entries(git: Git, where: Where) -> dict[str, tuple[str, str]]:
    """Path to mode and SHA of all entries of an index."""
    text = await git.text("ls-files", "--stage", "-z", where=where)
    found = {}
    for entry in text.split("\0")[:-1]:
        fields, _, path = entry.partition("\t")
        mode, sha, _stage = fields.split(" ")
        found[path] = (mode, sha)
    return found


async def _put_back(git: Git, where: Where, links: dict[str, str]) -> None:
    """The start commit's submodules, after `add`; nothing may have come up in their place."""
    entries = await _entries(git, where)
    new = [path for path, (mode, _) in entries.items() if mode == GITLINK]
    if new:
        raise WorkspaceError(f"{', '.join(new[:5])}: a git repository inside the workspace")
    for link in links:
        if link in entries or any(path.startswith(f"{link}/") for path in entries):
            raise WorkspaceError(f"{link}: a submodule; its files cannot be changed from here")
    if links:
        await _index_info(git, where, [(f"{GITLINK} {sha}", path) for path, sha in links.items()])


async def _index_info(git: Git, where: Where, entries: Sequence[tuple[str, str]]) -> None:
    lines = "".join(f"{entry}\t{path}\0" for entry, path in entries)
    await git.run(
        "update-index",
        "-z",
        "--index-info",
        where=where,
        stdin=lines.encode("utf-8", "surrogateescape"),
    )


async def _repositories(
    git: Git, workspace: Workspace, where: Where, links: dict[str, str]
) -> list[str]:
    """Folders with a `.git` of their own that `add` would meet; ignored ones are left alone."""
    found = await asyncio.to_thread(_dot_gits, workspace.path)
    if not found:
        return []
    inside = [path for path in found if path in links]
    asked = [path for path in found if path not in links]
    if not asked:
        return inside
    output = await git.run(
        "check-ignore",
        "-z",
        "--stdin",
        where=where,
        stdin="".join(f"{path}\0" for path in asked).encode("utf-8", "surrogateescape"),
        accept=(0, 1),
    )
    ignored = set(output.text.split("\0"))
    return sorted([*inside, *(path for path in asked if path not in ignored)])


def _dot_gits(root: Path) -> list[str]:
    """Relative folders that hold something called `.git` in any case; the root's own file is ours."""
    found = []
    for folder, folders, files in os.walk(root):
        relative = os.path.relpath(folder, root)
        names = [name for name in (*folders, *files) if name.casefold() == ".git"]
        folders[:] = [name for name in folders if name.casefold() != ".git"]
        if names and relative == ".":
            if Path(folder, names[0]).is_dir():
                raise WorkspaceError(
                    ".git: a git repository of your own in the workspace; delete the folder"
                )
        elif names:
            found.append(relative)
            folders.clear()
    return found


def _drop_view(path: Path) -> None:
    """The empty file that a sandbox's read-only `.git` leaves behind on the host."""
    view = path / ".git"
    with contextlib.suppress(OSError):
        if view.is_file() and not view.is_symlink() and view.stat().st_size == 0:
            view.unlink()
