from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from app.demo.github.faults import Fault
from app.github.client import Api, GitHub
from app.github.errors import Forbidden, NotFound
from app.github.tokens import phase_of
from k8s.errors import NotFound as NotStored
from k8s.meta import Condition, Meta
from k8s.resources.core import Secret
from k8s.resources.task import AgenticTask, Payload, Phase, TaskSpec, TaskStatus
from tests.app.town import REPOSITORY, TASKS, Town, controlled, until

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def asked(status: str) -> Condition:
    return Condition.model_validate(
        {"type": "PushRequested", "status": status, "reason": "x", "lastTransitionTime": NOW}
    )


@pytest.mark.parametrize(
    ("phase", "claim", "conditions", "expected"),
    [
        pytest.param("Pending", None, [], None, id="pending"),
        pytest.param("Scheduled", None, [], None, id="scheduled"),
        pytest.param("Running", None, [], None, id="running without a claim"),
        pytest.param("Running", "c", [], "read", id="claimed"),
        pytest.param("Verifying", "c", [], "read", id="in a gate"),
        pytest.param("Running", "c", [asked("True")], "push", id="push asked for"),
        pytest.param("Running", "c", [asked("False")], "read", id="not asked for"),
        pytest.param("Succeeded", "c", [asked("True")], None, id="ended"),
        pytest.param("Failed", "c", [], None, id="failed"),
    ],
)
def test_the_phase_of_a_token_follows_the_claim(
    phase: Phase, claim: str | None, conditions: list[Condition], expected: str | None
) -> None:
    status = TaskStatus(phase=phase, claim_id=claim, conditions=conditions)
    task = AgenticTask(spec=TaskSpec(kind="verify", payload=Payload(repo="o/r")), status=status)

    assert phase_of(task) == expected


async def claimed(town: Town, name: str = "t", **payload: int) -> AgenticTask:
    """A task of the repository that a node holds."""
    given = Payload(repo=REPOSITORY, issue=1, **payload)  # type: ignore[arg-type]
    task = AgenticTask(
        metadata=Meta(name=name, namespace=TASKS), spec=TaskSpec(kind="issue-fix", payload=given)
    )
    await town.client.create(task)
    return await change(town, name, phase="Running", claimID="c1", assignedNode="n")


async def change(town: Town, name: str, **status: object) -> AgenticTask:
    return await town.client.patch(
        AgenticTask, name, TASKS, {"status": status}, subresource="status"
    )


async def stored(town: Town, name: str = "t") -> dict[str, str] | None:
    try:
        secret = await town.client.get(Secret, f"foreman-token-{name}", TASKS)
    except NotStored:
        return None
    return {key: base64.b64decode(text).decode() for key, text in secret.data.items()}


async def token(town: Town, phase: str, *, other_than: str = "") -> dict[str, str]:
    async def look() -> dict[str, str] | None:
        found = await stored(town)
        return found if found and found["phase"] == phase and found["token"] != other_than else None

    found: dict[str, str] = await until(look)
    return found


def installed(town: Town) -> dict[str, int]:
    repository = town.github.world.repository(REPOSITORY)
    (installation,) = town.github.world.installations
    return {"installation": installation.id, "repository_id": repository.id}


async def test_a_claimed_task_gets_a_read_token_then_one_that_may_push_then_none(
    town: Town,
) -> None:
    task = await claimed(town, **installed(town))
    first = await token(town, "read")
    secret = await town.client.get(Secret, "foreman-token-t", TASKS)
    assert [owner.uid for owner in secret.metadata.owner_references] == [task.metadata.uid]

    async with aiohttp.ClientSession() as session:

        def as_node(text: str) -> GitHub:
            async def given(renew: bool) -> str:
                return text

            return GitHub(Api(session, api_url=town.github.url, clock=town.clock), given)

        issue = await town.github.open_issue(REPOSITORY, "reporter", "Broken")
        reader = as_node(first["token"])
        assert (await reader.get(f"/repos/{REPOSITORY}/issues/{issue['number']}"))["number"]
        with pytest.raises(Forbidden):
            await reader.post(
                f"/repos/{REPOSITORY}/issues/{issue['number']}/comments", {"body": "x"}
            )

        await town.github.create_repository("octo/other", {"a": "b"})
        with pytest.raises((Forbidden, NotFound)):
            await reader.get("/repos/octo/other/issues")

    await change(town, "t", conditions=[asked("True").wire()])
    second = await token(town, "push")
    assert second["token"] != first["token"]

    await change(town, "t", phase="Succeeded")

    async def gone() -> bool | None:
        return None if await stored(town) else True

    await until(gone)


