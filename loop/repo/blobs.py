"""Stored files by their object ids: sizes first, contents of those that are small enough."""

from __future__ import annotations

from collections.abc import Collection

from loop.repo.git import Git, Where


async def blob_sizes(git: Git, where: Where, shas: Collection[str]) -> dict[str, int]:
    """Bytes of each of *shas*; raises GitError for one that is not here."""
    if not shas:
        return {}
    output = await git.run(
        "cat-file",
        "--batch-check=%(objectname) %(objectsize)",
        where=where,
        stdin="".join(f"{sha}\n" for sha in sorted(shas)).encode(),
    )
    pairs = (line.split(" ") for line in output.text.splitlines())
    return {sha: int(size) for sha, size in pairs}


async def blob_contents(
    git: Git, where: Where, shas: Collection[str], *, limit: int, total: int
) -> dict[str, bytes]:
    """Those of at most *limit* bytes, the small ones first until *total* bytes are read."""
    sizes = await blob_sizes(git, where, shas)
    wanted: list[str] = []
    left = total
    for sha, size in sorted(sizes.items(), key=lambda item: (item[1], item[0])):
        if size > limit or size > left:
            break
        wanted.append(sha)
        left -= size
    if not wanted:
        return {}
    output = await git.run(
        "cat-file",
        "--batch=%(objectname)",
        where=where,
        stdin="".join(f"{sha}\n" for sha in wanted).encode(),
        output_limit=2 * total,
    )
    contents: dict[str, bytes] = {}
    at = 0
    for sha in wanted:
        at += len(sha) + 1
        contents[sha] = output.stdout[at : at + sizes[sha]]
        at += sizes[sha] + 1
    return contents
