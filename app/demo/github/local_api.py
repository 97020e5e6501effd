"""`/_local/`: the methods of `LocalGitHub` and the faults, for other processes.

`POST /_local/VERB` with a JSON object of arguments answers `{"result": …}`, or `{"error": …}` with
a status that says whose fault it is. There is no login: the server is for one machine. Requests
must say that they are JSON, which a page in a browser cannot do across origins.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, Literal

from aiohttp import web

from app.demo.github.bare import GitError
from app.demo.github.faults import Fault, Kind, WebhookFault
from app.demo.github.people import LocalGitHub
from app.demo.github.problems import Problem

VERBS = (
    *("create_user", "create_token", "create_repository", "fork", "set_permission", "protect"),
    *("add_app", "install", "uninstall", "suspend", "change_installation", "ping"),
    *("open_issue", "edit_issue", "comment", "edit_comment", "delete_comment"),
    *("label", "unlabel", "close", "reopen", "react"),
    *("push", "delete_branch", "open_pull_request", "set_draft", "merge", "submit_review"),
    *("request_merge_group", "press_button", "rerequest_check_run", "rerequest_check_suite"),
    *("report_status", "report_check"),
    *("issues", "issue", "pulls", "pull", "comments", "reviews", "checks", "reactions"),
    *("branches", "commits", "file", "sent", "settled"),
)


class LocalApi:
    def __init__(self, github: LocalGitHub) -> None:
        self._github = github
        self._verbs: dict[str, Callable[..., Awaitable[Any]]] = {
            **{name: getattr(github, name) for name in VERBS},
            "info": self.info,
            "set_webhook_url": self.set_webhook_url,
            "add_fault": self.add_fault,
            "add_webhook_fault": self.add_webhook_fault,
            "fault": self.fault,
            "wait_fault": self.wait_fault,
            "release_fault": self.release_fault,
            "clear_faults": self.clear_faults,
        }

    def add_to(self, router: web.UrlDispatcher) -> None:
        router.add_post("/_local/{verb}", self._call)
        router.add_get("/_local/avatars/{id}", self._avatar)

    async def _call(self, request: web.Request) -> web.Response:
        verb = self._verbs.get(request.match_info["verb"])
        if verb is None:
            return _error(404, f"{request.match_info['verb']}: one of {', '.join(self._verbs)}")
        if request.content_type != "application/json":
            return _error(415, "Content-Type: application/json is needed")
        try:
            arguments = await request.json()
            bound = inspect.signature(verb).bind(**arguments)
            result = await verb(*bound.args, **bound.kwargs)
        except Problem as problem:
            return _error(problem.status, f"{problem.message} {problem.errors or ''}".strip())
        except (TypeError, ValueError, GitError) as exc:
            return _error(422, str(exc))
        return web.json_response({"result": result})

    async def _avatar(self, request: web.Request) -> web.Response:
        hue = int(request.match_info["id"]) * 47 % 360 if request.match_info["id"].isdigit() else 0
        svg = (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8">'
            f'<circle cx="4" cy="4" r="4" fill="hsl({hue} 50% 60%)"/></svg>'
        )
        return web.Response(text=svg, content_type="image/svg+xml")

    async def info(self) -> dict[str, Any]:
        github = self._github
        return {
            "url": github.url,
            "app_id": github.app_id,
            "client_id": github.app.client_id,
            "app_slug": github.app.slug,
            "webhook_url": github.app.hook.url,
        }

    async def set_webhook_url(self, url: str | None) -> None:
        self._github.set_webhook_url(url)

    async def add_fault(
        self,
        kind: Kind,
        *,
        method: str = "",
        path: str = "",
        nth: int = 1,
        times: int = 1,
        seconds: float = 0.0,
        status: int | None = None,
        retry_after: int | None = None,
    ) -> int:
        """The number to wait for and release it by. A `call` needs the Python side."""
        if kind == "call":
            raise ValueError("call: only in Python; hold does the same from another process")
        fault = Fault(
            kind=kind,
            method=method,
            path=path,
            nth=nth,
            times=times,
            seconds=seconds,
            status=status,
            retry_after=retry_after,
        )
        return self._github.faults.add(fault).id

    async def add_webhook_fault(
        self,
        kind: Literal["lost", "duplicate"],
        *,
        event: str = ".*",
        action: str = ".*",
        nth: int = 1,
        times: int = 1,
        recorded: bool = True,
        same_guid: bool = True,
    ) -> int:
        fault = WebhookFault(
            kind=kind,
            event=event,
            action=action,
            nth=nth,
            times=times,
            recorded=recorded,
            same_guid=same_guid,
        )
        return self._github.faults.add_webhook(fault).id

    def _fault(self, number: int) -> Fault:
        found = self._github.faults.requests.get(number)
        if found is None:
            raise Problem(404, f"fault {number}: there is none")
        return found

    async def fault(self, id: int) -> dict[str, Any]:  # noqa: A002 - the wire's own word
        found = self._fault(id)
        return {"seen": found.seen, "reached": found.reached.is_set()}

    async def wait_fault(self, id: int, seconds: float = 30.0) -> bool:  # noqa: A002
        """Whether the effect was stored within *seconds*; what is held stays held."""
        try:
            async with asyncio.timeout(seconds):
                await self._fault(id).reached.wait()
        except TimeoutError:
            return False
        return True

    async def release_fault(
        self,
        id: int,  # noqa: A002
        outcome: Literal["answer", "drop"] = "answer",
    ) -> None:
        self._fault(id).release(outcome)

    async def clear_faults(self) -> None:
        self._github.faults.clear()


def _error(status: int, message: str) -> web.Response:
    return web.json_response({"error": message}, status=status)
