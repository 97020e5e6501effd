"""From an HTTP request to an endpoint and back: who asks, what is granted, what GitHub adds."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from typing import Any

from aiohttp import web

from app.demo.github import (
    api_actions,
    api_app,
    api_checks,
    api_issues,
    api_pulls,
    api_repositories,
    api_reviews,
)
from app.demo.github.access import ACCESS, Access, permitted
from app.demo.github.auth import Identity, identify
from app.demo.github.call import Call, Endpoint, Reply, Routes
from app.demo.github.entities import Repository
from app.demo.github.forge import Forge
from app.demo.github.graphql import execute
from app.demo.github.graphql_fields import TYPES
from app.demo.github.limits import Limits
from app.demo.github.problems import DOCS, Problem, not_accessible, not_found
from app.demo.github.world import World

VERSIONS = ("2022-11-28", "2026-03-10")
_LARGEST_REQUEST = 10 * 1024 * 1024
_REGEX = re.compile(r":[^{}]*(?=\})")


async def _root(call: Call) -> Reply:
    url = call.world.url
    return Reply(
        body={
            "current_user_url": f"{url}/user",
            "rate_limit_url": f"{url}/rate_limit",
            "repository_url": f"{url}/repos/{{owner}}/{{repo}}",
            "user_url": f"{url}/users/{{user}}",
        }
    )


async def _meta(call: Call) -> Reply:
    return Reply(body={"verifiable_password_authentication": False, "hooks": ["127.0.0.1/32"]})


# The most specific path first: `{ref}` takes slashes, and what comes first wins.
ROUTES: Routes = (
    ("GET", "/", _root),
    ("GET", "/meta", _meta),
    *api_app.ROUTES,
    *api_pulls.ROUTES,
    *api_reviews.ROUTES,
    *api_issues.ROUTES,
    *api_checks.ROUTES,
    *api_actions.ROUTES,
    *api_repositories.ROUTES,
)


class Rest:
    def __init__(self, forge: Forge) -> None:
        settings = forge.settings
        self.forge = forge
        self.limits = Limits(
            forge.world.clock,
            hourly=settings.rate_limit,
            writes_per_minute=settings.writes_per_minute,
            writes_per_hour=settings.writes_per_hour,
        )

    def add_to(self, router: web.UrlDispatcher) -> None:
        for method, path, endpoint in ROUTES:
            router.add_route(method, path, self._handler(_REGEX.sub("", path), endpoint))
        router.add_route("GET", "/rate_limit", self._handler("/rate_limit", self._rate_limit))
        router.add_route("POST", "/graphql", self._handler("/graphql", self._graphql))

    async def _rate_limit(self, call: Call) -> Reply:
        who = call.identity.limit_key

        def shown(resource: str) -> dict[str, int]:
            budget = self.limits.budget(who, resource)
            return {
                "limit": budget.limit,
                "used": budget.used,
                "remaining": budget.remaining,
                "reset": int(budget.resets_at.timestamp()),
            }

        resources = {name: shown(name) for name in ("core", "search", "graphql")}
        return Reply(body={"resources": resources, "rate": resources["core"]})

    async def _graphql(self, call: Call) -> Reply:
        if call.identity.token is None:
            raise Problem(401, "This endpoint requires you to be authenticated.")
        return Reply(body=await execute(self.forge, call.identity, call.body, TYPES))

    def _handler(self, route: str, endpoint: Endpoint) -> Any:
        async def handler(request: web.Request) -> web.StreamResponse:
            return await self.answer(request, route, endpoint)

        return handler

    async def answer(
        self, request: web.Request, route: str, endpoint: Endpoint
    ) -> web.StreamResponse:
        access = ACCESS.get((request.method, route))
        headers: dict[str, str] = {}
        who = ""
        try:
            call = await self._admitted(request, route, access, headers)
            who = call.identity.limit_key
            reply = await endpoint(call)
        except Problem as problem:
            page = access.documentation_url if access else DOCS
            reply = Reply(problem.status, problem.body(page), problem.headers)
        self._observe(request.method, route, reply)
        response = respond(request, reply, headers)
        if response.status == 304:
            response.headers.update(self.limits.refund(who).headers("core"))
        return response

    def _observe(self, method: str, route: str, reply: Reply) -> None:
        hook = self.forge.settings.on_exchange
        if hook is not None and not isinstance(reply.body, bytes):
            hook(method, route, reply.status, reply.body)

    async def _admitted(
        self, request: web.Request, route: str, access: Access | None, headers: dict[str, str]
    ) -> Call:
        """Everything that is checked before an endpoint runs, in GitHub's order."""
        if not request.headers.get("User-Agent"):
            raise Problem(
                403,
                "Request forbidden by administrative rules. Please make sure your request has a "
                "User-Agent header.",
            )
        version = request.headers.get("X-GitHub-Api-Version", VERSIONS[0])
        if version not in VERSIONS:
            raise Problem(400, f"The API version {version} is not supported.")
        headers["X-GitHub-Api-Version-Selected"] = version
        world = self.forge.world
        identity = identify(world, request.headers.get("Authorization"))
        self._charge(request, route, identity, headers)
        if access is None:
            raise not_found()
        parameters = dict(request.match_info)
        repository = None
        if "repo" in parameters:
            repository = _reachable(world, identity, access, parameters, request.method)
        _check_audience(access, identity, request.method)
        if access.alternatives and identity.token is not None:
            headers["X-Accepted-GitHub-Permissions"] = access.text
            plain = repository is not None and _is_plain_issue(world, repository, parameters)
            if not permitted(access, identity.token.permissions, plain_issue=plain):
                raise not_accessible()
        body = await _body(request)
        if request.method != "GET" and access.audience not in ("app", "public"):
            self.limits.write(identity.limit_key)
        return Call(
            forge=self.forge,
            method=request.method,
            path=request.path,
            parameters=parameters,
            query=request.query,
            body=body,
            identity=identity,
            media_type=request.headers.get("Accept", ""),
            maybe_repository=repository,
        )

    def _charge(
        self, request: web.Request, route: str, identity: Identity, headers: dict[str, str]
    ) -> None:
        resource = "graphql" if route == "/graphql" else "core"
        who = identity.limit_key
        if route != "/rate_limit":
            self.limits.spend(who, resource)
        headers |= self.limits.budget(who, resource).headers(resource)
        if identity.token:
            # in this spelling: an expiry that clients may read instead of remembering it
            expires = identity.token.expires_at.strftime("%Y-%m-%d %H:%M:%S UTC")
            headers["GitHub-Authentication-Token-Expiration"] = expires


