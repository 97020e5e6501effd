"""Endpoints of a repository: itself, its people, files, branches, commits and refs."""

from __future__ import annotations

import re
from typing import Any

from app.demo.github import view_repositories as view
from app.demo.github.access import allows
from app.demo.github.bare import ZERO, CommitInfo
from app.demo.github.call import Call, Reply, Routes, paged
from app.demo.github.change_accounts import permission
from app.demo.github.change_refs import after_push, heads
from app.demo.github.diff import changed_files, compare
from app.demo.github.entities import Account, Collaborator, Repository
from app.demo.github.problems import Problem, invalid, not_found
from app.demo.github.view_accounts import Json, user

_LARGEST_INLINE = 1024 * 1024
_SHA = re.compile(r"[0-9a-f]{40}")


async def get_repository(call: Call) -> Reply:
    granted = call.identity.token.permissions if call.identity.token else {}
    permissions = {
        "admin": False,
        "maintain": False,
        "push": allows(granted, {"contents": "write"}),
        "triage": False,
        "pull": call.identity.token is None or allows(granted, {"contents": "read"}),
    }
    return Reply(body=view.full_repository(call.world, call.repository, permissions))


_ROLES = ("pull", "triage", "push", "maintain", "admin")
_REACH = {"none": 0, "read": 1, "triage": 2, "write": 3, "maintain": 4, "admin": 5}


def _with_role(call: Call, account: Account, role: Collaborator) -> Json:
    reach = _REACH[role.role]
    return user(call.world, account) | {
        "permissions": {name: reach > i for i, name in enumerate(_ROLES)},
        "role_name": role.role_name,
    }


def _is_collaborator(repository: Repository, account: Account) -> bool:
    return account is repository.owner or account.login.lower() in repository.collaborators


async def list_collaborators(call: Call) -> Reply:
    w, repository = call.world, call.repository
    people = [w.accounts[login] for login in repository.collaborators]
    if repository.owner.kind == "User" and repository.owner not in people:
        people.insert(0, repository.owner)
    return paged(call, people, lambda a: _with_role(call, a, w.role(repository, a)))


async def check_collaborator(call: Call) -> Reply:
    account = call.world.account(call.parameters["username"])
    if not _is_collaborator(call.repository, account):
        raise not_found()
    return Reply(204)


async def get_permission(call: Call) -> Reply:
    """`permission` has four words; `role_name` is the role itself, a custom one's too."""
    account = call.world.account(call.parameters["username"])
    role = call.world.role(call.repository, account)
    body = {
        "permission": permission(role),
        "role_name": role.role_name,
        "user": _with_role(call, account, role),
    }
    return Reply(body=body)


async def _commit_or(call: Call, name: str, problem: Problem) -> str:
    sha = await call.repository.git.resolve(name)
    if sha is None:
        raise problem
    return sha


def no_commit(name: str) -> Problem:
    return Problem(422, f"No commit found for SHA: {name}")


async def get_content(call: Call) -> Reply:
    repository, path = call.repository, call.parameters.get("path", "").strip("/")
    ref = call.query.get("ref", repository.default_branch)
    commit = await _commit_or(call, ref, Problem(404, f"No commit found for the ref {ref}"))
    found = await repository.git.entries(commit, path)
    if path and not found:
        raise not_found()
    shown_ref = ref
    if not path or found[0].kind == "tree":
        entries = await repository.git.entries(commit, f"{path}/" if path else "")
        listing = [view.content(call.world, repository, e, shown_ref, None) for e in entries]
        return Reply(body=listing)
    data = await repository.git.blob(found[0].sha)
    if "raw" in call.media_type:
        return Reply(body=data)
    if len(data) > _LARGEST_INLINE:
        body = view.content(call.world, repository, found[0], shown_ref, b"")
        return Reply(body=body | {"encoding": "none"})
    return Reply(body=view.content(call.world, repository, found[0], shown_ref, data))


async def list_branches(call: Call) -> Reply:
    found = (await call.repository.git.refs("refs/heads/")).items()
    return paged(
        call,
        list(found),
        lambda b: view.short_branch(
            call.world, call.repository, b[0].removeprefix("refs/heads/"), b[1]
        ),
    )


async def get_branch(call: Call) -> Reply:
    name = call.parameters["branch"]
    sha = await call.repository.git.branch(name)
    if sha is None:
        raise Problem(404, "Branch not found")
    info = await call.repository.git.commit(sha)
    return Reply(body=view.branch(call.world, call.repository, name, info))


async def list_commits(call: Call) -> Reply:
    start = call.query.get("sha", call.repository.default_branch)
    sha = await _commit_or(call, start, not_found())
    commits = await call.repository.git.log(sha, path=call.query.get("path", ""))
    return paged(call, commits, lambda c: view.commit(call.world, call.repository, c))


async def get_commit(call: Call) -> Reply:
    git, name = call.repository.git, call.parameters["ref"]
    info = await git.commit(await _commit_or(call, name, no_commit(name)))
    # the empty tree stands in for the parent of a root commit
    empty = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
    files = await changed_files(git, info.parents[0] if info.parents else empty, info.sha)
    return Reply(body=view.commit_with_files(call.world, call.repository, info, files))


