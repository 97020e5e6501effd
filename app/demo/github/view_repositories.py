"""Repositories, commits, refs and files as GitHub's JSON has them."""

from __future__ import annotations

import base64
from typing import Any

from app.demo.github.bare import CommitInfo, Signature, TreeEntry
from app.demo.github.diff import Comparison, FileDiff
from app.demo.github.entities import Account, Repository
from app.demo.github.view_accounts import Json, user
from app.demo.github.world import World, stamp

# name in the JSON → suffix of the repository's API address
_LINKS = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}


def api_url(w: World, value: Repository) -> str:
    return f"{w.url}/repos/{value.full_name}"


def page_url(w: World, value: Repository) -> str:
    return f"{w.url}/{value.full_name}"


def minimal_repository(w: World, value: Repository) -> Json:
    api, page = api_url(w, value), page_url(w, value)
    return {
        "id": value.id,
        "node_id": value.node_id,
        "name": value.name,
        "full_name": value.full_name,
        "private": value.private,
        "owner": user(w, value.owner),
        "html_url": page,
        "description": value.description,
        "fork": value.parent is not None,
        "url": api,
        **{name: api + suffix for name, suffix in _LINKS.items()},
    }


def repository(w: World, value: Repository) -> Json:
    page = page_url(w, value)
    open_issues = sum(i.state == "open" for i in value.issues.values())
    forks = sum(r.parent is value for r in w.repositories.values())
    host = w.url.split("://", 1)[-1]
    return minimal_repository(w, value) | {
        "git_url": f"git://{host}/{value.full_name}.git",
        "ssh_url": f"git@{host}:{value.full_name}.git",
        "clone_url": f"{page}.git",
        "mirror_url": None,
        "svn_url": page,
        "homepage": None,
        "language": None,
        "forks_count": forks,
        "stargazers_count": 0,
        "watchers_count": 0,
        "size": 0,
        "default_branch": value.default_branch,
        "open_issues_count": open_issues,
        "is_template": False,
        "topics": [],
        "has_issues": True,
        "has_projects": False,
        "has_wiki": False,
        "has_pages": False,
        "has_downloads": False,
        "has_discussions": False,
        "archived": False,
        "disabled": False,
        "visibility": "private" if value.private else "public",
        "pushed_at": stamp(value.pushed_at),
        "created_at": stamp(value.created_at),
        "updated_at": stamp(value.updated_at),
        "license": None,
        "forks": forks,
        "open_issues": open_issues,
        "watchers": 0,
        "allow_forking": True,
        "web_commit_signoff_required": False,
    }


def full_repository(w: World, value: Repository, permissions: dict[str, bool]) -> Json:
    """GET /repos/{owner}/{repo}."""
    body = repository(w, value) | {
        "permissions": permissions,
        "subscribers_count": 0,
        "network_count": 0,
        "temp_clone_token": None,
    }
    if value.owner.kind == "Organization":
        body["organization"] = user(w, value.owner)
    if value.parent is not None:
        body["parent"] = body["source"] = repository(w, value.parent)
    return body


def _git_user(signature: Signature) -> Json:
    return {"name": signature.name, "email": signature.email, "date": stamp(signature.when)}


def _account_of(w: World, signature: Signature) -> Account | None:
    """GitHub knows a commit's author by the noreply address."""
    local, _, host = signature.email.partition("@")
    if host != "users.noreply.github.com":
        return None
    return w.accounts.get(local.rpartition("+")[2].lower())


def _maybe_user(w: World, signature: Signature) -> Json | None:
    account = _account_of(w, signature)
    return user(w, account) if account else None


_UNSIGNED = {
    "verified": False,
    "reason": "unsigned",
    "signature": None,
    "payload": None,
    "verified_at": None,
}


def commit(w: World, value: Repository, info: CommitInfo) -> Json:
    api, page = api_url(w, value), page_url(w, value)
    return {
        "sha": info.sha,
        "node_id": f"C_{info.sha}",
        "commit": {
            "author": _git_user(info.author),
            "committer": _git_user(info.committer),
            "message": info.message,
            "tree": {"sha": info.tree, "url": f"{api}/git/trees/{info.tree}"},
            "url": f"{api}/git/commits/{info.sha}",
            "comment_count": 0,
            "verification": dict(_UNSIGNED),
        },
        "url": f"{api}/commits/{info.sha}",
        "html_url": f"{page}/commit/{info.sha}",
        "comments_url": f"{api}/commits/{info.sha}/comments",
        "author": _maybe_user(w, info.author),
        "committer": _maybe_user(w, info.committer),
        "parents": [
            {"sha": p, "url": f"{api}/commits/{p}", "html_url": f"{page}/commit/{p}"}
            for p in info.parents
        ],
    }


def commit_with_files(
    w: World, value: Repository, info: CommitInfo, files: tuple[FileDiff, ...]
) -> Json:
    added, deleted = sum(f.additions for f in files), sum(f.deletions for f in files)
    return commit(w, value, info) | {
        "stats": {"total": added + deleted, "additions": added, "deletions": deleted},
        "files": [diff_entry(w, value, f, info.sha) for f in files],
    }


