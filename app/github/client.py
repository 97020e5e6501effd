"""Calls to GitHub, with its limits kept, its outages survived and its refusals put into words.

`Api` is one gidgethub client for an installation: one ETag cache, one view of the rate limit, one
write budget. `GitHub` binds it to credentials, so that several tokens of one installation share
these. Only idempotent calls are repeated after an outage; whoever creates something looks for it
first when called again.
"""

from __future__ import annotations

import asyncio
import http
import json
import re
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, MutableMapping
from datetime import datetime
from typing import Any, Literal
from urllib.parse import quote, urlencode

import aiohttp
import gidgethub
import structlog
from gidgethub.aiohttp import GitHubAPI

from app.github.errors import (
    Dropped,
    Forbidden,
    GitHubError,
    NotFound,
    Outage,
    RateLimited,
    Rejected,
    Unauthorized,
    missing_permission,
)
from app.github.identity import Skew
from app.github.limits import Lane, WriteBudget, primary_wait, refused_wait

CACHED = 500  # answers kept for revalidation, per installation
PATIENCE_SECONDS = 60.0  # a longer wait is told to the caller, who has other work
OUTAGE_ATTEMPTS = 4
REFUSED_ATTEMPTS = 3
REPLICATION_SECONDS = (0.5, 1.0, 2.0)  # an event may be ahead of what the API reads
REQUEST_SECONDS = 30.0

Method = Literal["GET", "POST", "PATCH"]
Sleep = Callable[[float], Awaitable[None]]
Credentials = Callable[[bool], Awaitable[str]]
"""A token, or a JWT; made anew when called with True. "" is nobody."""

_SEGMENT = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._-]+")
_Cached = tuple[str | None, str | None, Any, str | None]

log = structlog.get_logger(__name__)


class Recent(MutableMapping[str, _Cached]):
    """The most recently used answers, by URL."""

    def __init__(self, size: int = CACHED) -> None:
        self._kept: OrderedDict[str, _Cached] = OrderedDict()
        self._size = size

    def __getitem__(self, url: str) -> _Cached:
        self._kept.move_to_end(url)
        return self._kept[url]

    def __setitem__(self, url: str, answer: _Cached) -> None:
        self._kept[url] = answer
        self._kept.move_to_end(url)
        if len(self._kept) > self._size:
            self._kept.popitem(last=False)

    def __delitem__(self, url: str) -> None:
        del self._kept[url]

    def __iter__(self) -> Iterator[str]:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept)


