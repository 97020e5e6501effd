"""One repository of a language with a real work tree, a real gate and a real bite check."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from loop.gates.bench import Bench
from loop.gates.bite import bite
from loop.gates.change import gather_change
from loop.gates.check import Found
from loop.gates.facts import gather
from loop.gates.gate import GateReport, run_gate
from loop.gates.profile import GateProfile, resolve
from loop.repo.git import Git
from loop.repo.history import History
from loop.repo.mirror import Mirrors
from loop.repo.remote import Remote
from loop.repo.staging import changed
from loop.repo.workspace import Start, Workspace, Workspaces
from tests.loop.gates.languages.repository import Repository
from tests.loop.gates.languages.typescript.install import modules
from tests.loop.repo.repo_support import Author
from tools.sandbox.probe import Sandbox
from tools.sandbox.runner import Box, Runner

MAIN = "refs/heads/main"


@dataclass(frozen=True)
class Shop:
    git: Git
    workspace: Workspace
    runner: Runner

    def change(self, files: Mapping[str, str | None]) -> None:
        """Write *files*; None deletes."""
        for name, text in files.items():
            path = self.workspace.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if text is None:
                path.unlink()
            else:
                path.write_text(text)

    async def profile(self) -> GateProfile:
        history = History(self.git, self.workspace.control)
        now = [change.path for change in await changed(self.git, self.workspace)]
        return resolve(await gather(history, self.workspace.start.base_sha, also=now))

    async def gate(self, **commands: str) -> GateReport:
        """The gate with *commands* in place of the repository's own."""
        profile = await self.profile()
        profile = replace(profile, commands={**profile.commands, **commands})
        return await run_gate(profile, self.runner)

    async def bite(
        self,
        *,
        bench: Bench | None = None,
        clock: Callable[[], float] = time.monotonic,
        **commands: str,
    ) -> Found:
        profile = await self.profile()
        profile = replace(profile, commands={**profile.commands, **commands})
        change = await gather_change(self.git, self.workspace, profile=profile, issue=None)
        bench = bench or Bench(self.git, self.workspace, self.runner)
        return await bite(change, bench, clock=clock)


async def open_shop(
    repository: Repository, *, git: Git, sandbox: Sandbox, top: Path, caches: Path
) -> Shop:
    """*repository* committed, fetched and checked out, its dependencies installed."""
    author = Author(top / "cart.git", top / "author")
    author.commit(repository.files)
    remote = Remote(f"file://{author.bare}")
    mirror = Mirrors(top / "mirrors", git).of(remote)
    sha = (await mirror.refresh(remote, [MAIN]))[MAIN]
    start = Start("work", sha, "main", sha)
    workspace = await Workspaces(git, top / "trash").create(top / "run", mirror, start)
    if repository.name == "typescript":
        shutil.copytree(
            modules(), workspace.path / "node_modules", symlinks=True, copy_function=_linked
        )
    box = Box(workspace.path, workspace.control, workspace.objects, scratch=caches)
    return Shop(git, workspace, sandbox.runner(box))


def _linked(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
