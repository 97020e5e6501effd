"""`foreman verdict explain`: the same rulings, whatever happened to the branch since."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from k8s.resources.core import ConfigMap
from tests.e2e import story
from tests.e2e.house import NAMESPACE, House

pytestmark = pytest.mark.slow


async def explained(house: House, *arguments: str, kind: str = "review") -> tuple[int, str]:
    """Exit code and output of the command for the house's one task of *kind*."""
    task = await house.task(kind)
    assert task
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "app.cli.main",
        *("verdict", "explain", task.metadata.name, *arguments),
        env=house.environment,
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()


async def wire(house: House, *arguments: str, kind: str = "review") -> tuple[int, dict[str, Any]]:
    code, said = await explained(house, "-o", "json", *arguments, kind=kind)
    return code, json.loads(said)


async def test_the_rulings_come_out_again_also_after_a_force_push(house: House) -> None:
    await house.label()
    pull = await house.reviewed()
    review = await house.task("review")
    assert review
    assert review.status.result
    stored = [ruling.wire() for ruling in review.status.result.extra.rulings or []]

    code, before = await wire(house)
    assert code == 0
    assert before["rulings"] == stored
    assert "read again from git" in before["notes"][-1]
    _, page = await explained(house)

    git = house.github.world.repository(story.REPOSITORY).git
    main = await git.branch("main")
    assert main
    await git.update_ref(f"refs/heads/{pull['head']['ref']}", main)
    await git.update_ref(f"refs/pull/{pull['number']}/head", main)
    assert await explained(house) == (0, page)

    for mirror in (Path(house.environment["FOREMAN_DATA"]) / "node" / "mirrors").glob("*.git"):
        shutil.rmtree(mirror)
    code, after = await wire(house)
    assert code == 0
    assert after["rulings"] == stored


async def test_a_changed_record_is_found_out(house: House) -> None:
    await house.label()
    await house.reviewed()
    review = await house.task("review")
    assert review
    name = f"foreman-evidence-{review.metadata.name}"
    kept = await house.client.get(ConfigMap, name, NAMESPACE)
    bent = kept.data["evidence.json"].replace(story.ANSWER, "question.txt")
    await house.client.patch(ConfigMap, name, NAMESPACE, {"data": {"evidence.json": bent}})

    code, found = await wire(house)

    assert code == 1
    assert any("only in the record: question.txt" in told for told in found["differences"])


async def test_a_coders_checks_are_asked_again_of_its_commit(house: House) -> None:
    await house.label()
    await house.reviewed()
    coder = await house.task("issue-fix")
    assert coder
    assert coder.status.result
    stored = [run.wire() for run in coder.status.result.extra.checks or []]

    code, found = await wire(house, kind="issue-fix")

    assert code == 0
    assert found["checks"] == stored
    assert found["notes"][-1].startswith(f"asked again of {(coder.status.commit_sha or '')[:12]}")


async def test_a_task_that_nobody_judged_is_refused(house: House) -> None:
    await house.label()
    await house.reviewed()

    code, _ = await explained(house, kind="verify")

    assert code == 1
