from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from aiohttp import web

from loop.repo.git import Git
from loop.repo.mirror import Mirror, Mirrors
from loop.repo.remote import Remote
from loop.repo.workspace import Workspaces
from tests.loop.repo.repo_support import Author, GitServer

FILES = {
    "README.md": "# Shop\n",
    "shop/__init__.py": "",
    "shop/cart.py": "def total(prices):\n    return sum(prices)\n",
    "tests/test_cart.py": "from shop.cart import total\n\n\ndef test_total():\n    assert total([1]) == 1\n",
}


@pytest.fixture(name="template", scope="session")
def _template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository `acme/shop` with one commit on main, to be copied."""
    top = tmp_path_factory.mktemp("template")
    (top / "remote" / "acme").mkdir(parents=True)
    Author(top / "remote" / "acme" / "shop.git", top / "author").commit(FILES, "Open the shop")
    return top


@pytest.fixture(name="author")
def _author(tmp_path: Path, template: Path) -> Author:
    """Somebody with a clone of `acme/shop`."""
    shutil.copytree(template, tmp_path, dirs_exist_ok=True)
    return Author(tmp_path / "remote" / "acme" / "shop.git", tmp_path / "author")


@pytest.fixture(name="git")
def _git(tmp_path: Path) -> Git:
    return Git(tmp_path / "home", allow_file=True)


@pytest.fixture(name="remote")
def _remote(author: Author) -> Remote:
    return Remote(f"file://{author.bare}")


@pytest.fixture(name="mirror")
def _mirror(tmp_path: Path, git: Git, remote: Remote) -> Mirror:
    return Mirrors(tmp_path / "mirrors", git).of(remote)


@pytest.fixture(name="workspaces")
def _workspaces(tmp_path: Path, git: Git) -> Workspaces:
    return Workspaces(git, tmp_path / "trash")


@pytest.fixture(name="server")
async def _server(author: Author) -> AsyncIterator[GitServer]:
    """The author's repositories over HTTP on loopback."""
    server = GitServer(author.bare.parent.parent)
    runner = web.AppRunner(server.application())
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield server
    await runner.cleanup()


@pytest.fixture(name="trap")
def _trap(tmp_path: Path) -> Iterator[Path]:
    """A script that leaves a mark when somebody runs it: `<trap>.fired` exists then."""
    script = tmp_path / "trap"
    script.write_text(f"#!/bin/sh\ntouch {script}.fired\nexit 1\n")
    script.chmod(0o755)
    return script
