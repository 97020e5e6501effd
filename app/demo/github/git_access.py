"""Git over HTTP with the token of an installation or a person: who may, what a push does, and what is refused."""

from __future__ import annotations

import stat
import tempfile
from pathlib import Path

from aiohttp import web

from app.demo import git_http
from app.demo.github.access import allows
from app.demo.github.auth import Identity, identify
from app.demo.github.change_refs import after_push, heads
from app.demo.github.entities import Repository
from app.demo.github.forge import Forge
from app.demo.github.problems import Problem

# Run by git for each ref of a push, with its objects still in quarantine. A workflow that stands
# on the default branch in the same form may come along, as GitHub allows.
_UPDATE_HOOK = """#!/bin/sh
test -n "$LOCAL_GITHUB_REFUSALS" || exit 0
ref=$1 old=$2 new=$3
case $new in *[!0]*) ;; *) exit 0 ;; esac
case $old in *[!0]*) ;; *) old=$(git merge-base "$new" HEAD || git hash-object -t tree /dev/null) ;; esac
git diff --name-only --no-renames "$old" "$new" -- .github/workflows | while IFS= read -r path; do
  if [ "$(git rev-parse -q --verify "$new:$path")" != "$(git rev-parse -q --verify "HEAD:$path")" ]; then
    printf '%s\\t%s\\n' "$ref" "$path" >> "$LOCAL_GITHUB_REFUSALS"
    exit 1
  fi
done
"""
_REASON = (
    "refusing to allow a GitHub App to create or update workflow `{path}` without `workflows` "
    "permission"
)


def write_hooks(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    hook = folder / "update"
    hook.write_text(_UPDATE_HOOK)
    hook.chmod(stat.S_IRWXU)


class GitDoor:
    def __init__(self, forge: Forge) -> None:
        self._forge = forge

    def add_to(self, router: web.UrlDispatcher) -> None:
        base = "/{owner}/{repo}.git"
        router.add_get(f"{base}/info/refs", self._info_refs)
        router.add_post(f"{base}/git-upload-pack", self._upload_pack)
        router.add_post(f"{base}/git-receive-pack", self._receive_pack)

    async def _info_refs(self, request: web.Request) -> web.StreamResponse:
        service = request.query.get("service")
        if service not in ("git-upload-pack", "git-receive-pack"):
            return _refusal(403, "Please upgrade your git client.")
        return await self._streamed(request, "info/refs", push=service == "git-receive-pack")

    async def _upload_pack(self, request: web.Request) -> web.StreamResponse:
        return await self._streamed(request, "git-upload-pack", push=False)

    async def _streamed(
        self, request: web.Request, service: str, *, push: bool
    ) -> web.StreamResponse:
        admitted = self._admit(request, push=push)
        if isinstance(admitted, web.Response):
            return admitted
        repository, identity = admitted
        user = identity.app.slug if identity.app else ""
        return await git_http.stream(request, repository.git.path, service, user=user)

    async def _receive_pack(self, request: web.Request) -> web.StreamResponse:
        admitted = self._admit(request, push=True)
        if isinstance(admitted, web.Response):
            return admitted
        repository, identity = admitted
        async with repository.pushing:
            before = await heads(repository)
            reply = await self._received(request, repository, identity)
            await after_push(self._forge, repository, before, identity.bot)
        return web.Response(status=reply.status, headers=reply.headers, body=reply.body)

    async def _received(
        self, request: web.Request, repository: Repository, identity: Identity
    ) -> git_http.GitReply:
        granted = identity.token.permissions if identity.token else {}
        with tempfile.NamedTemporaryFile("r", prefix="refusals-") as refusals:
            free = allows(granted, {"workflows": "write"})
            reply = await git_http.receive(
                request,
                repository.git.path,
                user=identity.bot.login,
                environment={} if free else {"LOCAL_GITHUB_REFUSALS": refusals.name},
            )
            lines = (line.rstrip("\n").split("\t", 1) for line in refusals)
            reasons = {ref: _REASON.format(path=path) for ref, path in lines}
        if not reasons:
            return reply
        body = git_http.with_reasons(reply.body, reasons)
        return git_http.GitReply(reply.status, reply.headers, body)

    def _admit(
        self, request: web.Request, *, push: bool
    ) -> tuple[Repository, Identity] | web.Response:
        name = f"{request.match_info['owner']}/{request.match_info['repo']}"
        repository = self._forge.world.repositories.get(name.lower())
        try:
            identity = identify(self._forge.world, request.headers.get("Authorization"), git=True)
        except Problem:
            return _challenge(
                "Invalid username or token. Password authentication is not supported."
            )
        token = identity.token
        if identity.person is not None:
            return self._admit_person(repository, identity, push=push)
        if token is None:
            if repository is None or repository.private or push:
                return _challenge("Authentication required.")
            return repository, identity
        if repository is None or not token.covers(repository):
            return _refusal(404, "Repository not found.")
        if push and not allows(token.permissions, {"contents": "write"}):
            text = f"Permission to {repository.full_name}.git denied to {identity.bot.login}."
            return _refusal(403, text)
        if not push and not allows(token.permissions, {"contents": "read"}):
            return _refusal(403, "Write access to repository not granted.")
        return repository, identity

    def _admit_person(
        self, repository: Repository | None, identity: Identity, *, push: bool
    ) -> tuple[Repository, Identity] | web.Response:
        person = identity.bot
        role = "none" if repository is None else self._forge.world.role(repository, person).role
        if repository is None or role == "none":
            return _refusal(404, "Repository not found.")
        if push and role not in ("write", "maintain", "admin"):
            text = f"Permission to {repository.full_name}.git denied to {person.login}."
            return _refusal(403, text)
        return repository, identity


def _refusal(status: int, text: str) -> web.Response:
    """Git shows plain text of an error as `remote: …`."""
    return web.Response(status=status, text=text + "\n")


def _challenge(text: str) -> web.Response:
    response = _refusal(401, text)
    response.headers["WWW-Authenticate"] = 'Basic realm="GitHub"'
    return response
