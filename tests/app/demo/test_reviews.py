from __future__ import annotations

from typing import Any

import pytest

from tests.app.demo.conftest import REPOSITORY, World

R = f"/repos/{REPOSITORY}"


async def review(world: World, body: dict[str, Any], number: int = 1) -> Any:
    path = f"{R}/pulls/{number}/reviews"
    return await world.api("POST", path, body, token=await world.api.token())


@pytest.mark.parametrize(
    ("event", "error"),
    [
        pytest.param("APPROVE", "Can not approve your own pull request", id="approve"),
        pytest.param(
            "REQUEST_CHANGES", "Can not request changes on your own pull request", id="changes"
        ),
        pytest.param("COMMENT", None, id="comment"),
    ],
)
async def test_nobody_judges_their_own_pull_request(
    world: World, event: str, error: str | None
) -> None:
    await world.pull(user="app")

    answer = await review(world, {"event": event, "body": "b"})

    if error is None:
        assert (answer.status, answer.body["state"]) == (200, "COMMENTED")
    else:
        assert (answer.status, answer.body["errors"]) == (422, [error])


async def test_a_second_app_may_judge_the_first_ones_pull_request(world: World) -> None:
    await world.pull(user="app")
    key = world.github.private_key
    second = await world.github.add_app("critic", private_key=key)
    installation = await world.github.install("acme", app="critic")
    jwt = world.api.jwt(iss=str(second["id"]))
    path = f"/app/installations/{installation['id']}/access_tokens"
    token = (await world.api("POST", path, token=jwt)).body["token"]

    answer = await world.api("POST", f"{R}/pulls/1/reviews", {"event": "APPROVE"}, token=token)

    assert (answer.status, answer.body["state"]) == (200, "APPROVED")
    assert answer.body["user"]["login"] == "critic[bot]"


@pytest.mark.parametrize(
    ("comment", "error"),
    [
        pytest.param({"line": 10}, None, id="changed-line"),
        pytest.param({"line": 10, "side": "LEFT"}, None, id="removed-line"),
        pytest.param({"line": 7}, None, id="context"),
        pytest.param({"line": 7, "side": "LEFT"}, None, id="context-left"),
        pytest.param({"line": 31}, None, id="last-line"),
        pytest.param({"line": 31, "side": "LEFT"}, "Line could not be resolved", id="not-left"),
        pytest.param({"line": 20}, "Line could not be resolved", id="between-hunks"),
        pytest.param({"line": 0}, "Line could not be resolved", id="zero"),
        pytest.param({}, "Line could not be resolved", id="no-line"),
        pytest.param({"position": 4}, None, id="old-position"),
        pytest.param({"position": 99}, "Line could not be resolved", id="old-position-beyond"),
        pytest.param({"line": 10, "path": "x.py"}, "Path could not be resolved", id="other-file"),
        pytest.param({"line": 10, "start_line": 8}, None, id="range"),
        pytest.param(
            {"line": 10, "start_line": 10},
            "start_line must precede the end line.",
            id="empty-range",
        ),
        pytest.param(
            {"line": 31, "start_line": 8},
            "start_line must be part of the same hunk as the line.",
            id="range-over-hunks",
        ),
        pytest.param(
            {"line": 10, "start_line": 1},
            "Start line could not be resolved",
            id="range-from-outside",
        ),
    ],
)
async def test_a_comment_stands_on_a_line_of_the_diff(
    world: World, comment: dict[str, Any], error: str | None
) -> None:
    await world.pull()
    wanted = {"path": "widget.py", "body": "b", **comment}

    answer = await review(world, {"event": "COMMENT", "body": "b", "comments": [wanted]})

    if error is None:
        assert answer.status == 200, answer.body
    else:
        assert (answer.status, answer.body["errors"]) == (422, [error])
        assert await world.github.reviews(REPOSITORY, 1) == []


async def test_a_comment_shows_the_hunk_above_it(world: World) -> None:
    await world.pull()
    comments = [{"path": "widget.py", "line": 10, "start_line": 9, "body": "b"}]

    await review(world, {"event": "COMMENT", "body": "b", "comments": comments})

    ((comment,),) = [r["comments"] for r in await world.github.reviews(REPOSITORY, 1)]
    assert comment["diff_hunk"].split("\n")[-2:] == ["-line 10", "+line ten"]
    assert (comment["line"], comment["side"], comment["start_line"]) == (10, "RIGHT", 9)
    assert comment["position"] == 5


async def test_after_a_push_a_comment_is_outdated(world: World) -> None:
    await world.pull()
    comments = [{"path": "widget.py", "line": 10, "body": "b"}]
    await review(world, {"event": "COMMENT", "body": "b", "comments": comments})

    await world.github.push(REPOSITORY, "fix", "ann", {"more.py": "1\n"})

    answer = await world.api("GET", f"{R}/pulls/1/comments", token=await world.api.token())
    assert (answer.body[0]["line"], answer.body[0]["original_line"]) == (None, 10)


async def test_the_single_comment_has_other_words_for_the_same_refusal(world: World) -> None:
    pull = await world.pull()
    wanted = {"commit_id": pull["head"]["sha"], "path": "widget.py", "line": 20, "body": "b"}

    answer = await world.api("POST", f"{R}/pulls/1/comments", wanted, token=await world.api.token())

    (error,) = answer.body["errors"]
    assert answer.status == 422
    assert error["message"] == "pull_request_review_thread.line must be part of the diff"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param({"event": "COMMENT"}, 422, id="comment-without-words"),
        pytest.param({"event": "REQUEST_CHANGES"}, 422, id="changes-without-words"),
        pytest.param({"event": "APPROVE"}, 200, id="approval-without-words"),
        pytest.param({"event": "PRAISE"}, 422, id="unknown"),
        pytest.param({"event": "COMMENT", "body": "x" * 65_537}, 422, id="too-long"),
        pytest.param({"event": "COMMENT", "body": "b", "commit_id": "0" * 40}, 422, id="commit"),
    ],
)
async def test_validation(world: World, body: dict[str, Any], status: int) -> None:
    await world.pull()

    assert (await review(world, body)).status == status


async def test_a_comment_review_cannot_be_dismissed_a_judgement_can(world: World) -> None:
    await world.pull()
    comment = await review(world, {"event": "COMMENT", "body": "b"})
    changes = await review(world, {"event": "REQUEST_CHANGES", "body": "b"})
    token = await world.api.token()

    async def dismiss(number: int) -> Any:
        path = f"{R}/pulls/1/reviews/{number}/dismissals"
        return await world.api("PUT", path, {"message": "superseded"}, token=token)

    refused, done = await dismiss(comment.body["id"]), await dismiss(changes.body["id"])

    assert refused.status == 422
    assert refused.body["errors"] == ["Can not dismiss a commented pull request review"]
    assert (done.status, done.body["state"]) == (200, "DISMISSED")


async def test_a_pending_review_sends_nothing_until_it_is_submitted(world: World) -> None:
    await world.pull()
    pending = await review(world, {"body": "b"})
    second = await review(world, {"body": "c"})
    await world.github.settled()
    before = world.events().count("pull_request_review.submitted")

    path = f"{R}/pulls/1/reviews/{pending.body['id']}/events"
    await world.api("POST", path, {"event": "COMMENT"}, token=await world.api.token())

    await world.github.settled()
    assert (pending.body["state"], second.status, before) == ("PENDING", 422, 0)
    assert world.events().count("pull_request_review.submitted") == 1
