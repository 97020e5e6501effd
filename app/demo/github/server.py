"""The local GitHub as a server: `async with local_github(settings) as github`."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, timedelta
from email.utils import format_datetime

from aiohttp import web
from aiohttp.typedefs import Middleware

from app.demo.github.call import Reply
from app.demo.github.deliveries import Deliveries
from app.demo.github.faults import Fault, Faults
from app.demo.github.forge import Forge, LocalGitHubSettings
from app.demo.github.git_access import GitDoor, write_hooks
from app.demo.github.limits import Budget, primary, secondary
from app.demo.github.local_api import LocalApi
from app.demo.github.pages import Pages
from app.demo.github.people import LocalGitHub
from app.demo.github.problems import DOCS, Problem
from app.demo.github.rest import Rest, respond
from app.demo.github.world import World

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@contextlib.asynccontextmanager
async def local_github(settings: LocalGitHubSettings) -> AsyncIterator[LocalGitHub]:
    """A running GitHub with one App, its owner, and nothing else."""
    directory = settings.directory.resolve()
    directory.mkdir(parents=True, exist_ok=True)
    world, faults = World(directory, settings.clock), Faults()
    async with Deliveries(world, faults, on_delivery=settings.on_payload) as deliveries:
        forge = Forge(settings, world, faults, deliveries, directory / "hooks")
        write_hooks(forge.hooks)
        github = LocalGitHub(forge)
        runner = web.AppRunner(_application(forge, github), access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        try:
            site = web.TCPSite(runner, settings.host, settings.port)
            await site.start()
            port = runner.addresses[0][1]
            world.url = f"http://{settings.host}:{port}"
            yield github
        finally:
            faults.clear()
            await runner.cleanup()


def _application(forge: Forge, github: LocalGitHub) -> web.Application:
    application = web.Application(middlewares=[_middleware(forge)], client_max_size=2**26)
    Rest(forge).add_to(application.router)
    LocalApi(github).add_to(application.router)
    GitDoor(forge).add_to(application.router)
    Pages(forge).add_to(application.router)
    return application


def _middleware(forge: Forge) -> Middleware:
    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.startswith("/_local/"):
            return await handler(request)
        for fault in forge.faults.before(request.method, request.path):
            struck = await _strike(forge, fault, request)
            if struck is not None:
                return struck
        response = await _handled(request, handler)
        if not response.prepared:
            response.headers["Date"] = format_datetime(
                forge.world.clock().astimezone(UTC), usegmt=True
            )
            response.headers["Server"] = "github.com"
        if response.status < 400 and not response.prepared:
            outcome = await forge.faults.stored(request.method, request.path)
            if outcome == "drop":
                _cut(request)
        return response

    return middleware


async def _handled(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A path or method that GitHub does not have is a 404 in its own shape."""
    try:
        return await handler(request)
    except web.HTTPException as exc:
        if exc.status not in (404, 405):
            raise
        problem = Problem(404, "Not Found")
        return respond(request, Reply(404, problem.body(DOCS)), {})


def _cut(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


async def _strike(forge: Forge, fault: Fault, request: web.Request) -> web.Response | None:
    """What *fault* makes of a request before anything is done; None: it goes on."""
    now = forge.world.clock()
    match fault.kind:
        case "latency":
            await asyncio.sleep(fault.seconds)
            return None
        case "drop":
            _cut(request)
            return web.Response(status=500)
        case "rate_limit":
            wait = 60 if fault.retry_after is None else fault.retry_after
            budget = Budget(forge.settings.rate_limit, now + _seconds(wait), used=2**31)
            problem = primary("installation", budget, fault.status or 403)
        case "secondary_limit":
            wait = 60 if fault.retry_after is None else fault.retry_after
            problem = secondary(retry_after=wait, status=fault.status or 403)
        case _:
            return _broken(fault)
    return respond(request, Reply(problem.status, problem.body(DOCS), problem.headers), {})


def _seconds(number: int) -> timedelta:
    return timedelta(seconds=number)


def _broken(fault: Fault) -> web.Response:
    """GitHub's 503 is a page with a unicorn, not JSON."""
    status = fault.status or 502
    headers = {"X-GitHub-Request-Id": uuid.uuid4().hex[:24].upper()}
    if fault.retry_after is not None:
        headers["Retry-After"] = str(fault.retry_after)
    if status == 503:
        page = "<html><body><p>No server is currently available.</p></body></html>"
        return web.Response(status=503, text=page, content_type="text/html", headers=headers)
    message = "Not Found" if status == 404 else "Server Error"
    return web.json_response({"message": message}, status=status, headers=headers)
