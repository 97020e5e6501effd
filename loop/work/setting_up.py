"""A gate's setup: what an earlier one made is brought, else it is made apart and kept, else run.

Made apart: in a sandbox of its own that holds the manifests and nothing else. A task's own work
tree and home are hostile, so nothing of them is ever kept.
"""

from __future__ import annotations

import asyncio
import os
import platform
import shlex
import shutil
import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath

import structlog

from loop.gates import setup_recipe
from loop.gates.setup import in_place
from loop.gates.setup_cache import SetupCache
from loop.gates.setup_recipe import Recipe
from tools.errors import ToolError
from tools.jail import Jail
from tools.sandbox.probe import Sandbox
from tools.sandbox.runner import Box, CommandResult, Network, Runner

_TOOLS = (
    *(
        "python3",
        "python",
        "pip",
        "pip3",
        "uv",
        "poetry",
        "node",
        "npm",
        "pnpm",
        "yarn",
        "corepack",
    ),
    *("go", "cargo", "rustc"),
)
_MOST_BYTES = 16 * 2**20  # of one manifest
_MOST_FILES = 2000
_MOST_PATHS = 5000  # outermost paths that a setup makes
_BRING_SECONDS = 600.0
_OUTPUT = 16384
_OLDEST = timedelta(days=7)
_PATHS = "paths"  # of an entry: what of its work tree is brought, ended by NUL each
# What was downloaded is installed by now; the rest of the home may be needed.
_CLEAN = (
    'cd "$HOME" && rm -rf .cache/pip .cache/uv .cache/yarn .cache/pnpm .npm/_cacache .npm/_logs '
    "&& find . -type d ! -perm -u+rwx -exec chmod u+rwx {} +"
)
_BRING = """set -e
cd {entry}/workspace
(cd "$WORKSPACE_ROOT" && xargs -0 -r rm -rf --) < ../paths
xargs -0 -r cp -a --parents -t "$WORKSPACE_ROOT" -- < ../paths
cp -a --remove-destination ../home/. "$HOME"/
"""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class SetUp:
    """For one work tree. *paths* are those of the commit it started from, and of the change."""

    repository: str
    workspace: Path
    paths: Collection[str]
    sandbox: Sandbox
    runner: Runner
    cache: SetupCache | None
    now: datetime

    async def __call__(
        self, command: str, *, script: str, network: Network, timeout_seconds: float
    ) -> CommandResult:
        """*command* as the profile has it, *script* as the gate runs it."""
        clock = asyncio.get_running_loop().time
        ends = clock() + timeout_seconds
        made = await self._made(command)
        if isinstance(made, str):
            log.info("setup.in_place", repository=self.repository, why=made)
        else:
            plan, cache = made
            async with cache.using(plan.key) as kept:
                anew = None
                if network != "none" and not (kept and self._is_fresh(kept)):
                    anew = await self._keep(plan, cache, network, timeout_seconds)
                told = "apart, and kept" if anew else "as it was kept from an earlier run"
                entry = anew or kept
                if entry and (brought := await self._bring(entry)).ok:
                    if not plan.recipe.finish:
                        return replace(brought, stdout=f"installed {told}\n")
                elif entry:
                    log.warning("setup.unusable", key=plan.key[:12], why=_why(brought))
        result = await in_place(
            self.runner, script, network=network, timeout_seconds=max(0.0, ends - clock())
        )
        if result.ok and not isinstance(made, str) and not made[0].recipe.finish:
            made[1].give_up(made[0].key)  # it needs more than its manifests
        return result

    async def _made(self, command: str) -> tuple[_Plan, SetupCache] | str:
        if self.cache is None:
            return "there is no cache"
        if not self.sandbox.isolates:
            return "without a sandbox every work tree has another path"
        manifests = await asyncio.to_thread(self._manifests)
        if isinstance(manifests, str):
            return manifests
        found = setup_recipe.recipe(command, manifests)
        if isinstance(found, str):
            return found
        only_there = setup_recipe.placeholders(self.paths)
        key = setup_recipe.key(
            repository=self.repository,
            recipe=found,
            manifests=manifests,
            placeholders=only_there,
            machine=machine(self.sandbox),
        )
        files = {**dict.fromkeys(only_there, b""), **manifests}
        return _Plan(found, key, files), self.cache

    def _manifests(self) -> dict[str, bytes] | str:
        """As they are in the work tree; a text: why they cannot be told."""
        wanted = sorted(path for path in self.paths if setup_recipe.is_manifest(path))
        if len(wanted) > _MOST_FILES:
            return f"more than {_MOST_FILES} manifests"
        jail = Jail(self.workspace)
        found = {}
        for path in wanted:
            try:
                content = jail.read(path, most=_MOST_BYTES)
            except ToolError as fault:
                if not os.path.lexists(self.workspace / path):
                    continue  # the change deleted it
                return str(fault)
            if content.size > _MOST_BYTES:
                return f"{path}: more than {_MOST_BYTES} bytes"
            found[path] = content.data
        return found

    async def _keep(
        self, plan: _Plan, cache: SetupCache, network: Network, timeout_seconds: float
    ) -> Path | None:
        """The entry, made now; None: it cannot be made from the manifests alone."""
        if cache.given_up(plan.key):
            return None
        async with cache.building() as folder:
            entry = folder / "entry"
            workspace = entry / "workspace"
            await asyncio.to_thread(_write, workspace, plan.files)
            ran = await self._build(
                plan, Box(workspace, scratch=folder / "scratch"), network, timeout_seconds
            )
            if not ran.ok:
                log.info("setup.not_from_manifests", key=plan.key[:12], why=_why(ran))
                return None
            tracked = _Tracked.of(self.paths)
            paths = await asyncio.to_thread(
                lambda: list(_outermost(workspace, tracked, plan.files))
            )
            if len(paths) > _MOST_PATHS or not tracked.spares(paths):
                log.info("setup.not_kept", key=plan.key[:12], why="it writes into tracked files")
                return None
            (entry / _PATHS).write_bytes(b"".join(os.fsencode(path) + b"\0" for path in paths))
            (folder / "scratch" / "home").rename(entry / "home")
            return await cache.keep(plan.key, entry)

    def _is_fresh(self, entry: Path) -> bool:
        """Not every manifest pins what is installed: newer releases have to arrive some day."""
        age = self.now.timestamp() - (entry / _PATHS).stat().st_mtime
        return age < _OLDEST.total_seconds()

    async def _build(
        self, plan: _Plan, box: Box, network: Network, timeout_seconds: float
    ) -> CommandResult:
        runner = self.sandbox.runner(box)
        try:
            ran = await runner.run(
                plan.recipe.command, timeout_seconds=timeout_seconds, network=network
            )
            return await runner.run(_CLEAN, timeout_seconds=_BRING_SECONDS) if ran.ok else ran
        finally:
            await runner.kill()

    async def _bring(self, entry: Path) -> CommandResult:
        """Copy *entry* into work tree and home, from inside a sandbox: both are hostile."""
        paths = [os.fsdecode(path) for path in (entry / _PATHS).read_bytes().split(b"\0") if path]
        if not _Tracked.of(self.paths).spares(paths):
            return CommandResult(None, could_not_run="it would replace tracked files")
        runner = self.sandbox.runner(Box(self.workspace, objects=(entry,)))
        try:
            return await runner.run(
                _BRING.format(entry=shlex.quote(str(entry))),
                timeout_seconds=_BRING_SECONDS,
                output_limit=_OUTPUT,
            )
        finally:
            await runner.kill()


