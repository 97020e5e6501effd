from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from loop.repo.errors import CloneFailed, RefError, WorkspaceError
from loop.repo.git import Git
from loop.repo.mirror import Mirror
from loop.repo.remote import Remote
from loop.repo.removal import remove
from loop.repo.staging import changed, staged, tree
from loop.repo.workspace import Start, Workspace, Workspaces, pin_name
from tests.loop.repo.repo_support import ENVIRONMENT, Author, sh_git

MAIN = "refs/heads/main"
BRANCH = "foreman/issue-1"


@pytest.fixture(name="start")
async def _start(mirror: Mirror, remote: Remote) -> Start:
    sha = (await mirror.refresh(remote, [MAIN]))[MAIN]
    return Start(branch=BRANCH, sha=sha, base_branch="main", base_sha=sha)


@pytest.fixture(name="workspace")
async def _workspace(
    tmp_path: Path, workspaces: Workspaces, mirror: Mirror, start: Start
) -> Workspace:
    return await workspaces.create(tmp_path / "run", mirror, start)


def _inside(workspace: Workspace, *arguments: str) -> str:
    """Git as a command in the sandbox runs it, with our control directory as its view."""
    environment = {**ENVIRONMENT, "GIT_DIR": str(workspace.control)}
    done = subprocess.run(
        ["git", *arguments], cwd=workspace.path, env=environment, capture_output=True, check=True
    )
    return done.stdout.decode()


async def test_the_work_tree_is_the_commit(workspace: Workspace, author: Author) -> None:
    names = sorted(
        str(p.relative_to(workspace.path)) for p in workspace.path.rglob("*") if p.is_file()
    )

    assert names == sorted(sh_git(author.clone, "ls-files").splitlines())
    assert _inside(workspace, "status", "--porcelain") == ""
    assert _inside(workspace, "rev-parse", "HEAD").strip() == author.tip("main")
    assert _inside(workspace, "branch", "--show-current").strip() == BRANCH
    assert _inside(workspace, "log", "--format=%s", "origin/main").strip() == "Open the shop"


async def test_git_lies_outside_and_borrows_the_objects(
    workspace: Workspace, mirror: Mirror
) -> None:
    assert not (workspace.path / ".git").exists()
    assert workspace.control.parent == workspace.path.parent
    assert workspace.objects == (mirror.objects,)
    assert not list(workspace.control.glob("objects/??")) + list(
        workspace.control.glob("objects/pack/*")
    )


async def test_its_commits_are_pinned_until_it_is_discarded(
    workspace: Workspace, workspaces: Workspaces, mirror: Mirror, tmp_path: Path
) -> None:
    assert workspace.start.sha in sh_git(mirror.path, "for-each-ref", "refs/foreman/pins")

    await workspaces.discard(workspace.directory, mirror)

    assert sh_git(mirror.path, "for-each-ref", "refs/foreman/pins") == ""
    assert not workspace.path.exists()
    assert list((tmp_path / "trash").iterdir())
    await workspaces.sweep()
    assert not list((tmp_path / "trash").iterdir())


async def test_a_second_one_in_the_same_place_replaces_the_first(
    workspace: Workspace, workspaces: Workspaces, mirror: Mirror
) -> None:
    (workspace.path / "left over").write_text("x")

    again = await workspaces.create(workspace.directory, mirror, workspace.start)

    assert not (again.path / "left over").exists()


async def test_an_existing_one_is_found_again(workspace: Workspace, workspaces: Workspaces) -> None:
    assert workspaces.open(workspace.directory) == workspace


@pytest.mark.parametrize("damage", ["control", "workspace", "record", "half"])
async def test_half_of_one_is_none(
    workspace: Workspace, workspaces: Workspaces, damage: str
) -> None:
    record = workspace.control / "foreman.json"
    match damage:
        case "record":
            record.write_text("{")
        case "half":
            record.write_text('{"objects": []}')
        case _:
            shutil.rmtree(workspace.directory / damage)

    assert workspaces.open(workspace.directory) is None


async def test_a_commit_that_is_not_there_is_clone_failed(
    tmp_path: Path, workspaces: Workspaces, mirror: Mirror, remote: Remote, start: Start
) -> None:
    missing = Start(BRANCH, "1" * 40, "main", start.base_sha)

    with pytest.raises(CloneFailed, match="no work tree could be made of 111111111111"):
        await workspaces.create(tmp_path / "run", mirror, missing, remote=remote)


