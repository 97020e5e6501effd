from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from loop.repo.errors import GitError, RemoteError
from loop.repo.git import Git, Where
from loop.repo.remote import Remote
from tests.loop.repo.repo_support import Author, GitServer, sh_git

CANARY = "ghs_CanaryCanaryCanaryCanaryCanary000001"


async def test_the_answer_is_stdout(git: Git, author: Author) -> None:
    where = Where(author.bare)

    assert await git.text("rev-parse", "main", where=where) == author.tip("main")


async def test_a_failure_carries_what_git_said(git: Git, author: Author) -> None:
    with pytest.raises(
        GitError, match=r"git rev-parse: exit code 128: .*single revision"
    ) as caught:
        await git.run("rev-parse", "--verify", "no-such", where=Where(author.bare))
    assert caught.value.exit_code == 128


async def test_an_accepted_exit_code_is_no_failure(git: Git, author: Author) -> None:
    output = await git.run("cat-file", "-e", "0" * 40, where=Where(author.bare), accept=(1, 128))

    assert output.exit_code in (1, 128)


async def test_a_command_that_hangs_is_killed_with_its_children(
    git: Git, author: Author, tmp_path: Path
) -> None:
    pid = tmp_path / "pid"
    alias = f"alias.hang=!echo $$ > {pid}; sleep 600 & wait"

    with pytest.raises(GitError, match=r"killed after 1 s"):
        await git.run("-c", alias, "hang", where=Where(author.bare), timeout_seconds=1)

    assert await _dead(pid)


async def test_a_cancelled_command_is_killed(git: Git, author: Author, tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    alias = f"alias.hang=!echo $$ > {pid}; sleep 600"
    task = asyncio.ensure_future(git.run("-c", alias, "hang", where=Where(author.bare)))
    while not (pid.exists() and pid.read_text()):
        await asyncio.sleep(0.01)

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert await _dead(pid)


async def test_an_output_flood_is_stopped(git: Git, author: Author) -> None:
    with pytest.raises(GitError, match=r"killed after 100000 bytes"):
        await git.run("-c", "alias.flood=!yes", "flood", output_limit=100_000)


async def test_nothing_of_the_harness_environment_reaches_git(
    git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", CANARY)
    monkeypatch.setenv("GIT_DIR", "/elsewhere")
    monkeypatch.setenv("GIT_SSH_COMMAND", "evil")

    seen = await git.text("-c", "alias.env=!env", "env")

    names = {line.partition("=")[0] for line in seen.splitlines()}
    assert CANARY not in seen
    assert not {"GIT_SSH_COMMAND", "GITHUB_TOKEN"} & names
    assert "GIT_DIR=/elsewhere" not in seen


async def test_system_and_global_configuration_are_not_read(
    git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gitconfig").write_text("[user]\n\tname = Planted\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "user.name")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "Planted")

    output = await git.run("config", "--get", "user.name", accept=(0, 1))

    assert output.text == ""


async def test_a_repository_around_our_home_is_not_found(git: Git, tmp_path: Path) -> None:
    sh_git(tmp_path, "init", "-q", str(tmp_path))

    with pytest.raises(GitError, match="not a git repository"):
        await git.run("rev-parse", "--git-dir")


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("ext::sh -c touch% /tmp/x", id="ext"),
        pytest.param("ssh://git@example.org/a/b", id="ssh"),
        pytest.param("https://user:secret@example.org/a/b", id="credentials"),
        pytest.param("--upload-pack=touch", id="option"),
        pytest.param("https://example.org/../etc", id="dots"),
        pytest.param("https://example.org/a b", id="space"),
        pytest.param("https://[::1/a/b", id="broken"),
        pytest.param("git@github.com:acme/shop.git", id="scp"),
        pytest.param("", id="empty"),
    ],
)
def test_other_remotes_are_refused(url: str) -> None:
    with pytest.raises(RemoteError):
        Remote(url)


async def test_local_remotes_are_off_by_default(tmp_path: Path, remote: Remote) -> None:
    with pytest.raises(RemoteError, match="local remotes are off"):
        await Git(tmp_path / "home").run("ls-remote", remote.git_url, remote=remote)
    with pytest.raises(GitError, match="transport 'file' not allowed"):
        await Git(tmp_path / "home").run("ls-remote", remote.git_url)


async def test_helpers_are_no_transport(git: Git, trap: Path) -> None:
    with pytest.raises(GitError, match="transport 'ext' not allowed"):
        await git.run("ls-remote", f"ext::{trap}")
    assert not trap.with_name("trap.fired").exists()


