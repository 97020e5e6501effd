from __future__ import annotations

import dataclasses
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from loop.repo.errors import RefError
from loop.repo.git import Git
from loop.repo.landing import Identity, Landing, NoChanges, Prepared, Rejected, prepare
from loop.repo.mirror import Mirror, Mirrors
from loop.repo.pushing import Landed, PushFailed, find_landed, push
from loop.repo.remote import Remote
from loop.repo.workspace import Start, Workspace, Workspaces
from tests.loop.repo.repo_support import Author, GitServer, sh_git

MAIN = "refs/heads/main"
BRANCH = "foreman/acme-shop-1/issue-1"
NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
BOT = Identity("Foreman Bot", "bot@example.org")
ANN = Identity("Ann", "ann@example.org")
TOKEN = "ghs_" + "k7Qm2Zt9Rw4Lx8Vb3Nc6Pd1Hs5Jf0GyTuEaB"


@pytest.fixture(name="workspace")
async def _workspace(
    tmp_path: Path, workspaces: Workspaces, mirror: Mirror, remote: Remote
) -> Workspace:
    sha = (await mirror.refresh(remote, [MAIN]))[MAIN]
    return await workspaces.create(tmp_path / "run", mirror, Start(BRANCH, sha, "main", sha))


@pytest.fixture(name="landing")
def _landing(workspace: Workspace) -> Landing:
    return Landing(
        workspace=workspace,
        branch=BRANCH,
        task_uid="uid-1",
        message="fix: Sum the cart",
        author=ANN,
        committer=BOT,
        model="qwen3",
        issue=1,
    )


@pytest.fixture(name="edited")
def _edited(landing: Landing) -> Landing:
    path = landing.workspace.path / "shop/cart.py"
    path.write_text("def total(prices):\n    return sum(prices, 0)\n")
    return landing


async def _prepared(git: Git, landing: Landing) -> Prepared:
    prepared = await prepare(git, landing, now=NOW)
    assert isinstance(prepared, Prepared), prepared
    return prepared


async def _refused(git: Git, landing: Landing) -> Rejected:
    rejected = await prepare(git, landing, now=NOW)
    assert isinstance(rejected, Rejected), rejected
    return rejected


async def test_what_lands_is_signed_off_and_named(
    git: Git, edited: Landing, remote: Remote, author: Author
) -> None:
    landed = await push(git, await _prepared(git, edited), remote)

    assert landed == Landed(BRANCH, author.tip(BRANCH) or "")
    assert author.message(BRANCH).split("\n\n") == [
        "fix: Sum the cart",
        (
            "Foreman-Task: uid-1\nForeman-Model: qwen3\n"
            "Signed-off-by: Foreman Bot <bot@example.org>\nFixes #1"
        ),
    ]
    people = sh_git(author.bare, "log", "-1", "--format=%an %ae %cn %ce %cI", BRANCH)
    assert people == "Ann ann@example.org Foreman Bot bot@example.org 2026-03-04T05:06:07+00:00"
    assert sh_git(author.bare, "rev-parse", f"{BRANCH}^") == author.tip("main")
    assert sh_git(author.bare, "diff", "--name-only", "main", BRANCH) == "shop/cart.py"


async def test_nothing_changed_is_no_changes(git: Git, landing: Landing) -> None:
    assert await prepare(git, landing, now=NOW) == NoChanges()


async def test_only_ignored_files_are_no_changes(
    git: Git, landing: Landing, author: Author
) -> None:
    cache = landing.workspace.path / "shop/__pycache__"
    cache.mkdir()
    (cache / "cart.cpython-311.pyc").write_bytes(b"\0")

    assert await prepare(git, landing, now=NOW) == NoChanges()


async def test_commits_made_inside_are_flattened(
    git: Git, edited: Landing, remote: Remote, author: Author
) -> None:
    control, tree = edited.workspace.control, edited.workspace.path
    command = ["git", f"--git-dir={control}", f"--work-tree={tree}"]
    identity = ["-c", "user.name=Model", "-c", "user.email=m@x"]
    for arguments in (["add", "-A"], [*identity, "commit", "-qm", "Signed by nobody"]):
        sh_git(tree, *command[1:], *arguments)

    await push(git, await _prepared(git, edited), remote)

    assert sh_git(author.bare, "rev-list", "--count", f"main..{BRANCH}") == "1"
    assert "Model" not in sh_git(author.bare, "log", "-1", "--format=%an %cn", BRANCH)


