"""Accounts, Apps and installations as GitHub's JSON has them."""

from __future__ import annotations

from typing import Any

from app.demo.github.entities import Account, App, Installation, Repository, Token
from app.demo.github.world import World, maybe_stamp, stamp

Json = dict[str, Any]


def user(w: World, account: Account) -> Json:
    login = account.login
    api = f"{w.url}/users/{login.replace('[', '%5B').replace(']', '%5D')}"
    page = f"{w.url}/{login}"
    if account.kind == "Bot":
        page = f"{w.url}/apps/{login.removesuffix('[bot]')}"
    return {
        "login": login,
        "id": account.id,
        "node_id": account.node_id,
        "avatar_url": f"{w.url}/_local/avatars/{account.id}",
        "gravatar_id": "",
        "url": api,
        "html_url": page,
        "followers_url": f"{api}/followers",
        "following_url": f"{api}/following{{/other_user}}",
        "gists_url": f"{api}/gists{{/gist_id}}",
        "starred_url": f"{api}/starred{{/owner}}{{/repo}}",
        "subscriptions_url": f"{api}/subscriptions",
        "organizations_url": f"{api}/orgs",
        "repos_url": f"{api}/repos",
        "events_url": f"{api}/events{{/privacy}}",
        "received_events_url": f"{api}/received_events",
        "type": account.kind,
        "user_view_type": "public",
        "site_admin": False,
    }


def public_user(w: World, account: Account) -> Json:
    """GET /users/{username}."""
    return user(w, account) | {
        "name": account.name or None,
        "company": None,
        "blog": "",
        "location": None,
        "email": None,
        "hireable": None,
        "bio": None,
        "twitter_username": None,
        "public_repos": sum(r.owner is account and not r.private for r in w.repositories.values()),
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "created_at": stamp(account.created_at),
        "updated_at": stamp(account.updated_at),
    }


def organization(w: World, account: Account) -> Json:
    """The `organization` of a webhook payload."""
    api = f"{w.url}/orgs/{account.login}"
    return {
        "login": account.login,
        "id": account.id,
        "node_id": account.node_id,
        "url": api,
        "repos_url": f"{api}/repos",
        "events_url": f"{api}/events",
        "hooks_url": f"{api}/hooks",
        "issues_url": f"{api}/issues",
        "members_url": f"{api}/members{{/member}}",
        "public_members_url": f"{api}/public_members{{/member}}",
        "avatar_url": f"{w.url}/_local/avatars/{account.id}",
        "description": "",
    }


def app(w: World, value: App) -> Json:
    return {
        "id": value.id,
        "client_id": value.client_id,
        "slug": value.slug,
        "node_id": value.node_id,
        "owner": user(w, value.owner),
        "name": value.name,
        "description": value.description,
        "external_url": f"{w.url}/apps/{value.slug}",
        "html_url": f"{w.url}/apps/{value.slug}",
        "created_at": stamp(value.created_at),
        "updated_at": stamp(value.updated_at),
        "permissions": dict(value.permissions),
        "events": list(value.events),
    }


def own_app(w: World, value: App) -> Json:
    """GET /app: with the number of installations, which only the App itself is told."""
    return app(w, value) | {"installations_count": sum(i.app is value for i in w.installations)}


def maybe_app(w: World, value: App | None) -> Json | None:
    return None if value is None else app(w, value)


def installation(w: World, value: Installation) -> Json:
    api = f"{w.url}/app/installations/{value.id}"
    return {
        "id": value.id,
        "client_id": value.app.client_id,
        "account": user(w, value.account),
        "repository_selection": "all" if value.repositories is None else "selected",
        "access_tokens_url": f"{api}/access_tokens",
        "repositories_url": f"{w.url}/installation/repositories",
        "html_url": f"{w.url}/settings/installations/{value.id}",
        "app_id": value.app.id,
        "app_slug": value.app.slug,
        "target_id": value.account.id,
        "target_type": value.account.kind,
        "permissions": dict(value.permissions),
        "events": list(value.events),
        "created_at": stamp(value.created_at),
        "updated_at": stamp(value.updated_at),
        "single_file_name": None,
        "has_multiple_single_files": False,
        "single_file_paths": [],
        "suspended_by": user(w, value.suspended_by) if value.suspended_by else None,
        "suspended_at": maybe_stamp(value.suspended_at),
    }


def token(w: World, value: Token) -> Json:
    body: Json = {
        "token": value.value,
        "expires_at": stamp(value.expires_at),
        "permissions": dict(value.permissions),
        "repository_selection": "all" if value.repositories is None else "selected",
    }
    if value.repositories is not None:
        from app.demo.github.view_repositories import repository

        body["repositories"] = [repository(w, r) for r in value.repositories]
    return body


def association(repository: Repository, account: Account) -> str:
    if account is repository.owner:
        return "OWNER"
    if account.login.lower() in repository.collaborators:
        return "MEMBER" if repository.owner.kind == "Organization" else "COLLABORATOR"
    return "NONE"
