"""The whole house with nothing wrong: what every other test here changes one thing of."""

from __future__ import annotations

import pytest

from tests.e2e import story
from tests.e2e.house import NAMES, House

pytestmark = pytest.mark.slow


async def test_a_label_becomes_a_reviewed_pull_request(house: House) -> None:
    await house.label()
    pull = await house.reviewed()

    assert {c["name"]: c["conclusion"] for c in await house.checks()} == dict.fromkeys(
        NAMES, "success"
    )
    [review] = await house.reviews()
    assert "filesTouched" in review["body"]
    assert len(await house.statuses()) == 1
    [commit, *_] = await house.github.commits(story.REPOSITORY, pull["head"]["ref"])
    assert commit["message"].splitlines()[-1] == f"Fixes #{house.issue}"
    assert "Signed-off-by: Foreman Bot <foreman@example.com>" in commit["message"]
    assert house.model.problems == []
    assert await house.up.stop() == 0
