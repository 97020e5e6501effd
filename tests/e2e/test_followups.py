"""What people say by command about work that came to no good end, seen on GitHub."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import pytest

from k8s.pipeline.labels import step_of
from k8s.resources.task import AgenticTask
from k8s.resources.workload import Workload
from tests.e2e import story
from tests.e2e.conftest import Open
from tests.e2e.house import House
from tests.e2e.program import until

pytestmark = pytest.mark.slow

REJECT = story.calling(
    (
        "submit_result",
        {
            "verdict": "NO-GO",
            "summary": "The answer needs its reason.",
            "extra": {
                "reviewOutcome": "REJECT",
                "issueAsk": story.ASK,
                "filesTouched": [story.ANSWER],
                "findings": [
                    {
                        "severity": "blocker",
                        "area": "docs",
                        "message": "nobody can tell why it is 42",
                        "file": story.ANSWER,
                        "line": 1,
                    }
                ],
            },
        },
    )
)
REASON = story.calling(
    ("write_file", {"path": "README.md", "content": "# answers\n\nIt is 42: see `answer.txt`.\n"})
)
AGAIN = story.calling(
    (
        "submit_result",
        {
            "verdict": "GO",
            "summary": "README.md names answer.txt",
            "commit_message": "Say where the answer is\n\nA reviewer missed it.",
        },
    )
)
JUDGE_BOTH = story.calling(
    (
        "submit_result",
        {
            "verdict": "GO",
            "summary": "The answer has its reason.",
            "extra": {
                "reviewOutcome": "APPROVE",
                "issueAsk": story.ASK,
                "filesTouched": ["README.md", story.ANSWER],
                "findings": [],
            },
        },
    )
)


async def order(house: House, *words: str) -> str:
    """What `foreman` says to *words*."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "app.cli.main",
        *words,
        env=house.environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await child.communicate()
    return said.decode()


async def steps(house: House) -> list[str]:
    return sorted(step_of(task) for task in await house.all(AgenticTask))


async def verdict(house: House, sha: str) -> dict[str, Any] | None:
    checks = await house.github.checks(story.REPOSITORY, sha)
    return next((c for c in checks if c["name"] == "foreman / verdict" and c["conclusion"]), None)


async def until_verdict(house: House, sha: str, conclusion: str) -> dict[str, Any]:
    async def look() -> dict[str, Any] | None:
        found = await verdict(house, sha)
        return found if found and found["conclusion"] == conclusion else None

    return await until(look, seconds=30.0, what=f"a verdict: {conclusion}")


async def until_ready(house: House) -> dict[str, Any]:
    async def look() -> dict[str, Any] | None:
        (pull,) = await house.pulls()
        workload = await house.workload()
        return pull if not pull["draft"] and workload.status.phase == "Completed" else None

    return await until(look, seconds=60.0, what="a pull request that is ready")


async def test_who_never_looked_waits_for_an_approval(open_house: Open) -> None:
    runs = story.runs(story.coder(story.FIX, story.HAND_IN), story.reviewer(story.JUDGE))
    async with open_house(runs=runs) as house:
        await house.start()
        await house.label()
        failed: Workload = await house.ended()
        (pull,) = await house.pulls()
        before = await until_verdict(house, pull["head"]["sha"], "action_required")

        said = await order(house, "approve", failed.metadata.name, "--reason", "read it myself")
        ready = await until_ready(house)
        after = await until_verdict(house, pull["head"]["sha"], "success")

        assert failed.status.phase == "Failed"
        assert pull["draft"]
        assert before["conclusion"] == "action_required"
        assert await steps(house) == ["code-1", "review-1-0", "review-1-0-a1", "verify-1"]
        assert "approve noted" in said
        assert ready["head"]["sha"] == pull["head"]["sha"]
        assert "approved by" in after["output"]["title"].lower()
        assert "it is ready" in await order(house, "approve", failed.metadata.name)


async def test_a_rejected_change_is_tried_again_on_the_same_pull_request(open_house: Open) -> None:
    runs = story.runs(
        story.coder(story.FIX, story.HAND_IN, round=0),
        story.coder(REASON, AGAIN, round=1),
        story.coder(story.LOOK, REJECT, kind="review", round=0),
        story.coder(story.LOOK, JUDGE_BOTH, kind="review", round=1),
    )
    async with open_house(runs=runs) as house:
        await house.start()
        await house.label()
        failed = await house.ended()
        (before,) = await house.pulls()
        rounds = await steps(house)

        await order(house, "retry", failed.metadata.name, "--reason", "name the file in README.md")
        after = await until_ready(house)

        assert rounds == ["code-1", "review-1-0", "verify-1"]
        assert before["draft"]
        assert after["number"] == before["number"]
        assert after["head"]["sha"] != before["head"]["sha"]
        assert await steps(house) == sorted([*rounds, *(f"{step}-r1" for step in rounds)])
        again = await house.client.get(
            AgenticTask, f"{failed.metadata.name}-code-1-r1", failed.metadata.namespace or ""
        )
        assert "name the file in README.md" in (again.spec.payload.prompt or "")
        assert "nobody can tell why it is 42 (answer.txt:1)" in (again.spec.payload.prompt or "")