async def test_the_message_is_redacted(git: Git, edited: Landing) -> None:
    prepared = await prepare(
        git, edited, now=NOW, redact=lambda text: text.replace("cart", "[redacted]")
    )

    assert isinstance(prepared, Prepared)
    assert "Sum the [redacted]" in prepared.message


async def test_the_same_work_at_the_same_time_is_the_same_commit(git: Git, edited: Landing) -> None:
    assert await _prepared(git, edited) == await _prepared(git, edited)


# --- refused for their content


async def test_a_secret_is_refused_and_not_repeated(git: Git, edited: Landing) -> None:
    (edited.workspace.path / "settings.py").write_text(f'\nTOKEN = "{TOKEN}"\n')

    rejected = await _refused(git, edited)

    (finding,) = rejected.findings
    assert (finding.check, finding.path, finding.line) == ("secrets", "settings.py", 2)
    assert TOKEN not in rejected.reason
    assert "settings.py:2" in rejected.reason


async def test_a_secret_that_was_there_is_nobodys_fault(
    git: Git,
    tmp_path: Path,
    workspaces: Workspaces,
    mirror: Mirror,
    remote: Remote,
    author: Author,
    landing: Landing,
) -> None:
    sha = author.commit({"settings.py": f'TOKEN = "{TOKEN}"\nA = 1\n'})
    await mirror.refresh(remote, [MAIN])
    workspace = await workspaces.create(tmp_path / "b", mirror, Start(BRANCH, sha, "main", sha))
    (workspace.path / "settings.py").write_text(f'TOKEN = "{TOKEN}"\nA = 2\n')

    assert await _prepared(git, dataclasses.replace(landing, workspace=workspace))


async def test_the_tasks_own_token_is_refused_whatever_it_looks_like(
    git: Git, edited: Landing
) -> None:
    (edited.workspace.path / "notes.txt").write_text("it is plain-looking-value, really\n")

    rejected = await _refused(
        git, dataclasses.replace(edited, known_secrets=("plain-looking-value",))
    )

    assert "credential of this very task" in rejected.reason
    assert "plain-looking-value" not in repr(
        dataclasses.replace(edited, known_secrets=("plain-looking-value",))
    )


async def test_attributes_do_not_hide_a_secret(git: Git, edited: Landing) -> None:
    (edited.workspace.path / ".gitattributes").write_text("*.py binary -diff\n")
    (edited.workspace.path / "settings.py").write_text(f'TOKEN = "{TOKEN}"\n')

    assert (await _refused(git, edited)).findings[0].check == "secrets"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("big.txt", b"line\n" * 300_000, id="large"),
        pytest.param("tool", b"\x7fELF" + bytes(100), id="program"),
        pytest.param("x.class", b"\xca\xfe\xba\xbe\0", id="classes"),
        pytest.param("blob.bin", bytes(100_000), id="binary"),
    ],
)
async def test_what_does_not_belong_there_is_refused(
    git: Git, edited: Landing, name: str, content: bytes
) -> None:
    path = edited.workspace.path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)

    (finding,) = (await _refused(git, edited)).findings

    assert (finding.check, finding.path) == ("sizes", name)


async def test_a_flood_of_files_is_refused(git: Git, edited: Landing) -> None:
    for number in range(10):
        (edited.workspace.path / f"f{number}").write_bytes(b"a line\n" * 130_000)

    rejected = await _refused(git, edited)

    assert "are added in all" in rejected.reason


