"""What follows when refs of a repository have moved: webhooks, check suites, pull requests."""

from __future__ import annotations

from dataclasses import dataclass

from app.demo.github.bare import ZERO, CommitInfo
from app.demo.github.change_checks import suite_of
from app.demo.github.change_pulls import close_pull, merged, synchronize
from app.demo.github.entities import Account, PullRequest, Repository
from app.demo.github.forge import Forge, subscribed
from app.demo.github.view_accounts import Json
from app.demo.github.view_checks import check_suite as check_suite_view
from app.demo.github.view_repositories import page_url
from app.demo.github.view_repositories import repository as repository_view
from app.demo.github.world import stamp

# GitHub lists no more commits in one push event.
_LISTED = 2048


@dataclass(frozen=True)
class Move:
    """One ref that *actor* has moved; all zeros where it was not, or is no more."""

    repository: Repository
    ref: str
    old: str
    new: str
    actor: Account

    @property
    def name(self) -> str:
        """`main`, or `v1.0`."""
        return self.ref.split("/", 2)[2]


async def heads(repository: Repository) -> dict[str, str]:
    """Branches and tags; the forge's own refs move by themselves."""
    return await repository.git.refs("refs/heads/", "refs/tags/")


async def after_push(
    forge: Forge, repository: Repository, before: dict[str, str], actor: Account
) -> dict[str, tuple[str, str]]:
    """Compare with *before* and do what GitHub does. Returns ref → (old, new) of what moved."""
    after = await heads(repository)
    moved = {
        ref: (before.get(ref, ZERO), after.get(ref, ZERO))
        for ref in sorted(before.keys() | after.keys())
        if before.get(ref) != after.get(ref)
    }
    if moved:
        repository.pushed_at = forge.world.clock()
    for ref, (old, new) in moved.items():
        await _moved(forge, Move(repository, ref, old, new, actor))
    return moved


async def _moved(forge: Forge, move: Move) -> None:
    await _emit_push(forge, move)
    kind = "branch" if move.ref.startswith("refs/heads/") else "tag"
    if ZERO in (move.old, move.new):
        _emit_ref(forge, move, kind)
    if kind == "tag":
        return
    if move.new != ZERO:
        await request_checks(forge, move)
    await _update_pulls(forge, move)


def _emit_ref(forge: Forge, move: Move, kind: str) -> None:
    body: Json = {"ref": move.name, "ref_type": kind, "pusher_type": "user"}
    event = "create" if move.old == ZERO else "delete"
    if event == "create":
        body["master_branch"] = move.repository.default_branch
        body["description"] = move.repository.description
    forge.emit(event, None, move.repository, move.actor, body)


async def _update_pulls(forge: Forge, move: Move) -> None:
    for pull in forge.world.pulls():
        if pull.issue.state == "closed":
            continue
        if (pull.head_repository, pull.head_ref) == (move.repository, move.name):
            if move.new == ZERO:
                close_pull(forge, pull, move.actor)
            else:
                await synchronize(forge, pull, move.old, move.new, move.actor)
        elif (pull.repository, pull.base_ref) == (move.repository, move.name):
            await _base_moved(forge, pull, move.new, move.actor)


async def _base_moved(forge: Forge, pull: PullRequest, new: str, actor: Account) -> None:
    """A pull request whose head has come into the base by a push counts as merged."""
    if new == ZERO:
        close_pull(forge, pull, actor)
    elif await pull.repository.git.is_ancestor(pull.head_sha, new):
        merged(forge, pull, actor, new)


async def request_checks(forge: Forge, move: Move) -> None:
    """A check suite for every App that may write checks: `check_suite.requested`."""
    repository = move.repository
    for installation in forge.world.installations:
        writes = installation.permissions.get("checks") == "write"
        if not (writes and installation.covers(repository)):
            continue
        if not subscribed(installation, "check_suite") or installation.suspended_at:
            continue
        suite = suite_of(forge, repository, installation.app, move.new, move.name)
        suite.before, suite.after = move.old, move.new
        view = check_suite_view(forge.world, suite, await repository.git.commit(move.new))
        del view["repository"]
        body = {"check_suite": view}
        forge.emit("check_suite", "requested", repository, move.actor, body, only=installation.app)


async def _emit_push(forge: Forge, move: Move) -> None:
    repository, ref, old, new = move.repository, move.ref, move.old, move.new
    actor = move.actor
    git, page = repository.git, page_url(forge.world, repository)
    commits: list[CommitInfo] = []
    if new != ZERO:
        start = [] if old == ZERO else [f"^{old}"]
        if old == ZERO and ref != f"refs/heads/{repository.default_branch}":
            tip = await git.branch(repository.default_branch)
            start = [f"^{tip}"] if tip else []
        commits = await git.log(f"-{_LISTED}", "--reverse", new, *start)
    shown = [await _push_commit(forge, repository, c) for c in commits]
    head = None
    if new != ZERO:
        head = shown[-1] if shown else await _push_commit(forge, repository, await git.commit(new))
    forced = ZERO not in (old, new) and not await git.is_ancestor(old, new)
    full = repository_view(forge.world, repository)
    body = {
        "ref": ref,
        "before": old,
        "after": new,
        "repository": full
        | {
            # Numbers here, times everywhere else: GitHub's oldest event kept its oldest shape.
            "created_at": int(repository.created_at.timestamp()),
            "pushed_at": int(repository.pushed_at.timestamp()),
            "stargazers": 0,
            "master_branch": repository.default_branch,
        },
        "pusher": {
            "name": actor.login,
            "email": f"{actor.id}+{actor.login}@users.noreply.github.com",
        },
        "created": old == ZERO,
        "deleted": new == ZERO,
        "forced": forced,
        "base_ref": None,
        "compare": f"{page}/compare/{old[:12]}...{new[:12]}",
        "commits": shown,
        "head_commit": head,
    }
    forge.emit("push", None, repository, actor, body)


async def _push_commit(forge: Forge, repository: Repository, info: CommitInfo) -> Json:
    git = repository.git
    raw = await git.diff_names(info)
    return {
        "id": info.sha,
        "tree_id": info.tree,
        "distinct": True,
        "message": info.message,
        "timestamp": stamp(info.committer.when),
        "url": f"{page_url(forge.world, repository)}/commit/{info.sha}",
        "author": {"name": info.author.name, "email": info.author.email},
        "committer": {"name": info.committer.name, "email": info.committer.email},
        "added": [p for s, p in raw if s == "A"],
        "removed": [p for s, p in raw if s == "D"],
        "modified": [p for s, p in raw if s not in "AD"],
    }