def _reachable(
    world: World, identity: Identity, access: Access, parameters: dict[str, str], method: str
) -> Repository:
    """404 for what the asker must not know of.

    GitHub lets any token read public repositories. Here a token ends at its own repositories, so
    that a token used for the wrong one is seen.
    """
    repository = world.repository(f"{parameters['owner']}/{parameters['repo']}")
    if access.audience == "app":
        return repository
    if identity.token is not None:
        if not identity.token.covers(repository):
            raise not_found()
    elif identity.app is not None or repository.private:
        raise not_found()
    elif method != "GET":
        raise Problem(401, "Requires authentication")
    return repository


def _check_audience(access: Access, identity: Identity, method: str) -> None:
    if access.audience == "app" and (identity.app is None or identity.token is not None):
        raise Problem(401, "A JSON web token could not be decoded")
    if access.audience == "permission" and identity.app is not None and identity.token is None:
        raise not_accessible()
    if access.audience in ("permission", "token") and identity.app is None and method != "GET":
        raise Problem(401, "Requires authentication")


def _is_plain_issue(world: World, repository: Repository, parameters: dict[str, str]) -> bool:
    number = parameters.get("issue_number", "")
    if number.isdigit():
        return world.issue(repository, int(number)).pull is None
    comment = parameters.get("comment_id", "")
    if comment.isdigit():
        from app.demo.github.entities import Comment

        found = world.by_id.get(int(comment))
        return isinstance(found, Comment) and found.issue.pull is None
    return False


async def _body(request: web.Request) -> dict[str, Any]:
    if request.content_length and request.content_length > _LARGEST_REQUEST:
        raise Problem(413, "Payload too big")
    text = await request.read()
    if not text or request.method == "GET":
        return {}
    try:
        found = json.loads(text)
        json.dumps(found, ensure_ascii=False).encode()  # no halves of surrogate pairs
    except (ValueError, RecursionError) as exc:
        raise Problem(400, "Problems parsing JSON") from exc
    if not isinstance(found, dict):
        raise Problem(400, "Body should be a JSON object")
    return found


def respond(request: web.Request, reply: Reply, headers: dict[str, str]) -> web.Response:
    """The HTTP answer, with ETag and 304 for what is read."""
    headers = {**headers, **reply.headers, "X-GitHub-Media-Type": "github.v3; format=json"}
    headers["X-GitHub-Request-Id"] = uuid.uuid4().hex[:24].upper()
    if reply.status in (204, 302):
        return web.Response(status=reply.status, headers=headers)
    if isinstance(reply.body, bytes):
        return web.Response(
            body=reply.body,
            headers=headers | {"Content-Type": "application/vnd.github.raw; charset=utf-8"},
        )
    text = json.dumps(reply.body, separators=(",", ":"), ensure_ascii=False).encode()
    if request.method == "GET" and reply.status == 200:
        digest = hashlib.sha256(text + request.headers.get("Authorization", "").encode())
        headers["ETag"] = f'W/"{digest.hexdigest()}"'
        headers["Cache-Control"] = "private, max-age=60, s-maxage=60"
        headers["Vary"] = "Accept, Authorization, Cookie, X-GitHub-OTP"
        if _same(request.headers.get("If-None-Match", ""), headers["ETag"]):
            return web.Response(status=304, headers=headers)
    return web.Response(
        status=reply.status,
        body=text,
        headers=headers | {"Content-Type": "application/json; charset=utf-8"},
    )


def _same(asked: str, tag: str) -> bool:
    return tag.removeprefix("W/") in [t.strip().removeprefix("W/") for t in asked.split(",")]