async def test_a_token_is_renewed_before_it_expires(quiet_town: Town) -> None:
    town = quiet_town
    async with controlled(town):
        await claimed(town, **installed(town))
        first = await token(town, "read")
    town.clock.ahead = timedelta(minutes=50)
    async with controlled(town):
        second = await token(town, "read", other_than=first["token"])

    left = datetime.fromisoformat(second["expiresAt"]) - town.clock()
    assert left > timedelta(0)


async def test_a_fresh_token_survives_a_restart_of_control(quiet_town: Town) -> None:
    town = quiet_town
    async with controlled(town):
        await claimed(town, **installed(town))
        first = await token(town, "read")
    async with controlled(town):
        await claimed(town, "later", **installed(town))

        async def look() -> dict[str, str] | None:
            return await stored(town, "later")

        await until(look)

    assert await stored(town) == first


async def test_a_task_applied_by_hand_gets_one_where_the_app_is_installed(town: Town) -> None:
    await claimed(town)

    assert (await token(town, "read"))["token"]


async def test_a_task_of_another_repository_gets_none(town: Town) -> None:
    await town.github.create_repository("octo/elsewhere", {"a": "b"}, install=False)
    task = AgenticTask(
        metadata=Meta(name="t", namespace=TASKS),
        spec=TaskSpec(kind="issue-fix", payload=Payload(repo="somebody/else", issue=1)),
    )
    await town.client.create(task)
    await change(town, "t", phase="Running", claimID="c1", assignedNode="n")
    await claimed(town, "ours", **installed(town))

    async def look() -> dict[str, str] | None:
        return await stored(town, "ours")

    await until(look)
    assert await stored(town) is None


async def test_a_released_task_keeps_no_token(town: Town) -> None:
    await claimed(town, **installed(town))
    await token(town, "read")
    await change(town, "t", phase="Pending", claimID=None, assignedNode=None)

    async def gone() -> bool | None:
        return None if await stored(town) else True

    await until(gone)


async def test_a_token_that_cannot_be_minted_yet_is_tried_again(town: Town) -> None:
    town.github.faults.add(Fault(kind="status", path="/access_tokens$", times=5))
    await claimed(town, **installed(town))

    assert (await token(town, "read"))["token"]


async def test_a_secret_of_an_earlier_task_of_the_name_is_not_taken_over(
    quiet_town: Town,
) -> None:
    town = quiet_town
    old = {"token": "old", "phase": "read", "expiresAt": "2099-01-01T00:00:00+00:00"}
    meta = Meta(name="foreman-token-t", namespace=TASKS)
    await town.client.create(Secret(metadata=meta, string_data=old))
    async with controlled(town):
        task = await claimed(town, **installed(town))
        assert (await token(town, "read", other_than="old"))["token"]

    secret = await town.client.get(Secret, "foreman-token-t", TASKS)
    assert [owner.uid for owner in secret.metadata.owner_references] == [task.metadata.uid]


async def test_the_secret_of_a_task_that_ended_while_we_were_away_is_deleted(
    quiet_town: Town,
) -> None:
    town = quiet_town
    async with controlled(town):
        await claimed(town, **installed(town))
        await token(town, "read")
    await change(town, "t", phase="Failed")
    async with controlled(town):

        async def gone() -> bool | None:
            return None if await stored(town) else True

        await until(gone)
