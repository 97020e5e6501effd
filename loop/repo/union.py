"""Several branches made one tree: of each only the files that are its own, on today's base.

A branch may have left the base earlier than today, so each is merged, not copied: what the base
changed since stays, and what both changed in the same lines is told, not decided.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from loop.repo.comparison import tree_changes
from loop.repo.diff import ABSENT
from loop.repo.git import Git, Where
from loop.repo.history import History

_IDENTITY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (
        ("NAME", "foreman"),
        ("EMAIL", "foreman@localhost"),
        ("DATE", "1000000000 +0000"),  # never seen: only the tree leaves here
    )
}


_NOTHING = "0" * 40


@dataclass(frozen=True)
class Contribution:
    """The branch head *sha* of part *name*, which owns *files*; `folder/` owns all below it."""

    name: str
    sha: str
    files: tuple[str, ...]

    def owns(self, path: str) -> bool:
        return any(covers(entry, path) for entry in self.files)


@dataclass(frozen=True)
class Taken:
    """Of one part: its own files that it changed, and what it changed beyond them."""

    name: str
    paths: tuple[str, ...]
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class Union:
    """The *tree* of all parts so far; *clash* names files that could not be merged, by part."""

    tree: str
    taken: tuple[Taken, ...] = ()
    clash: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return not any(part.paths for part in self.taken)


def covers(entry: str, path: str) -> bool:
    """Whether a declared *entry* is *path*, or the folder that it lies in."""
    return path == entry or (entry.endswith("/") and path.startswith(entry))


async def united(
    git: Git, repository: Path, parts: Sequence[Contribution], *, base: str, scratch: Path
) -> Union:
    """All *parts* on commit *base*, up to the first that clashes; *scratch* is a folder of ours.

    Raises GitError.
    """
    where = Where(repository)
    whole, taken = base, []
    for part in parts:
        own, told = await _restricted(git, repository, part, base=base, scratch=scratch)
        taken.append(told)
        output = await git.run(
            "merge-tree",
            "--write-tree",
            "-z",
            "--name-only",
            "--no-messages",
            whole,
            own,
            where=where,
            accept=(0, 1),
        )
        tree, *clashing = [name for name in output.text.split("\0") if name]
        if output.exit_code:
            return Union(tree, tuple(taken), {part.name: tuple(clashing)})
        whole = await _commit(git, where, tree, parent=base)
    tree = await git.text("rev-parse", f"{whole}^{{tree}}", where=where)
    return Union(tree, tuple(taken))


async def _restricted(
    git: Git, repository: Path, part: Contribution, *, base: str, scratch: Path
) -> tuple[str, Taken]:
    """A commit, where the part left the base, of what it did to its own files alone."""
    where = Where(repository)
    since = await History(git, repository).merge_base(base, part.sha)
    changes = await tree_changes(git, where, since, part.sha, patch=False)
    entries: dict[str, str] = {}
    for change in changes:
        if change.status == "R":
            entries[change.old_path] = f"0 {_NOTHING}"
        gone = change.new_mode == ABSENT
        entries[change.path] = f"0 {_NOTHING}" if gone else f"{change.new_mode} {change.new_sha}"
    own = {path: entry for path, entry in entries.items() if part.owns(path)}
    beyond = tuple(sorted(path for path in entries if path not in own))
    index = Where(repository, index=scratch / f"index.{uuid.uuid4().hex}")
    tree = await _tree(git, index, since, own.items())
    commit = await _commit(git, where, tree, parent=since)
    return commit, Taken(part.name, tuple(sorted(own)), beyond)


async def _tree(git: Git, index: Where, start: str, entries: Iterable[tuple[str, str]]) -> str:
    """The tree of *start* with *entries* (path, and mode with SHA) in their places."""
    assert index.index is not None
    lines = "".join(f"{entry}\t{path}\0" for path, entry in entries)
    options = ("update-index", "-z", "--index-info")
    try:
        await git.run("read-tree", start, where=index)
        await git.run(*options, where=index, stdin=lines.encode("utf-8", "surrogateescape"))
        return await git.text("write-tree", where=index)
    finally:
        for path in (index.index, index.index.with_name(f"{index.index.name}.lock")):
            path.unlink(missing_ok=True)


async def _commit(git: Git, where: Where, tree: str, *, parent: str) -> str:
    message = ("--no-gpg-sign", "-p", parent, "-m", "part")
    output = await git.run("commit-tree", *message, tree, where=where, environment=_IDENTITY)
    return output.text