class Api(GitHubAPI):
    """gidgethub with waits, for one installation or for the App itself."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        api_url: str,
        clock: Callable[[], datetime],
        skew: Skew | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        super().__init__(session, "foreman", cache=Recent(), base_url=api_url)
        self.budget = WriteBudget()
        self.clock = clock
        self._pause = sleep
        self._skew = skew

    async def sleep(self, seconds: float) -> None:
        await self._pause(seconds)

    async def wait(self, seconds: float, why: str) -> None:
        """Sleep *seconds*; raises `RateLimited` where that is more than a call may take."""
        if seconds > PATIENCE_SECONDS:
            raise RateLimited(f"{why}; next call in {seconds:.0f} s", seconds)
        if seconds > 0:
            log.info("github.waited", seconds=round(seconds, 1), why=why)
            await self._pause(seconds)

    async def _request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes = b""
    ) -> tuple[int, Mapping[str, str], bytes]:
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                status, received, content = await super()._request(method, url, headers, body)
        except (aiohttp.ClientError, TimeoutError, OSError) as exc:
            # Told as a gateway's answer, so that one place decides about retries.
            told = json.dumps({"message": f"no answer: {str(exc) or type(exc).__name__}"})
            return 504, {"content-type": "application/json"}, told.encode()
        if self._skew and (date := received.get("date")):
            self._skew.measure(date, self.clock())
        return status, received, content

    async def manage_rate_limit(self, *, method: str, url: str) -> None:
        if (rate := self.rate_limit) is None:
            return
        now = self.clock()
        seconds = primary_wait(rate.remaining, rate.limit, rate.reset_datetime, now)
        await self.wait(seconds, "GitHub's hourly limit is nearly spent")
        if seconds:
            self.rate_limit = None  # a new hour: its figures come with the answer

    async def handle_rate_limit_error(
        self, *, method: str, url: str, exception: gidgethub.HTTPException, attempt: int
    ) -> bool:
        status, headers = int(exception.status_code), exception.headers
        now = self.clock()
        seconds = refused_wait(status, headers, str(exception), attempt=attempt, now=now)
        if seconds is not None and attempt < REFUSED_ATTEMPTS:
            self.rate_limit = None
            await self.wait(seconds, "GitHub asked for a pause")
            return True
        if status >= 500 and _repeatable(method, url) and attempt < OUTAGE_ATTEMPTS:
            await self._pause(0.25 * 2**attempt)
            return True
        return False


class GitHub:
    """GitHub as one identity sees it. Paths are below the API's root; raises `GitHubError`."""

    def __init__(
        self, api: Api, credentials: Credentials, *, scheme: Literal["token", "jwt"] = "token"
    ) -> None:
        self._api = api
        self._credentials = credentials
        self._scheme = scheme

    async def get(self, path: str, *, new: bool = False, **query: str | int) -> Any:
        """What lies at *path*; *new* waits for it to appear, as after an event."""
        url = _url(path, query)
        for seconds in (*REPLICATION_SECONDS, None) if new else (None,):
            try:
                return (await self._call("GET", url))[0]
            except NotFound:
                if seconds is None:
                    raise
                await self._api.sleep(seconds)
        raise AssertionError("the last attempt returns or raises")

    async def pages(
        self, path: str, *, key: str = "", limit: int | None = None, **query: str | int
    ) -> AsyncIterator[dict[str, Any]]:
        """The entries of all pages, at most *limit*; under *key* where a page is an object."""
        url: str | None = _url(path, {"per_page": 100, **query})
        count = 0
        while url:
            page, url = await self._call("GET", url)
            for entry in page[key] if key else page:
                if limit is not None and count >= limit:
                    return
                count += 1
                yield entry

    async def post(self, path: str, data: Any, *, lane: Lane = "first") -> Any:
        return await self._write("POST", path, data, lane)

    async def patch(self, path: str, data: Any, *, lane: Lane = "first") -> Any:
        return await self._write("PATCH", path, data, lane)

    async def graphql(
        self, query: str, variables: Mapping[str, Any], *, lane: Lane = "first"
    ) -> Any:
        """The `data` of a GraphQL answer. Raises `Rejected` for errors in it."""
        before = self._api.rate_limit
        url = graphql_url(self._api.base_url)
        answer = await self._write("POST", url, {"query": query, "variables": variables}, lane)
        self._api.rate_limit = before  # GraphQL counts in a bucket of its own
        if errors := answer.get("errors"):
            said = "; ".join(str(error.get("message", error)) for error in errors)
            raise Rejected(f"GraphQL: {said}", errors)
        return answer["data"]

    async def mint(self, path: str, data: Any) -> Any:
        """A POST that creates no content, and so needs no place in the write budget."""
        return (await self._call("POST", _url(path, {}), data))[0]

    async def _write(self, method: Method, path: str, data: Any, lane: Lane) -> Any:
        seconds = self._api.budget.take(lane, self._api.clock().timestamp())
        if seconds is None:
            raise Dropped(f"{method} {path}: left out; the hour's writes are kept for results")
        await self._api.wait(seconds, "the write budget of this installation is spent")
        return (await self._call(method, _url(path, {}), data))[0]

    async def _call(self, method: Method, url: str, data: Any = b"") -> tuple[Any, str | None]:
        """The decoded answer and the next page's URL; a refused token is made anew once."""
        for renew in (False, True):
            token = await self._credentials(renew)
            credentials = {"jwt": token} if self._scheme == "jwt" else {"oauth_token": token}
            try:
                answer, more, _ = await self._api._make_request(  # noqa: SLF001 - the one call that tells the next page
                    method,
                    url,
                    None,
                    data,
                    "application/vnd.github+json",
                    **(credentials if token else {}),
                    extra_headers={"x-github-api-version": "2022-11-28"},
                )
            except gidgethub.HTTPException as exc:
                if exc.status_code == http.HTTPStatus.UNAUTHORIZED and token and not renew:
                    continue
                raise told(f"{method} {_shown(url)}", exc, self._api.clock()) from exc
            except ValueError as exc:
                raise Outage(f"{method} {_shown(url)}: the answer is no JSON") from exc
            return answer, more
        raise AssertionError("the second attempt returns or raises")


def told(call: str, exc: gidgethub.HTTPException, now: datetime) -> GitHubError:
    """*exc* as one of ours: what was called, what GitHub said, what helps."""
    status, said = int(exc.status_code), str(exc)
    seconds = refused_wait(status, exc.headers, said, attempt=1, now=now)
    if seconds is not None:
        return RateLimited(f"{call}: {said}; try again in {seconds:.0f} s", seconds)
    match status:
        case 401:
            return Unauthorized(f"{call}: {said}; the token is not accepted")
        case 403:
            needed = missing_permission(exc.headers)
            remedy = (
                f"grant the App {needed}, and accept it on the installation"
                if needed
                else "the App or its token may not do this"
            )
            return Forbidden(f"{call}: {said}; {remedy}")
        case 404 | 410 | 451:
            return NotFound(f"{call}: not there, or not visible to this token")
        case _ if status >= 500:
            return Outage(f"{call}: {status} {said}")
        case _:
            return Rejected(f"{call}: {status} {said}", getattr(exc, "errors", None))


def _repeatable(method: str, url: str) -> bool:
    """Whether doing it twice is doing it once; two tokens harm nobody."""
    return method != "POST" or url.endswith("/access_tokens")


def graphql_url(api_url: str) -> str:
    """Where GraphQL is answered; beside the REST root on GitHub Enterprise Server."""
    root = api_url.rstrip("/")
    return root.removesuffix("/v3") + "/graphql"


def repository_path(repository: str) -> str:
    """`/repos/OWNER/NAME`. Raises `Rejected` for what is no such name."""
    owner, slash, name = repository.partition("/")
    if not slash or not _SEGMENT.fullmatch(owner) or not _SEGMENT.fullmatch(name):
        raise Rejected(f"{repository!r}: no repository; it is called owner/name")
    return f"/repos/{repository}"


def quoted(segment: str) -> str:
    """*segment* as one part of a path. Raises `Rejected` for `.` and `..`: they are steps."""
    if segment in ("", ".", ".."):
        raise Rejected(f"{segment!r}: not a name")
    return quote(segment, safe="")


def _url(path: str, query: Mapping[str, str | int]) -> str:
    return f"{path}?{urlencode(query)}" if query else path


def _shown(url: str) -> str:
    return url.split("?", 1)[0]
