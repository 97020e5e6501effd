"""A node with everything the house has, over the embedded API: what hand-applied tasks come to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.executor import NodeExecutor, reaching
from app.manager import manage
from app.node import Flags
from app.settings import Settings, load
from k8s.client import Client, UnixAccess, connect
from k8s.controllers.caches import Caches
from k8s.embedded.serve import EmbeddedApi, EmbeddedSettings, serve
from k8s.meta import Meta
from k8s.node.machine import Stated
from k8s.node.worker import Node, NodeSettings
from k8s.resources.agent import Agent, AgentSpec
from k8s.resources.core import ConfigMap, Secret
from k8s.resources.endpoint import EndpointSpec, ModelEndpoint
from k8s.resources.task import AgenticTask, Payload, TaskSpec
from loop.gates.profile import Override
from loop.work.job import Job
from tools.sandbox.probe import probe
from tools.sandbox.runner import Network


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class World:
    client: Client

    async def agent(self, **spec: Any) -> None:
        defaults: dict[str, Any] = {
            "role": "coder",
            "tools": ["bash"],
            "model": "m",
            "model_endpoint_ref": {"name": "llm"},
            "system_prompt": "be brief",
            "max_retries": 0,
        }
        meta = Meta(name="helpful", namespace="default")
        await self.client.create(Agent(metadata=meta, spec=AgentSpec(**{**defaults, **spec})))

    async def endpoint(self, **spec: Any) -> None:
        meta = Meta(name="llm", namespace="default")
        await self.client.create(ModelEndpoint(metadata=meta, spec=EndpointSpec(**spec)))

    async def run(self, **fields: Any) -> AgenticTask:
        payload = fields.pop("payload", Payload(prompt="What is 2 + 3?"))
        spec = TaskSpec(
            kind=fields.pop("kind", "freeform"),
            payload=payload,
            agent_ref={"name": "helpful"},
            **fields,
        )
        meta = Meta(name="t", namespace="default")
        await self.client.create(AgenticTask(metadata=meta, spec=spec))
        async with asyncio.timeout(20):
            while not (task := await self.client.get(AgenticTask, "t", "default")).ended:
                await asyncio.sleep(0.02)
        return task


@asynccontextmanager
async def node(api: EmbeddedApi, settings: Settings, root: Path) -> AsyncIterator[None]:
    sandbox = await probe(want="plain")
    stop = asyncio.Event()
    async with (
        connect(UnixAccess(api.socket, api.node_token)) as client,
        NodeExecutor.open(
            client, settings, Flags(), root=root, sandbox=sandbox, switches={}
        ) as executor,
        asyncio.TaskGroup() as group,
    ):
        worker = Node(
            client,
            NodeSettings(
                name="m",
                namespace="default",
                slots=1,
                roles=("worker",),
                labels={},
                version="0",
                sandbox=sandbox.description,
                stated=Stated(),
                drain_seconds=0.0,
            ),
            executor,
            now,
        )
        running = group.create_task(worker.run(stop))
        yield
        stop.set()
        await running


@pytest.fixture(name="world")
async def _world(tmp_path: Path) -> AsyncIterator[World]:
    settings = load(data=tmp_path, commit_author_email="t@example.com")
    async with (
        serve(EmbeddedSettings(directory=tmp_path / "api", port=None)) as api,
        connect(UnixAccess(api.socket, api.admin_token)) as client,
        asyncio.TaskGroup() as group,
    ):
        caches = Caches.of(client, "default")
        background = [
            group.create_task(caches.run()),
            group.create_task(
                manage(client, caches, clock=now, unavailable_for=timedelta(hours=1))
            ),
        ]
        async with node(api, settings, tmp_path / "node"):
            yield World(client)
        for task in background:
            task.cancel()


def scripted(*replies: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"match": {"agent": "helpful"}, "replies": list(replies)}]


async def test_a_freeform_task_ends_with_its_answer(world: World) -> None:
    await world.endpoint(
        scripted_replies=scripted(
            {"calls": [{"name": "bash", "arguments": {"command": "echo $((2+3))"}}]},
            {"expect": ["5"], "text": "It is 5."},
        )
    )
    await world.agent()

    task = await world.run()

    assert (task.phase, task.status.verdict) == ("Succeeded", "GO")
    assert task.status.result
    assert task.status.result.extra.output == "It is 5."
    kept = await world.client.get(ConfigMap, "foreman-transcript-t", "default")
    messages = json.loads(kept.data["transcript.json"])["messages"]
    assert [m["role"] for m in messages] == ["system", "user", "assistant", "tool", "assistant"]
    assert "What is 2 + 3?" in messages[1]["content"]
    assert kept.metadata.owner_references[0].uid == task.metadata.uid


async def test_a_conversation_is_continued(world: World) -> None:
    await world.endpoint(scripted_replies=scripted({"text": "Blue, as you said."}))
    await world.agent()
    talk = [
        {"role": "user", "content": "My favourite colour is blue."},
        {"role": "assistant", "content": "Noted."},
        {"role": "user", "content": "What is it?"},
    ]

    task = await world.run(payload=Payload(conversation=talk))

    assert task.status.verdict == "GO"
    kept = await world.client.get(ConfigMap, "foreman-transcript-t", "default")
    roles = [m["role"] for m in json.loads(kept.data["transcript.json"])["messages"]]
    assert roles[-4:] == ["user", "assistant", "user", "assistant"]


@pytest.mark.parametrize(
    ("agent", "endpoint", "reason", "told"),
    [
        pytest.param(
            {"model": "other"},
            {"models": ["m*"], "base_url": "http://127.0.0.1:9/v1"},
            "InferenceServiceUnavailable",
            "does not allow model other",
            id="model not allowed",
        ),
        pytest.param(
            {"tools": ["bash", "levitate"]},
            {"scripted_replies": scripted({"text": "x"})},
            "InfrastructureError",
            "levitate: no such tool",
            id="unknown tool",
        ),
    ],
)
async def test_what_cannot_begin_says_why(
    world: World, agent: dict[str, Any], endpoint: dict[str, Any], reason: str, told: str
) -> None:
    await world.endpoint(**endpoint)
    await world.agent(**agent)
    if "base_url" in endpoint:
        # Reachable as far as anybody knows, so that the node gets to look at the model's name.
        condition = {
            "type": "Reachable",
            "status": "True",
            "reason": "Answers",
            "message": "",
            "lastTransitionTime": "2026-01-01T00:00:00Z",
        }
        body = {"status": {"conditions": [condition]}}
        await world.client.patch(ModelEndpoint, "llm", "default", body, subresource="status")

    task = await world.run()

    result = task.status.result
    assert result
    assert result.extra.outcome == "EXECUTOR-PRECONDITION-FAILED"
    assert (task.status.failure_reason, result.extra.reason) == (reason, reason)
    assert told in result.summary


@pytest.mark.parametrize(
    ("data", "told"),
    [
        pytest.param(None, "ConfigMap foreman-issue-w-1: not there", id="gone"),
        pytest.param({"x": "y"}, "holds no snapshot under issue.json", id="another thing"),
        pytest.param({"issue.json": "{"}, "holds no snapshot under issue.json", id="broken"),
    ],
)
async def test_the_live_issue_never_stands_in_for_a_snapshot(
    world: World, data: dict[str, str] | None, told: str
) -> None:
    await world.endpoint(scripted_replies=scripted({"text": "x"}))
    await world.agent()
    if data is not None:
        meta = Meta(name="foreman-issue-w-1", namespace="default")
        await world.client.create(ConfigMap(metadata=meta, data=data))

    task = await world.run(payload=Payload(prompt="x", issue_snapshot="foreman-issue-w-1"))

    assert task.status.result
    assert task.status.failure_reason == "InfrastructureError"
    assert told in task.status.result.summary


async def test_without_a_sandbox_only_trusted_repositories_run(world: World) -> None:
    await world.endpoint(scripted_replies=scripted({"text": "x"}))
    await world.agent()

    task = await world.run(kind="issue-fix", payload=Payload(repo="a/b", prompt="fix"))

    assert task.status.result
    assert "FOREMAN_TRUSTED_REPOSITORIES" in task.status.result.summary


async def test_an_agent_may_be_kept_to_repositories(world: World) -> None:
    await world.endpoint(scripted_replies=scripted({"text": "x"}))
    await world.agent(allowed_repositories=["c/d"])

    task = await world.run(kind="issue-fix", payload=Payload(repo="a/b", prompt="fix"))

    assert task.status.result
    assert "allowedRepositories does not name a/b" in task.status.result.summary


async def test_an_agent_gets_the_node_s_network_only_with_the_node_s_word(world: World) -> None:
    await world.endpoint(scripted_replies=scripted({"text": "x"}))
    await world.agent(sandbox={"network": "host"})

    task = await world.run()

    assert task.status.result
    assert "FOREMAN_AGENT_NETWORK=host" in task.status.result.summary


async def test_a_key_reaches_the_model_and_no_transcript(world: World) -> None:
    from k8s.scripted import scripted_model
    from k8s.scripted_scenario import ScriptedRun

    key = "sk-local-0123456789abcdef0123456789abcdef"
    runs = [ScriptedRun.model_validate(r) for r in scripted({"text": f"the key is {key}"})]
    meta = Meta(name="llm-key", namespace="default")
    await world.client.create(Secret(metadata=meta, string_data={"key": key}))
    async with scripted_model(runs, api_key=key) as server:
        await world.endpoint(base_url=server.base_url, api_key_secret_ref={"name": "llm-key"})
        await world.agent()

        task = await world.run()

    kept = await world.client.get(ConfigMap, "foreman-transcript-t", "default")
    assert task.status.verdict == "GO"
    assert "the key is" in kept.data["transcript.json"]
    assert key not in kept.data["transcript.json"]
    assert task.status.result
    assert key not in json.dumps(task.status.result.wire())


def override(**fields: Any) -> Override:
    return Override("task", **fields)


@pytest.mark.parametrize(
    ("said", "word", "comes_to"),
    [
        pytest.param(None, "none", None, id="nobody says anything"),
        pytest.param(None, "host", Override("operator", network="host"), id="the operator"),
        pytest.param(
            override(language="python"),
            "host",
            override(language="python", network="host"),
            id="beside the task",
        ),
        pytest.param(
            override(network="none"), "host", override(network="none"), id="the task says no"
        ),
    ],
)
def test_what_a_gate_may_reach(
    said: Override | None, word: Network, comes_to: Override | None
) -> None:
    job = Job(task="t", uid="u", kind="verify", directory=Path(), gate=said)

    assert reaching(job, word).gate == comes_to


async def test_git_of_a_node_knows_the_proxy_and_no_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("GITHUB_TOKEN", "secret")
    async with (
        serve(EmbeddedSettings(directory=tmp_path / "api", port=None)) as api,
        connect(UnixAccess(api.socket, api.node_token)) as client,
        NodeExecutor.open(
            client,
            load(),
            Flags(),
            root=tmp_path / "node",
            sandbox=await probe(want="plain"),
            switches={},
        ) as executor,
    ):
        seen = executor.repositories.git.environment()

    assert seen["HTTPS_PROXY"] == "http://proxy.example:3128"
    assert "GITHUB_TOKEN" not in seen