async def test_a_broken_mirror_is_mended_on_the_way(
    tmp_path: Path, workspaces: Workspaces, mirror: Mirror, remote: Remote, start: Start
) -> None:
    for pack in mirror.objects.glob("pack/*"):
        pack.chmod(0o600)
        pack.write_bytes(b"")

    workspace = await workspaces.create(tmp_path / "run", mirror, start, remote=remote)

    assert (workspace.path / "README.md").read_text() == "# Shop\n"


@pytest.mark.parametrize("branch", ["--orphan", "a..b", "a b"])
async def test_branch_names_are_checked(
    tmp_path: Path, workspaces: Workspaces, mirror: Mirror, start: Start, branch: str
) -> None:
    with pytest.raises(RefError):
        await workspaces.create(
            tmp_path / "run", mirror, Start(branch, start.sha, "main", start.sha)
        )


# --- the tree's id, and what changed


async def test_the_tree_id_follows_the_files(
    git: Git, workspace: Workspace, author: Author
) -> None:
    fresh = await tree(git, workspace)
    assert fresh == sh_git(author.clone, "rev-parse", "HEAD^{tree}")

    (workspace.path / "new.txt").write_text("new\n")
    edited = await tree(git, workspace)
    assert edited != fresh

    (workspace.path / "new.txt").unlink()
    assert await tree(git, workspace) == fresh


async def test_looking_leaves_no_trace(git: Git, workspace: Workspace) -> None:
    (workspace.path / "new.txt").write_text("new\n")
    before = _inside(workspace, "status", "--porcelain")

    await tree(git, workspace)

    assert _inside(workspace, "status", "--porcelain") == before == "?? new.txt\n"
    assert not list(workspace.control.glob("index.*"))


async def test_changes_are_seen_with_new_files_and_renames(git: Git, workspace: Workspace) -> None:
    (workspace.path / "README.md").unlink()
    (workspace.path / "shop/cart.py").rename(workspace.path / "shop/basket.py")
    (workspace.path / "new.txt").write_text("new\n")

    seen = {(c.status, c.old_path, c.path) for c in await changed(git, workspace)}

    assert seen == {
        ("D", "README.md", "README.md"),
        ("R", "shop/cart.py", "shop/basket.py"),
        ("A", "new.txt", "new.txt"),
    }


async def test_ignored_files_are_no_change(git: Git, workspace: Workspace) -> None:
    (workspace.path / ".gitignore").write_text("*.log\n")
    (workspace.path / "x.log").write_text("x")

    assert [c.path for c in await changed(git, workspace)] == [".gitignore"]


async def test_commits_made_inside_count_as_changes(git: Git, workspace: Workspace) -> None:
    """Outside of a sandbox a model could commit to our control directory."""
    (workspace.path / "new.txt").write_text("new\n")
    _inside(workspace, "add", "new.txt")
    _inside(workspace, "commit", "-qm", "mine")

    assert [c.path for c in await changed(git, workspace)] == ["new.txt"]


async def test_the_sandbox_view_is_cleared_away(git: Git, workspace: Workspace) -> None:
    """bubblewrap leaves an empty `.git` where it had mounted one."""
    (workspace.path / ".git").touch()

    assert await changed(git, workspace) == ()
    assert not (workspace.path / ".git").exists()


# --- attacks


def _nested(folder: Path, trap: Path, *, commit: bool = True) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    sh_git(folder, "init", "-q", str(folder))
    (folder / "x").write_text("x")
    if commit:
        sh_git(folder, "add", "x")
        sh_git(folder, "commit", "-qm", "x")
    sh_git(folder, "config", "core.fsmonitor", str(trap))


async def test_a_nested_repository_is_refused_and_not_asked(
    git: Git, workspace: Workspace, trap: Path
) -> None:
    _nested(workspace.path / "sub", trap)

    with pytest.raises(WorkspaceError, match=r"sub: a git repository inside the workspace"):
        async with staged(git, workspace):
            pass
    assert not trap.with_name("trap.fired").exists()


async def test_the_trap_works_without_the_defence(workspace: Workspace, trap: Path) -> None:
    """The same tree and plain `git add`, `git status`: the nested repository's program runs."""
    _nested(workspace.path / "sub", trap)

    _inside(workspace, "add", "--all")
    _inside(workspace, "status")

    assert trap.with_name("trap.fired").exists()


