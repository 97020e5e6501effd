from __future__ import annotations

import dataclasses
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from loop.repo.git import Git
from tests.loop.gates.languages.repository import Repository
from tests.loop.gates.languages.shop import Shop, open_shop
from tests.loop.gates.languages.typescript.install import modules
from tests.tools.sandbox_support import require_bubblewrap
from tools.sandbox.probe import Sandbox, probe

Opened = Callable[[Repository], "Shop"]


def require(repository: Repository) -> None:
    """Skip with one loud line where a toolchain is missing; with CI=true fail."""
    search = f"{sys.prefix}/bin{os.pathsep}{os.environ['PATH']}"
    missing = [tool for tool in repository.tools if not shutil.which(tool, path=search)]
    if repository.name == "typescript" and not (modules() / ".bin/tsc").exists():
        missing.append("tsc (tests/loop/gates/languages/typescript/install.py puts it there)")
    if missing:
        told = f"{repository.name}: not on this machine: {', '.join(missing)}"
        if os.environ.get("CI") == "true":
            pytest.fail(f"gate tests cannot run: {told}")
        pytest.skip(f"GATE TESTS DO NOT RUN HERE: {told}")


@pytest.fixture(name="caches", scope="session")
def _caches(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Home of all sandboxes: compilers keep what they have built in it."""
    return tmp_path_factory.mktemp("toolchains")


@pytest.fixture(name="plain")
async def _plain() -> Sandbox:
    return _with_ours(await probe(want="plain"))


@pytest.fixture(name="bubblewrap")
async def _bubblewrap() -> Sandbox:
    require_bubblewrap()
    return _with_ours(await probe())


@pytest.fixture(name="shop")
def _shop(tmp_path: Path, caches: Path, plain: Sandbox) -> Callable[..., object]:
    async def opened(
        repository: Repository, *, sandbox: Sandbox = plain, name: str = "shop"
    ) -> Shop:
        require(repository)
        top = tmp_path / name
        top.mkdir()
        git = Git(top / "git-home", allow_file=True)
        return await open_shop(repository, git=git, sandbox=sandbox, top=top, caches=caches)

    return opened


def _with_ours(sandbox: Sandbox) -> Sandbox:
    """ruff and pytest of the environment that runs these tests come first."""
    path = f"{sys.prefix}/bin:{sandbox.toolchain.search_path}"
    tools = dataclasses.replace(sandbox.toolchain, search_path=path)
    return dataclasses.replace(sandbox, toolchain=tools)
