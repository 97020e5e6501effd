"""What `git diff-tree --raw -z --patch -U0` says, as values. Pure.

The list of files comes from the raw part, where names are exact; the patch part has one section for
each of them in the same order (two for a changed type), so no name is ever parsed out of a patch.
Lines inside a hunk are counted, so content that looks like a header is content.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from loop.repo.errors import DiffError

Status = Literal["A", "M", "D", "R", "C", "T"]

GITLINK = "160000"
SYMLINK = "120000"
ABSENT = "000000"

_HUNK = re.compile(rb"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


@dataclass(frozen=True)
class Hunk:
    """Lines that went and lines that came. A count of 0 puts the start before the place, as in git."""

    old_start: int
    old_count: int
    new_start: int
    new_count: int
    removed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()


@dataclass(frozen=True)
class FileChange:
    """One file of a diff. *old_path* differs from *path* only for renames and copies."""

    status: Status
    path: str
    old_path: str
    old_mode: str
    new_mode: str
    old_sha: str
    new_sha: str
    binary: bool = False
    hunks: tuple[Hunk, ...] = ()

    @property
    def is_submodule(self) -> bool:
        return GITLINK in (self.old_mode, self.new_mode)

    @property
    def mode_changed(self) -> bool:
        return self.status in ("M", "R", "C", "T") and self.old_mode != self.new_mode

    @property
    def added_lines(self) -> int:
        return sum(len(hunk.added) for hunk in self.hunks)

    @property
    def removed_lines(self) -> int:
        return sum(len(hunk.removed) for hunk in self.hunks)

    def added(self) -> Iterator[tuple[int, str]]:
        """Each added line with its 1-based number on the new side."""
        for hunk in self.hunks:
            yield from enumerate(hunk.added, start=hunk.new_start)


@dataclass(frozen=True)
class _Section:
    binary: bool
    hunks: tuple[Hunk, ...]


def parse(raw: bytes) -> tuple[FileChange, ...]:
    """The files of a diff in git's order; raises DiffError."""
    changes, patch = _raw(raw)
    sections = list(_sections(patch.split(b"\n") if patch else []))
    expected = sum(2 if change.status == "T" else 1 for change in changes)
    if patch and len(sections) != expected:
        raise DiffError(f"diff: {expected} sections expected, {len(sections)} found")
    if not patch:
        return tuple(changes)
    rest = iter(sections)
    return tuple(_with(change, rest) for change in changes)


def text(line: bytes) -> str:
    """A line of a file, for people and models; what is no UTF-8 is marked."""
    return line.decode("utf-8", "replace")


def name(path: bytes) -> str:
    """A file name; bytes that are no UTF-8 survive a round trip through os.fsencode."""
    return path.decode("utf-8", "surrogateescape")


def _with(change: FileChange, sections: Iterator[_Section]) -> FileChange:
    first = next(sections)
    if change.status != "T":
        return replace(change, binary=first.binary, hunks=first.hunks)
    second = next(sections)
    return replace(
        change, binary=first.binary or second.binary, hunks=(*first.hunks, *second.hunks)
    )


def _raw(data: bytes) -> tuple[list[FileChange], bytes]:
    """The raw records, and the patch that follows them after one empty field."""
    changes: list[FileChange] = []
    at = 0
    while at < len(data) and data[at : at + 1] == b":":
        fields, at = _fields(data, at, 2)
        header = fields[0][1:].decode("ascii", "replace").split(" ")
        status = header[-1][:1]
        if len(header) != 5 or status not in get_args(Status):
            raise DiffError(f"diff: no raw record, or of unknown status: {header!r:.200}")
        old_mode, new_mode, old_sha, new_sha = header[:4]
        old = new = name(fields[1])
        if status in ("R", "C"):
            (second,), at = _fields(data, at, 1)
            new = name(second)
        changes.append(
            FileChange(
                status=status,  # type: ignore[arg-type]  # checked against the Literal above
                path=new,
                old_path=old,
                old_mode=old_mode,
                new_mode=new_mode,
                old_sha=old_sha,
                new_sha=new_sha,
            )
        )
    patch = data[at:]
    if patch and not patch.startswith(b"\0"):
        raise DiffError(f"diff: no end of the raw records at byte {at}")
    return changes, patch[1:]


def _fields(data: bytes, at: int, count: int) -> tuple[list[bytes], int]:
    fields = []
    for _ in range(count):
        end = data.find(b"\0", at)
        if end < 0:
            raise DiffError(f"diff: cut off at byte {at}")
        fields.append(data[at:end])
        at = end + 1
    return fields, at


def _sections(lines: Sequence[bytes]) -> Iterator[_Section]:
    at = 0
    while at < len(lines):
        if not lines[at].startswith(b"diff --git "):
            if lines[at]:
                raise DiffError(f"diff: line {at + 1} opens no file: {text(lines[at])[:80]!r}")
            at += 1
            continue
        section, at = _section(lines, at + 1)
        yield section


def _section(lines: Sequence[bytes], at: int) -> tuple[_Section, int]:
    hunks: list[Hunk] = []
    binary = False
    while at < len(lines) and not lines[at].startswith(b"diff --git "):
        if match := _HUNK.match(lines[at]):
            hunk, at = _hunk(match, lines, at + 1)
            hunks.append(hunk)
            continue
        binary = binary or lines[at].startswith(b"Binary files ")
        at += 1
    return _Section(binary, tuple(hunks)), at


def _hunk(match: re.Match[bytes], lines: Sequence[bytes], at: int) -> tuple[Hunk, int]:
    old_start, old_count, new_start, new_count = (
        1 if group is None else int(group) for group in match.groups()
    )
    removed: list[str] = []
    added: list[str] = []
    while len(removed) < old_count or len(added) < new_count or _no_newline(lines, at):
        if at >= len(lines):
            raise DiffError("diff: cut off inside a hunk")
        line = lines[at]
        if line.startswith(b"-"):
            removed.append(text(line[1:]))
        elif line.startswith(b"+"):
            added.append(text(line[1:]))
        elif not line.startswith(b"\\"):
            raise DiffError(f"diff: line {at + 1} is not of a hunk: {text(line)[:80]!r}")
        at += 1
    hunk = Hunk(old_start, old_count, new_start, new_count, tuple(removed), tuple(added))
    if (len(removed), len(added)) != (old_count, new_count):
        raise DiffError(f"diff: the hunk before line {at + 1} has other counts than its header")
    return hunk, at


def _no_newline(lines: Sequence[bytes], at: int) -> bool:
    return at < len(lines) and lines[at].startswith(b"\\ ")