async def test_the_tree_id_leaves_nested_repositories_out(
    git: Git, workspace: Workspace, trap: Path
) -> None:
    fresh = await tree(git, workspace)
    _nested(workspace.path / "sub", trap)
    _nested(workspace.path / "deep/er", trap, commit=False)

    assert await tree(git, workspace) == fresh
    assert not trap.with_name("trap.fired").exists()


@pytest.mark.parametrize("kind", ["folder", "file", "link", "upper"])
async def test_every_kind_of_dot_git_is_refused(
    git: Git, workspace: Workspace, tmp_path: Path, kind: str
) -> None:
    sub = workspace.path / "sub"
    sub.mkdir()
    (sub / "x").write_text("x")
    match kind:
        case "folder":
            (sub / ".git").mkdir()
        case "file":
            (sub / ".git").write_text(f"gitdir: {tmp_path}\n")
        case "link":
            (sub / ".git").symlink_to(tmp_path)
        case _:
            (sub / ".GIT").mkdir()

    with pytest.raises(WorkspaceError, match="sub: a git repository inside"):
        async with staged(git, workspace):
            pass


async def test_a_repository_at_the_top_is_refused(git: Git, workspace: Workspace) -> None:
    (workspace.path / ".git").mkdir()

    with pytest.raises(WorkspaceError, match=r"\.git: a git repository of your own"):
        await tree(git, workspace)


async def test_ignored_repositories_are_left_alone(
    git: Git, workspace: Workspace, trap: Path
) -> None:
    """node_modules and .venv hold repositories that are nobody's business."""
    (workspace.path / ".gitignore").write_text("node_modules\n")
    _nested(workspace.path / "node_modules/dep", trap)

    async with staged(git, workspace):
        pass
    assert not trap.with_name("trap.fired").exists()


@pytest.fixture(name="with_submodule")
async def _with_submodule(
    tmp_path: Path, author: Author, mirror: Mirror, remote: Remote, workspaces: Workspaces
) -> Workspace:
    entry = f"160000,{'1' * 40},vendor/lib"
    modules = '[submodule "lib"]\n\tpath = vendor/lib\n\turl = ../lib\n\tignore = none\n'
    (author.clone / ".gitmodules").write_text(modules)
    sh_git(author.clone, "add", ".gitmodules")
    sh_git(author.clone, "update-index", "--add", "--cacheinfo", entry)
    sh_git(author.clone, "commit", "-qm", "submodule")
    sh_git(author.clone, "push", "-q", str(author.bare), "main")
    sha = (await mirror.refresh(remote, [MAIN]))[MAIN]
    return await workspaces.create(tmp_path / "run", mirror, Start(BRANCH, sha, "main", sha))


async def test_submodules_are_empty_and_stay_what_they_are(
    git: Git, with_submodule: Workspace
) -> None:
    assert not list((with_submodule.path / "vendor/lib").iterdir())
    assert await changed(git, with_submodule) == ()


async def test_a_repository_in_a_submodule_is_not_asked(
    git: Git, with_submodule: Workspace, trap: Path
) -> None:
    """`ignore = none` in .gitmodules overrules the setting; there is nothing to overrule here."""
    _nested(with_submodule.path / "vendor/lib", trap)
    fired = trap.with_name("trap.fired")

    with pytest.raises(WorkspaceError, match="vendor/lib: a git repository inside"):
        async with staged(git, with_submodule):
            pass
    assert not fired.exists()

    _inside(with_submodule, "status")
    assert fired.exists(), "the trap does not work"


async def test_files_in_a_submodule_are_refused(git: Git, with_submodule: Workspace) -> None:
    (with_submodule.path / "vendor/lib/x").write_text("x")

    with pytest.raises(WorkspaceError, match="vendor/lib: a submodule; its files cannot"):
        async with staged(git, with_submodule):
            pass


