from __future__ import annotations

import asyncio
import asyncio.subprocess
import base64
import gzip
import os
from pathlib import Path

import pytest

from app.demo.git_http import with_reasons
from tests.app.demo.conftest import REPOSITORY, World

R = f"/repos/{REPOSITORY}"


async def git(*arguments: str, cwd: Path) -> tuple[int, str]:
    """Exit code and what git said."""
    process = await asyncio.create_subprocess_exec(
        "git",
        *("-c", "user.name=T", "-c", "user.email=t@example.com", "-c", "credential.helper="),
        *arguments,
        cwd=cwd,
        env={
            "PATH": os.environ["PATH"],
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "LC_ALL": "C",
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await process.communicate()
    return process.returncode or 0, out.decode()


def remote(world: World, token: str, repository: str = REPOSITORY) -> str:
    host = world.github.url.removeprefix("http://")
    return f"http://x-access-token:{token}@{host}/{repository}.git"


async def clone(world: World, tmp_path: Path, token: str | None = None) -> Path:
    token = token or await world.api.token()
    code, said = await git("clone", "-q", remote(world, token), "checkout", cwd=tmp_path)
    assert code == 0, said
    return tmp_path / "checkout"


async def commit(checkout: Path, files: dict[str, str], message: str = "change") -> None:
    for name, text in files.items():
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        (checkout / name).write_text(text)
    await git("add", "-A", cwd=checkout)
    await git("commit", "-q", "-m", message, cwd=checkout)


async def test_a_push_moves_the_branch_and_sends_webhooks(world: World, tmp_path: Path) -> None:
    checkout = await clone(world, tmp_path)
    await commit(checkout, {"new.py": "1\n"})
    await world.github.settled()
    before = len(world.events())

    code, said = await git("push", "-q", "origin", "HEAD:refs/heads/foreman/x", cwd=checkout)

    await world.github.settled()
    sent = (await world.github.sent())[before:]
    push = sent[0]["request"]["payload"]
    assert code == 0, said
    assert [d["event"] for d in sent] == ["push", "create", "check_suite"]
    assert (push["ref"], push["created"]) == ("refs/heads/foreman/x", True)
    assert [c["added"] for c in push["commits"]] == [["new.py"]]
    assert push["sender"]["login"] == push["pusher"]["name"] == "foreman[bot]"
    assert push["after"] == (await world.github.branches(REPOSITORY))["foreman/x"]


async def test_a_push_synchronizes_a_pull_request(world: World, tmp_path: Path) -> None:
    await world.pull(user="app")
    checkout = await clone(world, tmp_path)
    await git("checkout", "-q", "fix", cwd=checkout)
    await commit(checkout, {"new.py": "1\n"})

    await git("push", "-q", "origin", "fix", cwd=checkout)

    await world.github.settled()
    pull = await world.github.pull(REPOSITORY, 1)
    _, head = await git("rev-parse", "HEAD", cwd=checkout)
    refs = await world.github.world.repository(REPOSITORY).git.refs("refs/pull/1/head")
    assert pull["head"]["sha"] == refs["refs/pull/1/head"] == head.strip()
    assert "pull_request.synchronize" in world.events()


@pytest.mark.parametrize(
    ("permissions", "read", "write", "word"),
    [
        pytest.param({"contents": "write"}, True, True, "", id="write"),
        pytest.param({"contents": "read"}, True, False, "denied to foreman[bot]", id="read"),
        pytest.param({"issues": "write"}, False, False, "not granted", id="neither"),
    ],
)
async def test_contents_is_what_git_needs(
    world: World, tmp_path: Path, permissions: dict[str, str], read: bool, write: bool, word: str
) -> None:
    checkout = await clone(world, tmp_path)
    await commit(checkout, {"new.py": "1\n"})
    address = remote(world, await world.api.token(permissions=permissions))

    fetched, said = await git("ls-remote", address, cwd=checkout)
    pushed, refused = await git("push", "-q", address, "HEAD:refs/heads/x", cwd=checkout)

    assert (fetched == 0, pushed == 0) == (read, write), said + refused
    assert word in said + refused
    if not write:
        assert "403" in refused


async def test_a_token_for_another_repository_finds_nothing(world: World, tmp_path: Path) -> None:
    await world.github.create_repository("acme/other", {"a": "b"})
    token = await world.api.token()

    code, said = await git("ls-remote", remote(world, token, "acme/other"), cwd=tmp_path)

    assert code != 0
    assert "Repository not found" in said


async def test_a_wrong_or_expired_token_is_asked_again(world: World, tmp_path: Path) -> None:
    token = await world.api.token()
    world.clock.forward(hours=1)

    for used in (token, "ghs_nonsense"):
        code, said = await git("ls-remote", remote(world, used), cwd=tmp_path)
        assert code != 0
        assert "Authentication failed" in said
    code, said = await git("ls-remote", f"{world.github.url}/{REPOSITORY}.git", cwd=tmp_path)
    assert code != 0
    assert "could not read Username" in said


async def test_anybody_reads_a_public_repository_and_nobody_pushes(
    world: World, tmp_path: Path
) -> None:
    await world.github.create_repository("acme/open", {"a": "b"}, private=False)
    address = f"{world.github.url}/acme/open.git"

    code, said = await git("clone", "-q", address, "open", cwd=tmp_path)
    pushed, _ = await git("push", "-q", "origin", "HEAD:x", cwd=tmp_path / "open")

    assert code == 0, said
    assert pushed != 0


@pytest.mark.parametrize("way", ["new-branch", "old-branch"])
async def test_a_workflow_is_refused_without_the_permission(
    world: World, tmp_path: Path, way: str
) -> None:
    await world.github.push(REPOSITORY, "fix", "ann", {"a.py": "1\n"})
    checkout = await clone(world, tmp_path)
    await git("checkout", "-q", "fix", cwd=checkout)
    await commit(checkout, {".github/workflows/ci.yml": "on: push\n"})
    target = "refs/heads/fix" if way == "old-branch" else "refs/heads/new"

    code, said = await git("push", "--porcelain", "origin", f"HEAD:{target}", cwd=checkout)

    assert code != 0
    assert (
        "refusing to allow a GitHub App to create or update workflow `.github/workflows/ci.yml` "
        "without `workflows` permission" in said
    )
    assert "new" not in await world.github.branches(REPOSITORY)


async def test_a_workflow_of_the_base_may_come_along(world: World, tmp_path: Path) -> None:
    await world.github.push(REPOSITORY, "fix", "ann", {"a.py": "1\n"})
    await world.github.push(REPOSITORY, "main", "ann", {".github/workflows/ci.yml": "on: push\n"})
    checkout = await clone(world, tmp_path)
    await git("checkout", "-q", "fix", cwd=checkout)
    await git("merge", "-q", "--no-edit", "origin/main", cwd=checkout)

    code, said = await git("push", "-q", "origin", "fix", cwd=checkout)

    assert code == 0, said


async def test_what_the_forge_keeps_cannot_be_pushed(world: World, tmp_path: Path) -> None:
    await world.pull()
    checkout = await clone(world, tmp_path)

    code, said = await git("push", "origin", "HEAD:refs/pull/1/head", cwd=checkout)
    fetched, _ = await git("fetch", "-q", "origin", "refs/pull/1/head", cwd=checkout)

    assert code != 0
    assert "hidden ref" in said
    assert fetched == 0


async def test_a_push_that_is_not_a_fast_forward_is_refused(world: World, tmp_path: Path) -> None:
    checkout = await clone(world, tmp_path)
    await world.github.push(REPOSITORY, "main", "ann", {"other.py": "1\n"})
    await commit(checkout, {"new.py": "1\n"})

    code, _ = await git("push", "-q", "origin", "HEAD:main", cwd=checkout)

    assert code != 0


async def test_a_persons_token_may_what_the_person_may(world: World, tmp_path: Path) -> None:
    await world.github.create_user("zoe")
    await world.github.set_permission(REPOSITORY, "zoe", "read")
    await world.github.create_repository("zoe/own", {"a": "1\n"}, install=False)
    await world.github.create_repository("ann/hidden", {"a": "1\n"}, install=False)
    token = await world.github.create_token("zoe")
    checkout = await clone(world, tmp_path, token)
    await commit(checkout, {"new.py": "1\n"})

    async def push(repository: str) -> tuple[int, str]:
        address = remote(world, token, repository)
        return await git("push", "-q", "-f", address, "HEAD:new", cwd=checkout)

    own, readable, hidden = [await push(r) for r in ("zoe/own", REPOSITORY, "ann/hidden")]
    assert own[0] == 0, own
    assert f"Permission to {REPOSITORY}.git denied to zoe." in readable[1]
    assert "Repository not found." in hidden[1]
    assert "new" in await world.github.branches("zoe/own")
    refused = await world.api("GET", "/rate_limit", token=token)
    assert refused.status == 401


async def test_a_large_push_and_a_partial_clone_work(world: World, tmp_path: Path) -> None:
    checkout = await clone(world, tmp_path)
    (checkout / "blob").write_bytes(os.urandom(3_000_000))
    await commit(checkout, {"n": "1"})

    code, said = await git("push", "-q", "origin", "HEAD:big", cwd=checkout)
    address = remote(world, await world.api.token())
    partial, _ = await git(
        *("clone", "-q", "--depth=1", "--filter=blob:none", "-b", "big", address, "partial"),
        cwd=tmp_path,
    )

    assert code == 0, said
    assert partial == 0


async def test_the_dumb_protocol_is_not_served(world: World) -> None:
    refs = await world.api("GET", f"/{REPOSITORY}.git/info/refs")
    other = await world.api("GET", f"/{REPOSITORY}.git/HEAD")

    assert (refs.status, other.status) == (403, 404)


async def test_a_zipped_body_is_understood(world: World) -> None:
    """git zips long lists of haves."""
    head = (await world.github.branches(REPOSITORY))["main"]
    body = f"0032want {head}\n".encode() + b"0000" + b"0009done\n"
    headers = {
        "Authorization": "Basic "
        + base64.b64encode(f"x:{await world.api.token()}".encode()).decode(),
        "Content-Type": "application/x-git-upload-pack-request",
        "Content-Encoding": "gzip",
    }
    url = f"{world.github.url}/{REPOSITORY}.git/git-upload-pack"

    async with world.api.session.post(url, data=gzip.compress(body), headers=headers) as response:
        answer = await response.read()

    assert b"PACK" in answer


@pytest.mark.parametrize("banded", [True, False])
def test_reasons_replace_gits_own_words(banded: bool) -> None:
    def packet(payload: bytes) -> bytes:
        return b"%04x%b" % (len(payload) + 4, payload)

    inner = packet(b"unpack ok\n") + packet(b"ng refs/heads/x hook declined\n") + b"0000"
    report = packet(b"\2remote words\n") + packet(b"\1" + inner) + b"0000" if banded else inner

    said = with_reasons(report, {"refs/heads/x": "because"})

    assert b"ng refs/heads/x because\n" in said
    assert b"hook declined" not in said
    assert (b"\2remote words\n" in said) == banded
