"""A second work tree: the handed-in one with some files as they were."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from loop.repo.git import Git
from loop.repo.mirror import Mirror
from loop.repo.remote import Remote
from loop.repo.staging import changed, tree
from loop.repo.variant import Entry, variant
from loop.repo.workspace import Start, Workspace, Workspaces

MAIN = "refs/heads/main"


@pytest.fixture(name="workspace")
async def _workspace(
    tmp_path: Path, workspaces: Workspaces, mirror: Mirror, remote: Remote
) -> Workspace:
    sha = (await mirror.refresh(remote, [MAIN]))[MAIN]
    return await workspaces.create(tmp_path / "run", mirror, Start("work", sha, "main", sha))


def shown(top: Path) -> dict[str, str]:
    return {
        str(path.relative_to(top)): path.read_text() for path in top.rglob("*") if path.is_file()
    }


async def test_only_the_named_paths_differ_and_the_work_tree_stays(
    git: Git, workspace: Workspace
) -> None:
    cart = workspace.path / "shop/cart.py"
    base = cart.read_text()
    cart.write_text("def total(prices):\n    return 0\n")
    (workspace.path / "shop/new.py").write_text("x = 1\n")
    (workspace.path / "tests/test_new.py").write_text("def test_it(): ...\n")
    (workspace.path / "README.md").unlink()
    before, was = await tree(git, workspace), shown(workspace.path)
    found = {change.path: change for change in await changed(git, workspace)}
    entries = [
        Entry("shop/new.py"),
        *(
            Entry(path, found[path].old_mode, found[path].old_sha)
            for path in ("shop/cart.py", "README.md")
        ),
    ]

    async with variant(git, workspace, entries=entries) as top:
        seen = shown(top)

    assert seen == {
        "README.md": "# Shop\n",
        "shop/__init__.py": "",
        "shop/cart.py": base,
        "tests/test_cart.py": was["tests/test_cart.py"],
        "tests/test_new.py": "def test_it(): ...\n",
    }
    assert not top.exists()
    assert shown(workspace.path) == was
    assert await tree(git, workspace) == before


async def test_a_folder_gives_way_to_the_file_that_was_there(
    git: Git, workspace: Workspace
) -> None:
    (workspace.path / "README.md").unlink()
    (workspace.path / "README.md").mkdir()
    (workspace.path / "README.md/part.md").write_text("part\n")
    readme = next(c for c in await changed(git, workspace) if c.path == "README.md")
    entries = [Entry("README.md", readme.old_mode, readme.old_sha), Entry("README.md/part.md")]

    async with variant(git, workspace, entries=entries) as top:
        assert (top / "README.md").read_text() == "# Shop\n"


async def test_content_can_be_given(git: Git, workspace: Workspace) -> None:
    async with variant(git, workspace, entries=[], contents={"shop/cart.py": b"mixed\n"}) as top:
        assert (top / "shop/cart.py").read_text() == "mixed\n"


async def test_every_file_is_newer_than_what_was_built_from_the_other(
    git: Git, workspace: Workspace
) -> None:
    """cargo and make judge by time."""
    built = workspace.path / "target/debug/shop.d"
    built.parent.mkdir(parents=True)
    built.write_text("built\n")
    (workspace.path / ".gitignore").write_text("target/\n")
    earlier = time.time() - 1
    os.utime(built, (earlier, earlier))

    async with variant(git, workspace, entries=[]) as top:
        copy = top / "target/debug/shop.d"
        assert copy.stat().st_mtime == pytest.approx(earlier)
        assert (top / "shop/cart.py").stat().st_mtime > earlier
        assert not copy.samefile(built)


async def test_installed_dependencies_come_along_and_other_leftovers_do_not(
    git: Git, workspace: Workspace
) -> None:
    (workspace.path / ".gitignore").write_text("dist/\n")
    for name in ("dist/shop.js", "node_modules/left/pad.js", "web/node_modules/a.js"):
        path = workspace.path / name
        path.parent.mkdir(parents=True)
        path.write_text("x\n")
    (workspace.path / "web/page.js").write_text("y\n")
    (workspace.path / "node_modules/.bin").mkdir()
    (workspace.path / "node_modules/.bin/pad").symlink_to("../left/pad.js")
    os.mkfifo(workspace.path / "node_modules/pipe")

    async with variant(git, workspace, entries=[]) as top:
        assert (top / "node_modules/.bin/pad").read_text() == "x\n"
        assert (top / "node_modules/.bin/pad").is_symlink()
        assert (top / "web/node_modules/a.js").exists()
        assert not (top / "node_modules/pipe").exists()
        assert not (top / "dist").exists()


async def test_a_link_out_of_the_tree_is_not_followed(
    git: Git, workspace: Workspace, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("s\n")
    (workspace.path / "node_modules").symlink_to(outside)
    (workspace.path / "vendor").mkdir()
    (workspace.path / "vendor/away").symlink_to(outside)

    async with variant(git, workspace, entries=[]) as top:
        assert not (top / "node_modules").is_dir() or (top / "node_modules").is_symlink()
        assert (top / "vendor/away").is_symlink()


async def test_what_a_killed_process_left_is_replaced(git: Git, workspace: Workspace) -> None:
    left = workspace.directory / "variant/old.py"
    left.parent.mkdir()
    left.write_text("old\n")

    async with variant(git, workspace, entries=[]) as top:
        assert not (top / "old.py").exists()