@dataclass(frozen=True)
class _Tracked:
    """Files that git knows, and the folders they are in."""

    files: frozenset[str]
    folders: frozenset[str]

    @classmethod
    def of(cls, paths: Collection[str]) -> _Tracked:
        folders = {str(parent) for path in paths for parent in PurePosixPath(path).parents}
        return cls(frozenset(paths), frozenset(folders))

    def spares(self, paths: Collection[str]) -> bool:
        """Whether none of *paths* is one of them."""
        return not (self.files | self.folders).intersection(paths)


@dataclass(frozen=True)
class _Plan:
    recipe: Recipe
    key: str
    files: dict[str, bytes]


def machine(sandbox: Sandbox) -> list[str]:
    """What of this node a setup depends on: its tools as they are now, and where its index is."""
    words = [sys.platform, platform.machine(), platform.libc_ver()[1]]
    for name in _TOOLS:
        if found := shutil.which(name, path=sandbox.toolchain.search_path):
            path = Path(found).resolve()
            status = path.stat()
            words.append(f"{name}={path} {status.st_size} {status.st_mtime_ns}")
    return words + [f"{n}={v}" for n, v in sorted(sandbox.gateways.variables.items())]


def _write(workspace: Path, files: dict[str, bytes]) -> None:
    workspace.mkdir(parents=True)
    for path, content in files.items():
        (workspace / path).parent.mkdir(parents=True, exist_ok=True)
        (workspace / path).write_bytes(content)


def _outermost(workspace: Path, tracked: _Tracked, seeded: Collection[str]) -> Iterator[str]:
    """What is in *workspace* beside *seeded*, down to folders of git's; links are not followed."""
    for top, names, others in os.walk(workspace):
        inside = Path(top).relative_to(workspace)
        entered = []
        for name in [*names, *others]:
            path = str(inside / name)
            if name in names and path in tracked.folders and not (workspace / path).is_symlink():
                entered.append(name)
            elif path not in seeded:
                yield path
        names[:] = entered


def _why(result: CommandResult) -> str:
    return (result.could_not_run or result.stderr or result.stdout).strip()[-300:]
