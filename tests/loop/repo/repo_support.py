"""Real repositories, and a real git server over HTTP with tokens."""

from __future__ import annotations

import asyncio
import base64
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_AUTHOR_NAME": "Ann",
    "GIT_AUTHOR_EMAIL": "ann@example.org",
    "GIT_COMMITTER_NAME": "Ann",
    "GIT_COMMITTER_EMAIL": "ann@example.org",
    "GIT_AUTHOR_DATE": "2026-01-02T03:04:05Z",
    "GIT_COMMITTER_DATE": "2026-01-02T03:04:05Z",
    "GIT_ALLOW_PROTOCOL": "file",
}


def sh_git(directory: Path, *arguments: str, stdin: bytes = b"") -> str:
    """Plain git, as a person would run it."""
    done = subprocess.run(
        ["git", *arguments],
        cwd=directory,
        env=ENVIRONMENT,
        input=stdin,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode("utf-8", "surrogateescape").rstrip("\n")


class Author:
    """A person with a clone of a bare repository, who commits and pushes."""

    def __init__(self, bare: Path, clone: Path) -> None:
        self.bare = bare
        self.clone = clone
        if not clone.exists():
            sh_git(clone.parent, "init", "-q", "--bare", "-b", "main", str(bare))
            sh_git(bare, "config", "http.receivepack", "true")
            sh_git(clone.parent, "init", "-q", "-b", "main", str(clone))

    def commit(
        self, files: Mapping[str, str | bytes | None], message: str = "change", *, branch: str = ""
    ) -> str:
        """Write (None: delete) *files*, commit and push; the commit's SHA."""
        if branch:
            sh_git(self.clone, "checkout", "-q", "-B", branch)
        for name, content in files.items():
            path = self.clone / name
            if content is None:
                path.unlink()
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        sh_git(self.clone, "add", "-A", "-f")
        sh_git(self.clone, "commit", "-q", "--allow-empty", "-F", "-", stdin=message.encode())
        sh_git(self.clone, "push", "-q", "-f", str(self.bare), "HEAD")
        return sh_git(self.clone, "rev-parse", "HEAD")

    def switch(self, branch: str) -> None:
        sh_git(self.clone, "checkout", "-q", branch)

    def tip(self, branch: str) -> str | None:
        found = sh_git(self.bare, "for-each-ref", "--format=%(objectname)", f"refs/heads/{branch}")
        return found or None

    def message(self, branch: str) -> str:
        return sh_git(self.bare, "log", "-1", "--format=%B", f"refs/heads/{branch}").rstrip("\n")


@dataclass
class GitServer:
    """`git http-backend` behind Basic auth; *tokens* says who may push."""

    root: Path
    tokens: dict[str, bool] = field(default_factory=dict)  # token → may push
    url: str = ""
    requests: list[tuple[str, str]] = field(default_factory=list)  # path?query, authorization
    redirect_to: str = ""
    refuse_push: str = ""

    def application(self) -> web.Application:
        app = web.Application(client_max_size=1 << 30)
        app.router.add_route("*", "/{owner}/{name}/{rest:.+}", self._serve)
        return app

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        authorization = request.headers.get("Authorization", "")
        self.requests.append((request.path_qs, authorization))
        if self.redirect_to:
            raise web.HTTPFound(self.redirect_to + request.path_qs)
        pushing = "git-receive-pack" in request.path_qs
        may_push = self.tokens.get(_password(authorization))
        if self.tokens and may_push is None:
            challenge = {"WWW-Authenticate": 'Basic realm="git"'}
            return web.Response(status=401, headers=challenge)
        if self.tokens and pushing and not may_push:
            return web.Response(status=403, text="Write access to repository not granted.\n")
        return await self._backend(request)

    async def _backend(self, request: web.Request) -> web.Response:
        environment = {
            **ENVIRONMENT,
            "GIT_PROJECT_ROOT": str(self.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": request.path,
            "QUERY_STRING": request.query_string,
            "REQUEST_METHOD": request.method,
            "CONTENT_TYPE": request.content_type,
            "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
        }
        process = await asyncio.create_subprocess_exec(
            "git",
            "http-backend",
            env=environment,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        answer, _ = await process.communicate(await request.read())
        head, _, body = answer.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        status = int(headers.pop("Status", "200").split(" ")[0])
        return web.Response(status=status, headers=headers, body=body)


def _password(authorization: str) -> str:
    _, _, encoded = authorization.partition(" ")
    user, _, password = base64.b64decode(encoded).decode().partition(":")
    return password if user == "x-access-token" else ""
