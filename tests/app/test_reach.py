"""What network the commands of a task get, from settings and Agent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.reach import Reach, ReachError, reach
from app.settings import Settings, load
from k8s.meta import Meta
from k8s.resources.agent import Agent, AgentSpec, SandboxPolicy
from tools.sandbox.egress import Egress, Host

PKG, FILES, CORP = Host("pkg.example"), Host("files.example"), Host("corp.example", 8443)


def agent(**policy: Any) -> Agent:
    spec = AgentSpec(role="coder", tools=["bash"], sandbox=SandboxPolicy(**policy))
    return Agent(metadata=Meta(name="a", namespace="default"), spec=spec)


def settings(**given: str) -> Settings:
    return load(data=Path("unused"), **given)


def to(*hosts: Host) -> Egress:
    return Egress(hosts)


@pytest.mark.parametrize(
    ("policy", "given", "comes_to"),
    [
        pytest.param({}, {}, Reach("none", "none"), id="nobody says anything"),
        pytest.param(
            {}, {"allowed_hosts": "pkg.example"}, Reach("none", to(PKG)), id="the node's hosts"
        ),
        pytest.param(
            {"allowed_hosts": ["files.example"]},
            {},
            Reach(to(FILES), to(FILES)),
            id="the Agent's hosts",
        ),
        pytest.param(
            {"allowed_hosts": ["files.example", "pkg.example"]},
            {"allowed_hosts": "pkg.example"},
            Reach(to(FILES, PKG), to(PKG, FILES)),
            id="both, and setup gets all",
        ),
        pytest.param(
            {"allowed_hosts": ["corp.example:8443"]},
            {},
            Reach(to(CORP), to(CORP)),
            id="an Agent opens no private network",
        ),
        pytest.param(
            {"allowed_hosts": ["corp.example:8443"]},
            {"allowed_hosts": "corp.example:8443"},
            Reach(*[to(Host("corp.example", 8443, private=True))] * 2),
            id="unless the node names the same",
        ),
        pytest.param({}, {"gate_network": "host"}, Reach("none", "host"), id="setup on the host"),
        pytest.param(
            {"allowed_hosts": ["pkg.example"]},
            {"gate_network": "host"},
            Reach(to(PKG), "host"),
            id="setup on the host, the model not",
        ),
        pytest.param(
            {"network": "host"}, {"agent_network": "host"}, Reach("host", "host"), id="all on it"
        ),
        pytest.param({}, {"agent_network": "host"}, Reach("none", "none"), id="nobody asks for it"),
    ],
)
def test_what_is_reached(policy: dict[str, Any], given: dict[str, str], comes_to: Reach) -> None:
    assert reach(agent(**policy), settings(**given)) == comes_to


def test_an_agent_without_a_sandbox_reaches_nothing() -> None:
    plain = Agent(metadata=Meta(name="a"), spec=AgentSpec(role="verifier", tools=["x"]))

    assert reach(plain, settings()) == Reach("none", "none")


@pytest.mark.parametrize(
    ("policy", "told"),
    [
        pytest.param({"network": "host"}, "FOREMAN_AGENT_NETWORK=host", id="the node's network"),
        pytest.param(
            {"allowed_hosts": ["10.0.0.1"]}, "sandbox.allowedHosts: 10.0.0.1: ", id="an address"
        ),
    ],
)
def test_what_is_not_given_is_told(policy: dict[str, Any], told: str) -> None:
    with pytest.raises(ReachError, match=told):
        reach(agent(**policy), settings())
