from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from k8s.embedded.access import Attempt, Tokens, allowed
from tests.k8s.embedded.embedded_support import (
    CONFIG_MAPS,
    MERGE,
    OURS,
    TASKS,
    Caller,
    config_map,
    task,
)

OBJECTS: dict[str, list[dict[str, Any]]] = {
    "agentictasks.foreman.llmkube.dev": [
        {"metadata": {"name": "mine"}, "status": {"assignedNode": "here", "phase": "Running"}},
        {"metadata": {"name": "theirs"}, "status": {"assignedNode": "there", "phase": "Running"}},
        {"metadata": {"name": "over"}, "status": {"assignedNode": "here", "phase": "Succeeded"}},
        {"metadata": {"name": "free"}},
    ],
    "modelendpoints.foreman.llmkube.dev": [
        {"metadata": {"name": "e"}, "spec": {"apiKeySecretRef": {"name": "endpoint-key"}}}
    ],
    "agents.foreman.llmkube.dev": [
        {
            "metadata": {"name": "a"},
            "spec": {
                "providerConfig": {"apiKeySecretRef": {"name": "agent-key"}},
                "mcp": {
                    "servers": [
                        {"headers": [{"valueFrom": {"secretKeyRef": {"name": "mcp-key"}}}]},
                        {},
                    ]
                },
            },
        },
        {"metadata": {"name": "b"}, "spec": {}},
    ],
}


class Objects:
    def one(self, resource: str, namespace: str, name: str) -> Mapping[str, Any] | None:
        return next(
            (o for o in self.all(resource, namespace) if o["metadata"]["name"] == name), None
        )

    def all(self, resource: str, namespace: str) -> Iterator[Mapping[str, Any]]:
        return iter(OBJECTS.get(resource, []))


OURS_GROUP = "foreman.llmkube.dev"
MAY = [
    ("list", f"agents.{OURS_GROUP}", "", ""),
    ("watch", f"agentictasks.{OURS_GROUP}", "", ""),
    ("get", f"workloads.{OURS_GROUP}", "w", ""),
    ("get", "configmaps", "any", ""),
    ("list", "endpoints", "", ""),
    ("list", "namespaces", "", ""),
    ("list", "inferenceservices.inference.llmkube.dev", "", ""),
    ("create", f"fleetnodes.{OURS_GROUP}", "here", ""),
    ("patch", f"fleetnodes.{OURS_GROUP}", "here", "status"),
    ("patch", f"agentictasks.{OURS_GROUP}", "mine", "status"),
    ("get", "secrets", "foreman-token-mine", ""),
    ("get", "secrets", "endpoint-key", ""),
    ("get", "secrets", "agent-key", ""),
    ("get", "secrets", "mcp-key", ""),
    ("create", "configmaps", "foreman-transcript-mine", ""),
    ("patch", "configmaps", "foreman-evidence-mine", ""),
    ("create", "events", "", ""),
    ("patch", "events", "e", ""),
]
MAY_NOT = [
    ("list", "secrets", "", ""),
    ("watch", "secrets", "foreman-token-mine", ""),
    ("list", "secrets", "endpoint-key", ""),
    ("get", "secrets", "app-key", ""),
    ("get", "secrets", "foreman-token-theirs", ""),
    ("get", "secrets", "foreman-token-over", ""),
    ("get", "secrets", "foreman-token-free", ""),
    ("get", "secrets", "foreman-token-absent", ""),
    ("get", "secrets", "foreman-token-", ""),
    ("create", "secrets", "foreman-token-x", ""),
    ("patch", f"agentictasks.{OURS_GROUP}", "mine", ""),
    ("patch", f"agentictasks.{OURS_GROUP}", "theirs", "status"),
    ("patch", f"agentictasks.{OURS_GROUP}", "free", "status"),
    ("patch", f"agentictasks.{OURS_GROUP}", "absent", "status"),
    ("create", f"agentictasks.{OURS_GROUP}", "x", ""),
    ("create", f"fleetnodes.{OURS_GROUP}", "there", ""),
    ("patch", f"fleetnodes.{OURS_GROUP}", "there", "status"),
    ("delete", f"fleetnodes.{OURS_GROUP}", "here", ""),
    ("patch", f"workloads.{OURS_GROUP}", "w", "status"),
    ("create", "configmaps", "foreman-issue-w-1", ""),
    ("patch", "configmaps", "foreman-evidence-theirs", ""),
    ("create", "configmaps", "foreman-transcript-over", ""),
    ("delete", "configmaps", "foreman-transcript-mine", ""),
    ("list", "leases.coordination.k8s.io", "", ""),
    ("get", f"deliveries.{OURS_GROUP}", "d", ""),
    ("create", "namespaces", "n", ""),
]


