from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from app.github.client import Api, GitHub, graphql_url, quoted, repository_path
from app.github.errors import (
    Dropped,
    Forbidden,
    NotFound,
    Outage,
    RateLimited,
    Rejected,
    Unauthorized,
)
from app.github.identity import Skew

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
Answer = web.Response | Callable[[web.Request], Awaitable[web.StreamResponse]]


def answer(body: Any, status: int = 200, **headers: str) -> web.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return web.json_response(body, status=status, headers=named)


class Server:
    """Answers in the given order, the last one for ever; remembers what it was asked."""

    def __init__(self, answers: list[Answer]) -> None:
        self.answers = answers
        self.asked: list[tuple[str, str, str]] = []
        self.bodies: list[Any] = []
        self.headers: list[dict[str, str]] = []
        self.url = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        token = request.headers.get("authorization", "")
        self.asked.append((request.method, request.path_qs, token))
        self.headers.append({k.lower(): v for k, v in request.headers.items()})
        text = await request.text()
        self.bodies.append(json.loads(text) if text else None)
        given = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if not isinstance(given, web.Response):
            return await given(request)
        return web.Response(status=given.status, body=given.body, headers=given.headers)


class Tokens:
    def __init__(self) -> None:
        self.made = 1

    async def __call__(self, renew: bool) -> str:
        self.made += renew
        return f"t{self.made}"


class Client:
    def __init__(self, server: Server, github: GitHub, api: Api, slept: list[float]) -> None:
        self.server, self.github, self.api, self.slept = server, github, api, slept


@asynccontextmanager
async def github(*answers: Answer, token: Tokens | None = None) -> AsyncIterator[Client]:
    server = Server(list(answers))
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", server.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    try:
        async with aiohttp.ClientSession() as session:
            api = Api(session, api_url=server.url, clock=lambda: NOW, skew=Skew(), sleep=sleep)
            yield Client(server, GitHub(api, token or Tokens()), api, slept)
    finally:
        await runner.cleanup()


async def test_calls_carry_the_token_and_the_api_version() -> None:
    async with github(answer({"id": 1})) as c:
        assert await c.github.get("/repos/o/r", page=2) == {"id": 1}

    assert c.server.asked == [("GET", "/repos/o/r?page=2", "token t1")]
    assert c.server.headers[0]["x-github-api-version"] == "2022-11-28"
    assert c.server.headers[0]["accept"] == "application/vnd.github+json"


async def test_a_refused_token_is_made_anew_once() -> None:
    refused = answer({"message": "Bad credentials"}, 401)
    async with github(refused, answer([])) as c:
        assert await c.github.get("/x") == []
        assert [token for _, _, token in c.server.asked] == ["token t1", "token t2"]

    async with github(refused) as c:
        with pytest.raises(Unauthorized, match="GET /x: Bad credentials"):
            await c.github.get("/x")
        assert len(c.server.asked) == 2


async def test_no_token_means_an_anonymous_call() -> None:
    async def nobody(renew: bool) -> str:
        return ""

    async with github(answer([])) as c:
        await GitHub(c.api, nobody).get("/x")

    assert c.server.asked[0][2] == ""


async def test_pages_are_followed_and_limited() -> None:
    async with github(answer([])) as c:
        link = f'<{c.server.url}/list?page=2>; rel="next", <{c.server.url}/list?page=9>; rel="last"'
        c.server.answers = [answer([{"n": 1}, {"n": 2}], Link=link), answer([{"n": 3}])]
        assert [entry["n"] async for entry in c.github.pages("/list", state="all")] == [1, 2, 3]
        c.server.answers = [answer({"runs": [{"n": 1}, {"n": 2}]}, Link=link)]
        got = [entry["n"] async for entry in c.github.pages("/runs", key="runs", limit=1)]

    assert got == [1]
    assert c.server.asked[0][1] == "/list?per_page=100&state=all"
    assert len(c.server.asked) == 3


async def test_an_unchanged_answer_is_revalidated_by_its_etag() -> None:
    async with github(answer({"v": 1}, ETag='"a"'), web.Response(status=304)) as c:
        assert await c.github.get("/x") == {"v": 1}
        assert await c.github.get("/x") == {"v": 1}

    assert c.server.headers[1]["if-none-match"] == '"a"'


async def test_reads_survive_outages_and_posts_are_not_repeated() -> None:
    async with github(answer({}, 502), answer({}, 503), answer({"ok": 1})) as c:
        assert await c.github.get("/x") == {"ok": 1}
        assert c.slept == [0.5, 1.0]

    async with github(answer({"message": "Server Error"}, 500)) as c:
        with pytest.raises(Outage, match="POST /x: 500 Server Error"):
            await c.github.post("/x", {"a": 1})
        assert len(c.server.asked) == 1