async def test_small_pictures_and_large_deletions_are_fine(
    git: Git,
    tmp_path: Path,
    workspaces: Workspaces,
    mirror: Mirror,
    remote: Remote,
    author: Author,
    landing: Landing,
) -> None:
    sha = author.commit({"big.txt": b"x" * 3_000_000})
    await mirror.refresh(remote, [MAIN])
    workspace = await workspaces.create(tmp_path / "b", mirror, Start(BRANCH, sha, "main", sha))
    (workspace.path / "logo.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200_000))
    (workspace.path / "big.txt").unlink()

    assert await _prepared(git, dataclasses.replace(landing, workspace=workspace))


async def test_workflow_files_need_permission(git: Git, edited: Landing) -> None:
    path = edited.workspace.path / ".github/workflows/ci.yml"
    path.parent.mkdir(parents=True)
    path.write_text("on: push\n")

    assert [f.check for f in (await _refused(git, edited)).findings] == ["workflows"]
    assert await _prepared(git, dataclasses.replace(edited, switched_off=frozenset({"workflows"})))


async def test_a_repository_inside_is_refused(git: Git, edited: Landing) -> None:
    sub = edited.workspace.path / "sub"
    sub.mkdir()
    sh_git(sub, "init", "-q")

    assert "sub: a git repository inside the workspace" in (await _refused(git, edited)).reason


async def test_hooks_do_not_run_on_commit_or_push(
    git: Git, edited: Landing, remote: Remote, trap: Path
) -> None:
    hooks = edited.workspace.control / "hooks"
    hooks.mkdir()
    for name in ("pre-commit", "commit-msg", "post-commit", "pre-push", "reference-transaction"):
        shutil.copy(trap, hooks / name)
    prepared = await _prepared(git, edited)
    hooks.mkdir(exist_ok=True)
    shutil.copy(trap, hooks / "pre-push")

    assert isinstance(await push(git, prepared, remote), Landed)
    assert not trap.with_name("trap.fired").exists()


# --- pushing


async def test_the_second_push_finds_the_first(
    git: Git, edited: Landing, remote: Remote, author: Author
) -> None:
    prepared = await _prepared(git, edited)
    first = await push(git, prepared, remote)

    assert first == Landed(BRANCH, prepared.sha)
    assert await push(git, prepared, remote) == Landed(BRANCH, prepared.sha, already=True)


async def test_an_earlier_claims_commit_is_left_as_it_is(
    git: Git, edited: Landing, remote: Remote, author: Author, mirror: Mirror
) -> None:
    """The process died between push and answer; the next claim's commit has another date."""
    first = await push(git, await _prepared(git, edited), remote)
    later = await prepare(git, edited, now=NOW.replace(year=2027))
    assert isinstance(later, Prepared)

    again = await push(git, later, remote, overwrite=True)

    assert isinstance(first, Landed)
    assert again == Landed(BRANCH, first.sha, already=True)
    assert later.sha != first.sha
    seen = await find_landed(git, mirror.path, remote, BRANCH, task_uid="uid-1", committer=BOT)
    assert seen is not None
    assert seen.sha == first.sha
    assert seen.subject == "fix: Sum the cart"


async def test_a_forged_trailer_is_not_ours(
    git: Git, edited: Landing, remote: Remote, author: Author, mirror: Mirror
) -> None:
    author.commit({"x": "x"}, "innocent\n\nForeman-Task: uid-1", branch=BRANCH)

    assert (
        await find_landed(git, mirror.path, remote, BRANCH, task_uid="uid-1", committer=BOT) is None
    )
    assert isinstance(await push(git, await _prepared(git, edited), remote), PushFailed)


@pytest.mark.parametrize("uid", ["uid-2", "uid"])
async def test_another_tasks_commit_is_not_this_ones(
    git: Git, edited: Landing, remote: Remote, mirror: Mirror, uid: str
) -> None:
    await push(git, await _prepared(git, edited), remote)

    assert await find_landed(git, mirror.path, remote, BRANCH, task_uid=uid, committer=BOT) is None
    assert (
        await find_landed(git, mirror.path, remote, "foreman/none", task_uid=uid, committer=BOT)
        is None
    )


async def test_a_branch_that_moved_is_not_overwritten(
    git: Git, edited: Landing, remote: Remote, author: Author
) -> None:
    theirs = author.commit({"x": "x"}, branch=BRANCH)

    failed = await push(git, await _prepared(git, edited), remote)

    assert isinstance(failed, PushFailed)
    assert failed.fault == "non-fast-forward"
    assert theirs[:12] in failed.message
    assert author.tip(BRANCH) == theirs


async def test_overwriting_where_it_is_allowed(
    git: Git, edited: Landing, remote: Remote, author: Author
) -> None:
    author.commit({"x": "x"}, branch=BRANCH)
    prepared = await _prepared(git, edited)

    assert await push(git, prepared, remote, overwrite=True) == Landed(BRANCH, prepared.sha)
    assert author.tip(BRANCH) == prepared.sha


async def test_the_next_round_goes_on_from_the_branch(
    git: Git,
    edited: Landing,
    remote: Remote,
    author: Author,
    mirror: Mirror,
    workspaces: Workspaces,
    tmp_path: Path,
) -> None:
    await push(git, await _prepared(git, edited), remote)
    tips = await mirror.refresh(remote, [MAIN], optional=[f"refs/heads/{BRANCH}"])
    start = Start(BRANCH, tips[f"refs/heads/{BRANCH}"], "main", tips[MAIN])
    workspace = await workspaces.create(tmp_path / "round-1", mirror, start)
    (workspace.path / "README.md").write_text("# The shop\n")
    again = dataclasses.replace(edited, workspace=workspace, task_uid="uid-2")

    landed = await push(git, await _prepared(git, again), remote)

    assert isinstance(landed, Landed)
    assert not landed.already
    assert sh_git(author.bare, "rev-list", "--count", f"main..{BRANCH}") == "2"


@pytest.mark.parametrize("branch", ["main", "foreman/../main", "-x"])
async def test_only_our_branches_are_pushed(git: Git, edited: Landing, branch: str) -> None:
    with pytest.raises(RefError):
        await prepare(git, dataclasses.replace(edited, branch=branch), now=NOW)


async def test_a_failed_gate_has_a_branch_of_its_own(
    git: Git, edited: Landing, remote: Remote, author: Author
) -> None:
    kept = dataclasses.replace(edited, branch="foreman/gate-failed/t", gate_failed=True)

    assert isinstance(await push(git, await _prepared(git, kept), remote), Landed)
    assert author.message("foreman/gate-failed/t").startswith("wip(gate-failed): fix: Sum the cart")
    assert author.tip(BRANCH) is None


def _hook(author: Author, text: str, name: str = "pre-receive") -> None:
    path = author.bare / "hooks" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ("GH006: Protected branch update failed for refs/heads/x.", "protected"),
        ("GH013: Repository rule violations found for refs/heads/x.", "protected"),
        (
            (
                "refusing to allow a GitHub App to create or update workflow"
                " `.github/workflows/ci.yml` without `workflows` permission"
            ),
            "workflow",
        ),
    ],
)
async def test_a_refusal_says_what_to_do(
    git: Git, edited: Landing, remote: Remote, author: Author, said: str, fault: str
) -> None:
    _hook(author, f"echo '{said}' >&2; exit 1")

    failed = await push(git, await _prepared(git, edited), remote)

    assert isinstance(failed, PushFailed)
    assert failed.fault == fault
    assert said[:30] in failed.message
    assert author.tip(BRANCH) is None