@pytest.mark.parametrize(
    ("attempt", "may"),
    [pytest.param(a, True, id=" ".join(a)) for a in MAY]
    + [pytest.param(a, False, id=" ".join(a)) for a in MAY_NOT],
)
def test_a_node_may(attempt: tuple[str, str, str, str], may: bool) -> None:
    verb, resource, name, subresource = attempt

    told = allowed(
        "node", Attempt(verb, resource, "default", name, subresource), Objects(), node_name="here"
    )

    assert told is may
    assert allowed("admin", Attempt(verb, resource, "default", name, subresource), Objects())


def test_a_node_without_a_name_writes_any_node_and_any_assigned_task() -> None:
    for resource, name in (
        (f"fleetnodes.{OURS_GROUP}", "there"),
        (f"agentictasks.{OURS_GROUP}", "theirs"),
    ):
        assert allowed("node", Attempt("patch", resource, "default", name, "status"), Objects())


@pytest.mark.parametrize(
    ("name", "may"),
    [
        pytest.param("theirs", True, id="in flight"),
        pytest.param("over", False, id="ended"),
        pytest.param("free", False, id="not assigned"),
    ],
)
def test_a_node_without_a_name_gets_the_tokens_of_tasks_in_flight(name: str, may: bool) -> None:
    attempt = Attempt("get", "secrets", "default", f"foreman-token-{name}")

    assert allowed("node", attempt, Objects()) is may


def test_tokens_are_made_once_and_are_their_owners_alone(tmp_path: Path) -> None:
    first, second = Tokens(tmp_path), Tokens(tmp_path)

    assert first["admin"] == second["admin"] != first["node"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}


@pytest.mark.parametrize(
    ("header", "role"),
    [
        pytest.param("Bearer {admin}", "admin", id="admin"),
        pytest.param("bearer  {node} ", "node", id="node"),
        pytest.param("Basic {admin}", None, id="scheme"),
        pytest.param("{admin}", None, id="bare"),
        pytest.param("Bearer ", None, id="empty"),
        pytest.param("Bearer {admin}x", None, id="longer"),
        pytest.param("Bearer ünicode", None, id="not ascii"),
    ],
)
def test_a_header_has_the_role_of_its_token(tmp_path: Path, header: str, role: str | None) -> None:
    tokens = Tokens(tmp_path)

    assert tokens.role(header.format(admin=tokens["admin"], node=tokens["node"])) == role


async def test_a_forbidden_request_says_what_was_tried(node: Caller) -> None:
    listed = await node("GET", "/api/v1/namespaces/default/secrets")
    deleted = await node("DELETE", f"{OURS}/fleetnodes/n")

    assert (listed.status, listed.body["reason"]) == (403, "Forbidden")
    assert listed.body["message"] == (
        'secrets is forbidden: User "foreman:node" cannot list resource "secrets" in API group ""'
        ' in the namespace "default"'
    )
    assert deleted.body["message"].endswith("at the cluster scope")


async def test_a_node_writes_the_status_of_a_task_once_it_is_assigned(
    admin: Caller, node: Caller
) -> None:
    await admin.made(TASKS, task("a"))
    claim = {"status": {"claimID": "c"}}

    before = await node("PATCH", f"{TASKS}/a/status", claim, media=MERGE)
    await admin.patched(f"{TASKS}/a/status", {"status": {"assignedNode": "n"}})
    after = await node("PATCH", f"{TASKS}/a/status", claim, media=MERGE)

    assert (before.status, after.status) == (403, 200)


async def in_flight(admin: Caller, name: str) -> None:
    await admin.made(TASKS, task(name))
    status = {"status": {"assignedNode": "n", "phase": "Running"}}
    await admin.patched(f"{TASKS}/{name}/status", status)


async def test_a_node_stores_transcripts_and_nothing_else(admin: Caller, node: Caller) -> None:
    await in_flight(admin, "a")

    transcript = await node("POST", CONFIG_MAPS, config_map("foreman-transcript-a"))
    other = await node("POST", CONFIG_MAPS, config_map("settings"))

    assert (transcript.status, other.status) == (201, 403)


async def test_a_node_gets_a_secret_by_name_only(admin: Caller, node: Caller) -> None:
    await in_flight(admin, "a")
    secrets = "/api/v1/namespaces/default/secrets"
    for name in ("foreman-token-a", "foreman-token-b", "app-key"):
        await admin.made(secrets, {"metadata": {"name": name}})

    token = await node("GET", f"{secrets}/foreman-token-a")
    another = await node("GET", f"{secrets}/foreman-token-b")
    key = await node("GET", f"{secrets}/app-key")
    by_field = await node("GET", f"{secrets}?fieldSelector=metadata.name=foreman-token-a")

    assert (token.status, another.status, key.status, by_field.status) == (200, 403, 403, 403)
