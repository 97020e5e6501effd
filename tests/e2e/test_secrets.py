"""No secret of the house is within reach of what a model asks for, or in what the house says."""

from __future__ import annotations

import ast
import json
import re
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from k8s.resources.agent import Agent
from k8s.resources.core import ConfigMap, Event
from k8s.resources.delivery import Delivery
from k8s.resources.endpoint import ModelEndpoint
from k8s.resources.fleet import FleetNode
from k8s.resources.task import AgenticTask
from k8s.resources.workload import Workload
from tests.e2e import story
from tests.e2e.conftest import Open
from tests.e2e.house import NAMESPACE, House
from tests.tools.sandbox_support import require_bubblewrap

pytestmark = pytest.mark.slow

HUNT = Path(__file__).with_name("hunt.py").read_text()
PLANTED = "planted-in-the-repository"
BASH_SECONDS = 60


def secrets_of(house: House) -> dict[str, str]:
    """Everything that is secret now, by what it is."""
    api = house.directory / "data" / "api"
    key = (house.directory / "app.pem").read_text().splitlines()
    return {
        "App key": key[len(key) // 2],
        "webhook secret": house.environment["GITHUB_WEBHOOK_SECRET"],
        "owner's token": house.environment["GITHUB_TOKEN"],
        "API's admin token": (api / "admin.token").read_text().strip(),
        "API's node token": (api / "node.token").read_text().strip(),
        "model's key": house.environment["MODEL_KEY"],
        **{f"installation token {n}": t for n, t in enumerate(house.github.world.tokens)},
    }


async def prepare(house: House, tops: Sequence[str]) -> None:
    """Put beside the hunt what it looks for, and below which folders."""
    words = [PLANTED, *secrets_of(house).values()]
    address = urlsplit(house.github.url)
    wanted = {
        "directory": str(house.directory),
        "tops": [*tops, str(house.directory / "data")],
        "ports": [house.port, address.port],
        "words": [word.encode().hex() for word in words],
    }
    files = {"wanted.json": json.dumps(wanted)}
    await house.github.push(story.REPOSITORY, "main", story.PERSON, files)


async def hunted(house: House) -> list[str]:
    """What the hunt printed, as the transcript keeps it."""
    task = await house.task("issue-fix")
    assert task is not None
    name = f"foreman-transcript-{task.metadata.name}"
    kept = await house.client.get(ConfigMap, name, NAMESPACE)
    found = re.findall(r"HUNTED (\[.*?\])", json.dumps(json.loads(kept.data["transcript.json"])))
    assert found, kept.data["transcript.json"]
    places: list[str] = ast.literal_eval(found[-1])
    return places


@asynccontextmanager
async def hunting(open_house: Open, tops: Sequence[str], **settings: str) -> AsyncIterator[House]:
    """A house whose coder looks for secrets before it does its work."""
    model_key, owner = f"sk-{secrets.token_hex(20)}", f"ghp_{secrets.token_hex(18)}"
    replies = (story.bash("python3 hunt.py"), story.FIX, story.HAND_IN)
    async with open_house(
        runs=story.runs(story.coder(*replies), story.reviewer(story.LOOK, story.JUDGE)),
        files={**story.FILES, "hunt.py": HUNT, "planted.txt": PLANTED},
        api_key=model_key,
        GITHUB_TOKEN=owner,
        MODEL_KEY=model_key,
        FOREMAN_LOG_LEVEL="debug",
        **settings,
    ) as house:
        await prepare(house, tops)
        await house.start()
        await house.client.patch(
            Agent, "coder", NAMESPACE, {"spec": {"bashTimeoutSeconds": BASH_SECONDS}}
        )
        await house.label()
        await house.reviewed(seconds=60.0 + BASH_SECONDS)
        yield house


@pytest.mark.sandbox
async def test_a_tasks_commands_see_no_secret(open_house: Open) -> None:
    require_bubblewrap()
    async with hunting(open_house, ["/"]) as house:
        found = await hunted(house)
        assert "/workspace/planted.txt" in found
        assert {Path(place).name for place in found} == {"planted.txt"}
        assert await told(house) == []


async def test_the_hunt_finds_what_no_sandbox_hides(open_house: Open) -> None:
    """A proof that it looks where it should; plain mode promises less."""
    async with hunting(open_house, [], FOREMAN_SANDBOX="none") as house:
        found = await hunted(house)
        assert {"/proc/*/environ", "the network"} <= set(found)
        assert {"admin.token", "node.token", "api.sock"} <= {Path(p).name for p in found}
        assert "the environment" not in found
        assert "git's configuration" not in found


async def told(house: House) -> list[str]:
    """Which secrets stand in what the house keeps, logs and posts."""
    kept = [
        str([o.wire() for o in await house.all(kind, "")])
        for kind in (AgenticTask, Workload, ConfigMap, Event, FleetNode, ModelEndpoint, Delivery)
    ]
    posted = [await house.said(), await house.reviews(), await house.checks(), await house.pulls()]
    [pull] = await house.pulls()
    posted.append(await house.github.commits(story.REPOSITORY, pull["head"]["ref"]))
    texts = [*kept, str(posted), house.up.log.read_text()]
    return [what for what, word in secrets_of(house).items() if any(word in text for text in texts)]
