from __future__ import annotations

import pytest

from app.demo.github.problems import Problem
from tests.app.demo.conftest import REPOSITORY, World

R = f"/repos/{REPOSITORY}"


async def test_what_the_app_writes_is_its_bots_and_names_the_app(world: World) -> None:
    await world.github.open_issue(REPOSITORY, "ann", "Bug")
    path = f"{R}/issues/1/comments"

    answer = await world.api("POST", path, {"body": "hello"}, token=await world.api.token())

    assert answer.body["user"]["login"] == "foreman[bot]"
    assert answer.body["user"]["type"] == "Bot"
    assert answer.body["performed_via_github_app"]["id"] == world.github.app_id
    assert answer.body["author_association"] == "NONE"


async def test_a_persons_comment_names_no_app(world: World) -> None:
    await world.github.open_issue(REPOSITORY, "ann", "Bug")

    comment = await world.github.comment(REPOSITORY, 1, "ann", "hello")

    assert comment["performed_via_github_app"] is None
    assert comment["author_association"] == "COLLABORATOR"


async def test_pages_are_linked(world: World) -> None:
    await world.github.open_issue(REPOSITORY, "ann", "Bug")
    for n in range(5):
        await world.github.comment(REPOSITORY, 1, "ann", f"comment {n}")
    token, path = await world.api.token(), f"{R}/issues/1/comments"

    first = await world.api("GET", f"{path}?per_page=2", token=token)
    second = await world.api("GET", f"{path}?per_page=2&page=2", token=token)
    last = await world.api("GET", f"{path}?per_page=2&page=3", token=token)
    beyond = await world.api("GET", f"{path}?per_page=2&page=9", token=token)
    whole = await world.api("GET", path, token=token)

    base = f"{world.github.url}{path}?per_page=2&page="
    assert [c["body"] for c in first.body] == ["comment 0", "comment 1"]
    assert first.headers["Link"] == f'<{base}2>; rel="next", <{base}3>; rel="last"'
    assert second.headers["Link"] == (
        f'<{base}1>; rel="prev", <{base}3>; rel="next", <{base}3>; rel="last", <{base}1>; rel="first"'
    )
    assert [c["body"] for c in last.body] == ["comment 4"]
    assert beyond.body == []
    assert "Link" not in whole.headers


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "word"),
    [
        pytest.param("POST", "/issues", {}, 422, '"title" wasn\'t supplied', id="no-title"),
        pytest.param("POST", "/issues", {"title": " "}, 422, "Validation Failed", id="blank-title"),
        pytest.param("POST", "/issues", {"title": 1}, 422, "is not a string", id="title-number"),
        pytest.param(
            "POST", "/issues/1/comments", {"body": "x" * 65_537}, 422, "Validation", id="too-long"
        ),
        pytest.param("POST", "/issues/1/comments", {"body": "x" * 65_536}, 201, "", id="just-fits"),
        pytest.param("POST", "/issues/1/comments", {"body": ""}, 422, "Validation", id="blank"),
        pytest.param("POST", "/issues/9/comments", {"body": "x"}, 404, "Not Found", id="no-issue"),
        pytest.param("POST", "/issues/1/comments", [], 400, "should be a JSON object", id="list"),
        pytest.param(
            "POST", "/issues/1/reactions", {"content": "fire"}, 422, "not a reaction", id="reaction"
        ),
        pytest.param("POST", "/labels", {"name": "BUG"}, 422, "Validation", id="label-exists"),
        pytest.param("DELETE", "/issues/1/labels/x", None, 404, "Label does not", id="not-on-it"),
        pytest.param("PATCH", "/issues/1", {"state": "shut"}, 422, "not a member", id="state"),
    ],
)
async def test_validation(
    world: World, method: str, path: str, body: object, status: int, word: str
) -> None:
    await world.github.open_issue(REPOSITORY, "ann", "Bug")

    answer = await world.api(method, R + path, body, token=await world.api.token())

    assert answer.status == status, answer.body
    assert word in answer.body.get("message", "")


async def test_garbage_is_not_json(world: World) -> None:
    token = await world.api.token()
    headers = {"Authorization": f"Bearer {token}", "User-Agent": "test"}
    url = f"{world.github.url}{R}/issues"

    async with world.api.session.post(url, data=b"{", headers=headers) as response:
        body = await response.json()

    assert (response.status, body["message"]) == (400, "Problems parsing JSON")


async def test_a_label_that_is_on_already_sends_nothing(world: World) -> None:
    await world.github.open_issue(REPOSITORY, "ann", "Bug")
    await world.github.label(REPOSITORY, 1, "ann", "foreman")
    await world.github.label(REPOSITORY, 1, "ann", "Foreman")

    await world.github.settled()

    assert world.events().count("issues.labeled") == 1


