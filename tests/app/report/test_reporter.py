"""The reporter against a GitHub that enforces permissions, and the embedded API."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from k8s.meta import LocalRef, Meta
from k8s.resources.task import AgenticTask
from k8s.resources.workload import Workload, WorkloadSpec
from tests.app.report.office import BRANCH, SECRET, Office, Reports, seen
from tests.app.town import REPOSITORY, TASKS
from tools.result import Finding


async def test_from_the_first_comment_to_ready(office: Office, running: asyncio.Task[None]) -> None:
    async def commented() -> bool:
        return "comment" in await office.reported()

    await seen(commented)
    (first,) = await office.town.comments(office.issue)
    assert "### Foreman is working on this" in first

    pull = await office.pushed()
    sha, number = pull["head"]["sha"], pull["number"]

    async def coded() -> bool:
        return await office.checks(sha) == {"code": "success", "review": None, "verdict": None}

    await seen(coded)

    finding = Finding(severity="minor", area="style", message="spaces", file="app.py", line=2)
    far = Finding(severity="minor", area="docs", message=f"says {SECRET}", file="README.md")
    await office.reviewed("GO", [finding, far])
    await office.status(Workload, "hello-1", phase="Completed")

    async def finished() -> bool:
        return "ready" in await office.reported() and (
            "### Foreman: done" in (await office.town.comments(office.issue))[0]
        )

    await seen(finished)
    assert not (await office.pull(number))["draft"]
    assert await office.checks(sha) == {
        "code": "success",
        "review": "success",
        "verdict": "success",
    }
    (review,) = await office.reviews(number)
    assert (review["state"], review["commit_id"]) == ("COMMENTED", sha)
    assert "| **filesTouched**: b.py | app.py | ⚠️ overridden |" in review["body"]
    assert "says [redacted]" in review["body"].replace("\\", "")
    comments = review["comments"]
    assert [(c["path"], c["line"], c["side"]) for c in comments] == [("app.py", 2, "RIGHT")]
    assert len(await office.town.comments(office.issue)) == 1
    reactions = await office.town.github.reactions(REPOSITORY, office.issue)
    assert [r["content"] for r in reactions] == ["rocket"]
    assert (await office.reported())["ready"] == {str(number): "ready"}
    assert not running.done()


async def test_a_review_that_says_no_keeps_the_draft(
    office: Office, running: asyncio.Task[None]
) -> None:
    pull = await office.pushed()
    await office.reviewed("NO-GO", [])
    await office.status(Workload, "hello-1", phase="Failed")

    async def concluded() -> bool:
        return (await office.checks(pull["head"]["sha"])).get("verdict") == "failure" and (
            "stopped" in (await office.town.comments(office.issue))[0]
        )

    await seen(concluded)
    assert (await office.pull(pull["number"]))["draft"]
    reactions = await office.town.github.reactions(REPOSITORY, office.issue)
    assert sorted(r["content"] for r in reactions) == ["confused", "rocket"]


async def test_what_was_posted_but_not_recorded_is_found_again(office: Office) -> None:
    """As after a crash between each post and its record."""
    pull = await office.pushed()
    sha, number = pull["head"]["sha"], pull["number"]
    await office.reviewed("GO", [])
    await office.status(Workload, "hello-1", phase="Completed")
    ids: list[Any] = []
    for _ in range(2):
        await office.status(Workload, "hello-1", reported=None)
        await office.status(AgenticTask, "hello-1-review-1-0", reported=None)
        task = asyncio.create_task(Reports(office.town).run())

        async def recorded() -> bool:
            found = await office.reported()
            return {"comment", "checks", "ready", "reactions"} <= found.keys()

        await seen(recorded)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        reported = await office.reported()
        runs = reported["checks"][sha]
        ids.append((reported["comment"]["id"], sorted(run["id"] for run in runs.values())))

    assert ids[0] == ids[1]
    assert len(await office.town.comments(office.issue)) == 1
    assert len(await office.reviews(number)) == 1
    assert len(await office.town.github.checks(REPOSITORY, sha)) == 3


async def test_a_marker_of_somebody_else_is_not_ours(office: Office) -> None:
    uid = (await office.workload()).metadata.uid
    forged = f"<!-- foreman:status:{uid} -->\nAll is well."
    await office.town.github.comment(REPOSITORY, office.issue, "stranger", forged)

    task = asyncio.create_task(Reports(office.town).run())

    async def commented() -> bool:
        return "comment" in await office.reported()

    await seen(commented)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    bodies = [c["body"] for c in await office.town.github.comments(REPOSITORY, office.issue)]
    assert bodies[0] == forged
    assert "Foreman is working" in bodies[1]


async def test_progress_is_told_every_half_minute(
    office: Office, running: asyncio.Task[None]
) -> None:
    async def progress(turn: int) -> None:
        about = {"turn": turn, "maxTurns": 9, "tokens": 1}
        await office.status(AgenticTask, "hello-1-code-1", phase="Running", progress=about)

    async def text() -> str:
        return "".join(await office.town.comments(office.issue))

    async def commented() -> bool:
        return "comment" in await office.reported()

    await seen(commented)
    before = (await office.reported())["comment"]["at"]
    for turn in range(1, 5):
        await progress(turn)
    assert "turn 4" not in await text()
    assert (await office.reported())["comment"]["at"] == before

    office.town.clock.ahead += timedelta(seconds=31)
    await progress(5)

    async def told() -> bool:
        return "turn 5 of 9" in await text()

    await seen(told)


async def test_a_comment_that_was_deleted_is_written_again(
    office: Office, running: asyncio.Task[None]
) -> None:
    async def commented() -> bool:
        return "comment" in await office.reported()

    await seen(commented)
    number = (await office.reported())["comment"]["id"]
    await office.town.github.delete_comment(REPOSITORY, number, "maintainer")
    await office.ended("code-1", "NO-GO", outcome="NO-CHANGES")

    async def again() -> bool:
        return "NO-CHANGES" in "".join(await office.town.comments(office.issue))

    await seen(again)
    assert len(await office.town.comments(office.issue)) == 1


async def test_a_head_that_moved_is_not_made_ready(
    office: Office, running: asyncio.Task[None]
) -> None:
    pull = await office.pushed()
    await office.town.github.push(REPOSITORY, BRANCH, "maintainer", {"app.py": "print(1)\n"})
    finding = Finding(severity="minor", area="style", message="spaces", file="app.py", line=2)
    await office.reviewed("GO", [finding])

    async def decided() -> bool:
        return "ready" in await office.reported()

    await seen(decided)
    (review,) = await office.reviews(pull["number"])
    assert (await office.reported())["ready"][str(pull["number"])].startswith("head moved to")
    assert (await office.pull(pull["number"]))["draft"]
    assert review["commit_id"] == pull["head"]["sha"]
    assert "`app.py:2`" in review["body"]


async def test_workloads_that_nobody_asked_for_on_github_are_left_alone(
    office: Office, running: asyncio.Task[None]
) -> None:
    by_hand = Workload(
        metadata=Meta(name="by-hand", namespace=TASKS),
        spec=WorkloadSpec(
            intent="x",
            repo=REPOSITORY,
            issues=[office.issue],
            coder_agent_ref=LocalRef(name="coder"),
        ),
    )
    await office.town.client.create(by_hand)

    async def commented() -> bool:
        return "comment" in await office.reported()

    await seen(commented)
    assert len(await office.town.comments(office.issue)) == 1
