"""An Agent as the values that a run is given."""

from __future__ import annotations

from typing import Any

import pytest

from k8s.meta import Meta
from k8s.node.assignment import persona_of
from k8s.resources.agent import Agent, AgentSpec, SandboxPolicy
from k8s.unused import event_message
from tools.sandbox.runner import Limits

USUAL = Limits()


def agent(sandbox: SandboxPolicy | None) -> Agent:
    spec = AgentSpec(role="coder", tools=["bash", "submit_result"], sandbox=sandbox)
    return Agent(metadata=Meta(name="a", namespace="default"), spec=spec)


@pytest.mark.parametrize(
    ("sandbox", "limits"),
    [
        pytest.param(None, USUAL, id="silent"),
        pytest.param({}, USUAL, id="empty"),
        pytest.param({"memory_mb": 0, "processes": 0, "cpu_seconds": 0}, USUAL, id="zero"),
        pytest.param(
            {"memory_mb": 256, "processes": 20, "cpu_seconds": 9},
            Limits(memory_bytes=256 * 2**20, processes=20, cpu_seconds=9),
            id="all",
        ),
    ],
)
def test_the_limits_of_its_commands_are_the_agents(
    sandbox: dict[str, Any] | None, limits: Limits
) -> None:
    policy = None if sandbox is None else SandboxPolicy(**sandbox)

    assert persona_of(agent(policy)).limits == limits


@pytest.mark.parametrize(
    ("sandbox", "told"),
    [
        pytest.param(SandboxPolicy(memory_mb=256), "", id="limits work"),
        pytest.param(SandboxPolicy(network="host"), "", id="network works"),
        pytest.param(SandboxPolicy(allowed_hosts=["pkg.example"]), "", id="hosts work"),
    ],
)
def test_what_of_the_sandbox_waits_is_told(sandbox: SandboxPolicy, told: str) -> None:
    message = event_message(agent(sandbox))

    assert message.startswith(told)
    assert bool(message) is bool(told)
