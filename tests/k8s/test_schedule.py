"""Which task goes where, and why not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from k8s.resources.agent import Agent, AgentSpec
from k8s.resources.endpoint import EndpointSpec, ModelEndpoint
from k8s.resources.fleet import Capability, FleetNode, NodeSpec, NodeStatus
from k8s.resources.policies import RequiredCapability
from k8s.resources.task import AgenticTask, Payload, TaskSpec, TaskStatus
from k8s.schedule import Plan, World, plan

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def task(
    name: str, *, age: int = 0, status: dict[str, Any] | None = None, **spec: Any
) -> AgenticTask:
    return AgenticTask(
        metadata={
            "name": name,
            "namespace": "n",
            "creationTimestamp": NOW - timedelta(seconds=age),
        },
        spec=TaskSpec(
            kind=spec.pop("kind", "issue-fix"),
            payload=Payload(repo="a/b", issue=1),
            agent_ref={"name": spec.pop("agent", "coder")},
            **spec,
        ),
        status=TaskStatus(**(status or {"phase": "Pending"})),
    )


def node(name: str = "m", *, slots: int = 1, beat: int = 0, **more: Any) -> FleetNode:
    return FleetNode(
        metadata={"name": name, "labels": more.pop("labels", {})},
        spec=NodeSpec(node_name=name, slots=slots, roles=more.pop("roles", ["worker"])),
        status=NodeStatus(
            phase=more.pop("phase", "Ready"),
            last_heartbeat_time=NOW - timedelta(seconds=beat),
            capability=Capability(**more),
        ),
    )


def agent(name: str = "coder", **spec: Any) -> Agent:
    return Agent(
        metadata={"name": name, "namespace": "n"},
        spec=AgentSpec(
            role="coder",
            tools=["bash"],
            model_endpoint_ref={"name": "llm"},
            system_prompt="x",
            **spec,
        ),
    )


def endpoint(*, reachable: bool | None = True, slots: int = 1) -> ModelEndpoint:
    conditions = (
        []
        if reachable is None
        else [
            {
                "type": "Reachable",
                "status": str(reachable),
                "reason": "x",
                "message": "connection refused",
                "lastTransitionTime": NOW,
            }
        ]
    )
    return ModelEndpoint(
        metadata={"name": "llm", "namespace": "n"},
        spec=EndpointSpec(base_url="http://x", slots=slots),
        status={"conditions": conditions},
    )


def planned(ready: list[AgenticTask], **world: Any) -> Plan:
    defaults: dict[str, Any] = {
        "tasks": ready,
        "nodes": [node()],
        "agents": [agent()],
        "endpoints": [endpoint()],
    }
    return plan(ready, World(**{**defaults, **world}), NOW)


def test_a_fitting_task_is_assigned() -> None:
    assert planned([task("t")]).assigned == {("n", "t"): "m"}


@pytest.mark.parametrize(
    ("world", "reason", "told"),
    [
        pytest.param({"agents": []}, "AgentNotFound", "Agent coder", id="no agent"),
        pytest.param({"endpoints": []}, "EndpointNotFound", "llm", id="no endpoint"),
        pytest.param(
            {"endpoints": [endpoint(reachable=False)]},
            "EndpointNotReady",
            "connection refused",
            id="endpoint down",
        ),
        pytest.param(
            {"endpoints": [endpoint(reachable=None)]}, "EndpointNotReady", "llm", id="not tried"
        ),
        pytest.param({"nodes": []}, "NoNodes", "foreman work", id="no nodes"),
        pytest.param({"nodes": [node(beat=91)]}, "NoNodeFits", "stale", id="stale"),
        pytest.param({"nodes": [node(phase="Draining")]}, "NoNodeFits", "Draining", id="draining"),
    ],
)
def test_what_is_missing_is_named(world: dict[str, Any], reason: str, told: str) -> None:
    waiting = planned([task("t")], **world).waiting["n", "t"]

    assert waiting.reason == reason
    assert told in waiting.message
    assert waiting.position == 1


@pytest.mark.parametrize(
    ("needs", "told"),
    [
        pytest.param({"roles": ["gpu"]}, "lacks role gpu", id="role"),
        pytest.param({"node_selector": {"a": "b"}}, "a=b", id="label"),
        pytest.param({"accelerator": "metal"}, "no metal", id="accelerator"),
        pytest.param({"min_context_tokens": 10}, "10 context", id="context"),
        pytest.param({"min_ram_gb": 10}, "10 GB", id="memory"),
        pytest.param({"requires_model_installed": True}, "not installed", id="model"),
    ],
)
def test_capability_is_matched(needs: dict[str, Any], told: str) -> None:
    wanted = agent(required_capability=RequiredCapability(**needs))

    assert told in planned([task("t")], agents=[wanted]).waiting["n", "t"].message


def test_installed_model_waives_the_memory_test() -> None:
    wanted = agent(
        model="q",
        required_capability=RequiredCapability(min_ram_gb=99, requires_model_installed=True),
    )

    assert planned([task("t")], agents=[wanted], nodes=[node(installed_models=["q"])]).assigned


def test_priority_then_depth_then_age() -> None:
    ready = [
        task("old-fix", age=9),
        task("review", kind="review"),
        task("urgent", priority=1),
        task("verify", kind="verify"),
        task("new-fix"),
    ]

    found = planned(ready, nodes=[node(slots=3)], endpoints=[endpoint(slots=9)])

    assert {key[1] for key in found.assigned} == {"urgent", "review", "verify"}
    assert [(key[1], w.position) for key, w in found.waiting.items()] == [
        ("old-fix", 1),
        ("new-fix", 2),
    ]


def test_endpoint_slots_hold_across_nodes_and_running_tasks() -> None:
    running = task("r", status={"phase": "Running", "assignedNode": "x"})

    found = planned([task("t")], tasks=[running], nodes=[node(), node("x")])

    assert found.waiting["n", "t"].reason == "EndpointBusy"


def test_agent_limit_holds() -> None:
    running = task("r", status={"phase": "Running", "assignedNode": "x"})

    found = planned(
        [task("t")],
        tasks=[running],
        agents=[agent(max_concurrent_tasks=1)],
        endpoints=[endpoint(slots=5)],
    )

    assert found.waiting["n", "t"].reason == "AgentBusy"


def test_work_is_spread_over_free_nodes() -> None:
    found = planned(
        [task("a"), task("b"), task("c")],
        nodes=[node("x", slots=2), node("y", slots=2)],
        endpoints=[endpoint(slots=9)],
    )

    assert sorted(found.assigned.values()) == ["x", "x", "y"]