async def test_a_push_that_does_not_stay_is_no_success(
    git: Git, edited: Landing, remote: Remote, author: Author
) -> None:
    """The remote says yes and the branch is gone: success is what was read back."""
    _hook(author, f"git update-ref -d refs/heads/{BRANCH}", "post-receive")

    failed = await push(git, await _prepared(git, edited), remote)

    assert isinstance(failed, PushFailed)
    assert "no such branch" in failed.message


async def test_a_race_for_the_branch_is_lost_politely(
    git: Git, edited: Landing, remote: Remote, author: Author
) -> None:
    _hook(
        author,
        f"env -u GIT_QUARANTINE_PATH git update-ref refs/heads/{BRANCH} {author.tip('main')}",
    )

    failed = await push(git, await _prepared(git, edited), remote, overwrite=True)

    assert isinstance(failed, PushFailed)
    assert failed.fault == "non-fast-forward", failed.message
    assert author.tip(BRANCH) == author.tip("main")


async def test_a_push_that_came_late_is_ours(
    git: Git, edited: Landing, remote: Remote, author: Author
) -> None:
    """A killed claim's push arrives between our look and our own: it is found, not fought."""
    late = await prepare(git, edited, now=NOW.replace(year=2027))
    assert isinstance(late, Prepared)
    sh_git(author.bare, "fetch", "-q", str(late.repository), late.sha)
    arrives = f"env -u GIT_QUARANTINE_PATH git update-ref refs/heads/{BRANCH} {late.sha}"
    _hook(author, arrives)

    landed = await push(git, await _prepared(git, edited), remote)

    assert landed == Landed(BRANCH, late.sha, already=True)


