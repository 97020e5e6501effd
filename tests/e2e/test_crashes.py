"""SIGKILL between effect and answer: the server has stored it, we do not know.

GitHub holds its answer back, or a proxy before the API does; the process is killed; the answer is
lost. Whoever comes after has to find what is there and go on, without waiting for a claim to expire.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal

import pytest

from app.demo.github.faults import Fault
from k8s.resources.delivery import Delivery
from tests.e2e import story
from tests.e2e.between import Between, between
from tests.e2e.conftest import Open
from tests.e2e.house import CONTROL, NAMES, RECOVERY_SECONDS, House
from tests.e2e.program import Program, until

pytestmark = pytest.mark.slow

Victim = Literal["work", "up"]
VICTIMS = [pytest.param("work", id="work"), pytest.param("up", id="up")]


@dataclass(frozen=True)
class Effect:
    """A request whose answer is lost."""

    method: str
    path: str


AT_GITHUB = [
    pytest.param(Effect("POST", r"\.git/git-receive-pack$"), id="push"),
    pytest.param(Effect("POST", r"/pulls$"), id="pull request"),
    pytest.param(Effect("POST", r"/check-runs$"), id="check run"),
    pytest.param(Effect("POST", r"/pulls/\d+/reviews$"), id="review"),
    pytest.param(Effect("POST", r"/issues/\d+/comments$"), id="status comment"),
]


async def strike(house: House, victim: Victim) -> None:
    if victim == "work":
        await house.kill_work()
    else:
        await house.kill()


async def assert_nothing_twice(house: House, *, asked_again: int = 0) -> None:
    """One of everything; the coder's model was asked each turn once, but *asked_again*."""
    assert len(await house.pulls()) == 1
    assert len(await house.reviews()) == 1
    assert len(await house.statuses()) == 1
    assert len(await house.said()) == 1
    seen = Counter((check["name"], check["head_sha"]) for check in await house.checks())
    assert set(seen.values()) == {1}
    assert {name for name, _ in seen} == set(NAMES)
    [pull] = await house.pulls()
    commits = await house.github.commits(story.REPOSITORY, pull["head"]["ref"])
    assert [c["message"].partition("\n")[0] for c in commits] == [story.SUBJECT, "Initial commit"]
    turns = Counter(asked.turn for asked in house.listener.asked if asked.kind == "issue-fix")
    assert turns == {turn: 1 + (turn == asked_again) for turn in (1, 2)}
    assert house.model.problems == []


@pytest.mark.parametrize("victim", VICTIMS)
@pytest.mark.parametrize("effect", AT_GITHUB)
async def test_an_effect_at_github_is_not_repeated(
    open_house: Open, effect: Effect, victim: Victim
) -> None:
    async with open_house() as house:
        await house.start()
        held = house.github.faults.hold(effect.method, effect.path)
        await house.label()
        async with asyncio.timeout(60):
            await held.reached.wait()

        await strike(house, victim)
        held.release("answer" if victim == "work" else "drop")
        async with asyncio.timeout(RECOVERY_SECONDS):
            if victim == "up":
                await house.start()
            await house.reviewed()

        await assert_nothing_twice(house)


async def test_a_push_that_outlives_its_node_is_not_fought(open_house: Open) -> None:
    """The node dies while GitHub still takes its push in; the next claim meets it there."""
    async with open_house() as house:
        slow = Fault(kind="latency", method="POST", path=r"/git-receive-pack$", seconds=3.0)
        house.github.faults.add(slow)
        await house.start()
        await house.label()
        await until(lambda: _is_struck(slow), seconds=60.0, what="the push")

        await house.kill_work()
        async with asyncio.timeout(RECOVERY_SECONDS):
            await house.reviewed()

        await assert_nothing_twice(house)


async def _is_struck(fault: Fault) -> bool:
    return fault.seen > 0


@pytest.mark.parametrize("effect", AT_GITHUB[:2])
async def test_an_answer_that_is_lost_changes_nothing(open_house: Open, effect: Effect) -> None:
    """Nobody dies; the connection does."""
    async with open_house() as house:
        house.github.faults.drop_answer(effect.method, effect.path)
        await house.start()
        await house.label()

        await house.reviewed()

        await assert_nothing_twice(house)


