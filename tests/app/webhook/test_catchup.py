from __future__ import annotations

import asyncio
import json
from datetime import datetime, timedelta, tzinfo
from typing import Any

import pytest

from app.demo.github.faults import Fault, WebhookFault
from app.webhook.catchup import CatchUp
from tests.app.town import CONTROL, REPOSITORY, Town, controlled, hooked, until

NOWHERE = "https://foreman.invalid/webhook"


def catch_up(town: Town, pauses: list[float] | None = None) -> CatchUp:
    async def sleep(seconds: float) -> None:
        if pauses is not None:
            pauses.append(seconds)
        await asyncio.sleep(0.01)

    return CatchUp(town.client, town.app, CONTROL, clock=town.clock, sleep=sleep)


async def test_without_an_address_deliveries_are_read_from_the_api(quiet_town: Town) -> None:
    town = quiet_town
    town.github.set_webhook_url(NOWHERE)
    number = await town.labelled_issue()
    await town.github.comment(REPOSITORY, number, "maintainer", "nice")
    await town.github.settled()

    async with controlled(town):
        assert await catch_up(town).look(intake=True) == 1
        (delivery,) = await town.settled()

    assert delivery.status.phase == "Done"
    assert len(await town.workloads()) == 1


async def test_each_delivery_is_read_once_and_the_place_is_kept(quiet_town: Town) -> None:
    town = quiet_town
    town.github.set_webhook_url(NOWHERE)
    await town.labelled_issue()
    await town.github.settled()
    reader = catch_up(town)

    assert [await reader.look(intake=True) for _ in range(3)] == [1, 0, 0]
    await town.labelled_issue(title="Another")
    await town.github.settled()
    assert [await reader.look(intake=True), await catch_up(town).look(intake=True)] == [1, 0]
    assert len(await town.deliveries()) == 2


async def test_what_is_long_past_is_not_begun(quiet_town: Town) -> None:
    town = quiet_town
    town.github.set_webhook_url(NOWHERE)
    await town.labelled_issue()
    await town.github.settled()

    town.clock.ahead = timedelta(hours=2)

    assert await catch_up(town).look(intake=True) == 0


async def test_a_delivery_that_was_missed_for_hours_is_found_by_the_place_kept(
    quiet_town: Town,
) -> None:
    town = quiet_town
    town.github.set_webhook_url(NOWHERE)
    await town.labelled_issue()
    await town.github.settled()
    assert await catch_up(town).look(intake=True) == 1
    await town.labelled_issue(title="While we were away")
    await town.github.settled()

    town.clock.ahead = timedelta(hours=20)

    assert await catch_up(town).look(intake=True) == 1


async def test_behind_a_hook_only_what_failed_is_caught_up(quiet_town: Town) -> None:
    town = quiet_town
    async with hooked(town):
        await town.labelled_issue()
        await town.github.settled()
        (arrived,) = await town.deliveries()
        town.github.faults.add_webhook(WebhookFault(kind="lost", action="labeled"))
        await town.labelled_issue(title="Lost")
        await town.github.settled()
    await town.client.delete(type(arrived), arrived.metadata.name, CONTROL)

    assert await catch_up(town).look(intake=False) == 1
    (found,) = await town.deliveries()
    assert found.spec.payload["issue"]["title"] == "Lost"


class Undated(datetime):
    """A moment that GitHub would have to be broken to show."""

    def astimezone(self, tz: tzinfo | None = None) -> Undated:
        return self

    def strftime(self, format: str) -> str:  # noqa: A002 - its name in datetime
        return "null"


@pytest.mark.parametrize(
    "oddity",
    [
        pytest.param({"status_code": None}, id="no status"),
        pytest.param({"delivered_at": Undated(2026, 1, 1)}, id="no moment"),
        pytest.param({"id": "x"}, id="no number"),
    ],
)
async def test_an_odd_entry_costs_only_itself(quiet_town: Town, oddity: dict[str, Any]) -> None:
    town = quiet_town
    town.github.set_webhook_url(NOWHERE)
    for title in ("One", "Odd", "Two"):
        await town.labelled_issue(title=title)
    await town.github.settled()
    recorded = town.github.forge.deliveries.recorded
    (odd,) = (
        d
        for d in recorded
        if d.action == "labeled" and json.loads(d.payload)["issue"]["title"] == "Odd"
    )
    vars(odd).update(oddity)
    reader = catch_up(town)

    assert [await reader.look(intake=True) for _ in range(2)] == [2, 0]
    assert {d.spec.payload["issue"]["title"] for d in await town.deliveries()} == {"One", "Two"}


@pytest.mark.parametrize("status", [403, 404, 422])
async def test_a_delivery_that_github_will_not_show_costs_only_itself(
    quiet_town: Town, status: int
) -> None:
    town = quiet_town
    town.github.set_webhook_url(NOWHERE)
    await town.labelled_issue(title="Lost")
    await town.labelled_issue(title="Found")
    await town.github.settled()
    town.github.faults.add(Fault(kind="status", path=r"/app/hook/deliveries/\d+", status=status))

    assert await catch_up(town).look(intake=True) == 1
    (found,) = await town.deliveries()
    assert found.spec.payload["issue"]["title"] == "Found"


async def test_an_outage_is_waited_out(quiet_town: Town) -> None:
    town = quiet_town
    town.github.set_webhook_url(NOWHERE)
    await town.labelled_issue()
    await town.github.settled()
    town.github.faults.add(Fault(kind="status", path="/app/hook/deliveries", times=6))
    pauses: list[float] = []
    running = asyncio.create_task(catch_up(town, pauses).run(intake=True))

    async def arrived() -> bool | None:
        return True if await town.deliveries() and pauses else None

    await until(arrived, 30)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert set(pauses) == {10.0}