async def test_the_token_opens_the_remote(git: Git, server: GitServer, author: Author) -> None:
    server.tokens = {CANARY: True}
    remote = Remote(f"{server.url}/acme/shop.git", CANARY)

    output = await git.run("ls-remote", remote.git_url, "refs/heads/main", remote=remote)

    assert output.text.split("\t")[0] == author.tip("main")


async def test_a_wrong_token_fails_without_a_prompt(git: Git, server: GitServer) -> None:
    server.tokens = {CANARY: True}
    remote = Remote(f"{server.url}/acme/shop.git", "wrong")

    with pytest.raises(GitError, match="Authentication failed") as caught:
        await git.run("ls-remote", remote.git_url, remote=remote)
    assert "wrong" not in str(caught.value)


async def test_no_token_fails_without_a_prompt(git: Git, server: GitServer) -> None:
    server.tokens = {CANARY: True}
    remote = Remote(f"{server.url}/acme/shop.git")

    with pytest.raises(GitError, match="could not read Username"):
        await git.run("ls-remote", remote.git_url, remote=remote)


async def test_a_redirect_to_another_host_gets_no_token(
    git: Git, server: GitServer, author: Author, other: GitServer
) -> None:
    server.tokens = other.tokens = {CANARY: True}
    server.redirect_to = other.url
    remote = Remote(f"{server.url}/acme/shop.git", CANARY)

    with pytest.raises(GitError):
        await git.run("ls-remote", remote.git_url, remote=remote)

    assert other.requests
    assert not any(authorization for _, authorization in other.requests)


async def test_the_token_is_nowhere_but_on_the_pipe(
    git: Git, server: GitServer, tmp_path: Path
) -> None:
    """Arguments and environments of every process, our home, the repository: no canary."""
    server.tokens = {CANARY: True}
    remote = Remote(f"{server.url}/acme/shop.git", CANARY)
    bare = tmp_path / "bare.git"
    await git.run("init", "-q", "--bare", str(bare))

    async with _watched_processes() as seen:
        await git.run("fetch", remote.git_url, "main", where=Where(bare), remote=remote)

    assert any(b"git-remote-http" in text for text in seen)
    assert any(b"FOREMAN_TOKEN_FD" in text for text in seen)
    assert not any(CANARY.encode() in text for text in seen)
    for folder in (bare, tmp_path / "home"):
        for path in folder.rglob("*"):
            assert not path.is_file() or CANARY.encode() not in path.read_bytes(), path
    assert CANARY not in remote.git_url
    assert CANARY not in repr(remote)


@pytest.mark.parametrize("token", ["two\nlines", "with space", "nul\0"])
async def test_a_token_that_would_not_survive_the_pipe_is_refused(git: Git, token: str) -> None:
    remote = Remote("https://example.org/acme/shop.git", token)

    with pytest.raises(RemoteError, match="the token has white space"):
        await git.run("ls-remote", remote.git_url, remote=remote)


async def test_no_descriptor_is_left_open(git: Git, server: GitServer) -> None:
    server.tokens = {CANARY: True}
    remote = Remote(f"{server.url}/acme/shop.git", CANARY)
    await git.run("ls-remote", remote.git_url, remote=remote)
    before = _open_descriptors()

    await git.run("ls-remote", remote.git_url, remote=remote)

    assert _open_descriptors() <= before


async def _dead(pid: Path) -> bool:
    """A killed grandchild is gone, or waits as a zombie for whoever reaps it here."""
    for _ in range(100):
        try:
            stat = Path("/proc", pid.read_text().strip(), "stat").read_text()
        except OSError:
            return True
        if stat.rpartition(")")[2].split()[0] in "ZX":
            return True
        await asyncio.sleep(0.01)
    return False


def _open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


class _watched_processes:  # noqa: N801 - reads as a verb where it is used
    """What /proc shows of our descendants, sampled by a thread while the block runs."""

    async def __aenter__(self) -> list[bytes]:
        self._seen: list[bytes] = []
        self._going = True
        self._task = asyncio.ensure_future(asyncio.to_thread(self._watch))
        return self._seen

    async def __aexit__(self, *_: object) -> None:
        self._going = False
        await self._task

    def _watch(self) -> None:
        while self._going:
            for process in Path("/proc").glob("[0-9]*"):
                if int(process.name) in (os.getpid(), os.getppid()):
                    continue
                for name in ("cmdline", "environ"):
                    try:
                        self._seen.append((process / name).read_bytes())
                    except OSError:
                        continue


@pytest.fixture(name="other")
async def _other(author: Author) -> AsyncIterator[GitServer]:
    from aiohttp import web

    server = GitServer(author.bare.parent.parent)
    runner = web.AppRunner(server.application())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.url = f"http://localhost:{runner.addresses[0][1]}"
    yield server
    await runner.cleanup()
