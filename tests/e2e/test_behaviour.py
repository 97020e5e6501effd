"""What people on GitHub see when things are not as usual."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
import uuid
from typing import Any

import aiohttp
import pytest

from app.demo.github.faults import WebhookFault
from app.up import NODE_DRAIN_SECONDS, NODE_GRACE_SECONDS
from k8s.resources.agent import Agent
from k8s.resources.core import ConfigMap
from k8s.resources.delivery import Delivery
from k8s.resources.endpoint import ModelEndpoint
from k8s.resources.task import AgenticTask
from k8s.resources.workload import Workload
from tests.e2e import processes, story
from tests.e2e.conftest import Open
from tests.e2e.house import CONTROL, NAMESPACE, House, agents_file
from tests.e2e.listening import Listener, listening
from tests.e2e.program import free_port, until
from tests.tools.sandbox_support import require_bubblewrap

pytestmark = pytest.mark.slow

CANCEL_SECONDS = 5.0


def signed(house: House, body: bytes, delivery: str) -> dict[str, str]:
    secret = house.environment["GITHUB_WEBHOOK_SECRET"].encode()
    return {
        "Content-Type": "application/json",
        "X-GitHub-Event": "issues",
        "X-GitHub-Delivery": delivery,
        "X-Hub-Signature-256": f"sha256={hmac.new(secret, body, hashlib.sha256).hexdigest()}",
    }


async def concluded(house: House) -> list[Delivery]:
    """All Deliveries, once each is carried out."""

    async def look() -> list[Delivery] | None:
        found = await house.all(Delivery, CONTROL)
        return found if found and all(d.status.phase for d in found) else None

    return await until(look, seconds=20.0, what="Deliveries: concluded")


@pytest.mark.parametrize("ids", [1, 20], ids=["one id", "twenty ids"])
async def test_twenty_deliveries_of_one_label_make_one_workload(house: House, ids: int) -> None:
    house.github.faults.add_webhook(WebhookFault(kind="lost", event="issues", action="labeled"))
    await house.label()
    [lost] = [sent for sent in await house.github.sent() if sent["action"] == "labeled"]
    body = json.dumps(lost["request"]["payload"]).encode()
    names = [str(uuid.uuid4()) for _ in range(ids)] * (20 // ids)

    async with aiohttp.ClientSession() as session:

        async def send(name: str) -> int:
            url = f"http://127.0.0.1:{house.port}/webhook"
            async with session.post(url, data=body, headers=signed(house, body, name)) as answer:
                return answer.status

        statuses = await asyncio.gather(*(send(name) for name in names))
    deliveries = await concluded(house)
    await house.reviewed()

    assert statuses == [202] * 20
    assert {d.metadata.name for d in deliveries} - {lost["guid"]} == set(names)
    assert len(await house.all(Workload)) == 1
    assert len(await house.statuses()) == 1
    assert len(await house.pulls()) == 1


async def test_who_may_not_write_gets_one_refusal(house: House) -> None:
    """By a command and by a label; per person, and however often they ask."""
    await house.github.set_permission(story.REPOSITORY, "tess", "triage")
    for text in ("/foreman fix", "/foreman fix now", "/foreman cancel"):
        await house.github.comment(story.REPOSITORY, house.issue, story.STRANGER, text)
    await house.label("tess")
    await house.github.settled()
    deliveries = await concluded(house)

    said = await house.said()
    assert {d.status.phase for d in deliveries} == {"Refused"}
    assert [sum(f"@{person}" in text for text in said) for person in ("passerby", "tess")] == [1, 1]
    assert len(said) == 2
    assert await house.all(Workload) == []
    assert house.listener.asked == []


async def test_a_model_that_falls_silent_is_left(open_house: Open) -> None:
    silent = {**story.FIX, "fault": "silence", "after_chunks": 1}
    async with open_house(runs=story.runs(story.coder(silent))) as house:
        await house.start()
        patience = {"silenceTimeoutSeconds": 1, "maxRetries": 0}
        await house.client.patch(Agent, "coder", NAMESPACE, {"spec": patience})
        await house.label()

        workload = await house.ended()
        task = await house.task("issue-fix")
        told = await until(lambda: _told(house, "a person is needed"), seconds=20.0)

        assert workload.status.phase == "Failed"
        assert task is not None
        assert task.status.result is not None
        extra = task.status.result.extra
        assert (task.status.verdict, extra.outcome) == ("INCOMPLETE", "LOOP-INCOMPLETE")
        assert (extra.reason, task.status.failure_reason) == ("ModelTimeout", "Timeout")
        assert "the server was silent" in told
        assert "LOOP-INCOMPLETE · ModelTimeout" in told
        assert len(await house.statuses()) == 1
        assert await house.pulls() == []
        assert [who.turn for who in house.listener.left] == [1]
        transcript = f"foreman-transcript-{task.metadata.name}"
        assert await house.client.get(ConfigMap, transcript, NAMESPACE)


async def _told(house: House, word: str) -> str | None:
    return next((text for text in await house.statuses() if word in text), None)


async def test_an_endpoint_that_is_down_is_waited_for(open_house: Open) -> None:
    port = free_port()
    async with open_house() as house:
        agents_file(house.directory, f"http://127.0.0.1:{port}/v1")
        await house.start()
        await house.label()

        waiting = await house.until_task(
            "issue-fix", lambda task: any("cannot connect" in text for text in _why(task))
        )
        assert waiting.phase == "Pending"
        [endpoint] = await house.all(ModelEndpoint)
        assert f"ModelEndpoint {endpoint.metadata.name}: not reachable" in _why(waiting)[0]
        assert endpoint.spec.base_url == f"http://127.0.0.1:{port}/v1"
        async with listening(story.runs(), house.listener, port=port):
            await house.reviewed()


def _why(task: AgenticTask) -> list[str]:
    return [c.message for c in task.status.conditions if c.reason == "EndpointNotReady"]


@pytest.mark.sandbox
async def test_cancel_leaves_no_process(open_house: Open) -> None:
    """Not even one that left its session: its process namespace ends."""
    require_bubblewrap()
    seconds = f"1000.{uuid.uuid4().int % 10**9}"
    command = f"sleep {seconds} & (setsid sleep {seconds} &) ; sleep {seconds}"
    async with open_house(runs=story.runs(story.coder(story.bash(command)))) as house:
        await house.start()
        await house.label()
        await until(lambda: _runs(seconds, at_least=3), seconds=30.0, what="three sleeps")

        began = time.monotonic()
        await house.comment("/foreman cancel")
        await until(lambda: _is_gone(seconds), seconds=CANCEL_SECONDS, what="sleep: gone")
        took = time.monotonic() - began

        await house.ended(seconds=10.0)
        await _assert_cancelled(house, "/foreman cancel by ada")
        assert took < CANCEL_SECONDS


async def _runs(word: str, *, at_least: int) -> bool:
    sleeping = [pid for pid in processes.saying(word) if processes.command_line(pid)[0] == "sleep"]
    return len(sleeping) >= at_least


async def _is_gone(word: str) -> bool:
    return not processes.saying(word)


async def _assert_cancelled(house: House, why: str) -> None:
    task = await house.task("issue-fix")
    assert task is not None
    assert task.status.result is not None
    assert task.status.verdict == "INCOMPLETE"
    assert task.status.result.extra.outcome == "CANCELLED"
    assert why in task.status.result.summary
    told = await until(lambda: _told(house, "Foreman: cancelled"), seconds=20.0)
    assert why in told


@pytest.mark.parametrize("fault", ["hang", "silence"])
async def test_a_label_taken_away_hangs_up_on_the_model(open_house: Open, fault: str) -> None:
    hanging = {**story.FIX, "fault": fault}
    async with open_house(runs=story.runs(story.coder(hanging))) as house:
        await house.start()
        await house.label()
        await until(lambda: _waits(house.listener), seconds=30.0, what="a request to the model")

        await house.github.unlabel(story.REPOSITORY, house.issue, story.PERSON, "foreman")
        await until(lambda: _hung_up(house.listener), seconds=CANCEL_SECONDS)

        await house.ended(seconds=10.0)
        await _assert_cancelled(house, "label removed by ada")


async def _waits(listener: Listener) -> bool:
    return bool(listener.waiting)


async def _hung_up(listener: Listener) -> bool:
    return not listener.waiting and bool(listener.left)


async def test_review_of_a_persons_pull_request(house: House) -> None:
    await house.github.push(
        story.REPOSITORY, "by-hand", story.PERSON, {story.ANSWER: "42\n"}, message="Answer"
    )
    made = await house.github.open_pull_request(
        story.REPOSITORY, story.PERSON, "Answer", "by-hand", body=story.BODY
    )
    await house.comment("/foreman review", made["number"])

    async def look() -> dict[str, Any] | None:
        found = await house.reviews()
        told = [text for text in await house.said(made["number"]) if "Foreman: done" in text]
        return found[0] if found and told else None

    review = await until(look, seconds=60.0, what="a review")
    checks = await house.checks()

    assert (review["state"], review["commit_id"]) == ("COMMENTED", made["head"]["sha"])
    assert review["body"].count("GO")
    assert "filesTouched" in review["body"]
    assert {c["name"]: c["conclusion"] for c in checks} == {
        "foreman / review": "success",
        "foreman / verdict": "success",
    }
    assert len(await house.said(made["number"])) == 1
    assert {task.spec.kind for task in await house.all(AgenticTask)} == {"review"}


async def test_questions_are_answered_once(house: House) -> None:
    """A comment that is delivered twice is one question."""
    duplicate = WebhookFault(kind="duplicate", event="issue_comment", times=9, same_guid=False)
    house.github.faults.add_webhook(duplicate)
    await house.comment("/foreman help")
    await house.comment("/foreman status")
    await house.github.settled()
    deliveries = await concluded(house)

    assert len([d for d in deliveries if d.status.phase == "Done"]) == 4
    said = sorted(await house.said())
    assert len(said) == 2
    assert "start work on this issue" in said[0]
    assert "Nothing of mine was ever started here." in said[1]
    assert await house.all(Workload) == []


async def test_a_lost_webhook_is_made_up_for_at_the_next_start(house: House) -> None:
    house.github.faults.add_webhook(WebhookFault(kind="lost", event="issues", action="labeled"))
    await house.label()
    assert await house.up.stop() == 0
    assert await house.github.sent()

    await house.start()

    await house.reviewed()


async def test_up_stopped_in_the_middle_goes_on_at_the_next_start(house: House) -> None:
    house.listener.holds = lambda who: True
    await house.label()
    await until(lambda: _waits(house.listener), seconds=30.0, what="a request to the model")

    began = time.monotonic()
    assert await house.up.stop() == 0
    took = time.monotonic() - began
    house.listener.holds = lambda who: False
    await house.start()
    await house.reviewed()

    assert NODE_DRAIN_SECONDS < took < NODE_GRACE_SECONDS
    assert "node.exited" not in house.show()
