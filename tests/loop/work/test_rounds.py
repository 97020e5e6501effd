"""A later round: the prior attempt on today's base, and nothing that anybody did is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from loop.work.coder import code
from loop.work.job import Done
from tests.loop.work.person import commit
from tests.loop.work.workshop import MEND, Workshop, call, go, has_tree, persona, turn

BRANCH = "foreman/w/issue-1"


async def coded(workshop: Workshop, *replies: Mapping[str, Any], **job: Any) -> Done:
    async with workshop.means(*replies) as means:
        return await code(workshop.job(**job), persona(), means)


async def revised(workshop: Workshop, *replies: Mapping[str, Any], **job: Any) -> Done:
    fields = {
        "task": "t-r1",
        "uid": "uid-2",
        "revise_from": BRANCH,
        "allow_overwrite": True,
        "prompt": "[major/tests] nobody tests add (add.py:2)",
        "round": 1,
    }
    return await coded(workshop, *replies, **{**fields, **job})


def shown(workshop: Workshop, branch: str, path: str) -> str:
    return workshop.git("show", f"{branch}:{path}")


# Fails until the marker is there: as a test that hangs on something outside does.
FLAKY = """import pathlib, unittest
from add import add


class Flaky(unittest.TestCase):
    def test_add(self):
        self.assertEqual(add(1, 1), 2)
        self.assertTrue(pathlib.Path("{marker}").exists())
