"""The diff of a pull request: its files as GitHub lists them, and which lines take comments."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from app.demo.github.bare import BareRepository

Side = Literal["LEFT", "RIGHT"]
_STATUS = {
    "A": "added",
    "D": "removed",
    "M": "modified",
    "R": "renamed",
    "C": "copied",
    "T": "changed",
}
_HUNK = re.compile(r"^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@")


@dataclass(frozen=True)
class Place:
    """A line of a patch: *position* as the old API counts, *hunk* the index of its hunk."""

    position: int
    hunk: int


@dataclass(frozen=True)
class FileDiff:
    """*patch* is None for a binary file and for a change of mode or name only."""

    path: str
    status: str
    sha: str
    additions: int
    deletions: int
    patch: str | None
    previous_path: str | None = None

    def places(self) -> dict[tuple[Side, int], Place]:
        """Every line of the patch that takes a comment, by side and line number."""
        found: dict[tuple[Side, int], Place] = {}
        left = right = 0
        hunk = -1
        for position, line in enumerate((self.patch or "").split("\n")):
            if match := _HUNK.match(line):
                left, right, hunk = int(match[1]), int(match[2]), hunk + 1
                continue
            place = Place(position, hunk)
            if line.startswith(("-", " ")):
                found["LEFT", left] = place
                left += 1
            if line.startswith(("+", " ")):
                found["RIGHT", right] = place
                right += 1
        return found

    def hunk_until(self, position: int) -> str:
        """The hunk's lines up to *position*: what GitHub shows above a comment."""
        lines = (self.patch or "").split("\n")[: position + 1]
        start = max((i for i, line in enumerate(lines) if _HUNK.match(line)), default=0)
        return "\n".join(lines[start:])


@dataclass(frozen=True)
class Comparison:
    """Two tips compared as a pull request does: from their merge base to the head."""

    base: str = ""
    head: str = ""
    merge_base: str = ""
    files: tuple[FileDiff, ...] = ()
    ahead: int = 0
    behind: int = 0

    @property
    def additions(self) -> int:
        return sum(f.additions for f in self.files)

    @property
    def deletions(self) -> int:
        return sum(f.deletions for f in self.files)

    def file(self, path: str) -> FileDiff | None:
        return next((f for f in self.files if f.path == path), None)


async def compare(repository: BareRepository, base: str, head: str) -> Comparison | None:
    """None where the two have no commit in common."""
    start = await repository.merge_base(base, head)
    if start is None:
        return None
    return Comparison(
        base=base,
        head=head,
        merge_base=start,
        files=await changed_files(repository, start, head),
        ahead=await repository.count(f"{base}..{head}"),
        behind=await repository.count(f"{head}..{base}"),
    )


async def changed_files(repository: BareRepository, old: str, new: str) -> tuple[FileDiff, ...]:
    summary = (await repository.diff(old, new, "--raw", "--numstat", "-z", "--abbrev=40")).decode(
        errors="surrogateescape"
    )
    if not summary:
        return ()
    text = (await repository.diff(old, new, "-p", "-U3")).decode(errors="replace")
    patches = iter(_patches(text))
    files = []
    for file in _files(summary):
        patch = next(patches)
        if file.status == "changed":  # a change of type is shown as a removal and an addition
            next(patches)
        files.append(replace(file, patch=patch))
    return tuple(files)


def _files(summary: str) -> list[FileDiff]:
    """Raw records first, numstat records after, in the same order; all NUL separated."""
    tokens = summary.split("\0")
    named: list[tuple[str, str, str, str | None]] = []
    at = 0
    while tokens[at].startswith(":"):
        _, _, old_sha, new_sha, status = tokens[at].split(" ")
        sha, kind = (old_sha if status[0] == "D" else new_sha), _STATUS[status[0]]
        if status[0] in "RC":
            named.append((tokens[at + 2], kind, sha, tokens[at + 1]))
            at += 3
        else:
            named.append((tokens[at + 1], kind, sha, None))
            at += 2
    files = []
    for path, kind, sha, previous in named:
        added, deleted, same = tokens[at].split("\t", 2)
        at += 1 if same else 3
        # "-" is git's word for a binary file
        plus, minus = (0 if n == "-" else int(n) for n in (added, deleted))
        files.append(FileDiff(path, kind, sha, plus, minus, None, previous))
    return files


def _patches(text: str) -> list[str | None]:
    """One per file, from the first hunk on. Content lines never start with a `d`."""
    patches: list[str | None] = []
    for part in re.split(r"^diff --git .*\n", text, flags=re.MULTILINE)[1:]:
        start = re.search(r"^@@ ", part, flags=re.MULTILINE)
        patches.append(part[start.start() :].rstrip("\n") if start else None)
    return patches