async def test_a_cut_connection_is_an_outage() -> None:
    async def cut(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    async with github(cut, answer({"ok": 1})) as c:
        assert await c.github.get("/x") == {"ok": 1}
        c.server.answers = [cut]
        with pytest.raises(Outage, match="no answer"):
            await c.github.post("/x", {})


async def test_a_body_that_is_no_json_is_an_outage() -> None:
    torn = web.Response(body=b'{"a":', content_type="application/json")
    async with github(torn) as c:
        with pytest.raises(Outage, match="no JSON"):
            await c.github.get("/x")


async def test_what_an_event_told_of_is_waited_for() -> None:
    missing = answer({"message": "Not Found"}, 404)
    async with github(missing, missing, answer({"ok": 1})) as c:
        assert await c.github.get("/x", new=True) == {"ok": 1}
        assert c.slept == [0.5, 1.0]
        c.server.answers = [missing]
        with pytest.raises(NotFound):
            await c.github.get("/x", new=True)
        with pytest.raises(NotFound):
            await c.github.get("/x")

    assert len(c.server.asked) == 3 + 4 + 1


async def test_a_missing_permission_is_named() -> None:
    refused = answer(
        {"message": "Resource not accessible by integration"},
        403,
        X_Accepted_GitHub_Permissions="issues=write; pull_requests=write,contents=read",
    )
    async with github(refused) as c:
        with pytest.raises(Forbidden) as caught:
            await c.github.post("/repos/o/r/issues/1/comments", {})

    assert "issues: write or pull_requests: write and contents: read" in str(caught.value)


async def test_the_secondary_limit_is_waited_out() -> None:
    pause = answer({"message": "You have exceeded a secondary rate limit"}, 403, Retry_After="7")
    async with github(pause, answer({"ok": 1})) as c:
        assert await c.github.post("/x", {}) == {"ok": 1}
        assert c.slept == [7.0]


async def test_a_pause_too_long_to_wait_for_is_told_to_the_caller() -> None:
    async with github(answer({"message": "slow down"}, 429, Retry_After="600")) as c:
        with pytest.raises(RateLimited) as caught:
            await c.github.get("/x")

    assert caught.value.seconds == 600
    assert c.slept == []


async def test_calls_wait_for_the_reset_when_the_hour_is_nearly_spent() -> None:
    low = {
        "X_RateLimit_Limit": "5000",
        "X_RateLimit_Remaining": "3",
        "X_RateLimit_Reset": str(int((NOW + timedelta(seconds=30)).timestamp())),
    }
    async with github(answer({}, **low), answer({})) as c:
        await c.github.get("/x")
        await c.github.get("/y")
        await c.github.get("/z")

    assert c.slept == [31.0]


async def test_spent_writes_drop_progress_and_delay_results() -> None:
    async with github(answer({})) as c:
        for _ in range(80):
            c.api.budget.take("first", NOW.timestamp())
        with pytest.raises(Dropped):
            await c.github.patch("/x", {}, lane="progress")
        await c.github.patch("/x", {})

    assert c.slept == [60.0]
    assert len(c.server.asked) == 1


async def test_rejections_keep_what_github_said() -> None:
    said = {
        "message": "Validation Failed",
        "errors": [
            {
                "resource": "PullRequest",
                "code": "custom",
                "message": "A pull request already exists",
            }
        ],
    }
    async with github(answer(said, 422)) as c:
        with pytest.raises(Rejected) as caught:
            await c.github.post("/x", {})

    assert caught.value.mentions("already exists")


async def test_graphql_answers_and_errors() -> None:
    async with github(answer({"data": {"a": 1}}), answer({"errors": [{"message": "no"}]})) as c:
        assert await c.github.graphql("query($n: Int) {a}", {"n": 1}) == {"a": 1}
        with pytest.raises(Rejected, match="no"):
            await c.github.graphql("query {a}", {})

    assert c.server.asked[0][1] == "/graphql"
    assert c.server.bodies[0] == {"query": "query($n: Int) {a}", "variables": {"n": 1}}


async def test_the_skew_is_learned_from_every_answer() -> None:
    async with github(answer({})) as c:
        await c.github.get("/x")
        assert c.api._skew is not None
        assert c.api._skew.offset != timedelta()


@pytest.mark.parametrize(
    ("root", "url"),
    [
        pytest.param("https://api.github.com", "https://api.github.com/graphql", id="public"),
        pytest.param("https://ghe.corp/api/v3", "https://ghe.corp/api/graphql", id="enterprise"),
    ],
)
def test_graphql_lies_beside_the_rest_root(root: str, url: str) -> None:
    assert graphql_url(root) == url


@pytest.mark.parametrize("name", ["o", "o/r/x", "../r", "o/..", "o/", "", "o/r?x", "o/r%2e", "o/."])
def test_what_is_no_repository_makes_no_path(name: str) -> None:
    with pytest.raises(Rejected):
        repository_path(name)


def test_segments_are_quoted() -> None:
    assert quoted("a/b?c#{d}") == "a%2Fb%3Fc%23%7Bd%7D"
    for step in ("", ".", ".."):
        with pytest.raises(Rejected):
            quoted(step)
