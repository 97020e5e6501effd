"""What foreman.toml says is what is there: also what it no longer says."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from app.agents_file import AgentsFile, resources
from app.apply import difference
from app.up import furnish
from k8s.client import Client, UnixAccess, connect
from k8s.embedded.serve import EmbeddedSettings, serve
from k8s.meta import Meta
from k8s.resources.agent import Agent, AgentSpec
from k8s.resources.core import Secret
from k8s.resources.endpoint import ModelEndpoint


@pytest.fixture(name="client")
async def _client(tmp_path: Path) -> AsyncIterator[Client]:
    async with (
        serve(EmbeddedSettings(directory=tmp_path / "api", port=None)) as api,
        connect(UnixAccess(api.socket, api.admin_token)) as client,
    ):
        yield client


async def start(client: Client, **agents: dict[str, Any]) -> None:
    """What `foreman up` does with a file of *agents*."""
    content = AgentsFile.model_validate({"agents": agents})
    await furnish(client, "default", resources(content, "default"))


async def names(client: Client, kind: Any) -> list[str]:
    return sorted(item.metadata.name for item in (await client.list(kind, "default")).items)


async def test_what_left_the_file_is_gone_at_the_next_start(client: Client) -> None:
    by_hand = AgentSpec(role="verifier", tools=["run_gate_job"])
    await client.create(Agent(metadata=Meta(name="by-hand", namespace="default"), spec=by_hand))
    await start(
        client,
        one={"base_url": "http://127.0.0.1:9/v1", "model": "m", "api_key": "k"},
        two={"base_url": "http://127.0.0.1:10/v1", "model": "m"},
    )

    await start(client, two={"base_url": "http://127.0.0.1:10/v1", "model": "m", "roles": ["dev"]})

    assert await names(client, Agent) == ["by-hand", "gate", "two"]
    assert len(await names(client, ModelEndpoint)) == 1
    assert await names(client, Secret) == []


async def test_a_field_that_left_the_file_is_gone_too(client: Client) -> None:
    entry = {"base_url": "http://127.0.0.1:9/v1", "model": "m", "roles": ["dev"]}
    await start(client, one={**entry, "api_key": "k", "compact_pct": 50})

    await start(client, one={**entry, "model": "other"})

    agent = await client.get(Agent, "one", "default")
    [endpoint] = (await client.list(ModelEndpoint, "default")).items
    assert (agent.spec.model, agent.spec.compact_at_percent) == ("other", None)
    assert endpoint.spec.api_key_secret_ref is None
    assert await names(client, Secret) == []


async def test_a_changed_key_arrives(client: Client) -> None:
    entry = {"base_url": "http://127.0.0.1:9/v1", "model": "m"}
    await start(client, one={**entry, "api_key": "old"})
    await start(client, one={**entry, "api_key": "new"})

    [secret] = (await client.list(Secret, "default")).items
    assert secret.data == {"key": "bmV3"}


@pytest.mark.parametrize(
    ("roles", "warned"), [(["dev"], False), (["review"], True)], ids=["coder", "none"]
)
async def test_a_house_without_a_coder_says_so(
    client: Client, roles: list[str], *, warned: bool
) -> None:
    with capture_logs() as said:
        await start(client, one={"base_url": "http://127.0.0.1:9", "model": "m", "roles": roles})

    assert ("up.no_coder" in [line["event"] for line in said]) is warned


@pytest.mark.parametrize(
    ("found", "wanted", "patch"),
    [
        pytest.param({"a": 1}, {"a": 1}, {}, id="same"),
        pytest.param({"a": 1, "b": 2}, {"a": 3}, {"a": 3, "b": None}, id="changed and gone"),
        pytest.param({"a": {"x": 1, "y": 1}}, {"a": {"x": 1}}, {"a": {"y": None}}, id="inside"),
        pytest.param({"a": [1]}, {"a": [2], "b": {}}, {"a": [2], "b": {}}, id="new"),
    ],
)
def test_the_patch_from_found_to_wanted(
    found: dict[str, Any], wanted: dict[str, Any], patch: dict[str, Any]
) -> None:
    assert difference(found, wanted) == patch