@asynccontextmanager
async def apart(open_house: Open) -> AsyncIterator[tuple[House, Between]]:
    """The API in a process of its own that survives, and a proxy between it and `up`."""
    async with open_house() as house:
        data = house.environment["FOREMAN_DATA"]
        api = Program(
            ["app.cli.main", "api", "--port", "0"],
            house.environment,
            house.directory,
            house.directory / "api.log",
        )
        await api.start()
        try:
            await api.line("socket")
            socket = house.directory / "data" / "api" / "api.sock"
            token = (house.directory / "data" / "api" / "admin.token").read_text().strip()
            async with between(socket, token) as proxy:
                house.environment["FOREMAN_KUBECONFIG"] = str(
                    proxy.kubeconfig(house.directory / "proxy.kubeconfig")
                )
                house.up.environment = {**house.environment, "FOREMAN_DATA": f"{data}-up"}
                await house.start()
                yield house, proxy
                await house.up.stop()
        finally:
            await api.stop()


CLAIMS = [
    pytest.param("issue-fix", "code", "work", id="code-work"),
    pytest.param("issue-fix", "code", "up", id="code-up"),
    pytest.param("review", "review", "work", id="review-work"),
]


@pytest.mark.parametrize(("kind", "part", "victim"), CLAIMS)
async def test_a_claim_is_taken_up_again(
    open_house: Open, kind: str, part: str, victim: Victim
) -> None:
    async with apart(open_house) as (house, proxy):
        held = proxy.hold("PATCH", rf"/agentictasks/[a-z0-9-]*-{part}-[0-9-]+/status", '"claimID"')
        await house.label()
        async with asyncio.timeout(60):
            await held.reached.wait()
        before = await house.task(kind)
        assert before is not None
        assert before.phase == "Running"

        await strike(house, victim)
        held.released.set()
        async with asyncio.timeout(RECOVERY_SECONDS):
            if victim == "up":
                await house.start()
            await house.reviewed()

        after = await house.task(kind)
        assert after is not None
        assert after.status.claim_id != before.status.claim_id
        await assert_nothing_twice(house)


@pytest.mark.parametrize("victim", VICTIMS)
async def test_a_stored_delivery_is_not_lost(open_house: Open, victim: Victim) -> None:
    async with apart(open_house) as (house, proxy):
        held = proxy.hold("POST", r"/deliveries(\?|$)", '"labeled"')
        await house.label()
        async with asyncio.timeout(60):
            await held.reached.wait()

        await strike(house, victim)
        held.released.set()
        async with asyncio.timeout(RECOVERY_SECONDS):
            if victim == "up":
                await house.start()
            await house.reviewed()

        await assert_nothing_twice(house)


async def test_a_conversation_goes_on_where_it_was(open_house: Open) -> None:
    """The turn in flight is asked for again, and none before it; what was written is still there."""
    async with open_house() as house:
        house.listener.holds = lambda who: who.turn == 2
        await house.start()
        await house.label()
        await until(lambda: _asks(house, "issue-fix", 2), seconds=60.0, what="turn 2")

        await house.kill_work()
        house.listener.holds = lambda who: False
        async with asyncio.timeout(RECOVERY_SECONDS):
            await house.reviewed()

        await assert_nothing_twice(house, asked_again=2)


async def test_a_delivery_survives_with_its_store(open_house: Open) -> None:
    """The embedded API dies with the rest: what was answered for is on disk."""
    async with open_house() as house:
        await house.start()
        await house.label()
        await until(lambda: _is_stored(house), seconds=20.0, what="a Delivery")

        await house.kill()
        async with asyncio.timeout(RECOVERY_SECONDS):
            await house.start()
            await house.reviewed()

        await assert_nothing_twice(house)


async def _asks(house: House, kind: str, turn: int) -> bool:
    return any((who.kind, who.turn) == (kind, turn) for who in house.listener.waiting)


async def _is_stored(house: House) -> bool:
    return bool(await house.all(Delivery, CONTROL))