async def test_a_push_whose_answer_is_lost_has_landed(
    git: Git, edited: Landing, remote: Remote, author: Author
) -> None:
    _hook(author, "echo 'error: RPC failed; HTTP 502' >&2; kill -9 $PPID", "post-receive")
    prepared = await _prepared(git, edited)

    landed = await push(git, prepared, remote)

    assert landed == Landed(BRANCH, prepared.sha, already=True)


async def test_a_remote_that_is_away_is_tried_again(
    tmp_path: Path, edited: Landing, remote: Remote, author: Author
) -> None:
    git = Git(tmp_path / "home", allow_file=True, pauses=(0.0, 0.0))
    once = f"test -e {tmp_path}/tried || {{ touch {tmp_path}/tried; kill -9 $PPID; }}"
    _hook(author, once)
    prepared = await _prepared(git, edited)

    assert await push(git, prepared, remote) == Landed(BRANCH, prepared.sha)


@pytest.fixture(name="served")
def _served(server: GitServer) -> Any:
    server.tokens = {TOKEN: True, "ghs_readonly": False}

    def remote(token: str) -> Remote:
        return Remote(f"{server.url}/acme/shop.git", token)

    return remote


async def test_over_http_with_the_push_token(
    git: Git, edited: Landing, served: Any, author: Author
) -> None:
    prepared = await _prepared(git, edited)

    assert await push(git, prepared, served(TOKEN)) == Landed(BRANCH, prepared.sha)
    assert author.tip(BRANCH) == prepared.sha


@pytest.mark.parametrize("token", ["ghs_readonly", "ghs_unknown"])
async def test_a_token_that_may_not_push_is_told_apart(
    git: Git, edited: Landing, served: Any, token: str
) -> None:
    failed = await push(git, await _prepared(git, edited), served(token))

    assert isinstance(failed, PushFailed)
    assert failed.fault == "auth"
    assert "contents: write" in failed.message
    assert token not in failed.message


async def test_the_token_stays_out_of_the_repository(
    git: Git, edited: Landing, served: Any, tmp_path: Path
) -> None:
    await push(git, await _prepared(git, edited), served(TOKEN))

    for path in edited.workspace.directory.rglob("*"):
        assert not path.is_file() or TOKEN.encode() not in path.read_bytes(), path


async def test_a_fork_is_pushed_to_and_upstream_is_not(
    git: Git, edited: Landing, author: Author, tmp_path: Path
) -> None:
    fork = tmp_path / "remote" / "ann" / "shop.git"
    fork.parent.mkdir()
    sh_git(tmp_path, "init", "-q", "--bare", str(fork))
    prepared = await _prepared(git, edited)

    landed = await push(git, prepared, Remote(f"file://{fork}"))

    assert landed == Landed(BRANCH, prepared.sha)
    assert author.tip(BRANCH) is None
    assert sh_git(fork, "rev-parse", BRANCH) == prepared.sha


async def test_the_whole_way_over_http(
    tmp_path: Path, git: Git, served: Any, workspaces: Workspaces, author: Author, landing: Landing
) -> None:
    remote = served(TOKEN)
    mirror = Mirrors(tmp_path / "m", git).of(remote)
    sha = (await mirror.refresh(remote, [MAIN]))[MAIN]
    workspace = await workspaces.create(tmp_path / "w", mirror, Start(BRANCH, sha, "main", sha))
    (workspace.path / "README.md").write_text("# The shop\n")

    landed = await push(
        git, await _prepared(git, dataclasses.replace(landing, workspace=workspace)), remote
    )

    assert landed == Landed(BRANCH, author.tip(BRANCH) or "")


@pytest.mark.parametrize(
    ("name", "email"),
    [("", "a@b"), ("A", ""), ("A", "nobody"), ("A\nB", "a@b"), ("A <x>", "a@b"), ("A", "a b@c")],
)
def test_an_identity_needs_a_name_and_an_email(name: str, email: str) -> None:
    with pytest.raises(RefError):
        Identity(name, email)
