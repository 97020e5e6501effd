from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from app.demo.github.faults import FOREVER, Fault
from tests.app.demo.conftest import REPOSITORY, World
from tests.app.demo.test_git_http import clone, commit, git

R = f"/repos/{REPOSITORY}"
COMMENTS = f"{R}/issues/1/comments"


async def comment(world: World, token: str, body: str = "x") -> Any:
    return await world.api("POST", COMMENTS, {"body": body}, token=token)


async def test_the_nth_matching_request_is_struck(world: World) -> None:
    await world.github.open_issue(REPOSITORY, "ann", "Bug")
    token = await world.api.token()
    world.github.faults.add(
        Fault(kind="status", method="POST", path=r"/comments$", nth=2, times=2, status=500)
    )

    statuses = [(await comment(world, token)).status for _ in range(4)]

    assert statuses == [201, 500, 500, 201]
    assert len(await world.github.comments(REPOSITORY, 1)) == 2


@pytest.mark.parametrize(
    ("fault", "status", "headers", "message"),
    [
        pytest.param(
            Fault(kind="rate_limit"),
            403,
            {"X-RateLimit-Remaining": "0"},
            "API rate limit exceeded",
            id="primary",
        ),
        pytest.param(
            Fault(kind="secondary_limit", retry_after=7),
            403,
            {"Retry-After": "7"},
            "You have exceeded a secondary rate limit",
            id="secondary",
        ),
        pytest.param(
            Fault(kind="secondary_limit", status=429, retry_after=7),
            429,
            {"Retry-After": "7"},
            "You have exceeded a secondary rate limit",
            id="secondary-429",
        ),
        pytest.param(Fault(kind="status"), 502, {}, "Server Error", id="bad-gateway"),
        pytest.param(
            Fault(kind="status", status=429, retry_after=3), 429, {"Retry-After": "3"}, "", id="429"
        ),
    ],
)
async def test_a_refusal_looks_like_githubs(
    world: World, fault: Fault, status: int, headers: dict[str, str], message: str
) -> None:
    token = await world.api.token()
    world.github.faults.add(fault)

    answer = await world.api("GET", R, token=token)

    assert answer.status == status
    assert {k: answer.headers[k] for k in headers} == headers
    assert message in answer.message


async def test_a_503_is_a_page(world: World) -> None:
    world.github.faults.add(Fault(kind="status", status=503))

    answer = await world.api("GET", R)

    assert answer.status == 503
    assert answer.body.startswith(b"<html>")


async def test_a_dropped_request_has_no_effect(world: World) -> None:
    await world.github.open_issue(REPOSITORY, "ann", "Bug")
    token = await world.api.token()
    world.github.faults.add(Fault(kind="drop", method="POST", path="/comments"))

    with pytest.raises(aiohttp.ClientError):
        await comment(world, token)

    assert await world.github.comments(REPOSITORY, 1) == []


async def test_a_dropped_answer_leaves_its_effect(world: World) -> None:
    await world.github.open_issue(REPOSITORY, "ann", "Bug")
    token = await world.api.token()
    world.github.faults.drop_answer("POST", "/comments$")

    with pytest.raises(aiohttp.ClientError):
        await comment(world, token)

    assert [c["body"] for c in await world.github.comments(REPOSITORY, 1)] == ["x"]


@pytest.mark.parametrize("outcome", ["answer", "drop"])
async def test_an_answer_is_held_after_its_effect(world: World, outcome: Any) -> None:
    await world.github.open_issue(REPOSITORY, "ann", "Bug")
    token = await world.api.token()
    hold = world.github.faults.hold("POST", "/comments$")

    asking = asyncio.ensure_future(comment(world, token))
    await asyncio.wait_for(hold.reached.wait(), 10)
    stored = len(await world.github.comments(REPOSITORY, 1))
    waiting = not asking.done()
    hold.release(outcome)

    assert (stored, waiting) == (1, True)
    if outcome == "answer":
        assert (await asking).status == 201
    else:
        with pytest.raises(aiohttp.ClientError):
            await asking


async def test_a_callback_runs_between_effect_and_answer(world: World) -> None:
    await world.github.open_issue(REPOSITORY, "ann", "Bug")
    token, seen = await world.api.token(), list[int]()

    async def look() -> None:
        seen.append(len(await world.github.comments(REPOSITORY, 1)))

    world.github.faults.call("POST", "/comments$", look, nth=2)

    await comment(world, token)
    await comment(world, token)

    assert seen == [2]


async def test_a_refused_request_is_no_stored_effect(world: World) -> None:
    await world.github.open_issue(REPOSITORY, "ann", "Bug")
    token = await world.api.token()
    hold = world.github.faults.hold("POST", "/comments$")

    refused = await comment(world, token, body="")

    assert refused.status == 422
    assert hold.seen == 0


async def test_a_push_is_held_when_it_is_stored(world: World, tmp_path: Path) -> None:
    checkout = await clone(world, tmp_path)
    await commit(checkout, {"new.py": "1\n"})
    hold = world.github.faults.hold("POST", r"/git-receive-pack$")

    pushing = asyncio.ensure_future(git("push", "-q", "origin", "HEAD:x", cwd=checkout))
    await asyncio.wait_for(hold.reached.wait(), 10)
    branches = await world.github.branches(REPOSITORY)
    waiting = not pushing.done()
    hold.release("drop")
    code, _ = await pushing

    assert "x" in branches
    assert waiting
    assert code != 0


async def test_clearing_lets_everything_go(world: World) -> None:
    await world.github.open_issue(REPOSITORY, "ann", "Bug")
    token = await world.api.token()
    hold = world.github.faults.hold("POST", "/comments$")
    asking = asyncio.ensure_future(comment(world, token))
    await asyncio.wait_for(hold.reached.wait(), 10)

    world.github.faults.clear()

    assert (await asking).status == 201


async def test_latency_delays_and_goes_on(world: World) -> None:
    fault = world.github.faults.add(Fault(kind="latency", seconds=0.001, times=FOREVER))

    answer = await world.api("GET", "/meta")

    assert (answer.status, fault.seen) == (200, 1)


async def test_writes_that_come_too_fast_meet_the_secondary_limit(world: World) -> None:
    await world.github.open_issue(REPOSITORY, "ann", "Bug")
    token = await world.api.token()
    statuses = [(await comment(world, token)).status for _ in range(80)]

    refused = await comment(world, token)
    read = await world.api("GET", COMMENTS, token=token)
    wait = int(refused.headers["Retry-After"])
    world.clock.forward(seconds=wait)
    after = await comment(world, token)

    assert set(statuses) == {201}
    assert (refused.status, read.status, after.status) == (403, 200, 201)
    assert 0 < wait <= 61


async def test_the_hours_budget_runs_out_and_comes_back(make_github: Any, clock: Any) -> None:
    from tests.app.demo.conftest import Client

    async with make_github(rate_limit=3) as github, aiohttp.ClientSession() as session:
        await github.create_repository(REPOSITORY, {"a": "b"})
        api = Client(github, session, clock)
        token = await api.token()
        spent = [(await api("GET", R, token=token)).status for _ in range(4)]
        free = await api("GET", "/rate_limit", token=token)
        clock.forward(minutes=59)
        last = await api("GET", R, token=token)
        clock.forward(minutes=1)
        again = await api("GET", R, token=await api.token())

    assert spent == [200, 200, 200, 403]
    assert free.body["resources"]["core"]["remaining"] == 0
    assert last.headers["X-RateLimit-Remaining"] == "0"
    assert last.headers["X-RateLimit-Reset"] == str(int(clock().timestamp()))
    assert again.status == 200
