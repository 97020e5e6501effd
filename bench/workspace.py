"""P5: a second workspace of a repository, beside what a full clone of it costs.

Two synthetic repositories, about 10 MB and 190 MB in their packs, are served by git's own transport
from a bare repository on the same disk: a clone over a network costs more, so the share shown is
the worst case. Deletions are kept out of the timing; a disk that is discarding what others deleted
shows in every figure all the same, so TMPDIR chooses where (a tmpfs for git's own cost).
"""

from __future__ import annotations

import asyncio
import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from loop.repo.git import Git
from loop.repo.landing import Identity, Landing, prepare
from loop.repo.mirror import Mirrors
from loop.repo.refs import head
from loop.repo.remote import Remote
from loop.repo.staging import tree
from loop.repo.workspace import Start, Workspace, Workspaces

RUNS = 5
MAIN = head("main")
BOT = Identity("Foreman Bot", "bot@example.org")
#        name,     files, bytes a file in the tip, older versions of half of them
SIZES = (("10 MB", 1000, 5_000, 6), ("190 MB", 4000, 12_000, 14))


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        rows = []
        for name, files, size, versions in SIZES:
            place = Path(folder, name.replace(" ", ""))
            place.mkdir()
            git = Git(place / "home", allow_file=True)
            await _make(git, place / "remote.git", files=files, size=size, versions=versions)
            rows.append(await _measure(git, name, place))
    table = Table(title="Workspaces, milliseconds (median)")
    for column in (
        "repository",
        "pack",
        "full clone",
        "first",
        "second",
        "share",
        "tree id",
        "commit",
    ):
        table.add_column(column, justify="right")
    for row in rows:
        table.add_row(*row)
    Console().print(table)
    print("to reach: second workspace of ≥ 100 MB in ≤ 10 % of a full clone; of 10 MB in ≤ 100 ms")


async def _measure(git: Git, name: str, place: Path) -> list[str]:
    remote = Remote(f"file://{place / 'remote.git'}")
    mirror = Mirrors(place / "mirrors", git).of(remote)
    workspaces = Workspaces(git, place / "trash")

    async def clone(number: int) -> None:
        target = str(place / f"clone-{number}")
        await git.run("clone", "-q", "--", remote.git_url, target, remote=remote)

    async def workspace(number: int) -> Workspace:
        sha = (await mirror.refresh(remote, [MAIN]))[MAIN]
        start = Start(f"foreman/task-{number}", sha, "main", sha)
        return await workspaces.create(place / f"run-{number}", mirror, start)

    full = await _median(clone, range(3))
    first = await _median(workspace, range(1))
    second = await _median(workspace, range(1, 1 + RUNS))
    last = await workspace(99)
    (last.path / "d0/f1.txt").write_text("edited\n")
    ids = await _median(lambda _: tree(git, last), range(RUNS))
    landing = Landing(last, "foreman/x", "uid", "fix: It", BOT, BOT)
    commit = await _median(lambda _: prepare(git, landing, now=datetime.now(UTC)), range(RUNS))
    pack = sum(p.stat().st_size for p in (place / "remote.git").rglob("*.pack"))
    shutil.rmtree(place / "clone-0")
    figures = [f"{1000 * seconds:.0f}" for seconds in (full, first, second)]
    rest = [f"{1000 * seconds:.0f}" for seconds in (ids, commit)]
    return [name, f"{pack / 1e6:.0f} MB", *figures, f"{100 * second / full:.0f} %", *rest]


async def _median(work: Callable[[int], Awaitable[object]], numbers: range) -> float:
    times = []
    for number in numbers:
        started = time.perf_counter()
        await work(number)
        times.append(time.perf_counter() - started)
    return statistics.median(times)


async def _make(git: Git, bare: Path, *, files: int, size: int, versions: int) -> None:
    """A history whose tip is a fraction of its packs, of bytes that do not compress well."""
    await git.run("init", "-q", "--bare", "-b", "main", "--", str(bare))
    draw = random.Random(size)
    stream = bytearray()
    for version in range(versions + 1):
        stream += b"commit refs/heads/main\ncommitter A <a@example.org> %d +0000\n" % (
            10**9 + version
        )
        stream += b"data 1\nx\n"
        changed = range(files) if version == 0 else range(version % 2, files, 2)
        for number in changed:
            content = draw.randbytes(size // 2).hex().encode()
            stream += b"M 100644 inline d%d/f%d.txt\n" % (number % 50, number)
            stream += b"data %d\n%s\n" % (len(content), content)
    command = ["git", f"--git-dir={bare}", "fast-import", "--quiet"]
    process = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.PIPE)
    await process.communicate(bytes(stream))


if __name__ == "__main__":
    asyncio.run(main())
