"""`foreman demo`, as a user runs it: the command, its exit code, its JSON."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from dataclasses import dataclass
from typing import Any

import pytest

from app.demo.scenario import FIRST, load, names

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Ran:
    code: int
    stdout: str
    stderr: str

    @property
    def outcome(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.stdout)
        return found


async def foreman(*arguments: str, **environment: str) -> Ran:
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "app.cli.main",
        *arguments,
        env={**os.environ, "PYTHONSAFEPATH": "1", **environment},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await child.communicate()
    assert child.returncode is not None
    return Ran(child.returncode, out.decode(), err.decode())


async def test_the_demo_ends_with_a_reviewed_pull_request() -> None:
    ran = await foreman("demo", "--json")

    assert ran.code == 0, ran.stderr
    outcome = ran.outcome
    assert outcome["repository"] == "acme/durations"
    assert outcome["pull_request"]["draft"] is False
    assert outcome["pull_request"]["number"] > outcome["issue"]
    assert {c["name"]: c["conclusion"] for c in outcome["checks"]} == {
        "foreman / code": "success",
        "foreman / verify": "success",
        "foreman / review": "success",
        "foreman / verdict": "success",
    }
    assert (outcome["verdict"], outcome["review"]["event"]) == ("GO", "COMMENTED")
    [files] = [r for r in outcome["rulings"] if r["rail"] == "filesTouched"]
    assert files["ruling"] == "overridden"
    assert "durations/cli.py" in files["claimed"]
    assert "tests/test_durations.py" in files["found"]
    assert outcome["commit_message"].rstrip().endswith("Fixes #1")
    assert "Signed-off-by: Foreman Demo <demo@foreman.invalid>" in outcome["commit_message"]
    assert outcome["gate_attempts"] == 2
    assert outcome["seconds"] > 0


async def test_without_its_gate_the_demo_fails() -> None:
    ran = await foreman("demo", "--json", FOREMAN_TEST_GATE="0", FOREMAN_BUILD_GATE="0")

    assert ran.code == 1
    assert ran.outcome["pull_request"] is None or ran.outcome["verdict"] != "GO"


async def test_an_endpoint_needs_a_model() -> None:
    ran = await foreman("demo", "--endpoint", "http://127.0.0.1:1/v1")

    assert ran.code == 2
    assert "--model" in ran.stderr


@pytest.mark.parametrize("name", [name for name in names() if name != FIRST])
async def test_each_branch_of_the_pipeline_ends_as_it_must(name: str) -> None:
    ran = await foreman("demo", "--json", "--scenario", name)

    assert ran.code == 0, ran.stderr
    assert ran.outcome["steps"] == load(name).ending.steps


async def test_scenarios_are_listed() -> None:
    ran = await foreman("demo", "--scenario", "list")

    assert ran.code == 0
    assert [line.split()[0] for line in ran.stdout.splitlines()] == names()


async def test_an_unknown_scenario_is_refused_with_those_there_are() -> None:
    ran = await foreman("demo", "--scenario", "nobody")

    assert ran.code == 2
    assert "--scenario nobody: there are first, already-resolved" in ran.stderr