async def test_attributes_start_no_program(
    tmp_path: Path,
    git: Git,
    author: Author,
    mirror: Mirror,
    remote: Remote,
    workspaces: Workspaces,
    trap: Path,
) -> None:
    """A filter and a textconv named by the repository have no definition that git would read."""
    sha = author.commit({".gitattributes": "* filter=evil diff=evil\n", "x": "x\n"})
    await mirror.refresh(remote, [MAIN])

    workspace = await workspaces.create(tmp_path / "run", mirror, Start(BRANCH, sha, "main", sha))
    for key in (
        "filter.evil.clean",
        "filter.evil.smudge",
        "diff.evil.textconv",
        "diff.evil.command",
    ):
        _inside(workspace, "config", key, str(trap))
    (workspace.path / "x").write_text("y\n")
    changes = await changed(git, workspace)

    assert [c.path for c in changes] == ["x"]
    assert not trap.with_name("trap.fired").exists()
    for key in ("filter.evil.clean",):
        _inside(workspace, "config", key, str(trap))
    _inside(workspace, "add", "x")
    assert trap.with_name("trap.fired").exists(), "the trap does not work"


async def test_planted_hooks_and_settings_do_not_survive(
    git: Git, workspace: Workspace, trap: Path
) -> None:
    hooks = workspace.control / "hooks"
    hooks.mkdir()
    for name in ("post-index-change", "reference-transaction", "pre-commit"):
        shutil.copy(trap, hooks / name)
    _inside(workspace, "config", "core.fsmonitor", str(trap))
    _inside(workspace, "config", "core.worktree", "/")

    await tree(git, workspace)
    await git.run("update-ref", "refs/heads/x", workspace.start.sha, where=workspace.where)

    assert not trap.with_name("trap.fired").exists()
    assert "fsmonitor" not in (workspace.control / "config").read_text()


async def test_planted_alternates_do_not_survive(
    git: Git, workspace: Workspace, tmp_path: Path
) -> None:
    alternates = workspace.control / "objects/info/alternates"
    alternates.write_text(f"{tmp_path}\n")

    await tree(git, workspace)

    assert alternates.read_text() == f"{workspace.objects[0]}\n"


async def test_git_variables_change_nothing(
    git: Git, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fresh = await tree(git, workspace)
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"):
        monkeypatch.setenv(name, str(tmp_path / "elsewhere"))

    assert await tree(git, workspace) == fresh


async def test_devices_and_fifos_are_no_files(git: Git, workspace: Workspace) -> None:
    os.mkfifo(workspace.path / "fifo")

    assert await changed(git, workspace) == ()


async def test_a_link_is_kept_as_a_link(git: Git, workspace: Workspace) -> None:
    (workspace.path / "passwd").symlink_to("/etc/passwd")

    (change,) = await changed(git, workspace)

    assert change.new_mode == "120000"
    assert change.hunks[0].added == ("/etc/passwd",)


async def test_names_with_anything_in_them(git: Git, workspace: Workspace) -> None:
    names = [b"-rf", b"a\nb", b"\xff", b'"', b":(top)x", b"--", b"a\tb"]
    for name in names:
        (workspace.path / os.fsdecode(name)).write_text("x\n")

    seen = {os.fsencode(change.path) for change in await changed(git, workspace)}

    assert seen == set(names)


# --- deleting


async def test_read_only_folders_can_be_deleted(tmp_path: Path) -> None:
    """Go's module cache is read-only; as root the bits do not bite, so another user deletes."""
    top = tmp_path / "cache"
    (top / "mod/deep").mkdir(parents=True)
    (top / "mod/deep/file").write_text("x")
    (top / "link").symlink_to("/")
    (top / "mod/deep").chmod(0o500)
    (top / "mod").chmod(0o500)

    await remove(top)

    assert not top.exists()


async def test_removing_nothing_is_fine(tmp_path: Path) -> None:
    await remove(tmp_path / "none")
    (tmp_path / "file").write_text("x")
    await remove(tmp_path / "file")
    assert not (tmp_path / "file").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_another_user_can_delete_read_only_folders(tmp_path: Path) -> None:
    script = (
        "import asyncio,concurrent.futures.thread,os,sys,tempfile; sys.path.insert(0, sys.argv[1]);"
        "from pathlib import Path; from loop.repo.removal import remove;"
        "os.setgid(65534); os.setuid(65534);"
        "top=Path(tempfile.mkdtemp()); (top/'a/b').mkdir(parents=True); (top/'a/b/f').write_text('x');"
        "(top/'a/b').chmod(0o500); (top/'a').chmod(0o500);"
        "asyncio.run(remove(top)); print(top.exists())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(Path.cwd())],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"], "TMPDIR": "/tmp"},
    )
    assert done.stdout.strip() == "False", done.stderr


def test_pins_are_named_after_the_folder(tmp_path: Path) -> None:
    assert pin_name(tmp_path) == str(tmp_path)
