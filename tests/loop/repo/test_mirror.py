from __future__ import annotations

import asyncio
import shutil
import sys
from pathlib import Path

import pytest

from loop.repo.errors import CloneFailed, RefError
from loop.repo.git import Git
from loop.repo.mirror import Mirror, Mirrors, advertised
from loop.repo.remote import Remote
from tests.loop.repo.repo_support import Author, GitServer, sh_git

MAIN = "refs/heads/main"


def _uploads(server: GitServer) -> int:
    """How often a pack was asked for: protocol 2 posts once to list refs and once to fetch."""
    return sum("git-upload-pack" in path and "info/refs" not in path for path, _ in server.requests)


async def test_refs_are_as_the_remote_has_them_now(
    mirror: Mirror, remote: Remote, author: Author
) -> None:
    assert await mirror.refresh(remote, [MAIN]) == {MAIN: author.tip("main")}

    moved = author.commit({"new.txt": "new\n"})

    assert await mirror.refresh(remote, [MAIN]) == {MAIN: moved}
    assert sh_git(mirror.path, "cat-file", "-t", moved) == "commit"


async def test_a_warm_mirror_downloads_nothing(
    tmp_path: Path, git: Git, author: Author, server: GitServer
) -> None:
    remote = Remote(f"{server.url}/acme/shop.git")
    mirror = Mirrors(tmp_path / "mirrors", git).of(remote)
    await mirror.refresh(remote, [MAIN])
    server.requests.clear()

    await mirror.refresh(remote, [MAIN])

    assert _uploads(server) == 1


async def test_a_pull_request_of_a_fork_is_a_ref(
    mirror: Mirror, remote: Remote, author: Author
) -> None:
    sha = author.commit({"x": "x"}, branch="theirs")
    sh_git(author.bare, "update-ref", "refs/pull/7/head", sha)

    found = await mirror.refresh(remote, [MAIN, "refs/pull/7/head"])

    assert found["refs/pull/7/head"] == sha


async def test_a_missing_ref_fails_unless_it_is_optional(mirror: Mirror, remote: Remote) -> None:
    assert "refs/heads/none" not in await mirror.refresh(
        remote, [MAIN], optional=["refs/heads/none"]
    )
    with pytest.raises(CloneFailed, match="no refs/heads/none there") as caught:
        await mirror.refresh(remote, ["refs/heads/none"])
    assert caught.value.fault == "missing"


async def test_only_the_exact_ref_counts(git: Git, remote: Remote, author: Author) -> None:
    """ls-remote matches tails of names; a branch named like a ref is not that ref."""
    sh_git(author.bare, "update-ref", "refs/heads/x/refs/heads/main", author.tip("main") or "")

    assert list(await advertised(git, remote, [MAIN])) == [MAIN]


@pytest.mark.parametrize("ref", ["--upload-pack=touch x", "main", "refs/heads/a:refs/heads/b"])
async def test_a_ref_that_is_none_never_reaches_git(
    mirror: Mirror, remote: Remote, ref: str
) -> None:
    with pytest.raises(RefError):
        await mirror.refresh(remote, [ref])


async def test_a_branch_may_become_a_folder(mirror: Mirror, remote: Remote, author: Author) -> None:
    author.commit({"x": "1"}, branch="a")
    await mirror.refresh(remote, ["refs/heads/a"])
    sh_git(author.bare, "update-ref", "-d", "refs/heads/a")
    sha = author.commit({"x": "2"}, branch="a2")
    sh_git(author.bare, "update-ref", "refs/heads/a/b", sha)

    assert await mirror.refresh(remote, ["refs/heads/a/b"]) == {"refs/heads/a/b": sha}


async def test_a_rewritten_branch_is_followed(
    mirror: Mirror, remote: Remote, author: Author
) -> None:
    await mirror.refresh(remote, [MAIN])
    sh_git(author.clone, "commit", "-q", "--amend", "-m", "other")
    sh_git(author.clone, "push", "-q", "-f", str(author.bare), "main")

    assert await mirror.refresh(remote, [MAIN]) == {MAIN: author.tip("main")}


async def test_callers_of_one_repository_take_turns(
    mirror: Mirror, remote: Remote, author: Author
) -> None:
    results = await asyncio.gather(*(mirror.refresh(remote, [MAIN]) for _ in range(8)))

    assert all(result == {MAIN: author.tip("main")} for result in results)
    assert len(list(mirror.objects.glob("pack/*.pack"))) == 1


async def test_processes_take_turns(mirror: Mirror, remote: Remote) -> None:
    """While another process holds the lock file, nothing happens; then it goes on."""
    mirror.path.parent.mkdir(parents=True)
    holder = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "import fcntl,sys; f=open(sys.argv[1],'w'); fcntl.flock(f, fcntl.LOCK_EX);"
        "print('held', flush=True); sys.stdin.read()",
        f"{mirror.path}.lock",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert holder.stdout is not None
    await holder.stdout.readline()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await mirror.refresh(remote, [MAIN])
    assert not mirror.path.exists()

    await holder.communicate(b"")

    assert MAIN in await mirror.refresh(remote, [MAIN])


