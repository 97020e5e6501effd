"""What checks of the change come to in a coder's run."""

from __future__ import annotations

from typing import Any

from loop.work.coder import code
from loop.work.job import Done
from tests.loop.work.workshop import BREAK, MEND, Workshop, call, go, persona, turn


async def coded(workshop: Workshop, *replies: dict[str, Any], **job: Any) -> Done:
    async with workshop.means(*replies) as means:
        return await code(workshop.job(**job), persona(), means)


def written(text: str, path: str = "docs/add.md") -> dict[str, Any]:
    return call("write_file", path=path, content=text)


BROKEN = "# Add\n\n```json\n{\n```\n"


async def test_all_of_them_stand_in_the_result(workshop: Workshop) -> None:
    workshop.switches["issue_example"] = False

    done = await coded(workshop, turn(MEND), turn(go()))

    runs = {run.check: run.outcome for run in done.result.extra.checks or []}
    assert runs["claim-evidence"] == runs["embedded-artifacts"] == "passed"
    assert runs["secrets"] == runs["sizes"] == runs["workflows"] == "passed"
    assert runs["issue-example"] == "switched off"
    assert done.result.extra.gate_advisories is None


async def test_a_check_that_blocks_is_fed_back_and_mended(workshop: Workshop) -> None:
    """The file is new: git does not know it when the check looks at it."""
    done = await coded(
        workshop,
        turn(MEND, written(BROKEN)),
        turn(go()),
        turn(
            written("# Add\n"),
            expect=["checks failed: embedded-artifacts", "docs/add.md:3: json does not parse"],
        ),
        turn(go()),
    )

    assert (done.result.verdict, done.result.extra.gate_attempts) == ("GO", 2)
    assert workshop.problems == []


async def test_an_advisory_stops_nothing_and_is_handed_on(workshop: Workshop) -> None:
    snapshot = workshop.job().snapshot
    assert snapshot is not None
    asked = snapshot.replace(body="`add.py` is wrong. Expected:\n```py\nadd(1, 1) == 2\n```\n")

    done = await coded(workshop, turn(MEND), turn(go()), snapshot=asked)

    assert done.result.verdict == "GO"
    [advisory] = done.result.extra.gate_advisories or []
    assert advisory.check == "issue-example"
    assert "add(1, 1) == 2" in advisory.detail


async def test_a_check_that_blocks_to_the_end_ends_like_a_gate(workshop: Workshop) -> None:
    done = await coded(workshop, turn(MEND, written(BROKEN)), *[turn(go())] * 4)

    extra = done.result.extra
    assert (done.result.verdict, extra.outcome) == ("INCOMPLETE", "CODER-GATE-FAILED")
    assert extra.gate_failed_branch in workshop.branches()
    assert "json does not parse" in (extra.gate_output or "")


async def test_a_command_that_fails_leaves_the_checks_for_later(workshop: Workshop) -> None:
    done = await coded(workshop, turn(BREAK, written(BROKEN)), *[turn(go())] * 4)

    runs = {run.check: (run.outcome, run.detail) for run in done.result.extra.checks or []}
    assert runs["embedded-artifacts"] == ("could not run", "a command of the gate failed first")
    assert "json" not in (done.result.extra.gate_output or "")


async def test_numbers_that_nothing_proves_are_for_a_person(workshop: Workshop) -> None:
    fast = written("# Add\n\nLlama adds in 12 ms.\n")

    done = await coded(workshop, turn(MEND, fast), *[turn(go())] * 4)

    extra = done.result.extra
    assert (done.result.verdict, extra.outcome) == ("NO-GO", "NEEDS-VERIFICATION")
    assert [u.fact for u in extra.unverified or []] == ["12 ms: Llama adds in 12 ms."]
    assert extra.gate_failed_branch in workshop.branches()
    assert workshop.host.opened == {}


async def test_evidence_that_the_base_does_not_bear_out_is_refused(workshop: Workshop) -> None:
    fast = written("# Add\n\nIt adds in 12 ms.\n")
    proof = {"evidence": [{"claim": "12 ms", "source": "add.py:2"}]}

    done = await coded(
        workshop,
        turn(MEND, fast),
        turn(go(**proof)),
        turn(written("# Add\n"), expect=["12 ms: no proof"]),
        turn(go()),
    )

    assert done.result.verdict == "GO"
    assert workshop.problems == []


async def test_where_there_is_nothing_to_run_the_checks_still_are(workshop: Workshop) -> None:
    workshop.switches |= {"test": False, "build": False, "lint": False, "format": False}

    done = await coded(workshop, turn(MEND, written(BROKEN)), *[turn(go())] * 4)

    assert done.result.extra.outcome == "CODER-GATE-FAILED"


async def test_one_that_is_switched_off_blocks_nothing(workshop: Workshop) -> None:
    workshop.switches["embedded_artifacts"] = False

    done = await coded(workshop, turn(MEND, written(BROKEN)), turn(go()))

    assert done.result.verdict == "GO"
    runs = {run.check: run.detail for run in done.result.extra.checks or []}
    assert runs["embedded-artifacts"] == "FOREMAN_EMBEDDED_ARTIFACTS_GATE=0"


async def test_what_a_commit_may_not_hold_is_seen_among_the_checks(workshop: Workshop) -> None:
    workflow = written("on: push\n", path=".github/workflows/ci.yml")

    done = await coded(workshop, turn(MEND, workflow), *[turn(go())] * 4)

    assert done.result.extra.outcome == "COMMIT-REJECTED"
    runs = {run.check: run.outcome for run in done.result.extra.checks or []}
    assert runs["workflows"] == "failed"


async def test_names_that_the_diff_does_not_show_are_marked_for_people(workshop: Workshop) -> None:
    done = await coded(
        workshop, turn(MEND), turn(go("Mends `add` in `add.py` and adds `retry_policy`."))
    )

    extra = done.result.extra
    assert done.result.verdict == "GO"
    assert extra.summary_unverified_claims == ["retry_policy"]
    assert extra.summary_claimed == "Mends `add` in `add.py` and adds `retry_policy`."
    [wanted] = workshop.host.opened.values()
    assert "> [!WARNING]\n> The summary names what is not in this change" in wanted.body
    assert "\n> - `retry_policy`\n" in wanted.body


async def test_a_summary_that_the_diff_bears_out_is_not_marked(workshop: Workshop) -> None:
    done = await coded(workshop, turn(MEND), turn(go("`add` in `add.py` adds.")))

    assert done.result.extra.summary_unverified_claims is None
    [wanted] = workshop.host.opened.values()
    assert "WARNING" not in wanted.body


async def test_a_diff_too_large_to_be_read_is_refused_for_its_size(workshop: Workshop) -> None:
    huge = call(
        "bash", command="yes 'a line of a log that grew and grew' | head -c 70000000 > x.log"
    )

    done = await coded(
        workshop,
        turn(MEND, huge),
        turn(go()),
        turn(call("bash", command="rm x.log"), expect=["x.log: 70000000 bytes"]),
        turn(go()),
    )

    assert done.result.verdict == "GO"
    assert workshop.problems == []
