"""The content checks of a commit, run on what git stored and not on what lies in the work tree."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from loop.gates import secrets, sizes, workflows
from loop.gates.finding import ContentFinding
from loop.gates.sizes import SizeLimits, StoredFile
from loop.repo.blobs import blob_sizes
from loop.repo.comparison import tree_changes
from loop.repo.diff import ABSENT, GITLINK, FileChange
from loop.repo.git import Git, Where

_LIMITS = SizeLimits()


async def check_content(
    git: Git,
    where: Where,
    *,
    parent: str,
    tree: str,
    switched_off: Collection[str],
    known_secrets: Sequence[str],
) -> list[ContentFinding]:
    """What of *tree* may not be committed on *parent*; empty when all of it may.

    The lines are read for secrets only when the sizes are in order.
    """
    files = await tree_changes(git, where, parent, tree, patch=False)
    found: list[ContentFinding] = []
    if "workflows" not in switched_off:
        touched = {path for change in files for path in (change.path, change.old_path)}
        found += workflows.find(sorted(touched))
    if "sizes" not in switched_off:
        found += sizes.find(await _stored(git, where, files), _LIMITS)
    if found or "secrets" in switched_off:
        return found
    changes = await tree_changes(git, where, parent, tree, deleted=False)
    lines = ((change.path, number, text) for change in changes for number, text in change.added())
    return secrets.find(lines, known=known_secrets)


async def _stored(git: Git, where: Where, files: Sequence[FileChange]) -> list[StoredFile]:
    """The new sides with their sizes; first bytes only where all of them are a sane amount."""
    kept = [f for f in files if f.new_mode not in (ABSENT, GITLINK)]
    old = {f.old_sha for f in kept if f.old_mode not in (ABSENT, GITLINK) and f.status != "C"}
    sizes_of = await blob_sizes(git, where, old | {f.new_sha for f in kept})
    heads: dict[str, bytes] = {}
    if sum(sizes_of[f.new_sha] for f in kept) <= 4 * _LIMITS.total:
        heads = await _heads(git, where, {f.new_sha for f in kept}, sizes_of)
    return [
        StoredFile(
            path=f.path,
            size=sizes_of[f.new_sha],
            head=heads.get(f.new_sha, b""),
            old_size=sizes_of[f.old_sha] if f.old_sha in old else None,
        )
        for f in kept
    ]


async def _heads(
    git: Git, where: Where, shas: set[str], sizes_of: dict[str, int]
) -> dict[str, bytes]:
    if not shas:
        return {}
    ordered = sorted(shas)
    output = await git.run(
        "cat-file",
        "--batch=%(objectname)",
        where=where,
        stdin="".join(f"{sha}\n" for sha in ordered).encode(),
    )
    heads: dict[str, bytes] = {}
    at = 0
    for sha in ordered:
        at += len(sha) + 1
        heads[sha] = output.stdout[at : at + min(sizes_of[sha], sizes.HEAD_BYTES)]
        at += sizes_of[sha] + 1
    return heads
