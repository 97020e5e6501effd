"""What a coder's run comes to: outcomes of the M3 runbook, and where an interrupted one goes on."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from loop.work.coder import code
from loop.work.job import Done
from tests.loop.work.person import commit
from tests.loop.work.workshop import (
    BREAK,
    FILES,
    MEND,
    Workshop,
    call,
    go,
    has_tree,
    persona,
    turn,
)
from tools.sandbox.runner import Limits


async def coded(workshop: Workshop, *replies: dict[str, Any], **job: Any) -> Done:
    async with workshop.means(*replies) as means:
        return await code(workshop.job(**job), persona(), means)


async def test_a_go_lands_as_one_signed_commit_with_a_pull_request(workshop: Workshop) -> None:
    done = await coded(workshop, turn(MEND), turn(go()))

    extra = done.result.extra
    assert done.result.verdict == "GO"
    assert extra.commit_sha == workshop.git("rev-parse", "foreman/w/issue-1")
    message = workshop.git("log", "-1", "--format=%B", "foreman/w/issue-1")
    assert message.splitlines()[0] == "Make add add"
    assert message.splitlines()[-1] == "Fixes #1"
    assert "Signed-off-by: Bot <bot@example.com>" in message
    assert "Foreman-Task: uid-1" in message
    [wanted] = workshop.host.opened.values()
    assert (wanted.head, wanted.base, wanted.draft, wanted.issue) == (
        "foreman/w/issue-1",
        "main",
        True,
        1,
    )
    assert "| test | `python3 -m unittest discover -q` | ✅ passed |" in wanted.body
    assert done.pull_request is not None
    assert extra.pull_request_url == "https://host/acme/sum/pull/7"
    assert workshop.phases == ["Verifying", "Running"]
    assert json.loads(done.transcript["transcript.json"])["turnCount"] == 2
    assert [g["exitCode"] for g in json.loads(done.evidence)["gate"]] == [0, 0]
    assert workshop.problems == []


async def test_the_model_is_shown_a_map_of_the_repository(workshop: Workshop) -> None:
    await coded(workshop, turn(MEND, expect=["most relevant to the issue first:\nadd.py: add:1"]))


async def test_a_change_of_comments_alone_is_called_that(workshop: Workshop) -> None:
    comment = call("write_file", path="add.py", content="# Adds.\n" + FILES["add.py"])

    done = await coded(workshop, turn(comment), turn(go()))

    assert done.result.extra.no_functional_change is True
    assert done.result.extra.gate_advisories is not None
    assert "no-functional-change" in {a.check for a in done.result.extra.gate_advisories}


async def test_a_failing_gate_is_fed_back(workshop: Workshop) -> None:
    mended = call("str_replace", path="add.py", old_string="a * b", new_string="a + b")

    done = await coded(
        workshop,
        turn(BREAK),
        turn(go()),
        turn(mended, expect=["AssertionError: 0 != 1", "test ended with exit code 1"]),
        turn(go()),
    )

    assert (done.result.verdict, done.result.extra.gate_attempts) == ("GO", 2)
    assert workshop.problems == []


async def test_commands_run_within_the_agents_limits(workshop: Workshop) -> None:
    told = turn(call("bash", command="ulimit -t"))
    who = persona(limits=Limits(cpu_seconds=77))

    async with workshop.means(told, turn(MEND, expect=["77"]), turn(go())) as means:
        done = await code(workshop.job(), who, means)

    assert done.result.verdict == "GO"
    assert workshop.problems == []


async def test_nothing_changed_is_a_no_go(workshop: Workshop) -> None:
    done = await coded(workshop, turn(go()))

    assert (done.result.verdict, done.result.extra.outcome) == ("NO-GO", "NO-CHANGES")
    assert done.result.extra.model_summary == "add adds"
    assert workshop.branches() == {"main"}


async def test_a_secret_is_refused_and_told(workshop: Workshop) -> None:
    token = "ghp_" + "a1B2c3D4e5" * 3 + "f6G7h8"
    leak = call("write_file", path="key.py", content=f'KEY = "{token}"\n')
    again = turn(go(), expect=["key.py"])

    done = await coded(workshop, turn(MEND, leak), turn(go()), again, again, again)

    assert (done.result.verdict, done.result.extra.outcome) == ("NO-GO", "COMMIT-REJECTED")
    assert "key.py" in done.result.summary
    assert token not in done.transcript["transcript.json"]
    assert workshop.branches() == {"main"}


async def test_what_the_redactor_knows_is_never_committed(workshop: Workshop) -> None:
    leak = call("bash", command="echo 'key: plain-looking''-value-7' > key.yaml")
    again = turn(go(), expect=["key.yaml"])

    async with workshop.means(turn(MEND, leak), turn(go()), again, again, again) as means:
        means.redactor.learn("plain-looking-value-7")
        done = await code(workshop.job(), persona(), means)

    assert done.result.extra.outcome == "COMMIT-REJECTED"
    assert "credential of this very task" in done.result.summary
    assert workshop.branches() == {"main"}


async def test_a_refused_secret_can_be_taken_out(workshop: Workshop) -> None:
    leak = call("write_file", path="key.py", content='KEY = "ghp_' + "a1B2c3D4e5" * 3 + 'f6G7h8"\n')

    done = await coded(
        workshop, turn(MEND, leak), turn(go()), turn(call("bash", command="rm key.py")), turn(go())
    )

    assert done.result.verdict == "GO"


async def test_a_refused_push_says_so(workshop: Workshop) -> None:
    hook = workshop.bare / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho protected branch >&2\nexit 1\n")
    hook.chmod(0o755)

    done = await coded(workshop, turn(MEND), turn(go()))

    assert (done.result.verdict, done.result.extra.outcome) == ("NO-GO", "PUSH-FAILED")
    assert done.result.extra.commit_sha is None
    assert workshop.host.opened == {}


async def test_a_gate_that_stays_red_keeps_the_attempt_on_its_own_branch(
    workshop: Workshop,
) -> None:
    replies = [turn(BREAK), *[turn(go())] * 4]

    done = await coded(workshop, *replies)

    extra = done.result.extra
    assert (done.result.verdict, extra.outcome) == ("INCOMPLETE", "CODER-GATE-FAILED")
    assert extra.gate_failed_branch == "foreman/gate-failed/t"
    message = workshop.git("log", "-1", "--format=%B", "foreman/gate-failed/t")
    assert "gate-failed" in message
    assert "Fixes" not in message
    assert "foreman/w/issue-1" not in workshop.branches()


async def test_prose_ends_incomplete(workshop: Workshop) -> None:
    done = await coded(workshop, *[{"text": "=== VERDICT: GO ==="}] * 3)

    extra = done.result.extra
    assert (extra.outcome, extra.reason) == ("LOOP-INCOMPLETE", "AssistantHallucinatedFinish")


async def test_a_pull_request_that_fails_does_not_undo_the_work(workshop: Workshop) -> None:
    workshop.host.down = "GitHub is away"

    done = await coded(workshop, turn(MEND), turn(go()))

    assert done.result.verdict == "GO"
    assert done.result.extra.pull_request_error == "GitHub is away"
    assert done.pull_request is None


async def test_no_pull_request_where_none_is_wanted(workshop: Workshop) -> None:
    done = await coded(workshop, turn(MEND), turn(go()), open_pull_request=False)

    assert done.result.verdict == "GO"
    assert workshop.host.opened == {}


async def test_a_repository_that_is_not_there(workshop: Workshop) -> None:
    done = await coded(workshop, repository="acme/none")

    assert done.result.extra.outcome == "EXECUTOR-PRECONDITION-FAILED"
    assert done.result.failure_reason == "CloneFailed"


async def test_a_claim_after_the_push_lands_without_asking_a_model(workshop: Workshop) -> None:
    before = await coded(workshop, turn(MEND), turn(go()), open_pull_request=False)

    again = await coded(workshop)

    assert again.result.verdict == "GO"
    assert again.result.extra.commit_sha == before.result.extra.commit_sha
    assert list(workshop.host.opened) == ["foreman/w/issue-1"]
    assert workshop.git("rev-list", "--count", "main..foreman/w/issue-1") == "1"


async def test_a_push_is_found_below_what_people_put_on_top(workshop: Workshop) -> None:
    before = await coded(workshop, turn(MEND), turn(go()), open_pull_request=False)
    theirs = commit(workshop, "foreman/w/issue-1", {"ann.txt": "Ann\n"}, message="Say hello")

    again = await coded(workshop)

    assert again.result.verdict == "GO"
    assert again.result.extra.commit_sha == before.result.extra.commit_sha
    assert workshop.git("rev-parse", "foreman/w/issue-1") == theirs


async def test_work_that_cannot_go_to_its_branch_is_kept(workshop: Workshop) -> None:
    await coded(workshop, turn(MEND), turn(go()))

    done = await coded(workshop, turn(MEND), turn(go()), uid="uid-2", task="t2")

    assert done.result.extra.outcome == "PUSH-FAILED"
    assert done.result.extra.gate_failed_branch == "foreman/w/issue-1-attempt-1"
    assert "foreman/w/issue-1-attempt-1" in workshop.branches()


async def test_the_draft_tells_of_checks_and_of_what_waits(workshop: Workshop) -> None:
    await coded(workshop, turn(MEND), turn(go()), self_go=("docs",))

    [wanted] = workshop.host.opened.values()
    assert "Passed: " in wanted.body
    assert "- [ ] a change of class code-fix may be merged" in wanted.body


async def test_another_tasks_commit_is_not_taken_for_ours(workshop: Workshop) -> None:
    await coded(workshop, turn(MEND), turn(go()))

    done = await coded(workshop, turn(MEND), turn(go()), uid="uid-2", task="t2")

    assert done.result.extra.outcome == "PUSH-FAILED"


async def test_an_interrupted_run_goes_on_with_its_conversation(workshop: Workshop) -> None:
    hang = {"fault": "hang"}
    async with workshop.means(turn(MEND), hang) as means:
        run = asyncio.ensure_future(code(workshop.job(), persona(), means))
        transcript = workshop.folder / "runs" / "t" / "transcript.jsonl"
        while not await asyncio.to_thread(has_tree, transcript):
            await asyncio.sleep(0.02)
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run

    done = await coded(workshop, {"text": "never asked for"}, turn(go()))

    assert done.result.verdict == "GO"
    assert done.result.extra.turn_count == 2
    assert workshop.problems == []


async def test_a_work_tree_that_moved_on_begins_again(workshop: Workshop) -> None:
    async with workshop.means(turn(MEND), {"fault": "hang"}) as means:
        run = asyncio.ensure_future(code(workshop.job(), persona(), means))
        transcript = workshop.folder / "runs" / "t" / "transcript.jsonl"
        while not await asyncio.to_thread(has_tree, transcript):
            await asyncio.sleep(0.02)
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run
    (workshop.folder / "runs" / "t" / "workspace" / "stray.txt").write_text("half written")

    done = await coded(workshop, turn(MEND), turn(go()))

    assert (done.result.verdict, done.result.extra.turn_count) == ("GO", 2)
    assert "stray.txt" not in workshop.git("ls-tree", "--name-only", "foreman/w/issue-1")


async def test_a_class_of_change_outside_self_go_lands_and_waits(workshop: Workshop) -> None:
    note = call("write_file", path="README.md", content="It adds.\n")

    done = await coded(workshop, turn(MEND, note), turn(go()), self_go=("docs",))

    extra = done.result.extra
    assert (done.result.verdict, extra.outcome) == ("NO-GO", "NEEDS-VERIFICATION")
    assert extra.commit_sha == workshop.git("rev-parse", "foreman/w/issue-1")
    assert extra.pull_request_url == "https://host/acme/sum/pull/7"
    assert (extra.work_class, extra.verdict_claimed) == ("mixed", "GO")
    [asked] = extra.unverified or []
    assert "code-fix is not among those that need no human (docs)" in asked.why_it_matters


@pytest.mark.parametrize("self_go", [None, ("code-fix",)])
async def test_a_class_of_change_that_needs_nobody(
    workshop: Workshop, self_go: tuple[str, ...] | None
) -> None:
    done = await coded(workshop, turn(MEND), turn(go()), self_go=self_go)

    assert (done.result.verdict, done.result.extra.work_class) == ("GO", "code-fix")


async def test_what_waits_for_a_person_waits_after_a_crash_too(workshop: Workshop) -> None:
    await coded(workshop, turn(MEND), turn(go()), self_go=("docs",), open_pull_request=False)

    again = await coded(workshop, self_go=("docs",))

    assert again.result.extra.outcome == "NEEDS-VERIFICATION"
    assert again.pull_request is not None
