"""Whatever comes in, the local GitHub answers as a server that works: never 5xx, never twice."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import random
from collections import Counter
from typing import Any
from urllib.parse import quote, urlsplit

from app.demo.github.rest import ROUTES
from tests.app.demo.conftest import REPOSITORY, World

R = f"/repos/{REPOSITORY}"
ODD: tuple[Any, ...] = (
    *(
        None,
        True,
        False,
        0,
        -1,
        1.5,
        2**70,
        "",
        " ",
        "x",
        "main",
        "fix",
        "0" * 40,
        "\0",
        "../..",
        "ü",
    ),
    *(
        [],
        {},
        [None],
        [1],
        ["a"],
        [{}],
        {"a": 1},
        "x" * 70_000,
        "2026-13-99",
        "refs/heads/x",
        "COMMENT",
    ),
)
FIELDS = (
    *("title", "body", "state", "labels", "head", "base", "draft", "ref", "sha", "force", "name"),
    *(
        "head_sha",
        "status",
        "conclusion",
        "output",
        "actions",
        "started_at",
        "details_url",
        "event",
    ),
    *(
        "comments",
        "commit_id",
        "path",
        "line",
        "side",
        "start_line",
        "content",
        "permissions",
        "query",
    ),
    *("repository_ids", "repositories", "message", "context", "color", "variables", "merge_method"),
)


def odd_body(chance: random.Random) -> Any:
    if chance.random() < 0.1:
        return chance.choice(ODD)
    body = {name: chance.choice(ODD) for name in chance.sample(FIELDS, chance.randint(0, 12))}
    if chance.random() < 0.3:
        body["output"] = {
            k: chance.choice(ODD) for k in ("title", "summary", "text", "annotations")
        }
    if chance.random() < 0.3:
        body["comments"] = [{k: chance.choice(ODD) for k in ("path", "body", "line", "side")}]
    return body


async def test_no_request_is_answered_5xx(world: World) -> None:
    await world.github.open_issue(REPOSITORY, "ann", "Bug")
    await world.pull()
    chance, worst, statuses = random.Random(3), [], Counter[int]()
    token = await world.api.token()
    tokens = itertools.cycle([token, token, world.api.jwt()])

    for (method, route, _), _ in itertools.product(ROUTES, range(10)):
        if route == "/installation/token":
            continue
        path = route.replace("{owner}", "acme").replace("{repo}", "widget")
        while "{" in path:
            before, _, rest = path.partition("{")
            value = chance.choice(["1", "2", "main", "fix", "a b", "x\0y", "9" * 30, "-1", "..%2f"])
            path = before + quote(value, safe="") + rest.partition("}")[2]
        query = chance.choice(
            ["", "?per_page=-1&page=x", "?state=%00&ref=%00", "?cursor=v1_&sha=-x"]
        )
        answer = await world.api(method, path + query, odd_body(chance), token=next(tokens))
        world.clock.forward(seconds=2)
        if answer.status >= 500:
            worst.append((method, path + query, answer.status))
        statuses[answer.status] += 1

    assert worst == []
    assert statuses[200] > 50
    assert statuses[422] > 50


async def test_half_a_character_is_no_json(world: World) -> None:
    token = await world.api.token()
    headers = {"Authorization": f"Bearer {token}", "User-Agent": "test"}
    for data in (b'{"title": "\\ud800"}', b"[" * 100_000, b"\xff\xfe", b"null"):
        async with world.api.session.post(
            f"{world.github.url}{R}/issues", data=data, headers=headers
        ) as response:
            assert response.status == 400


async def test_twenty_equal_pull_requests_at_once_make_one(world: World) -> None:
    await world.github.push(REPOSITORY, "fix", "ann", {"new.py": "1\n"})
    token = await world.api.token()
    wanted = {"title": "T", "head": "fix", "base": "main"}

    answers = await asyncio.gather(
        *(world.api("POST", f"{R}/pulls", wanted, token=token) for _ in range(20))
    )

    assert sorted(a.status for a in answers) == [201] + [422] * 19
    assert len(await world.github.pulls(REPOSITORY)) == 1


async def test_pushes_at_once_each_tell_their_own(world: World) -> None:
    await asyncio.gather(
        *(world.github.push(REPOSITORY, f"b{n}", "ann", {f"f{n}.py": "1\n"}) for n in range(5))
    )
    await world.github.settled()

    pushes = [d["request"]["payload"] for d in await world.github.sent() if d["event"] == "push"]

    assert sorted(p["ref"] for p in pushes) == [f"refs/heads/b{n}" for n in range(5)]
    assert all(len(p["commits"]) == 1 for p in pushes)


async def test_a_push_cut_short_leaves_nothing_behind(world: World) -> None:
    """The client dies while it sends the pack: git ends, no branch, and the next push works."""
    token = await world.api.token()
    address = urlsplit(world.github.url)
    _, writer = await asyncio.open_connection(address.hostname, address.port)
    basic = base64.b64encode(f"x:{token}".encode()).decode()
    head = (
        f"POST /{REPOSITORY}.git/git-receive-pack HTTP/1.1\r\nHost: x\r\n"
        f"Authorization: Basic {basic}\r\nContent-Length: 9999\r\n"
        "Content-Type: application/x-git-receive-pack-request\r\n\r\n"
    )
    main = (await world.github.branches(REPOSITORY))["main"]
    line = f"{'0' * 40} {main} refs/heads/cut\0report-status\n".encode()

    writer.write(head.encode() + b"%04x" % (len(line) + 4) + line + b"0000PACK")
    await writer.drain()
    writer.close()
    await writer.wait_closed()

    lock = world.github.world.repository(REPOSITORY).pushing
    await world.github.push(REPOSITORY, "next", "ann", {"a.py": "1\n"})
    assert not lock.locked()
    assert "cut" not in await world.github.branches(REPOSITORY)


def test_the_odd_values_are_json() -> None:
    assert json.loads(json.dumps(ODD)) == list(ODD)
