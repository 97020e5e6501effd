from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from app.demo.github.faults import WebhookFault
from tests.app.demo.conftest import REPOSITORY, World


@dataclass
class Receiver:
    url: str = ""
    status: int = 202
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def receive(self, request: web.Request) -> web.Response:
        self.requests.append((dict(request.headers), await request.read()))
        return web.Response(status=self.status, text="thanks")


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    made = Receiver()
    application = web.Application()
    application.router.add_post("/webhook", made.receive)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/webhook"
    yield made
    await runner.cleanup()


async def deliveries(world: World, query: str = "") -> Any:
    return await world.api("GET", f"/app/hook/deliveries{query}", token=world.api.jwt())


async def test_a_delivery_is_signed_and_named(world: World, receiver: Receiver) -> None:
    world.github.set_webhook_url(receiver.url)

    await world.github.open_issue(REPOSITORY, "ann", "Bug")
    await world.github.settled()

    ((headers, body),) = receiver.requests
    digest = hmac.new(b"s3cret", body, hashlib.sha256).hexdigest()
    assert headers["X-Hub-Signature-256"] == f"sha256={digest}"
    assert headers["X-Hub-Signature"].startswith("sha1=")
    assert headers["X-GitHub-Event"] == "issues"
    assert headers["Content-Type"] == "application/json"
    assert headers["User-Agent"].startswith("GitHub-Hookshot/")
    assert headers["X-GitHub-Hook-Installation-Target-Type"] == "integration"
    assert headers["X-GitHub-Hook-Installation-Target-ID"] == str(world.github.app_id)
    assert headers["X-GitHub-Hook-ID"] == str(world.github.app.hook.id)
    assert len(headers["X-GitHub-Delivery"]) == 36


async def test_a_delivery_is_recorded_with_both_sides(world: World, receiver: Receiver) -> None:
    world.github.set_webhook_url(receiver.url)
    await world.github.open_issue(REPOSITORY, "ann", "Bug")
    await world.github.settled()

    newest = (await deliveries(world)).body[0]
    path = f"/app/hook/deliveries/{newest['id']}"
    full = await world.api("GET", path, token=world.api.jwt())

    assert (newest["status"], newest["status_code"], newest["event"]) == ("OK", 202, "issues")
    assert newest["repository_id"] == world.github.world.repository(REPOSITORY).id
    assert full.body["request"]["payload"]["issue"]["title"] == "Bug"
    assert full.body["request"]["headers"]["X-GitHub-Delivery"] == newest["guid"]
    assert full.body["response"]["payload"] == "thanks"


@pytest.mark.parametrize(
    ("url", "status", "code"),
    [
        pytest.param("https://nobody.invalid/x", "failed to connect to host", 502, id="invalid"),
        pytest.param("http://127.0.0.1:1/x", "failed to connect to host", 502, id="closed-port"),
        pytest.param("RECEIVER", "Invalid HTTP Response: 503", 503, id="refused"),
    ],
)
async def test_a_failed_delivery_is_recorded_and_not_repeated(
    world: World, receiver: Receiver, url: str, status: str, code: int
) -> None:
    receiver.status = 503
    world.github.set_webhook_url(url.replace("RECEIVER", receiver.url))
    await world.github.settled()
    before = len(world.events())

    await world.github.open_issue(REPOSITORY, "ann", "Bug")
    await world.github.settled()

    newest = (await deliveries(world)).body[0]
    assert (newest["status"], newest["status_code"]) == (status, code)
    assert len(world.events()) == before + 1


async def test_an_inactive_hook_leaves_no_record(world: World) -> None:
    await world.github.settled()
    before = len(world.events())
    world.github.set_webhook_url(None)

    await world.github.open_issue(REPOSITORY, "ann", "Bug")
    await world.github.settled()

    assert len(world.events()) == before


async def test_a_redelivery_keeps_its_guid(world: World, receiver: Receiver) -> None:
    await world.github.open_issue(REPOSITORY, "ann", "Bug")
    await world.github.settled()
    failed = (await deliveries(world, "?status=failure")).body[0]
    world.github.set_webhook_url(receiver.url)

    path = f"/app/hook/deliveries/{failed['id']}/attempts"
    answer = await world.api("POST", path, token=world.api.jwt())
    await world.github.settled()

    newest = (await deliveries(world)).body[0]
    assert answer.status == 202
    assert (newest["guid"], newest["redelivery"]) == (failed["guid"], True)
    assert newest["id"] != failed["id"]
    assert receiver.requests[0][0]["X-GitHub-Delivery"] == failed["guid"]


async def test_deliveries_are_walked_by_cursor(world: World) -> None:
    for n in range(5):
        await world.github.open_issue(REPOSITORY, "ann", f"Bug {n}")
    await world.github.settled()
    everything = [d["id"] for d in (await deliveries(world, "?per_page=100")).body]

    found, query = [], "?per_page=2"
    while query:
        page = await deliveries(world, query)
        found += [d["id"] for d in page.body]
        link = page.headers.get("Link", "")
        assert link == "" or link.endswith('; rel="next"')
        query = link.partition("deliveries")[2].partition(">")[0]

    assert found == everything == sorted(everything, reverse=True)


async def test_events_come_to_subscribers_with_the_permission_only(
    make_github: Callable[..., Any],
) -> None:
    permissions = {"contents": "write", "checks": "write"}
    async with make_github(events=("issues", "push"), permissions=permissions) as github:
        await github.create_repository("acme/widget", {"a": "b"})
        await github.open_issue("acme/widget", "acme", "Bug")
        await github.push("acme/widget", "x", "acme", {"a": "c"})
        await github.settled()
        found = [d["event"] for d in await github.sent()]

    assert found == ["installation", "push", "check_suite"]


@pytest.mark.parametrize(
    ("fault", "received", "recorded", "guids"),
    [
        pytest.param({"kind": "lost"}, 0, 1, 1, id="lost"),
        pytest.param({"kind": "lost", "recorded": False}, 0, 0, 0, id="lost-without-trace"),
        pytest.param({"kind": "duplicate"}, 2, 2, 1, id="duplicate"),
        pytest.param({"kind": "duplicate", "same_guid": False}, 2, 2, 2, id="other-guid"),
    ],
)
async def test_webhooks_get_lost_and_double(
    world: World,
    receiver: Receiver,
    fault: dict[str, Any],
    received: int,
    recorded: int,
    guids: int,
) -> None:
    await world.github.settled()
    world.github.set_webhook_url(receiver.url)
    before = len(world.events())
    world.github.faults.add_webhook(WebhookFault(event="issues", action="opened", **fault))

    await world.github.open_issue(REPOSITORY, "ann", "Bug")
    await world.github.settled()

    sent = (await world.github.sent())[before:]
    assert (len(receiver.requests), len(sent)) == (received, recorded)
    assert len({d["guid"] for d in sent}) == guids
    assert all(d["status_code"] == 504 for d in sent if fault["kind"] == "lost")


async def test_settled_waits_for_what_is_on_its_way(world: World, receiver: Receiver) -> None:
    world.github.set_webhook_url(receiver.url)
    for n in range(10):
        await world.github.open_issue(REPOSITORY, "ann", f"Bug {n}")

    await asyncio.wait_for(world.github.settled(), 10)

    assert len(receiver.requests) == 10
