"""Fields that do nothing are accepted everywhere; whoever sets one is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from app.manager import manage
from k8s.client import Client
from k8s.controllers.caches import Caches
from k8s.meta import API_VERSION, LocalRef, Meta, Resource
from k8s.resources.agent import Agent, AgentSpec, Approvals
from k8s.resources.core import Event
from k8s.resources.endpoint import EndpointSpec, ModelEndpoint
from k8s.resources.task import AgenticTask, ObjectRef, Payload, TaskSpec
from k8s.resources.workload import PipelineStep, Workload, WorkloadSpec
from tests.cluster.control_plane import refuse
from tests.k8s.contract import servers
from tests.k8s.contract.kubectl import NAMESPACE, Kubectl, Step, binary
from tests.k8s.contract.servers import Http, Server

MERGE = "application/merge-patch+json"
TOLD = '299 - "spec.modelRef: accepted, but Foreman gives it no meaning"'


def tasks(namespace: str, name: str = "") -> str:
    return f"/apis/{API_VERSION}/namespaces/{namespace}/agentictasks{name and f'/{name}'}"


def body(**spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": API_VERSION,
        "kind": "AgenticTask",
        "metadata": {"name": "a"},
        "spec": {"kind": "freeform", "payload": {"prompt": "hi"}, **spec},
    }


# At the sender: a real API server has no way to say it

REF = {"name": "model"}


async def test_who_creates_is_warned(server: Server, http: Http, namespace: str) -> None:
    answer = await http("POST", tasks(namespace) + "?fieldValidation=Strict", body(modelRef=REF))

    assert answer.status == 201
    assert answer.body["spec"]["modelRef"] == REF
    assert answer.headers.get("Warning") == (TOLD if server.embedded else None)


async def test_who_replaces_is_warned(server: Server, http: Http, namespace: str) -> None:
    made = (await http("POST", tasks(namespace), body(modelRef=REF))).body
    made["spec"]["cancellation"] = {"by": "me"}

    answer = await http("PUT", tasks(namespace, "a"), made)

    assert answer.status == 200
    assert answer.headers.get("Warning") == (TOLD if server.embedded else None)


async def test_who_patches_is_warned_of_the_patch_only(
    server: Server, http: Http, namespace: str
) -> None:
    path = f"/apis/{API_VERSION}/namespaces/{namespace}/agents"
    spec = {"role": "coder", "tools": ["bash"]}
    await http(
        "POST",
        path,
        {"apiVersion": API_VERSION, "kind": "Agent", "metadata": {"name": "a"}, "spec": spec},
    )

    sets = await http(
        "PATCH", f"{path}/a", {"spec": {"maxEnvtestIterations": 2}}, Content_Type=MERGE
    )
    sets_not = await http("PATCH", f"{path}/a", {"spec": {"maxTurns": 2}}, Content_Type=MERGE)

    told = '299 - "spec.maxEnvtestIterations: accepted, but Foreman gives it no meaning"'
    assert (sets.status, sets_not.status) == (200, 200)
    assert sets.headers.get("Warning") == (told if server.embedded else None)
    assert "Warning" not in sets_not.headers


async def test_a_status_sets_nothing(http: Http, namespace: str) -> None:
    await http("POST", tasks(namespace), body(modelRef=REF))
    change = {"spec": {"modelRef": REF}, "status": {"phase": "Pending"}}

    answer = await http("PATCH", f"{tasks(namespace, 'a')}/status", change, Content_Type=MERGE)

    assert answer.status == 200
    assert "Warning" not in answer.headers


async def test_an_unknown_field_is_told_beside_it(
    server: Server, http: Http, namespace: str
) -> None:
    answer = await http("POST", tasks(namespace), body(modelRef=REF, nope=1))

    unknown = '299 - "unknown field \\"spec.nope\\""'
    warned = answer.headers.getall("Warning")  # type: ignore[attr-defined]
    assert warned == ([unknown, TOLD] if server.embedded else [unknown])


@pytest.mark.kubectl
async def test_kubectl_prints_the_warning(tmp_path: Path) -> None:
    program = binary()
    if program is None:
        refuse("no kubectl; run `make cluster-assets`")
    assert program is not None
    made = Step("apply", "apply -f -", stdin=orjson.dumps(body(modelRef=REF)).decode())
    async with servers.embedded(tmp_path) as server:
        kubectl = Kubectl(program, server.kubeconfigs["admin"], tmp_path)
        await kubectl.run(Step("namespace", f"create namespace {NAMESPACE}"))

        output = await kubectl.run(made)

    assert output.code == 0, output.stderr
    assert output.stderr == ("Warning: spec.modelRef: accepted, but Foreman gives it no meaning\n")


# At the object: by the controllers, on both


@asynccontextmanager
async def controlled(client: Client, namespace: str) -> AsyncIterator[None]:
    caches = Caches.of(client, namespace)
    long = timedelta(hours=1)

    def clock() -> datetime:
        return datetime.now(UTC)

    async with asyncio.TaskGroup() as group:
        running = [
            group.create_task(caches.run()),
            group.create_task(manage(client, caches, clock=clock, unavailable_for=long)),
        ]
        yield
        for one in running:
            one.cancel()


async def events(client: Client, namespace: str, name: str) -> list[Event]:
    found = (await client.list(Event, namespace)).items
    return [e for e in found if e.reason == "UnusedField" and e.involved_object.name == name]


def meta(namespace: str) -> Meta:
    return Meta(name="a", namespace=namespace)


def objects(namespace: str) -> list[Any]:
    freeform = Payload(prompt="hi", agent="stub")
    step = PipelineStep(name="one", kind="freeform", payload=freeform)
    return [
        pytest.param(
            AgenticTask(
                metadata=meta(namespace),
                spec=TaskSpec(
                    kind="freeform",
                    payload=Payload(prompt="hi"),
                    agent_ref=LocalRef(name="coder"),
                    model_ref=ObjectRef(name="m"),
                    mcp_enabled=False,
                ),
            ),
            "spec.modelRef: accepted, but Foreman gives it no meaning;"
            " spec.mcpEnabled: accepted, but not built yet (L10)",
            id="task",
        ),
        pytest.param(
            Workload(metadata=meta(namespace), spec=WorkloadSpec(intent="do", pipeline=[step])),
            "spec.pipeline[0].payload.agent: accepted, but Foreman gives it no meaning",
            id="workload",
        ),
        pytest.param(
            Agent(
                metadata=meta(namespace),
                spec=AgentSpec(role="coder", tools=["bash"], approvals=Approvals(tools=["bash"])),
            ),
            "spec.approvals: accepted, but not built yet (L12)",
            id="agent",
        ),
        pytest.param(
            ModelEndpoint(
                metadata=meta(namespace),
                spec=EndpointSpec(base_url="http://m", context_tokens=1000),
            ),
            "spec.contextTokens: accepted, but not built yet (W13)",
            id="endpoint",
        ),
    ]


@pytest.mark.parametrize(("made", "message"), objects("default"))
async def test_the_object_has_one_event(
    client: Client, namespace: str, made: Resource, message: str
) -> None:
    made = made.replace(metadata=meta(namespace))

    async with controlled(client, namespace):
        await client.create(made)
        async with asyncio.timeout(10):
            while not (told := await events(client, namespace, "a")):
                await asyncio.sleep(0.02)
    async with controlled(client, namespace):  # as after a restart
        marker = made.replace(metadata=Meta(name="marker", namespace=namespace))
        await client.create(marker)
        async with asyncio.timeout(10):
            while not await events(client, namespace, "marker"):
                await asyncio.sleep(0.02)
    again = await events(client, namespace, "a")

    assert [(e.type, e.message, e.count) for e in told] == [("Warning", message, 1)]
    assert again == told
