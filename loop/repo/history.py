"""What git knows about a change: the evidence that overrides a model's word.

Comparisons run as child processes of ours. GitPython reads single objects, in a thread, with the
same settings and an environment that names the repository, so that nothing is discovered.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from loop.repo.comparison import tree_changes
from loop.repo.diff import FileChange
from loop.repo.errors import GitError
from loop.repo.git import Git, Where
from loop.repo.refs import checked_sha

if TYPE_CHECKING:
    from git import Repo

BLOB_BYTES = 4 * 2**20


@dataclass(frozen=True)
class Comparison:
    """`base...HEAD`: what *head* changed since it left the base branch at *base*."""

    base: str
    head: str
    files: tuple[FileChange, ...]

    @property
    def paths(self) -> tuple[str, ...]:
        """As `git diff --name-only base...HEAD` lists them."""
        return tuple(change.path for change in self.files)


@dataclass(frozen=True)
class CommitSeen:
    """One commit; *trailers* are those of its last paragraph, in order."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author_name: str
    author_email: str
    committer_email: str
    committed_at: datetime
    message: str
    trailers: tuple[tuple[str, str], ...]

    @property
    def subject(self) -> str:
        return self.message.partition("\n")[0]


class History:
    """Reads *repository*: a mirror, or the control directory of a workspace."""

    def __init__(self, git: Git, repository: Path) -> None:
        self._git = git
        self._where = Where(repository)

    async def merge_base(self, base: str, head: str) -> str:
        """Where *head* left *base*; raises GitError when they share no history."""
        return await self._git.text(
            "merge-base",
            "--end-of-options",
            checked_sha(base),
            checked_sha(head),
            where=self._where,
        )

    async def compare(self, base: str, head: str) -> Comparison:
        """What *head* changed since it left *base*, with renames and hunks.

        *base* is the tip of the base branch, fetched fresh; the merge base is found here.
        """
        since = await self.merge_base(base, head)
        files = await tree_changes(self._git, self._where, since, checked_sha(head))
        return Comparison(since, head, files)

    async def is_ancestor(self, ancestor: str, sha: str) -> bool:
        output = await self._git.run(
            "merge-base",
            "--is-ancestor",
            "--end-of-options",
            checked_sha(ancestor),
            checked_sha(sha),
            where=self._where,
            accept=(0, 1),
        )
        return output.exit_code == 0

    async def has_commit(self, sha: str) -> bool:
        """True when the commit is here, history and files being another question."""
        output = await self._git.run(
            "cat-file",
            "-e",
            f"{checked_sha(sha)}^{{commit}}",
            where=self._where,
            accept=(0, 1, 128),
        )
        return output.exit_code == 0

    async def paths(self, sha: str) -> frozenset[str]:
        """All files of a commit; submodules are no files."""
        text = await self._git.text(
            "ls-tree",
            "-r",
            "-z",
            "--full-tree",
            "--format=%(objecttype) %(path)",
            checked_sha(sha),
            where=self._where,
        )
        entries = (entry.partition(" ") for entry in text.split("\0") if entry)
        return frozenset(path for kind, _, path in entries if kind == "blob")

    async def blob(self, sha: str, path: str, *, limit: int = BLOB_BYTES) -> bytes | None:
        """A file of a commit; None when there is none of that name or it is above *limit* bytes."""
        return (await self.blobs(sha, [path], limit=limit)).get(path)

    async def blobs(
        self, sha: str, paths: Iterable[str], *, limit: int = BLOB_BYTES
    ) -> dict[str, bytes]:
        """Those of *paths* that are files of a commit or tree and of at most *limit* bytes."""
        return await asyncio.to_thread(self._blobs, checked_sha(sha), list(paths), limit)

    async def commit(self, sha: str) -> CommitSeen:
        """A commit by its full name; raises GitError when it is not here."""
        return await asyncio.to_thread(self._commit, checked_sha(sha))

    def _blobs(self, sha: str, paths: list[str], limit: int) -> dict[str, bytes]:
        contents: dict[str, bytes] = {}
        with self._open() as repo:
            try:
                root = repo.tree(sha)
                root.path = ""  # a tree by its own name does not know that it is the root
                for path in paths:
                    with contextlib.suppress(KeyError):
                        found = root.join(path)
                        if found.type == "blob" and found.size <= limit:
                            contents[path] = found.data_stream.read()
            except ValueError as exc:
                raise GitError(f"{sha[:12]}: no such commit or tree here: {exc}") from exc
        return contents

    def _commit(self, sha: str) -> CommitSeen:
        with self._open() as repo:
            try:
                found = repo.commit(sha)
                message = found.message
            except ValueError as exc:
                raise GitError(f"{sha[:12]}: no such commit here: {exc}") from exc
            text = message if isinstance(message, str) else message.decode("utf-8", "replace")
            return CommitSeen(
                sha=sha,
                tree=found.tree.hexsha,
                parents=tuple(parent.hexsha for parent in found.parents),
                author_name=found.author.name or "",
                author_email=found.author.email or "",
                committer_email=found.committer.email or "",
                committed_at=datetime.fromtimestamp(found.committed_date, tz=UTC),
                message=text,
                trailers=trailers(text),
            )

    @contextlib.contextmanager
    def _open(self) -> Iterator[Repo]:
        from git import Repo
        from git.exc import GitError as GitPythonError

        try:
            with Repo(self._where.repository, expand_vars=False) as repo:
                environment = self._git.environment(self._where)
                repo.git.update_environment(**environment, GIT_DIR=str(self._where.repository))
                repo.git.set_persistent_git_options(c=list(self._git.settings[1::2]))
                yield repo
        except GitPythonError as exc:
            raise GitError(f"{self._where.repository.name}: cannot be read: {exc}") from exc


def trailers(message: str) -> tuple[tuple[str, str], ...]:
    """`Key: value` lines of the last paragraph; a subject alone has none."""
    paragraphs = [part for part in message.strip("\n").split("\n\n") if part.strip()]
    if len(paragraphs) < 2:
        return ()
    pairs = (line.partition(": ") for line in paragraphs[-1].strip("\n").split("\n"))
    return tuple((key, value.strip()) for key, found, value in pairs if found and " " not in key)
