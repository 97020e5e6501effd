"""Gathers a `Change`: what would be committed now, against the merge base, both sides.

The work tree is staged into an index that is thrown away, so files that git does not know yet count
and the workspace's own index stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from loop.gates.check import Change, ChangedText
from loop.gates.profile import GateProfile
from loop.repo.blobs import blob_contents
from loop.repo.comparison import tree_changes
from loop.repo.diff import ABSENT, GITLINK, SYMLINK, FileChange
from loop.repo.git import Git, Where
from loop.repo.history import History
from loop.repo.staging import tree
from loop.repo.workspace import Workspace
from loop.snapshot import Snapshot
from loop.survey import Outlines, survey
from tools.result import Evidence

SIDE_BYTES = 1 << 20  # a larger file is not read; the size check has its own word on it
TOTAL_BYTES = 32 << 20
_CITED_FILES = 50
_NO_FILE = (ABSENT, GITLINK, SYMLINK)
_PLACE = re.compile(r"(?P<path>[^\0\n]+?)(?::|#L)(?P<line>\d{1,7})(?:[-:]L?\d{1,7})?")


async def gather_change(
    git: Git,
    workspace: Workspace,
    *,
    profile: GateProfile,
    issue: Snapshot | None,
    evidence: Sequence[Evidence] = (),
    outlines: Outlines | None = None,
) -> Change:
    """Raises WorkspaceError where git cannot read the work tree, GitError where it says no."""
    history = History(git, workspace.control)
    base = await history.merge_base(workspace.start.base_sha, workspace.start.sha)
    return await change_between(
        git,
        workspace.where,
        (base, await tree(git, workspace)),
        profile=profile,
        issue=issue,
        evidence=evidence,
        outlines=outlines,
    )


async def change_between(
    git: Git,
    where: Where,
    trees: tuple[str, str],
    *,
    profile: GateProfile,
    issue: Snapshot | None,
    evidence: Sequence[Evidence] = (),
    outlines: Outlines | None = None,
) -> Change:
    """From the commit that is the first of *trees* to the second. Raises GitError."""
    base, now = trees
    history = History(git, where.repository)
    files = await tree_changes(git, where, base, now)
    sides = {
        sha
        for file in files
        for mode, sha in ((file.old_mode, file.old_sha), (file.new_mode, file.new_sha))
        if mode not in _NO_FILE
    }
    contents = await blob_contents(git, where, sides, limit=SIDE_BYTES, total=TOTAL_BYTES)
    named = [place[0] for proof in evidence if (place := cited_place(proof.source))]
    cited = await history.blobs(base, list(dict.fromkeys(named))[:_CITED_FILES], limit=SIDE_BYTES)
    return Change(
        files=tuple(_both_sides(file, contents) for file in files),
        profile=profile,
        issue=issue,
        evidence=tuple(evidence),
        cited=cited,
        survey=await survey(git, where, base, outlines or Outlines()),
    )


def cited_place(source: str) -> tuple[str, int] | None:
    """Path and 1-based line of a proof `path:line`; None where it names no line."""
    match = _PLACE.fullmatch(source.strip().strip("`"))
    if not match:
        return None
    return match["path"].strip().removeprefix("./"), int(match["line"])


def _both_sides(file: FileChange, contents: Mapping[str, bytes]) -> ChangedText:
    return ChangedText(
        file,
        before=_side(file.old_mode, file.old_sha, contents),
        after=_side(file.new_mode, file.new_sha, contents),
    )


def _side(mode: str, sha: str, contents: Mapping[str, bytes]) -> bytes | None:
    content = None if mode in _NO_FILE else contents.get(sha)
    return None if content is None or b"\0" in content[:8000] else content
