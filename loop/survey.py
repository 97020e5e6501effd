"""A commit at a glance: the names of its files, and the outlines of those that a grammar reads.

Outlines are kept by the id of the blob, so a later survey of the repository, at another commit or
by another task, reads what has changed and nothing else.
"""

from __future__ import annotations

import asyncio
import posixpath
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from loop.languages.grammar import SIZE_LIMIT, Unreadable
from loop.languages.outline import Outline, outline
from loop.languages.places import Places, go_module
from loop.repo.blobs import blob_contents
from loop.repo.git import Git, Where
from loop.repo.refs import checked_sha
from loop.sources import language_of

FILES = 4000  # that are read; the rest of a larger repository is known by name
TOTAL_BYTES = 48 << 20
SECONDS = 20.0
_KEPT_BYTES = 64 << 20  # of source text whose outlines are kept
_KEPT_SURVEYS = 4
_DEFINERS = 4  # a name that more files define links none of them
# What somebody else wrote, or a tool: known by name, never read.
_FOREIGN = re.compile(
    r"(?:^|/)(?:vendor|node_modules|third_party|thirdparty|external|dist|build|target|\.venv|venv"
    r"|site-packages|generated|__generated__)/|\.min\.|\.pb\.go$|_pb2\.py$|\.d\.ts$"
)


@dataclass(frozen=True)
class Survey:
    """*outlines* holds what could be read, *unread* says of how many files that was tried in vain."""

    paths: frozenset[str]
    outlines: Mapping[str, Outline] = field(default_factory=dict)
    go_modules: Mapping[str, str] = field(default_factory=dict)
    unread: int = 0

    @cached_property
    def places(self) -> Places:
        return Places(self.paths, self.go_modules)

    @cached_property
    def links(self) -> Mapping[str, frozenset[str]]:
        """Which files use what others define or import them, both ways."""
        definers: dict[str, list[str]] = {}
        for path, seen in self.outlines.items():
            for name in {d.name for d in seen.definitions if len(d.name) > 2}:
                definers.setdefault(name, []).append(path)
        found: dict[str, set[str]] = {path: set() for path in self.outlines}
        for path, seen in self.outlines.items():
            reached = [p for i in seen.imports for p in self.places.resolve(path, i)]
            for name in seen.references:
                others = definers.get(name, ())
                reached += others if len(others) <= _DEFINERS else ()
            for other in reached:
                if other != path and other in found:
                    found[path].add(other)
                    found[other].add(path)
        return {path: frozenset(others) for path, others in found.items()}


@dataclass
class Outlines:
    """What was read before, by blob and ending; the least used go when it is too much.

    Of the last commits the whole survey is kept: a gate asks for the same one at each attempt.
    """

    kept_bytes: int = _KEPT_BYTES
    _known: OrderedDict[tuple[str, str], tuple[Outline | Unreadable, int]] = field(
        default_factory=OrderedDict
    )
    _size: int = 0
    _surveys: OrderedDict[str, Survey] = field(default_factory=OrderedDict)

    def get(self, blob: str, path: str) -> Outline | Unreadable | None:
        """None: not read yet, or forgotten."""
        key = (blob, _ending(path))
        if key not in self._known:
            return None
        self._known.move_to_end(key)
        return self._known[key][0]

    def put(self, blob: str, path: str, found: Outline | Unreadable, *, size: int) -> None:
        key = (blob, _ending(path))
        if key in self._known:
            return
        self._known[key] = (found, size)
        self._size += size
        while self._size > self.kept_bytes and len(self._known) > 1:
            _, (_, gone) = self._known.popitem(last=False)
            self._size -= gone

    def keep(self, sha: str, seen: Survey) -> None:
        self._surveys[sha] = seen
        while len(self._surveys) > _KEPT_SURVEYS:
            self._surveys.popitem(last=False)

    def survey(self, sha: str) -> Survey | None:
        return self._surveys.get(sha)


async def survey(git: Git, where: Where, sha: str, outlines: Outlines) -> Survey:
    """The files of commit *sha*; raises GitError where it is not here."""
    seen = outlines.survey(sha)
    if seen is None:
        seen = await _surveyed(git, where, sha, outlines)
        outlines.keep(sha, seen)
    return seen


async def _surveyed(git: Git, where: Where, sha: str, outlines: Outlines) -> Survey:
    blobs = await _blobs(git, where, sha)
    wanted = {
        path: blob
        for path, (blob, size) in sorted(blobs.items(), key=_nearness)
        if language_of(path) and size <= SIZE_LIMIT and not _FOREIGN.search(path)
    }
    wanted = dict(list(wanted.items())[:FILES])
    modules = {path: blob for path, (blob, _) in blobs.items() if _is_go_mod(path)}
    missing = {blob for path, blob in wanted.items() if outlines.get(blob, path) is None}
    contents = await blob_contents(
        git, where, missing | set(modules.values()), limit=SIZE_LIMIT, total=TOTAL_BYTES
    )
    found = await asyncio.to_thread(_read, wanted, contents, outlines)
    return Survey(
        paths=frozenset(blobs),
        outlines=found,
        go_modules={
            posixpath.dirname(path): name
            for path, blob in modules.items()
            if (name := go_module(contents.get(blob, b"")))
        },
        unread=len(wanted) - len(found),
    )


async def _blobs(git: Git, where: Where, sha: str) -> dict[str, tuple[str, int]]:
    text = await git.text(
        "ls-tree",
        "-r",
        "-z",
        "--full-tree",
        "--format=%(objecttype) %(objectname) %(objectsize) %(path)",
        checked_sha(sha),
        where=where,
    )
    entries = (entry.split(" ", 3) for entry in text.split("\0") if entry)
    return {path: (blob, int(size)) for kind, blob, size, path in entries if kind == "blob"}


def _read(
    wanted: Mapping[str, str],
    contents: Mapping[str, bytes],
    outlines: Outlines,
    clock: Callable[[], float] = time.monotonic,
) -> dict[str, Outline]:
    """What can be read of *wanted* in the time there is."""
    found: dict[str, Outline] = {}
    deadline = clock() + SECONDS
    for path, blob in wanted.items():
        known = outlines.get(blob, path)
        if known is None and blob in contents and clock() < deadline:
            known = outline(path, contents[blob])
            outlines.put(blob, path, known, size=len(contents[blob]))
        if isinstance(known, Outline):
            found[path] = known
    return found


def _nearness(item: tuple[str, tuple[str, int]]) -> tuple[int, str]:
    return item[0].count("/"), item[0]


def _is_go_mod(path: str) -> bool:
    return posixpath.basename(path) == "go.mod" and not _FOREIGN.search(path)


def _ending(path: str) -> str:
    return posixpath.splitext(path)[1].lower()
