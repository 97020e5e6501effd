"""The difference of two trees, asked of git without a work tree."""

from __future__ import annotations

from loop.repo.diff import FileChange, parse
from loop.repo.git import Git, Where
from loop.repo.refs import checked_sha


async def tree_changes(
    git: Git, where: Where, old: str, new: str, *, patch: bool = True, deleted: bool = True
) -> tuple[FileChange, ...]:
    """From tree or commit *old* to *new*, with renames; hunks unless *patch* is off.

    Files that are gone have no hunks when *deleted* is off.

    Two trees are compared without a work tree, so attributes of the repository (`-diff`, drivers)
    do not hide a change, and submodules are seen as the entries they are.
    """
    output = await git.run(
        "-c",
        "diff.ignoreSubmodules=none",
        "diff-tree",
        "-r",
        "-z",
        "-M",
        "-l2000",
        "--no-commit-id",
        "--full-index",
        "--no-color",
        "--no-ext-diff",
        "--no-textconv",
        "--raw",
        *(("--patch", "--unified=0") if patch else ()),
        *(() if deleted else ("--irreversible-delete",)),
        "--end-of-options",
        checked_sha(old),
        checked_sha(new),
        where=where,
    )
    return parse(output.stdout)
