from __future__ import annotations

from typing import Any

import pytest

from tests.app.demo.conftest import REPOSITORY, World

R = f"/repos/{REPOSITORY}"


def note(number: int) -> dict[str, Any]:
    return {
        "path": "widget.py",
        "start_line": number,
        "end_line": number,
        "annotation_level": "failure",
        "message": "m",
    }


def button(**changes: str) -> dict[str, str]:
    return {"label": "Retry", "description": "Again", "identifier": "retry", **changes}


def output(**fields: Any) -> dict[str, Any]:
    return {"title": "t", "summary": "s", **fields}


async def create(world: World, **fields: Any) -> Any:
    head = (await world.github.branches(REPOSITORY))["main"]
    body = {"name": "foreman / code", "head_sha": head, **fields}
    return await world.api("POST", f"{R}/check-runs", body, token=await world.api.token())


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        pytest.param({"head_sha": "0" * 40}, "No commit found for SHA", id="no-commit"),
        pytest.param({"head_sha": "main"}, "No commit found for SHA", id="branch-is-no-sha"),
        pytest.param({"name": None}, '"name" wasn\'t supplied', id="no-name"),
        pytest.param({"status": "completed"}, '"conclusion" wasn\'t supplied', id="no-conclusion"),
        pytest.param({"conclusion": "great"}, "not a member", id="conclusion"),
        pytest.param({"conclusion": "stale"}, "not a member", id="stale-is-githubs-own"),
        pytest.param({"output": {"title": "t"}}, '"summary" wasn\'t supplied', id="no-summary"),
        pytest.param({"output": {"summary": "s"}}, '"title" wasn\'t supplied', id="no-title"),
        pytest.param(
            {"output": output(annotations=[note(n) for n in range(51)])},
            "No more than 50 items are allowed; 51 were supplied.",
            id="51-annotations",
        ),
        pytest.param(
            {"output": output(text="x" * 65_536)}, "Only 65535 characters are allowed", id="text"
        ),
        pytest.param(
            {"actions": [button()] * 4},
            "No more than 3 items are allowed; 4 were supplied.",
            id="four-buttons",
        ),
        pytest.param(
            {"actions": [button(label="x" * 21)]}, "Only 20 characters are allowed", id="label"
        ),
        pytest.param(
            {"actions": [button(description="x" * 41)]}, "Only 40 characters", id="description"
        ),
        pytest.param(
            {"actions": [button(identifier="x" * 21)]}, "Only 20 characters", id="identifier"
        ),
        pytest.param(
            {"output": output(annotations=[{**note(1), "end_line": 2, "start_column": 1}])},
            "Columns are only allowed",
            id="columns-over-lines",
        ),
    ],
)
async def test_validation(world: World, fields: dict[str, Any], message: str) -> None:
    answer = await create(world, **fields)

    assert answer.status == 422
    assert message in answer.message
    assert await world.github.checks(REPOSITORY) == []


async def test_a_refused_update_changes_nothing(world: World) -> None:
    run = (await create(world, status="in_progress", output=output())).body
    token = await world.api.token()

    refused = await world.api(
        "PATCH",
        f"{R}/check-runs/{run['id']}",
        {"name": "other", "output": output(text="x" * 70_000)},
        token=token,
    )

    (seen,) = await world.github.checks(REPOSITORY)
    assert refused.status == 422
    assert (seen["name"], seen["output"]["title"]) == ("foreman / code", "t")


async def test_annotations_add_up(world: World) -> None:
    run = (await create(world, output=output(annotations=[note(n) for n in range(1, 51)]))).body
    token, path = await world.api.token(), f"{R}/check-runs/{run['id']}"

    more = output(annotations=[note(n) for n in range(51, 61)])
    answer = await world.api("PATCH", path, {"output": more}, token=token)
    listed = await world.api("GET", f"{path}/annotations?per_page=100", token=token)

    assert answer.body["output"]["annotations_count"] == len(listed.body) == 60


async def test_the_newest_run_of_a_name_counts(world: World) -> None:
    first = (await create(world, conclusion="failure")).body
    second = (await create(world, status="in_progress")).body
    token, sha = await world.api.token(), first["head_sha"]

    latest = await world.api("GET", f"{R}/commits/main/check-runs", token=token)
    every = await world.api("GET", f"{R}/commits/{sha}/check-runs?filter=all", token=token)
    named = await world.api("GET", f"{R}/commits/{sha}/check-runs?check_name=x", token=token)

    assert [r["id"] for r in latest.body["check_runs"]] == [second["id"]]
    assert every.body["total_count"] == 2
    assert named.body["total_count"] == 0


async def test_a_concluded_run_is_completed_and_a_reopened_one_is_not(world: World) -> None:
    run = (await create(world, status="in_progress")).body
    token, path = await world.api.token(), f"{R}/check-runs/{run['id']}"

    done = await world.api("PATCH", path, {"conclusion": "success"}, token=token)
    again = await world.api("PATCH", path, {"status": "in_progress"}, token=token)

    assert (done.body["status"], done.body["completed_at"]) == ("completed", "2026-11-21T09:00:00Z")
    assert (again.body["status"], again.body["conclusion"]) == ("in_progress", None)


async def test_the_suite_completes_with_its_last_run(world: World) -> None:
    one = (await create(world, name="one", status="in_progress")).body
    await create(world, name="two", conclusion="success")
    await world.github.settled()
    before = world.events().count("check_suite.completed")

    path = f"{R}/check-runs/{one['id']}"
    await world.api("PATCH", path, {"conclusion": "failure"}, token=await world.api.token())

    await world.github.settled()
    sent = [d for d in await world.github.sent() if d["event"] == "check_suite"]
    assert before == 0
    assert sent[-1]["request"]["payload"]["check_suite"]["conclusion"] == "failure"


async def test_buttons_show_on_concluded_runs_only(world: World) -> None:
    run = (await create(world, status="in_progress", actions=[button()])).body
    with pytest.raises(ValueError, match="not concluded"):
        await world.github.press_button(REPOSITORY, run["id"], "ann", "retry")
    path = f"{R}/check-runs/{run['id']}"
    await world.api("PATCH", path, {"conclusion": "failure"}, token=await world.api.token())
    with pytest.raises(ValueError, match="no button 'explain'"):
        await world.github.press_button(REPOSITORY, run["id"], "ann", "explain")

    await world.github.press_button(REPOSITORY, run["id"], "ann", "retry")

    await world.github.settled()
    payload = (await world.github.sent())[-1]["request"]["payload"]
    assert payload["requested_action"] == {"identifier": "retry"}
    assert payload["sender"]["login"] == "ann"


async def test_another_apps_run_cannot_be_changed(world: World) -> None:
    head = (await world.github.branches(REPOSITORY))["main"]
    run = await world.github.report_check(REPOSITORY, head, "test", "failure")

    answer = await world.api(
        "PATCH",
        f"{R}/check-runs/{run['id']}",
        {"conclusion": "success"},
        token=await world.api.token(),
    )

    assert answer.status == 403


async def test_statuses_combine(world: World) -> None:
    head, token = (await world.github.branches(REPOSITORY))["main"], await world.api.token()

    async def combined() -> str:
        answer = await world.api("GET", f"{R}/commits/{head}/status", token=token)
        return str(answer.body["state"])

    states = [await combined()]
    for context, state in (("a", "success"), ("b", "failure"), ("b", "success")):
        await world.github.report_status(REPOSITORY, head, context=context, state=state, user="ann")
        states.append(await combined())

    assert states == ["pending", "success", "failure", "success"]