async def test_pins_outlive_branches_and_gc(mirror: Mirror, remote: Remote, author: Author) -> None:
    sha = author.commit({"x": "1"}, branch="short-lived")
    await mirror.refresh(remote, ["refs/heads/short-lived"])
    await mirror.pin("task-1", sha)
    sh_git(author.bare, "update-ref", "refs/heads/short-lived", author.tip("main") or "")
    await mirror.refresh(remote, ["refs/heads/short-lived"])

    assert sha in sh_git(mirror.path, "for-each-ref", "refs/foreman/pins")
    assert "precious" in _failed_prune(mirror.path)

    await mirror.unpin("task-1")
    await mirror.unpin("task-1")
    assert sh_git(mirror.path, "for-each-ref", "refs/foreman/pins") == ""


def _failed_prune(path: Path) -> str:
    try:
        return sh_git(path, "prune", "--expire=now")
    except AssertionError as exc:
        return str(exc)


@pytest.mark.parametrize("damage", ["pack", "head", "empty"])
async def test_a_broken_mirror_is_cloned_again(
    mirror: Mirror, remote: Remote, author: Author, damage: str
) -> None:
    await mirror.refresh(remote, [MAIN])
    if damage == "pack":
        for pack in mirror.objects.glob("pack/*.pack"):
            pack.chmod(0o600)
            pack.write_bytes(b"")
    elif damage == "head":
        (mirror.path / "HEAD").unlink()
    else:
        shutil.rmtree(mirror.objects)
    moved = author.commit({"x": "1"})

    assert await mirror.refresh(remote, [MAIN]) == {MAIN: moved}
    assert sh_git(mirror.path, "cat-file", "-t", moved) == "commit"


async def test_a_sound_mirror_is_not_cloned_again(mirror: Mirror, remote: Remote) -> None:
    await mirror.refresh(remote, [MAIN])
    before = mirror.path.stat().st_ino

    assert not await mirror.mend(remote, [MAIN])
    assert mirror.path.stat().st_ino == before


async def test_hooks_and_helpers_of_the_remote_do_not_run(
    mirror: Mirror, remote: Remote, author: Author, trap: Path
) -> None:
    hook = author.bare / "hooks" / "post-update"
    hook.parent.mkdir(exist_ok=True)
    shutil.copy(trap, hook)

    await mirror.refresh(remote, [MAIN])

    assert not (mirror.path / "hooks").exists()
    assert not trap.with_name("trap.fired").exists()


@pytest.mark.parametrize(
    ("tokens", "path", "fault"),
    [
        pytest.param({"good": True}, "acme/shop.git", "auth", id="wrong-token"),
        pytest.param({}, "acme/none.git", "missing", id="no-repository"),
    ],
)
async def test_what_is_wrong_with_a_remote_is_told(
    tmp_path: Path, git: Git, server: GitServer, tokens: dict[str, bool], path: str, fault: str
) -> None:
    server.tokens = tokens
    remote = Remote(f"{server.url}/{path}", "bad")

    with pytest.raises(CloneFailed) as caught:
        await Mirrors(tmp_path / "mirrors", git).of(remote).refresh(remote, [MAIN])

    assert caught.value.fault == fault


async def test_a_host_that_does_not_answer_is_unreachable(tmp_path: Path, git: Git) -> None:
    remote = Remote("http://127.0.0.1:1/acme/shop.git", "t")

    with pytest.raises(CloneFailed) as caught:
        await Mirrors(tmp_path / "mirrors", git).of(remote).refresh(remote, [MAIN])

    assert caught.value.fault == "unreachable"


async def test_two_repositories_have_two_mirrors(tmp_path: Path, git: Git) -> None:
    mirrors = Mirrors(tmp_path, git)
    one = mirrors.of(Remote("https://a.example/acme/shop"))

    assert mirrors.of(Remote("https://a.example/acme/shop", "other token")) is one
    assert mirrors.of(Remote("https://b.example/acme/shop")).path != one.path


async def test_the_mirror_holds_no_token(tmp_path: Path, git: Git, server: GitServer) -> None:
    canary = "ghs_CanaryCanaryCanaryCanaryCanary000002"
    server.tokens = {canary: True}
    remote = Remote(f"{server.url}/acme/shop.git", canary)
    mirror = Mirrors(tmp_path / "mirrors", git).of(remote)

    await mirror.refresh(remote, [MAIN])

    for path in (tmp_path / "mirrors").rglob("*"):
        assert not path.is_file() or canary.encode() not in path.read_bytes()
