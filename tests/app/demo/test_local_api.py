"""The local GitHub from another process."""

from __future__ import annotations

import asyncio
import asyncio.subprocess
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from app.demo.github.local_api import VERBS
from app.demo.github.people import LocalGitHub
from tests.app.demo.conftest import REPOSITORY, World

SCENARIO = [
    {"create_user": {"login": "ann"}},
    {
        "create_repository": {
            "repository": REPOSITORY,
            "files": {"a.py": "1\n"},
            "collaborators": {"ann": "write"},
        }
    },
    {
        "open_issue": {
            "repository": REPOSITORY,
            "user": "ann",
            "title": "Bug",
            "labels": ["foreman"],
        }
    },
]


async def call(url: str, verb: str, **arguments: Any) -> Any:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{url}/_local/{verb}", json=arguments) as response,
    ):
        body = await response.json()
        assert response.status == 200, body
        return body["result"]


@pytest.fixture
async def process(tmp_path: Path, pem: str) -> AsyncIterator[dict[str, Any]]:
    (tmp_path / "key.pem").write_text(pem)
    (tmp_path / "scenario.json").write_text(json.dumps(SCENARIO))
    started = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app.demo.github", "--directory", str(tmp_path / "github")),
        *("--webhook-url", "http://hook.invalid/", "--webhook-secret", "s"),
        *("--private-key", str(tmp_path / "key.pem")),
        *("--scenario-file", str(tmp_path / "scenario.json")),
        stdout=asyncio.subprocess.PIPE,
    )
    assert started.stdout is not None
    ready = json.loads(await asyncio.wait_for(started.stdout.readline(), 30))
    yield ready
    started.terminate()
    assert await asyncio.wait_for(started.wait(), 10) == 0


async def test_it_runs_as_a_process_of_its_own(process: dict[str, Any], pem: str) -> None:
    url = process["url"]

    (issue,) = await call(url, "issues", repository=REPOSITORY)
    await call(url, "settled")
    sent = await call(url, "sent")
    info = await call(url, "info")

    assert set(process) == {
        *("url", "app_id", "client_id", "app_slug", "private_key_path", "webhook_secret")
    }
    assert Path(process["private_key_path"]).read_text() == pem
    assert Path(process["private_key_path"]).stat().st_mode & 0o077 == 0
    assert process["webhook_secret"] == "s"
    assert [x["name"] for x in issue["labels"]] == ["foreman"]
    assert [d["event"] for d in sent] == ["installation", "issues", "issues"]
    assert info["app_id"] == process["app_id"]


async def test_faults_are_set_and_waited_for_from_outside(world: World) -> None:
    url, github = world.github.url, world.github
    await github.open_issue(REPOSITORY, "ann", "Bug")
    token = await world.api.token()
    fault = await call(url, "add_fault", kind="hold", method="POST", path="/comments$")

    early = await call(url, "wait_fault", id=fault, seconds=0.01)
    path = f"/repos/{REPOSITORY}/issues/1/comments"
    asking = asyncio.ensure_future(world.api("POST", path, {"body": "x"}, token=token))
    reached = await call(url, "wait_fault", id=fault)
    stored = await call(url, "comments", repository=REPOSITORY, number=1)
    state = await call(url, "fault", id=fault)
    await call(url, "release_fault", id=fault, outcome="answer")

    assert (early, reached, len(stored)) == (False, True, 1)
    assert state == {"seen": 1, "reached": True}
    assert (await asking).status == 201


async def test_webhook_faults_are_set_from_outside(world: World) -> None:
    url = world.github.url
    await call(url, "add_webhook_fault", kind="duplicate", event="issues")
    await call(url, "open_issue", repository=REPOSITORY, user="ann", title="Bug")
    await call(url, "settled")

    assert world.events().count("issues.opened") == 2
    await call(url, "clear_faults")
    assert world.github.faults.webhooks == {}


@pytest.mark.parametrize(
    ("verb", "body", "status", "word"),
    [
        pytest.param("nothing", {}, 404, "one of create_user", id="verb"),
        pytest.param("open_issue", {"repo": "x"}, 422, "missing a required", id="argument"),
        pytest.param("issues", {"repository": "a/b"}, 404, "Not Found", id="repository"),
        pytest.param("fault", {"id": 9}, 404, "there is none", id="fault"),
        pytest.param("add_fault", {"kind": "call"}, 422, "only in Python", id="call"),
        pytest.param("create_user", {"login": "ann"}, 422, "already", id="twice"),
    ],
)
async def test_mistakes_are_told(
    world: World, verb: str, body: dict[str, Any], status: int, word: str
) -> None:
    answer = await world.api("POST", f"/_local/{verb}", body)

    assert answer.status == status
    assert word in answer.body["error"]


async def test_a_page_in_a_browser_cannot_order_anything(world: World) -> None:
    url = f"{world.github.url}/_local/create_user"

    async with world.api.session.post(url, data="{}") as response:
        assert response.status == 415


def test_every_verb_is_a_method() -> None:
    assert [v for v in VERBS if not callable(getattr(LocalGitHub, v, None))] == []


async def test_a_repository_is_made_from_a_folder(world: World, tmp_path: Path) -> None:
    (tmp_path / "src" / "pkg").mkdir(parents=True)
    (tmp_path / "src" / "pkg" / "a.py").write_text("1\n")
    (tmp_path / "src" / "run.sh").write_text("#!/bin/sh\n")
    (tmp_path / "src" / "run.sh").chmod(0o755)
    (tmp_path / "src" / ".git").mkdir()
    (tmp_path / "src" / ".git" / "config").write_text("")

    await world.github.create_repository("acme/folder", folder=str(tmp_path / "src"))

    git = world.github.world.repository("acme/folder").git
    entries = {e.path: e.mode for e in await git.entries("main", "")}
    assert entries == {"pkg": "040000", "run.sh": "100755"}