async def compare_commits(call: Call) -> Reply:
    basehead = call.parameters["basehead"]
    base_name, dots, head_name = basehead.partition("...")
    if not dots:
        raise not_found()
    git = call.repository.git
    base = await _commit_or(call, base_name, not_found())
    head = await _commit_or(call, head_name.rpartition(":")[2], not_found())
    found = await compare(git, base, head)
    if found is None:
        raise Problem(404, f"No common ancestor between {base_name} and {head_name}.")
    between = await git.log("--reverse", head, f"^{base}")
    ends: list[CommitInfo] = [await git.commit(base), await git.commit(found.merge_base)]
    commits = {c.sha: c for c in [*ends, *between]}
    return Reply(body=view.comparison(call.world, call.repository, found, commits, basehead))


async def get_git_commit(call: Call) -> Reply:
    sha = call.parameters["commit_sha"]
    if not _SHA.fullmatch(sha):
        raise Problem(
            422, "The SHA parameter must be exactly 40 characters and contain only [0-9a-f]."
        )
    info = await call.repository.git.commit(await _commit_or(call, sha, not_found()))
    return Reply(body=view.git_commit(call.world, call.repository, info))


async def get_ref(call: Call) -> Reply:
    name = f"refs/{call.parameters['ref']}"
    sha = (await call.repository.git.refs(name)).get(name)
    if sha is None:
        raise not_found()
    return Reply(body=view.ref(call.world, call.repository, name, sha))


async def matching_refs(call: Call) -> Reply:
    prefix = f"refs/{call.parameters['ref']}"
    found = [r for r in (await call.repository.git.refs()).items() if r[0].startswith(prefix)]
    return Reply(body=[view.ref(call.world, call.repository, *r) for r in found])


async def create_ref(call: Call) -> Reply:
    name, sha = call.text("ref"), call.text("sha")
    if not re.fullmatch(r"refs/(heads|tags)/[^\s~^:?*\[\\]+", name) or ".." in name:
        raise Problem(
            422, "Reference name must start with 'refs/' and contain at least two slashes."
        )
    if not _SHA.fullmatch(sha) or await call.repository.git.resolve(sha) is None:
        raise Problem(422, "Object does not exist")
    async with call.repository.pushing:
        before = await heads(call.repository)
        if name in before:
            raise Problem(422, "Reference already exists")
        await _move(call, name, sha, before)
    return Reply(201, view.ref(call.world, call.repository, name, sha))


async def update_ref(call: Call) -> Reply:
    name, sha = f"refs/{call.parameters['ref']}", str(call.text("sha"))
    force, git = call.flag("force", default=False), call.repository.git
    if not _SHA.fullmatch(sha) or await git.resolve(sha) is None:
        raise Problem(422, "Object does not exist")
    async with call.repository.pushing:
        before = await heads(call.repository)
        if name not in before:
            raise Problem(422, "Reference does not exist")
        if not force and not await git.is_ancestor(before[name], sha):
            raise Problem(422, "Update is not a fast forward")
        await _move(call, name, sha, before)
    return Reply(body=view.ref(call.world, call.repository, name, sha))


async def delete_ref(call: Call) -> Reply:
    name = f"refs/{call.parameters['ref']}"
    if name == f"refs/heads/{call.repository.default_branch}":
        raise invalid("Reference", "ref", "custom", "Cannot delete the default branch")
    async with call.repository.pushing:
        before = await heads(call.repository)
        if name not in before:
            raise Problem(422, "Reference does not exist")
        await _move(call, name, ZERO, before)
    return Reply(204)


async def _move(call: Call, name: str, sha: str, before: dict[str, Any]) -> None:
    await call.repository.git.update_ref(name, sha)
    await after_push(call.forge, call.repository, before, call.bot)


ROUTES: Routes = (
    ("GET", "/repos/{owner}/{repo}", get_repository),
    ("GET", "/repos/{owner}/{repo}/collaborators", list_collaborators),
    ("GET", "/repos/{owner}/{repo}/collaborators/{username}", check_collaborator),
    ("GET", "/repos/{owner}/{repo}/collaborators/{username}/permission", get_permission),
    ("GET", "/repos/{owner}/{repo}/contents", get_content),
    ("GET", "/repos/{owner}/{repo}/contents/{path:.*}", get_content),
    ("GET", "/repos/{owner}/{repo}/branches", list_branches),
    ("GET", "/repos/{owner}/{repo}/branches/{branch:.+}", get_branch),
    ("GET", "/repos/{owner}/{repo}/commits", list_commits),
    ("GET", "/repos/{owner}/{repo}/commits/{ref:.+}", get_commit),
    ("GET", "/repos/{owner}/{repo}/compare/{basehead:.+}", compare_commits),
    ("GET", "/repos/{owner}/{repo}/git/commits/{commit_sha}", get_git_commit),
    ("GET", "/repos/{owner}/{repo}/git/ref/{ref:.+}", get_ref),
    ("GET", "/repos/{owner}/{repo}/git/matching-refs/{ref:.+}", matching_refs),
    ("POST", "/repos/{owner}/{repo}/git/refs", create_ref),
    ("PATCH", "/repos/{owner}/{repo}/git/refs/{ref:.+}", update_ref),
    ("DELETE", "/repos/{owner}/{repo}/git/refs/{ref:.+}", delete_ref),
)
