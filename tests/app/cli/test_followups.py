"""A person's word reaches the Workload, once and on what is there now."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import click
import pytest

from app.cli.followups import append
from k8s.client import Client, UnixAccess, connect
from k8s.embedded.serve import EmbeddedSettings, serve
from k8s.meta import Meta
from k8s.pipeline.plan import render
from k8s.resources.task import AgenticTask
from k8s.resources.workload import FollowUp, Workload
from tests.app.cli.test_commands import invoke


@pytest.fixture(name="client")
async def _client(tmp_path: Path) -> AsyncIterator[Client]:
    """An API with Workload `w`, whose review ended without a decision."""
    async with (
        serve(EmbeddedSettings(directory=tmp_path / "api", port=None)) as api,
        connect(UnixAccess(api.socket, api.admin_token)) as client,
    ):
        spec = {
            "intent": "x",
            "repo": "a/b",
            "issues": [1],
            "coderAgentRef": {"name": "c"},
            "reviewerAgentRefs": [{"name": "r"}],
        }
        made = await client.create(
            Workload(metadata=Meta(name="w", namespace="default"), spec=spec)
        )
        for task, verdict in zip(render(made).tasks, ("GO", "INCOMPLETE"), strict=True):
            await client.create(task)
            status = {"phase": "Succeeded", "verdict": verdict, "commitSHA": "a" * 40}
            name = task.metadata.name
            body = {"status": status}
            await client.patch(AgenticTask, name, "default", body, subresource="status")
        yield client


def follow_up(kind: str, number: int = 1) -> FollowUp:
    return FollowUp(id=f"f{number}", kind=kind, by="ann")


async def test_a_word_is_appended_to_what_was_said_before(client: Client, tmp_path: Path) -> None:
    code, told = await invoke(tmp_path, "retry", "w", "--reason", "look again", "--issue", "1")
    _, again = await invoke(tmp_path, "approve", "w")

    found = (await client.get(Workload, "w", "default")).spec.follow_ups
    assert (code, told) == (0, "Workload w: retry noted\n")
    assert again == "Workload w: approve noted\n"
    assert [(one.kind, one.digest, one.ref) for one in found] == [
        ("retry", "look again", "issue/1"),
        ("approve", "", ""),
    ]
    assert len({one.id for one in found}) == 2
    assert all(one.by and one.at for one in found)


async def test_what_makes_no_sense_is_refused_in_one_sentence(
    tmp_path: Path, client: Client
) -> None:
    nobody = await invoke(tmp_path, "approve", "nobody")
    escalated = await invoke(tmp_path, "escalate", "w")

    assert nobody[0] == escalated[0] == 1
    assert "nobody: no Workload of that name" in nobody[1]
    assert "w: there is nothing to escalate" in escalated[1]
    assert (await client.get(Workload, "w", "default")).spec.follow_ups == []


async def test_of_several_at_once_each_is_heard(client: Client) -> None:
    """The list is sent whole: a stale one would drop what came between."""
    orders = [follow_up("retry", number) for number in range(4)]

    await asyncio.gather(*(append(client, "w", "default", order) for order in orders))

    found = (await client.get(Workload, "w", "default")).spec.follow_ups
    assert {one.id for one in found} == {one.id for one in orders}


async def test_a_full_list_takes_no_more(client: Client) -> None:
    many = [follow_up("human-review", n).wire() for n in range(128)]
    await client.patch(Workload, "w", "default", {"spec": {"followUps": many}})

    with pytest.raises(click.ClickException, match="has 128 follow-ups already"):
        await append(client, "w", "default", follow_up("retry", 200))