def git_commit(w: World, value: Repository, info: CommitInfo) -> Json:
    """GET /git/commits/{sha}: the object itself."""
    api, page = api_url(w, value), page_url(w, value)
    return {
        "sha": info.sha,
        "node_id": f"C_{info.sha}",
        "url": f"{api}/git/commits/{info.sha}",
        "html_url": f"{page}/commit/{info.sha}",
        "author": _git_user(info.author),
        "committer": _git_user(info.committer),
        "tree": {"sha": info.tree, "url": f"{api}/git/trees/{info.tree}"},
        "message": info.message,
        "parents": [
            {"sha": p, "url": f"{api}/git/commits/{p}", "html_url": f"{page}/commit/{p}"}
            for p in info.parents
        ],
        "verification": dict(_UNSIGNED),
    }


def simple_commit(info: CommitInfo) -> Json:
    """The `head_commit` of check suites."""
    return {
        "id": info.sha,
        "tree_id": info.tree,
        "message": info.message,
        "timestamp": stamp(info.committer.when),
        "author": {"name": info.author.name, "email": info.author.email},
        "committer": {"name": info.committer.name, "email": info.committer.email},
    }


def diff_entry(w: World, value: Repository, file: FileDiff, head: str) -> Json:
    api, page = api_url(w, value), page_url(w, value)
    entry: Json = {
        "sha": file.sha,
        "filename": file.path,
        "status": file.status,
        "additions": file.additions,
        "deletions": file.deletions,
        "changes": file.additions + file.deletions,
        "blob_url": f"{page}/blob/{head}/{file.path}",
        "raw_url": f"{page}/raw/{head}/{file.path}",
        "contents_url": f"{api}/contents/{file.path}?ref={head}",
    }
    if file.patch is not None:
        entry["patch"] = file.patch
    if file.previous_path is not None:
        entry["previous_filename"] = file.previous_path
    return entry


def comparison(
    w: World, value: Repository, found: Comparison, commits: dict[str, CommitInfo], basehead: str
) -> Json:
    """*commits*: those of base and merge base, then the compared ones, oldest first."""
    api, page = api_url(w, value), page_url(w, value)
    status = {(False, False): "identical", (True, False): "ahead", (False, True): "behind"}
    own = [c for sha, c in commits.items() if sha not in (found.base, found.merge_base)]
    return {
        "url": f"{api}/compare/{basehead}",
        "html_url": f"{page}/compare/{basehead}",
        "permalink_url": f"{page}/compare/{found.base}...{found.head}",
        "diff_url": f"{page}/compare/{basehead}.diff",
        "patch_url": f"{page}/compare/{basehead}.patch",
        "base_commit": commit(w, value, commits[found.base]),
        "merge_base_commit": commit(w, value, commits[found.merge_base]),
        "status": status.get((found.ahead > 0, found.behind > 0), "diverged"),
        "ahead_by": found.ahead,
        "behind_by": found.behind,
        "total_commits": found.ahead,
        "commits": [commit(w, value, c) for c in own[:250]],
        "files": [diff_entry(w, value, f, found.head) for f in found.files[:300]],
    }


def ref(w: World, value: Repository, name: str, sha: str) -> Json:
    api = api_url(w, value)
    return {
        "ref": name,
        "node_id": f"REF_{value.id}_{name}",
        "url": f"{api}/git/{name}",
        "object": {"sha": sha, "type": "commit", "url": f"{api}/git/commits/{sha}"},
    }


def short_branch(w: World, value: Repository, name: str, sha: str) -> Json:
    return {
        "name": name,
        "commit": {"sha": sha, "url": f"{api_url(w, value)}/commits/{sha}"},
        "protected": name in value.required_checks,
    }


def branch(w: World, value: Repository, name: str, info: CommitInfo) -> Json:
    api, page = api_url(w, value), page_url(w, value)
    required = value.required_checks.get(name)
    protection: Json = {"enabled": required is not None}
    protection["required_status_checks"] = {
        "enforcement_level": "off" if required is None else "non_admins",
        "contexts": required or [],
        "checks": [{"context": c, "app_id": None} for c in required or []],
    }
    return {
        "name": name,
        "commit": commit(w, value, info),
        "_links": {"self": f"{api}/branches/{name}", "html": f"{page}/tree/{name}"},
        "protected": required is not None,
        "protection": protection,
        "protection_url": f"{api}/branches/{name}/protection",
    }


def content(
    w: World, value: Repository, entry: TreeEntry, ref_name: str, data: bytes | None
) -> Json:
    """A file with its *data*, or an entry of a directory where *data* is None."""
    api, page = api_url(w, value), page_url(w, value)
    kind = {"blob": "file", "tree": "dir", "commit": "submodule"}[entry.kind]
    if entry.mode == "120000":
        kind = "symlink"
    own = f"{api}/contents/{entry.path}?ref={ref_name}"
    git = f"{api}/git/{'trees' if kind == 'dir' else 'blobs'}/{entry.sha}"
    html = f"{page}/{'tree' if kind == 'dir' else 'blob'}/{ref_name}/{entry.path}"
    body: dict[str, Any] = {
        "name": entry.path.rpartition("/")[2],
        "path": entry.path,
        "sha": entry.sha,
        "size": entry.size,
        "url": own,
        "html_url": html,
        "git_url": git,
        "download_url": None if kind == "dir" else f"{page}/raw/{ref_name}/{entry.path}",
        "type": kind,
        "_links": {"self": own, "git": git, "html": html},
    }
    if data is not None:
        body["content"] = base64.encodebytes(data).decode()
        body["encoding"] = "base64"
    return body
