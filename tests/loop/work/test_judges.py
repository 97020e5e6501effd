"""Reviewer, verifier and freeform work, over what a coder left behind."""

from __future__ import annotations

import json
from typing import Any

import pytest

from loop.evidence import read_record
from loop.rails.order import reconcile
from loop.rails.seats import open_seat
from loop.work.coder import code
from loop.work.freeform import answer
from loop.work.job import Done
from loop.work.reviewer import review
from loop.work.verifier import verify
from tests.loop.work.person import commit
from tests.loop.work.workshop import BREAK, MEND, REVIEWER, Workshop, call, go, persona, turn

SEEN = call("bash", command="git diff origin/main...HEAD")


def opinion(verdict: str = "GO", **extra: Any) -> dict[str, Any]:
    fields = {
        "reviewOutcome": "APPROVE" if verdict == "GO" else "REQUEST-CHANGES",
        "issueAsk": "`add(1, 1)` must be 2",
        "filesTouched": ["add.py"],
        "findings": [],
        **extra,
    }
    return call("submit_result", verdict=verdict, summary="adds", extra=fields)


async def pushed(workshop: Workshop, change: dict[str, Any] = MEND) -> None:
    workshop.switches["test"] = change is MEND
    async with workshop.means(turn(change), turn(go())) as means:
        done = await code(workshop.job(), persona(), means)
    assert done.result.extra.commit_sha, done.result
    workshop.switches.clear()


async def reviewed(workshop: Workshop, *replies: dict[str, Any], **job: Any) -> Done:
    who = persona(name="reviewer", role="reviewer", tools=REVIEWER)
    async with workshop.means(*replies) as means:
        return await review(workshop.job(kind="review", task="r", **job), who, means)


async def test_an_honest_review_stands(workshop: Workshop) -> None:
    await pushed(workshop)

    done = await reviewed(
        workshop, turn(call("fetch_issue", repo="acme/sum", number=1)), turn(SEEN), turn(opinion())
    )

    extra = done.result.extra
    assert done.result.verdict == "GO"
    assert [(r.rail, r.ruling) for r in extra.rulings or ()] == [
        ("filesTouched", "kept"),
        ("issueAsk", "kept"),
        ("emptyClaim", "kept"),
        ("neverLooked", "kept"),
        ("scope", "kept"),
        ("groundedFindings", "kept"),
        ("verdictFromFindings", "kept"),
        ("issueAskEnforced", "kept"),
    ]
    assert (extra.scope_refs, extra.scope_matched) == (["add.py"], ["add.py"])
    assert extra.commit_sha == workshop.git("rev-parse", "foreman/w/issue-1")
    record = json.loads(done.evidence)
    assert [f["path"] for f in record["files"]] == ["add.py"]
    shown = [s for made in record["calls"] for s in made.get("shown", [])]
    assert {"path": "add.py", "start": 1, "end": 2} in shown


async def test_files_are_gits_and_the_claim_is_kept(workshop: Workshop) -> None:
    await pushed(workshop)

    done = await reviewed(workshop, turn(SEEN), turn(opinion(filesTouched=["made_up.py"])))

    extra = done.result.extra
    assert extra.files_touched == ["add.py"]
    assert extra.files_touched_claimed == ["made_up.py"]


async def test_an_invented_ask_is_rewritten(workshop: Workshop) -> None:
    await pushed(workshop)

    done = await reviewed(workshop, turn(SEEN), turn(opinion(issueAsk="Paint the shed green")))

    extra = done.result.extra
    assert (extra.issue_ask_verified, extra.issue_ask_method) == (False, "rewritten")
    assert extra.issue_ask_claimed == "Paint the shed green"
    assert extra.issue_ask == "`add(1, 1)` must be 2 in `add.py`."


async def test_an_empty_branch_claim_is_no_verdict(workshop: Workshop) -> None:
    await pushed(workshop)
    said = call(
        "submit_result",
        verdict="NO-GO",
        summary="The branch is empty, there is nothing to review",
        extra={"reviewOutcome": "REQUEST-CHANGES", "filesTouched": [], "findings": []},
    )

    done = await reviewed(workshop, turn(SEEN), turn(said))

    extra = done.result.extra
    assert (done.result.verdict, extra.verdict_claimed) == ("INCOMPLETE", "NO-GO")
    assert extra.verdict_demoted is True
    assert done.result.failure_reason == "ModelReportedError"


async def test_an_approval_without_a_look_is_no_verdict(workshop: Workshop) -> None:
    await pushed(workshop)

    done = await reviewed(workshop, turn(opinion()))

    extra = done.result.extra
    assert (done.result.verdict, extra.verdict_claimed) == ("INCOMPLETE", "GO")
    assert extra.unseen_files == ["add.py"]
    assert open_seat(done.result.verdict, extra) == "the reviewer was not shown add.py"


async def test_a_diff_that_was_kept_and_read_in_pages_is_seen(workshop: Workshop) -> None:
    await pushed(workshop)

    done = await reviewed(
        workshop,
        turn(call("bash", command="git diff origin/main...HEAD > d.txt && wc -l d.txt")),
        turn(call("bash", command="head -n 7 d.txt")),
        turn(call("bash", command="sed -n '8,99p' d.txt")),
        turn(opinion()),
    )

    assert done.result.verdict == "GO"
    assert done.result.extra.unseen_files is None


