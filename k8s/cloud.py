"""Who may send code to a model outside: the operator and the Workload both have to agree. Pure."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from k8s.reach import NoRoute, Route
from k8s.resources.agent import Agent
from k8s.resources.workload import Workload

REASON = "SovereigntyGate"
# Names that no public zone holds, and Kubernetes' own.
# https://www.iana.org/assignments/special-use-domain-names/special-use-domain-names.xhtml
_PRIVATE_ZONES = (
    *("localhost", "local", "internal", "home.arpa", "lan", "intranet", "private", "corp", "home"),
    *("svc", "svc.cluster.local"),
)
# Numbers that resolvers take for an address: 2130706433, 0x7f000001.
_NUMBER = re.compile(r"\d+|0x[0-9a-f]+")


def is_private(host: str) -> bool:
    """Whether *host*, as a URL names it, can only be in a private network; no name is resolved."""
    name = host.lower().rstrip(".")
    try:
        return not ip_address(name.partition("%")[0]).is_global
    except ValueError:
        pass
    if _NUMBER.fullmatch(name.rpartition(".")[2]):
        return False
    return bool(name) and ("." not in name or name.endswith(tuple(f".{z}" for z in _PRIVATE_ZONES)))


def refusal(
    agent: Agent, way: Route | NoRoute | None, workload: Workload | None, *, operator_agrees: bool
) -> str:
    """Why *agent* may not be asked, as a sentence; "" where it may.

    *workload* None: the task was applied by hand, by somebody who named the Agent.
    """
    if not isinstance(way, Route) or not way.url:
        return ""
    host = urlsplit(way.url).hostname or ""
    if is_private(host):
        return ""
    told = f"Agent {agent.metadata.name}: its model is at {host or way.url}, outside"
    if not operator_agrees:
        return f"{told}, and the operator does not allow that (FOREMAN_ALLOW_CLOUD_PROVIDERS)"
    if workload and workload.spec.allow_cloud_reviewers is False:
        return f"{told}, and the Workload does not allow that (spec.allowCloudReviewers)"
    return ""