async def test_who_may_not_does_not(world: World) -> None:
    github = world.github
    await github.set_permission(REPOSITORY, "bob", "read")
    await github.create_user("eve")
    await github.open_issue(REPOSITORY, "ann", "Bug")

    await github.comment(REPOSITORY, 1, "bob", "/foreman fix")
    with pytest.raises(Problem, match="bob: is read"):
        await github.label(REPOSITORY, 1, "bob", "foreman")
    with pytest.raises(Problem, match="eve: is none"):
        await github.comment(REPOSITORY, 1, "eve", "hello")


async def test_issues_are_listed_newest_first_and_by_label(world: World) -> None:
    github, token = world.github, await world.api.token()
    for n in range(3):
        await github.open_issue(REPOSITORY, "ann", f"Bug {n}", labels=["foreman"] if n else [])
        world.clock.forward(minutes=1)
    await github.close(REPOSITORY, 3, "ann")
    await world.pull()

    async def numbers(query: str) -> list[int]:
        answer = await world.api("GET", f"{R}/issues?{query}", token=token)
        return [i["number"] for i in answer.body]

    assert await numbers("") == [4, 2, 1]
    assert await numbers("state=all&direction=asc") == [1, 2, 3, 4]
    assert await numbers("labels=foreman&state=all") == [3, 2]
    assert await numbers("since=2026-11-21T09:02:30Z&state=all") == [4, 3]


async def test_an_unchanged_answer_is_304(world: World) -> None:
    token = await world.api.token()
    first = await world.api("GET", f"{R}/issues", token=token)

    same = await world.api("GET", f"{R}/issues", token=token, If_None_Match=first.headers["ETag"])
    await world.github.open_issue(REPOSITORY, "ann", "Bug")
    changed = await world.api(
        "GET", f"{R}/issues", token=token, If_None_Match=first.headers["ETag"]
    )

    assert (same.status, same.body) == (304, b"")
    assert changed.status == 200
    assert same.headers["X-RateLimit-Remaining"] == first.headers["X-RateLimit-Remaining"]
    assert changed.headers["X-RateLimit-Remaining"] == "4998"


async def test_every_answer_carries_the_headers_of_github(world: World) -> None:
    answer = await world.api("GET", R, token=await world.api.token())

    assert answer.headers["Date"] == "Sat, 21 Nov 2026 09:00:00 GMT"
    assert answer.headers["X-RateLimit-Limit"] == "5000"
    assert answer.headers["X-RateLimit-Resource"] == "core"
    assert len(answer.headers["X-GitHub-Request-Id"]) > 10
    assert answer.headers["X-GitHub-Api-Version-Selected"] == "2022-11-28"


async def test_a_file_is_read_from_a_ref(world: World) -> None:
    await world.pull()
    token = await world.api.token()

    base = await world.api("GET", f"{R}/contents/widget.py", token=token)
    head = await world.api("GET", f"{R}/contents/widget.py?ref=fix", token=token)
    raw = await world.api(
        "GET",
        f"{R}/contents/.github/foreman.yml",
        token=token,
        Accept="application/vnd.github.raw+json",
    )
    folder = await world.api("GET", f"{R}/contents/.github", token=token)
    missing = await world.api("GET", f"{R}/contents/nothing", token=token)
    no_ref = await world.api("GET", f"{R}/contents/widget.py?ref=nowhere", token=token)

    assert base.body["sha"] != head.body["sha"]
    assert raw.body == b"label: foreman\n"
    assert [e["path"] for e in folder.body] == [".github/foreman.yml"]
    assert (missing.status, no_ref.status) == (404, 404)


async def test_pages_show_what_there_is_and_escape_it(world: World) -> None:
    await world.github.open_issue(REPOSITORY, "ann", "<script>alert(1)</script>", "<b>body</b>")
    await world.pull()
    await world.github.submit_review(REPOSITORY, 2, "acme", "COMMENT", body="a <i>review</i>")

    issue = await world.api("GET", f"/{REPOSITORY}/issues/1")
    pull = await world.api("GET", f"/{REPOSITORY}/pull/2")
    index = await world.api("GET", f"/{REPOSITORY}")

    assert b"<script>" not in issue.body + pull.body + index.body
    assert b"&lt;b&gt;body" in issue.body
    assert b"+line ten" in pull.body
    assert b"a &lt;i&gt;review" in pull.body
    assert "default-src 'none'" in pull.headers["Content-Security-Policy"]
