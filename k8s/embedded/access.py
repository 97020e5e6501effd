"""Who may do what: two bearer tokens, two fixed roles.

`admin` may do everything. `node` reads what agents need to run, writes its own FleetNode, the status
of assigned tasks and the records of those in flight, and gets by name the Secrets with keys of
agents and the token of a task in flight, never a list of Secrets.
Between processes of one user that is hygiene; it is a wall once `work` runs as another user.
"""

from __future__ import annotations

import hmac
import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from k8s.schedule import IN_FLIGHT

Role = Literal["admin", "node"]
ROLES: tuple[Role, ...] = ("admin", "node")
_READ = frozenset({"get", "list", "watch"})
_WRITE = frozenset({"patch", "update"})
_READABLE = frozenset(
    {
        "agentictasks.foreman.llmkube.dev",
        "agents.foreman.llmkube.dev",
        "configmaps",
        "endpoints",
        "fleetnodes.foreman.llmkube.dev",
        "inferenceservices.inference.llmkube.dev",
        "modelendpoints.foreman.llmkube.dev",
        "modelprofiles.foreman.llmkube.dev",
        "namespaces",
        "workloads.foreman.llmkube.dev",
    }
)
_TASKS = "agentictasks.foreman.llmkube.dev"
_RECORDS = ("foreman-transcript-", "foreman-evidence-")
_TOKENS = ("foreman-token-",)


@dataclass(frozen=True)
class Attempt:
    """What a request is about to do; *resource* is plural and group."""

    verb: str
    resource: str
    namespace: str = ""
    name: str = ""
    subresource: str = ""


class Lookup(Protocol):
    """Reads of the store that a decision may need."""

    def one(self, resource: str, namespace: str, name: str) -> Mapping[str, Any] | None: ...
    def all(self, resource: str, namespace: str) -> Iterator[Mapping[str, Any]]: ...


class Tokens:
    """The two bearer tokens, made once and kept in *directory*, readable by their owner only."""

    def __init__(self, directory: Path) -> None:
        self._values = {role: _kept(directory / f"{role}.token") for role in ROLES}

    def __getitem__(self, role: Role) -> str:
        return self._values[role]

    def role(self, authorization: str) -> Role | None:
        """The role of an `Authorization` header; None when it has none of our tokens."""
        scheme, _, given = authorization.partition(" ")
        if scheme.lower() != "bearer":
            return None
        matching: Role | None = None
        for role, value in self._values.items():
            if hmac.compare_digest(given.strip().encode(), value.encode()):
                matching = role
        return matching


def allowed(role: Role, attempt: Attempt, lookup: Lookup, *, node_name: str = "") -> bool:
    """Whether *role* may; a *node_name* narrows the node's writes to this one."""
    return role == "admin" or _node_may(attempt, lookup, node_name)


def _node_may(attempt: Attempt, lookup: Lookup, node_name: str) -> bool:
    if attempt.verb in _READ and attempt.resource in _READABLE:
        return True
    match attempt.resource:
        case "fleetnodes.foreman.llmkube.dev":
            own = not node_name or attempt.name == node_name
            return own and attempt.verb in _WRITE | {"create"}
        case "agentictasks.foreman.llmkube.dev":
            return (
                attempt.verb in _WRITE
                and attempt.subresource == "status"
                and _assigned(lookup.one(_TASKS, attempt.namespace, attempt.name), node_name)
            )
        case "secrets":
            return attempt.verb == "get" and (
                _worked_on(attempt, _TOKENS, lookup, node_name)
                or attempt.name in _referenced(attempt.namespace, lookup)
            )
        case "configmaps":
            return attempt.verb in _WRITE | {"create"} and _worked_on(
                attempt, _RECORDS, lookup, node_name
            )
        case "events":
            return attempt.verb in _WRITE | {"create"}
        case _:
            return False


def _assigned(task: Mapping[str, Any] | None, node_name: str) -> bool:
    node = ((task or {}).get("status") or {}).get("assignedNode")
    return bool(node) and node_name in ("", node)


def _worked_on(attempt: Attempt, prefixes: tuple[str, ...], lookup: Lookup, node_name: str) -> bool:
    """Whether the name is one of *prefixes* and a task that the node has in hand now."""
    for prefix in prefixes:
        if attempt.name.startswith(prefix):
            task = lookup.one(_TASKS, attempt.namespace, attempt.name.removeprefix(prefix))
            phase = ((task or {}).get("status") or {}).get("phase")
            return phase in IN_FLIGHT and _assigned(task, node_name)
    return False


def _referenced(namespace: str, lookup: Lookup) -> set[str]:
    """Names of the Secrets with keys that ModelEndpoints and Agents of *namespace* point to."""
    found: set[str] = set()
    for endpoint in lookup.all("modelendpoints.foreman.llmkube.dev", namespace):
        found.add(_reference(endpoint["spec"], "apiKeySecretRef"))
    for agent in lookup.all("agents.foreman.llmkube.dev", namespace):
        spec = agent["spec"]
        found.add(_reference(spec.get("providerConfig") or {}, "apiKeySecretRef"))
        for server in (spec.get("mcp") or {}).get("servers") or []:
            for header in server.get("headers") or []:
                found.add(_reference(header.get("valueFrom") or {}, "secretKeyRef"))
    return found - {""}


def _reference(holder: Mapping[str, Any], key: str) -> str:
    return str((holder.get(key) or {}).get("name", ""))


def _kept(path: Path) -> str:
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        pass
    token = secrets.token_urlsafe(32)
    write_private(path, token.encode() + b"\n")
    return token


def write_private(path: Path, content: bytes) -> None:
    """Replace *path* in one step with a file that only its owner can read."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