async def test_an_objection_to_nothing_of_the_change_is_no_verdict(workshop: Workshop) -> None:
    await pushed(workshop)
    wrong = {
        "severity": "critical",
        "area": "style",
        "message": "Bad name",
        "file": "tests/test_add.py",
        "line": 3,
    }

    done = await reviewed(workshop, turn(SEEN), turn(opinion("NO-GO", findings=[wrong])))

    extra = done.result.extra
    assert (done.result.verdict, extra.outcome) == ("INCOMPLETE", "UNGROUNDED")
    assert [f.file for f in extra.ungrounded_findings or ()] == ["tests/test_add.py"]
    assert open_seat(done.result.verdict, extra)
    again = reconcile(read_record(done.evidence))
    assert (again.verdict, list(again.rulings)) == (done.result.verdict, extra.rulings)


async def test_a_change_beside_what_the_issue_names_is_drift(workshop: Workshop) -> None:
    await pushed(workshop, call("write_file", path="other.py", content="x = 1\n"))

    done = await reviewed(
        workshop, turn(SEEN), turn(opinion(filesTouched=["other.py"])), branch="foreman/w/issue-1"
    )

    extra = done.result.extra
    assert (done.result.verdict, extra.verdict_claimed) == ("NO-GO", "GO")
    assert (extra.scope_refs, extra.scope_drift_detected) == (["add.py"], True)
    assert open_seat(done.result.verdict, extra) == ""


async def test_a_reviewer_keeps_nothing_it_writes(workshop: Workshop) -> None:
    await pushed(workshop)
    before = workshop.git("rev-parse", "foreman/w/issue-1")

    await reviewed(workshop, turn(call("bash", command="echo x >> add.py")), turn(opinion()))

    assert workshop.git("rev-parse", "foreman/w/issue-1") == before


async def test_nothing_to_review_is_a_precondition(workshop: Workshop) -> None:
    done = await reviewed(workshop)

    assert done.result.extra.outcome == "EXECUTOR-PRECONDITION-FAILED"
    assert "foreman/w/issue-1: not on the remote" in done.result.summary


async def test_a_humans_pull_request_is_judged_by_its_own_words(workshop: Workshop) -> None:
    await pushed(workshop)
    sha = workshop.git("rev-parse", "foreman/w/issue-1")
    workshop.git("update-ref", "refs/pull/5/head", sha)

    done = await reviewed(
        workshop,
        turn(SEEN),
        turn(opinion(issueAsk="Makes add add")),
        branch="",
        issue=None,
        snapshot=None,
        pull_request=5,
        head_sha=sha,
    )

    assert done.result.verdict == "GO"
    assert done.result.extra.issue_ask_verified is True


async def test_a_head_that_was_pushed_over_is_to_be_asked_about_again(workshop: Workshop) -> None:
    await pushed(workshop)
    now = workshop.git("rev-parse", "foreman/w/issue-1")
    workshop.git("update-ref", "refs/pull/5/head", now)
    gone = "a" * 40

    done = await reviewed(workshop, branch="", pull_request=5, head_sha=gone)

    assert done.result.extra.outcome == "EXECUTOR-PRECONDITION-FAILED"
    assert done.result.summary == (
        f"{gone[:12]}: the head moved since the review was asked for, to {now[:12]};"
        " ask again with /foreman review"
    )


async def test_a_pinned_commit_is_judged_whatever_came_on_top(workshop: Workshop) -> None:
    await pushed(workshop)
    coders = workshop.git("rev-parse", "foreman/w/issue-1")
    tree = workshop.git("rev-parse", "main^{tree}")
    name = ["-c", "user.name=Eve", "-c", "user.email=eve@example.com"]
    on_top = workshop.git(*name, "commit-tree", "-p", coders, "-m", "On top", tree)
    workshop.git("update-ref", "refs/heads/foreman/w/issue-1", on_top)

    done = await reviewed(workshop, turn(SEEN), turn(opinion()), head_sha=coders)

    assert (done.result.verdict, done.result.extra.commit_sha) == ("GO", coders)
    assert done.result.extra.files_touched == ["add.py"]


@pytest.mark.parametrize(
    ("change", "verdict", "reason"),
    [
        pytest.param(MEND, "GATE-PASS", None, id="green"),
        pytest.param(BREAK, "GATE-FAIL", "GateFailed", id="red"),
    ],
)
async def test_the_verifier_runs_the_gate_in_a_clean_checkout(
    workshop: Workshop, change: dict[str, Any], verdict: str, reason: str | None
) -> None:
    await pushed(workshop, change)
    who = persona(name="gate", role="verifier", tools=("run_gate_job",))

    async with workshop.means() as means:
        done = await verify(workshop.job(kind="verify", task="v"), who, means)

    assert (done.result.verdict, done.result.failure_reason) == (verdict, reason)
    extra = done.result.extra
    assert extra.deterministic is True
    assert [run.name for run in extra.gate or ()] == ["build", "test"]
    assert (extra.log_tail or "").count("AssertionError") == (verdict == "GATE-FAIL")


async def test_a_broken_profile_is_a_gate_error_that_names_the_line(workshop: Workshop) -> None:
    commit(workshop, "main", {".foreman/verify.yaml": "commands: [\n"}, message="Break it")
    async with workshop.means(turn(MEND), turn(go())) as means:
        await code(workshop.job(), persona(), means)
    who = persona(name="gate", role="verifier", tools=("run_gate_job",))

    async with workshop.means() as means:
        done = await verify(workshop.job(kind="verify", task="v"), who, means)

    assert done.result.verdict == "GATE-ERROR"
    assert ".foreman/verify.yaml:" in done.result.summary


async def test_freeform_work_answers_in_words(workshop: Workshop) -> None:
    look = turn(call("bash", command="cat add.py"))
    async with workshop.means(look, {"text": "It subtracts."}) as means:
        done = await answer(
            workshop.job(kind="freeform", issue=None, snapshot=None, prompt="What does add do?"),
            persona(tools=("bash",)),
            means,
        )

    assert (done.result.verdict, done.result.extra.output) == ("GO", "It subtracts.")
