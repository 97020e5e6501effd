"""What judges judge, over tasks as the embedded API keeps them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from k8s.client import Client, UnixAccess, connect
from k8s.embedded.serve import EmbeddedSettings, serve
from k8s.meta import Meta
from k8s.node.assignment import job_of
from k8s.node.lineage import pinned
from k8s.resources.task import AgenticTask, Payload, TaskSpec

BRANCH, SHA = "foreman/w/issue-1", "c" * 40


@pytest.fixture(name="client")
async def _client(tmp_path: Path) -> AsyncIterator[Client]:
    async with (
        serve(EmbeddedSettings(directory=tmp_path, port=None)) as api,
        connect(UnixAccess(api.socket, api.admin_token)) as client,
    ):
        yield client


async def make(client: Client, name: str, **fields: Any) -> AgenticTask:
    status = fields.pop("status", {})
    payload = Payload(**{"repo": "a/b", "issue": 1, "branch": BRANCH, **fields.pop("payload", {})})
    spec = TaskSpec(kind=fields.pop("kind"), payload=payload, agent_ref={"name": "x"}, **fields)
    made = await client.create(
        AgenticTask(metadata=Meta(name=name, namespace="default"), spec=spec)
    )
    if status:
        body = {"status": status}
        await client.patch(AgenticTask, name, "default", body, subresource="status")
    return made


async def judged(client: Client, task: AgenticTask) -> str:
    return (await pinned(client, task, job_of(task, None, Path()))).head_sha


@pytest.mark.parametrize(
    ("coder", "review", "sha"),
    [
        pytest.param({"commitSHA": SHA, "branch": BRANCH}, {}, SHA, id="what the coder pushed"),
        pytest.param({}, {}, "", id="nothing pushed"),
        pytest.param({"commitSHA": SHA, "branch": "other"}, {}, "", id="another branch"),
        pytest.param(
            {"commitSHA": SHA, "branch": BRANCH}, {"head_sha": "d" * 40}, "d" * 40, id="asked for"
        ),
        pytest.param(
            {"commitSHA": SHA, "branch": BRANCH}, {"pull_request": 3}, "", id="pull request"
        ),
    ],
)
async def test_a_review_after_a_verifier_is_of(
    client: Client, coder: dict[str, Any], review: dict[str, Any], sha: str
) -> None:
    await make(client, "code", kind="issue-fix", status=coder)
    await make(client, "verify", kind="verify", depends_on=["code", "gone"])
    task = await make(client, "review", kind="review", payload=review, depends_on=["verify"])

    assert await judged(client, task) == sha


async def test_a_coder_starts_from_the_base_whoever_went_before(client: Client) -> None:
    done = {"commitSHA": SHA, "branch": BRANCH}
    await make(client, "code", kind="issue-fix", status=done)
    again = await make(client, "again", kind="issue-fix", depends_on=["code"])

    assert await judged(client, again) == ""


async def test_tasks_that_wait_for_each_other_end(client: Client) -> None:
    await make(client, "a", kind="verify", depends_on=["b"])
    task = await make(client, "b", kind="verify", depends_on=["a"])

    assert await judged(client, task) == ""


async def test_each_judge_is_held_to_the_coder_of_its_own_round(client: Client) -> None:
    first, second = ({"commitSHA": letter * 40, "branch": BRANCH} for letter in "ab")
    await make(client, "code", kind="issue-fix", status=first)
    await make(client, "code-r1", kind="issue-fix", status=second)
    for suffix in ("", "-r1"):
        await make(client, f"verify{suffix}", kind="verify", depends_on=[f"code{suffix}"])
    old = await make(client, "review-a1", kind="review", depends_on=["verify"])
    new = await make(client, "escalate-r1", kind="review", depends_on=["verify-r1"])

    assert [await judged(client, task) for task in (old, new)] == ["a" * 40, "b" * 40]


@pytest.mark.parametrize("kind", ["reconcile", "verify", "review"])
async def test_after_slices_were_put_together_the_whole_is_judged(
    client: Client, kind: str
) -> None:
    part, whole = {"commitSHA": "a" * 40, "branch": "part"}, {"commitSHA": SHA, "branch": BRANCH}
    await make(client, "code", kind="issue-fix", status=part)
    await make(client, "join", kind="integrate", status=whole, depends_on=["code"])
    task = await make(client, "judge", kind=kind, depends_on=["join"])

    assert await judged(client, task) == SHA


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        pytest.param("review", ["named by hand", "assertions removed"], id="a reviewer"),
        pytest.param("verify", ["named by hand"], id="a gate"),
    ],
)
async def test_what_checks_noticed_reaches_reviewers(
    client: Client, kind: str, told: list[str]
) -> None:
    noticed = {"gateAdvisories": [{"check": "testDilution", "detail": "assertions removed"}]}
    result = {"schemaVersion": "foreman.v1", "verdict": "GO", "extra": noticed}
    done = {"commitSHA": SHA, "branch": BRANCH, "result": result}
    await make(client, "code", kind="issue-fix", status=done)
    given = {"gate_advisories": [{"check": "x", "detail": "named by hand"}]}
    task = await make(client, "judge", kind=kind, payload=given, depends_on=["code"])

    job = await pinned(client, task, job_of(task, None, Path()))

    assert [advisory.detail for advisory in job.advisories] == told


async def test_a_slice_with_nothing_to_do_is_left_out_of_the_whole(client: Client) -> None:
    nothing = {
        "verdict": "NO-GO",
        "result": {"verdict": "NO-GO", "extra": {"outcome": "ALREADY-RESOLVED"}},
    }
    idle = {"branch": "idle"}
    await make(
        client, "a", kind="issue-fix", payload=idle, status={"phase": "Succeeded", **nothing}
    )
    await make(
        client, "b", kind="issue-fix", payload={"branch": "busy"}, status={"phase": "Succeeded"}
    )
    slices = [{"name": n, "branch": n, "files": [f"{n}.py"]} for n in ("idle", "busy")]
    task = await make(
        client, "join", kind="integrate", payload={"slices": slices}, depends_on=["a", "b", "gone"]
    )

    job = await pinned(client, task, job_of(task, None, Path()))

    assert [part.name for part in job.parts] == ["busy"]
