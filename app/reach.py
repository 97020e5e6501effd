"""What network a task's commands get: the node's settings and the Agent's wish, put together. Pure.

Files of a repository have no word in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.settings import Settings, split
from k8s.resources.agent import Agent, SandboxPolicy
from tools.sandbox.egress import Egress, Host, HostError, parse
from tools.sandbox.runner import Network


class ReachError(Exception):
    """An Agent asks for what this node does not give."""


@dataclass(frozen=True)
class Reach:
    """*commands* is for what the model runs, *setup* for a gate's setup where the task is silent."""

    commands: Network
    setup: Network


def reach(agent: Agent, settings: Settings) -> Reach:
    """Raises ReachError."""
    policy = agent.spec.sandbox or SandboxPolicy()
    name = agent.metadata.name
    if policy.network == "host" and settings.agent_network != "host":
        raise ReachError(
            f"Agent {name}: sandbox.network is host, which this node does not give; set "
            "FOREMAN_AGENT_NETWORK=host on the node, or name sandbox.allowedHosts instead"
        )
    ours = parse(split(settings.allowed_hosts), operator=True)
    try:
        theirs = tuple(_known(host, ours) for host in parse(policy.allowed_hosts, operator=False))
    except HostError as fault:
        raise ReachError(f"Agent {name}: sandbox.allowedHosts: {fault}") from fault
    if policy.network == "host":
        return Reach("host", "host")
    wide: Literal["host"] | None = "host" if settings.gate_network == "host" else None
    return Reach(_to(theirs), wide or _to(tuple(dict.fromkeys((*ours, *theirs)))))


def _known(host: Host, ours: tuple[Host, ...]) -> Host:
    """*host* as the node's own list has it: an Agent cannot open a private network by itself."""
    return next((one for one in ours if (one.name, one.port, one.below) == _key(host)), host)


def _key(host: Host) -> tuple[str, int, bool]:
    return host.name, host.port, host.below


def _to(hosts: tuple[Host, ...]) -> Network:
    return Egress(hosts) if hosts else "none"