"""
NOTE = call("write_file", path="NOTE.md", content="It adds.\n")


async def test_a_round_amends_the_prior_attempt_in_one_commit(workshop: Workshop) -> None:
    first = await coded(workshop, turn(MEND), turn(go()))

    look = turn(NOTE, expect=["Amend it", "nobody tests add", "add subtracts"])
    done = await revised(workshop, look, turn(go("add adds, and says so")))

    assert (done.result.verdict, workshop.problems) == ("GO", [])
    assert shown(workshop, BRANCH, "add.py").endswith("a + b")
    assert shown(workshop, BRANCH, "NOTE.md") == "It adds."
    assert workshop.git("rev-list", "--count", f"main..{BRANCH}") == "1"
    assert workshop.git("rev-parse", f"{BRANCH}-attempt-1") == first.result.extra.commit_sha


async def test_the_digest_is_told_before_the_issue(workshop: Workshop) -> None:
    await coded(workshop, turn(MEND), turn(go()))
    done = await revised(workshop, turn(NOTE), turn(go()))

    told = done.transcript["transcript.json"]
    assert told.index("nobody tests add") < told.index("must be 2")


async def test_the_prior_attempt_is_put_on_todays_base(workshop: Workshop) -> None:
    await coded(workshop, turn(MEND), turn(go()))
    base = commit(workshop, "main", {"CHANGES.md": "New.\n"}, message="Note changes")

    done = await revised(workshop, turn(NOTE), turn(go()))

    assert done.result.verdict == "GO"
    assert workshop.git("rev-parse", f"{BRANCH}^") == base
    assert shown(workshop, BRANCH, "add.py").endswith("a + b")
    assert shown(workshop, BRANCH, "CHANGES.md") == "New."


async def test_conflicts_are_named_and_have_to_be_settled(workshop: Workshop) -> None:
    await coded(workshop, turn(MEND), turn(go()))
    other = {"add.py": "def add(a, b):\n    return a - b + 0\n"}
    commit(workshop, "main", other, message="Subtract on")
    settled = call("write_file", path="add.py", content="def add(a, b):\n    return a + b\n")

    done = await revised(
        workshop,
        turn(go(), expect=["<<<<<<<", "- add.py"]),
        turn(settled, expect=["add.py: conflict marks are still in it"]),
        turn(go()),
    )

    assert (done.result.verdict, workshop.problems) == ("GO", [])
    assert shown(workshop, BRANCH, "add.py").endswith("a + b")


async def test_nothing_amended_is_no_changes(workshop: Workshop) -> None:
    await coded(workshop, turn(MEND), turn(go()))
    before = workshop.git("rev-parse", BRANCH)

    done = await revised(workshop, turn(go()))

    assert (done.result.verdict, done.result.extra.outcome) == ("NO-GO", "NO-CHANGES")
    assert workshop.git("rev-parse", BRANCH) == before
    assert workshop.branches() == {"main", BRANCH}


async def test_what_people_committed_is_built_upon(workshop: Workshop) -> None:
    await coded(workshop, turn(MEND), turn(go()))
    theirs = commit(workshop, BRANCH, {"ann.txt": "Ann\n"}, message="Say hello")
    commit(workshop, "main", {"CHANGES.md": "New.\n"}, message="Note changes")

    done = await revised(workshop, turn(NOTE, expect=["People have committed"]), turn(go()))

    assert (done.result.verdict, workshop.problems) == ("GO", [])
    assert workshop.git("rev-parse", f"{BRANCH}^") == theirs
    assert workshop.branches() == {"main", BRANCH}


async def test_a_branch_with_peoples_work_is_never_begun_anew(workshop: Workshop) -> None:
    await coded(workshop, turn(MEND), turn(go()))
    theirs = commit(workshop, BRANCH, {"ann.txt": "Ann\n"}, message="Say hello")

    done = await revised(workshop, turn(NOTE), turn(go()), revise_from="", prompt="")

    assert done.result.verdict == "GO"
    assert workshop.git("rev-parse", f"{BRANCH}^") == theirs


async def test_another_coder_begins_anew_and_the_old_tip_is_kept(workshop: Workshop) -> None:
    await coded(workshop, turn(MEND), turn(go()))
    first = workshop.git("rev-parse", BRANCH)
    await revised(workshop, turn(NOTE), turn(go()))
    second = workshop.git("rev-parse", BRANCH)

    done = await revised(
        workshop, turn(MEND), turn(go()), task="t-esc", uid="uid-3", revise_from="", prompt=""
    )

    assert done.result.verdict == "GO"
    assert "NOTE.md" not in workshop.git("ls-tree", "--name-only", BRANCH)
    assert workshop.git("rev-parse", f"{BRANCH}-attempt-1") == first
    assert workshop.git("rev-parse", f"{BRANCH}-attempt-2") == second


async def test_a_push_during_the_round_is_not_overwritten(workshop: Workshop) -> None:
    await coded(workshop, turn(MEND), turn(go()))
    hook = workshop.folder / "late"

    async with workshop.means(turn(NOTE), turn(go())) as means:
        job = workshop.job(
            task="t-r1", uid="uid-2", revise_from=BRANCH, allow_overwrite=True, prompt="Mend it"
        )
        real = means.tokens.push

        async def push() -> str:
            if not hook.exists():
                hook.touch()
                commit(workshop, BRANCH, {"ann.txt": "Ann\n"}, message="Say hello")
            return await real()

        workshop.keys.push = push  # type: ignore[method-assign]  # a person is faster
        done = await code(job, persona(), means)

    assert (done.result.verdict, done.result.extra.outcome) == ("NO-GO", "PUSH-FAILED")
    assert "moved" in done.result.summary
    assert shown(workshop, BRANCH, "ann.txt") == "Ann"
    kept = done.result.extra.gate_failed_branch or ""
    assert kept in (done.result.extra.error or "")
    assert shown(workshop, kept, "NOTE.md") == "It adds."


async def test_a_missing_prior_attempt_is_not_built_again(workshop: Workshop) -> None:
    done = await revised(workshop, revise_from="foreman/w/issue-9")

    assert done.result.failure_reason == "CloneFailed"
    assert "foreman/w/issue-9: not on the remote" in done.result.summary


async def test_a_gate_failed_attempt_can_be_amended(workshop: Workshop) -> None:
    broken = call("str_replace", path="add.py", old_string="a - b", new_string="a * b")
    await coded(workshop, turn(broken), *[turn(go())] * 4)
    mended = call("str_replace", path="add.py", old_string="a * b", new_string="a + b")

    done = await revised(workshop, turn(mended), turn(go()), revise_from="foreman/gate-failed/t")

    assert done.result.verdict == "GO"
    assert workshop.branches() == {"main", BRANCH, "foreman/gate-failed/t"}


async def test_a_round_killed_after_its_push_lands_without_a_model(workshop: Workshop) -> None:
    await coded(workshop, turn(MEND), turn(go()))
    done = await revised(workshop, turn(NOTE), turn(go()), open_pull_request=False)

    again = await revised(workshop)

    assert again.result.extra.commit_sha == done.result.extra.commit_sha
    assert again.pull_request is not None


async def test_a_gate_failed_attempt_that_passes_now_lands(workshop: Workshop) -> None:
    note = call("write_file", path="NOTE.md", content="It adds.\n")
    broken = call(
        "write_file",
        path="tests/test_flaky.py",
        content=FLAKY.format(marker=workshop.folder / "stable"),
    )
    await coded(workshop, turn(MEND, note, broken), *[turn(go())] * 4)
    (workshop.folder / "stable").touch()

    done = await revised(workshop, turn(go()), revise_from="foreman/gate-failed/t")

    assert (done.result.verdict, workshop.problems) == ("GO", [])
    assert shown(workshop, BRANCH, "NOTE.md") == "It adds."
    assert workshop.git("rev-list", "--count", f"main..{BRANCH}") == "1"


async def test_people_who_push_while_a_failed_attempt_waits_lose_nothing(
    workshop: Workshop,
) -> None:
    await coded(workshop, turn(MEND), turn(go()))
    broken = call("str_replace", path="add.py", old_string="a + b", new_string="a * b")
    await revised(workshop, turn(broken, NOTE), *[turn(go())] * 4)
    theirs = commit(workshop, BRANCH, {"ann.txt": "Ann\n"}, message="Say hello")
    settled = call("write_file", path="add.py", content="def add(a, b):\n    return a + b\n")

    done = await revised(
        workshop,
        turn(settled),
        turn(go()),
        task="t-r2",
        uid="uid-3",
        revise_from="foreman/gate-failed/t-r1",
    )

    assert (done.result.verdict, workshop.problems) == ("GO", [])
    assert workshop.git("rev-parse", f"{BRANCH}^") == theirs
    assert shown(workshop, BRANCH, "NOTE.md") == "It adds."
    assert shown(workshop, BRANCH, "ann.txt") == "Ann"


async def test_a_round_that_was_killed_goes_on_where_it_stood(workshop: Workshop) -> None:
    await coded(workshop, turn(MEND), turn(go()))
    other = {"add.py": "def add(a, b):\n    return a - b + 0\n"}
    commit(workshop, "main", other, message="Subtract on")
    settled = call("write_file", path="add.py", content="def add(a, b):\n    return a + b\n")
    given = {"task": "t-r1", "uid": "uid-2", "revise_from": BRANCH, "allow_overwrite": True}
    async with workshop.means(turn(settled), {"fault": "hang"}) as means:
        run = asyncio.ensure_future(code(workshop.job(**given), persona(), means))
        transcript = workshop.folder / "runs" / "t-r1" / "transcript.jsonl"
        while not await asyncio.to_thread(has_tree, transcript):
            await asyncio.sleep(0.02)
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run

    done = await coded(workshop, {"text": "never asked for"}, turn(go()), **given)

    assert (done.result.verdict, done.result.extra.turn_count) == ("GO", 2)
    assert workshop.git("rev-list", "--count", f"main..{BRANCH}") == "1"
    assert f"{BRANCH}-attempt-1" in workshop.branches()
