"""A change that defines its own gate runs both versions and waits for a person."""

from __future__ import annotations

from typing import Any

from loop.work.coder import code
from loop.work.job import Done
from tests.loop.work.workshop import MEND, Workshop, call, go, persona, turn

VERIFY = "language: python\ncommands:\n  test: {test}\n  lint: {lint}\n"


def write(**commands: str) -> dict[str, Any]:
    return call("write_file", path=".foreman/verify.yaml", content=VERIFY.format(**commands))


async def coded(workshop: Workshop, *replies: dict[str, Any]) -> Done:
    async with workshop.means(*replies) as means:
        return await code(workshop.job(), persona(), means)


async def test_a_loosened_gate_does_not_judge_the_change_that_loosens_it(
    workshop: Workshop,
) -> None:
    loosened = write(test='"true"', lint='"true"')
    broken = call("str_replace", path="add.py", old_string="a - b", new_string="a * b")
    mended = call("str_replace", path="add.py", old_string="a * b", new_string="a + b")

    done = await coded(
        workshop,
        turn(loosened, broken),
        turn(go()),
        turn(mended, expect=["AssertionError", "test ended with exit code 1"]),
        turn(go()),
    )

    assert (done.result.verdict, done.result.extra.outcome) == ("NO-GO", "NEEDS-VERIFICATION")
    assert done.result.extra.unverified is not None
    assert ".foreman/verify.yaml" in done.result.extra.unverified[-1].fact
    assert done.result.extra.commit_sha
    assert [c.command for c in done.result.extra.gate or []][-2:] == ["true", "true"]
    assert workshop.problems == []


async def test_what_the_change_makes_of_the_gate_has_to_pass_too(workshop: Workshop) -> None:
    stricter = write(test="python3 -m unittest discover -q", lint='"false"')
    softer = write(test="python3 -m unittest discover -q", lint='"true"')

    done = await coded(
        workshop,
        turn(MEND, stricter),
        turn(go()),
        turn(softer, expect=["as this change defines the gate, lint ended with exit code 1"]),
        turn(go()),
    )

    assert done.result.extra.gate_attempts == 2
    assert done.result.extra.outcome == "NEEDS-VERIFICATION"
    assert workshop.problems == []


async def test_a_definition_that_cannot_be_read_goes_back(workshop: Workshop) -> None:
    unreadable = call("write_file", path=".foreman/verify.yaml", content="language: cobol\n")

    done = await coded(
        workshop,
        turn(MEND, unreadable),
        turn(go()),
        turn(
            call("bash", command="git show HEAD:.foreman/verify.yaml > .foreman/verify.yaml"),
            expect=["gate-definition: .foreman/verify.yaml:1: language 'cobol' is unknown"],
        ),
        turn(go()),
    )

    assert done.result.verdict == "GO"
    assert workshop.problems == []
