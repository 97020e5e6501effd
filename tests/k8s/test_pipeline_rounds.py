"""Repair rounds, open seats, escalation: what a Workload begins by itself, and what people make it."""

from __future__ import annotations

from typing import Any

import pytest

from k8s.pipeline.conditions import conditions_of
from k8s.pipeline.labels import CAUSE, ROUND, SEAT
from k8s.pipeline.plan import Rendered, missing
from k8s.pipeline.rollup import review_iterations, rollup
from k8s.pipeline.standing import standings
from tests.k8s.pipeline_play import Play
from tests.k8s.pipeline_support import (
    NOW,
    batch,
    ended,
    gate_fail,
    needs_person,
    never_looked,
    no_go,
    rejected,
    ungrounded,
    workload,
)

FIRST = ["code-12", "verify-12", "review-12-0", "review-12-1"]
SECOND = [f"{step}-r1" for step in FIRST]
ESCALATED = [f"{step}-esc" for step in FIRST]
CODER = {"escalationCoderAgentRef": {"name": "strong"}}
AGENT = {"name": "x"}
REVIEWER = {"escalationReviewerAgentRefs": [{"name": "e0"}]}


def coder(verdict: str, **extra: Any) -> Any:
    return lambda task: ended(task, verdict, **extra)


def drifted(task: Any) -> Any:
    return ended(task, "NO-GO", scope_drift_detected=True, scope_refs=["a.py"])


def only_rail_8(task: Any) -> Any:
    rulings = [{"rail": "issueAskEnforced", "ruling": "demoted"}]
    return ended(task, "NO-GO", rulings=rulings)


def unsupported(task: Any) -> Any:
    return ended(task, "NO-GO", findings=[])


@pytest.mark.parametrize(
    ("spec", "script", "passes"),
    [
        pytest.param({}, {}, [FIRST], id="all agree"),
        pytest.param({}, {"review-12-1": no_go}, [FIRST, SECOND], id="an objection"),
        pytest.param({}, {"review-12-1": drifted}, [FIRST, SECOND], id="drift"),
        pytest.param({}, {"review-12-1": unsupported}, [FIRST], id="an empty objection"),
        pytest.param({}, {"review-12-1": rejected}, [FIRST], id="a rejection"),
        pytest.param(
            {},
            {"review-12-0": no_go, "review-12-1": rejected},
            [FIRST],
            id="an objection and a rejection",
        ),
        pytest.param(
            {}, {"review-12-1": no_go, "review-12-1-r1": no_go}, [FIRST, SECOND], id="one round"
        ),
        pytest.param(
            {"maxReviewIterations": 2},
            {"review-12-1": no_go, "review-12-1-r1": no_go, "review-12-0-r2": no_go},
            [FIRST, SECOND, [f"{step}-r2" for step in FIRST]],
            id="two rounds",
        ),
        pytest.param({"maxReviewIterations": 0}, {"review-12-1": no_go}, [FIRST], id="no rounds"),
        pytest.param(
            {},
            {"verify-12": gate_fail, "verify-12-r1": gate_fail, "verify-12-r2": gate_fail},
            [FIRST, SECOND, [f"{step}-r2" for step in FIRST]],
            id="a failing gate twice",
        ),
        pytest.param(
            {},
            {"verify-12": gate_fail, "review-12-0-r1": no_go, "verify-12-r2": gate_fail},
            [FIRST, SECOND, *([f"{s}-r{n}" for s in FIRST] for n in (2, 3))],
            id="budgets are apart",
        ),
        pytest.param(
            {}, {"review-12-1": ungrounded}, [FIRST, ["review-12-1-a1"]], id="itself again"
        ),
        pytest.param(
            {}, {"review-12-1": only_rail_8}, [FIRST, ["review-12-1-a1"]], id="only rail 8"
        ),
        pytest.param(
            {},
            {"review-12-1": ungrounded, "review-12-1-a1": never_looked},
            [FIRST, ["review-12-1-a1"]],
            id="once more and no more",
        ),
        pytest.param(
            {},
            {"review-12-1": ungrounded, "review-12-1-a1": no_go},
            [FIRST, ["review-12-1-a1"], SECOND],
            id="the second look objects",
        ),
        pytest.param(
            REVIEWER, {"review-12-1": never_looked}, [FIRST, ["escalate-12-0"]], id="another looks"
        ),
        pytest.param(
            REVIEWER,
            {"review-12-0": ungrounded, "review-12-1": never_looked},
            [FIRST, ["escalate-12-0", "review-12-1-a1"]],
            id="each another while there are any",
        ),
        pytest.param(
            REVIEWER,
            {"review-12-1": never_looked, "escalate-12-0": coder("INCOMPLETE", phase="Failed")},
            [FIRST, ["escalate-12-0"], ["review-12-1-a2"]],
            id="the other one breaks down",
        ),
        pytest.param(
            REVIEWER,
            {"review-12-0": no_go, "review-12-1": never_looked, "review-12-1-r1": never_looked},
            [FIRST, SECOND, ["escalate-12-0-r1"]],
            id="rounds first, then seats",
        ),
        pytest.param(
            REVIEWER | {"maxReviewIterations": 0},
            {"review-12-0": no_go, "review-12-1": never_looked},
            [FIRST],
            id="no look that could change nothing",
        ),
        pytest.param(
            CODER,
            {"code-12": coder("NO-GO", outcome="MODEL-DECIDED")},
            [FIRST, ESCALATED],
            id="the coder gives up",
        ),
        pytest.param(
            CODER,
            {
                "code-12": coder("INCOMPLETE", outcome="CODER-GATE-FAILED"),
                "code-12-esc": coder("INCOMPLETE", outcome="CODER-GATE-FAILED"),
            },
            [FIRST, ESCALATED],
            id="one stronger coder",
        ),
        pytest.param(
            CODER,
            {"code-12": coder("INCOMPLETE", outcome="LOOP-INCOMPLETE", reason="MaxTurnsExhausted")},
            [FIRST, ESCALATED],
            id="out of turns",
        ),
        pytest.param(
            CODER,
            {"code-12": coder("INCOMPLETE", outcome="LOOP-INCOMPLETE", reason="Timeout")},
            [FIRST],
            id="out of time",
        ),
        pytest.param(
            CODER | {"escalateOnFailure": True},
            {"code-12": coder("INCOMPLETE", outcome="LOOP-INCOMPLETE", reason="Timeout")},
            [FIRST, ESCALATED],
            id="out of time, wider",
        ),
        pytest.param(
            CODER | {"escalateOnFailure": True},
            {"review-12-0": no_go, "review-12-0-r1": no_go},
            [FIRST, SECOND, ESCALATED],
            id="not what reviewers want, wider",
        ),
        pytest.param(
            CODER | {"escalateOnFailure": True},
            {"code-12": coder("NO-GO", outcome="ALREADY-RESOLVED")},
            [FIRST],
            id="already resolved",
        ),
        pytest.param(
            CODER | {"escalateOnFailure": True},
            {"code-12": coder("INCOMPLETE", outcome="NEEDS-VERIFICATION")},
            [FIRST],
            id="a person has to look",
        ),
        pytest.param(
            CODER | {"escalateOnFailure": True},
            {"code-12": coder("INCOMPLETE", outcome="CANCELLED")},
            [FIRST],
            id="cancelled",
        ),
        pytest.param(
            CODER,
            {"review-12-0": no_go, "code-12-r1": coder("NO-GO", outcome="MODEL-DECIDED")},
            [FIRST, SECOND, ESCALATED],
            id="the coder gives up on a repair",
        ),
        pytest.param({}, {"code-12": needs_person}, [FIRST], id="a work class is reviewed"),
    ],
)
def test_what_a_workload_begins(spec: Any, script: Any, passes: list[list[str]]) -> None:
    assert Play(batch(**spec), script).run() == passes


def test_a_repair_goes_on_where_the_attempt_before_ended() -> None:
    play = Play(batch(revisionCoderAgentRef={"name": "fixer"}), {"review-12-1": no_go})

    play.run()

    task = play.named("code-12-r1")
    payload = task.spec.payload
    assert task.spec.agent_ref is not None
    assert task.spec.agent_ref.name == "fixer"
    assert payload.branch == payload.revise_from_branch == "foreman/w/issue-12"
    assert (payload.branch_strategy, payload.allow_overwrite) == ("rebase", True)
    assert payload.prompt == (
        "review-12-1 says NO-GO: told\n- [blocker/tests] no test fails without it (a.py:3)"
    )
    assert payload.prompt_prefix == "fix it"
    assert task.metadata.labels[CAUSE] == "review"
    assert task.metadata.labels[ROUND] == "1"
    assert play.named("review-12-1-r1").spec.depends_on == ["w-verify-12-r1"]
    assert play.named("review-12-1-r1").metadata.labels[SEAT] == "review-12-1"


def test_a_repair_after_a_failing_gate_is_told_its_log() -> None:
    play = Play(batch(), {"verify-12": gate_fail})

    play.run()

    assert "verify-12 says GATE-FAIL: told\nE   assert 1 == 2" in str(
        play.named("code-12-r1").spec.payload.prompt
    )


def test_a_stronger_coder_amends_the_work_that_its_gate_refused() -> None:
    script = {
        "code-12": coder(
            "INCOMPLETE",
            outcome="CODER-GATE-FAILED",
            gate_failed_branch="gate-failed/w",
            gate_output="boom",
        )
    }
    play = Play(batch(**CODER), script)

    play.run()

    task = play.named("code-12-esc")
    assert task.spec.agent_ref is not None
    assert task.spec.agent_ref.name == "strong"
    assert task.spec.payload.branch == "foreman/w/issue-12"
    assert task.spec.payload.revise_from_branch == "gate-failed/w"
    assert "boom" in str(task.spec.payload.prompt)
    assert "Another model tried this" in str(task.spec.payload.prompt_prefix)


def test_who_looks_again_is_told_what_was_not_shown_and_judges_the_same_commit() -> None:
    play = Play(batch(**REVIEWER), {"review-12-1": never_looked})

    play.run()

    task = play.named("escalate-12-0")
    assert task.spec.agent_ref is not None
    assert task.spec.agent_ref.name == "e0"
    assert "was not shown b.py" in str(task.spec.payload.prompt_prefix)
    assert task.spec.payload.prompt is None
    assert task.spec.depends_on == ["w-verify-12"]
    (stand,) = standings(play.workload, play.children)
    assert stand.ready


def test_a_second_look_that_agrees_fills_the_seat() -> None:
    play = Play(batch(), {"review-12-1": ungrounded})
    play.run()

    (stand,) = standings(play.workload, play.children)

    assert (stand.ready, stand.open_seats) == (True, ())
    assert rollup(play.workload, play.children).phase == "Completed"


def test_an_open_seat_stays_incomplete_for_good_until_a_person_approves() -> None:
    play = Play(batch(), {"review-12-1": ungrounded, "review-12-1-a1": ungrounded})
    play.run()
    (before,) = standings(play.workload, play.children)

    passes = play.order("approve")

    (after,) = standings(play.workload, play.children)
    assert (before.ready, before.open_seats) == (False, ("review-12-1",))
    assert passes == []
    assert (after.ready, after.approved_by) == (True, "ann")
    assert play.workload.status.answered == ["f1"]
    assert rollup(play.workload, play.children).reason == "Approved"


ROUND_1, ROUND_2 = SECOND, [f"{step}-r2" for step in FIRST]


@pytest.mark.parametrize(
    ("spec", "script", "kind", "passes"),
    [
        pytest.param({}, {}, "human-review", [ROUND_1], id="a person wants changes"),
        pytest.param({}, {}, "ci-failure", [ROUND_1], id="a check failed"),
        pytest.param(
            {},
            {"verify-12": gate_fail, "verify-12-r1": gate_fail},
            "ci-failure",
            [],
            id="the budget of gate and checks is spent",
        ),
        pytest.param({}, {}, "retry", [], id="nothing to retry"),
        pytest.param(
            {}, {"code-12": coder("INCOMPLETE")}, "retry", [ROUND_1], id="retry the coder"
        ),
        pytest.param(
            {},
            {"code-12": coder("NO-GO", outcome="ALREADY-RESOLVED")},
            "retry",
            [ROUND_1],
            id="it is not resolved",
        ),
        pytest.param({}, {"review-12-1": rejected}, "retry", [ROUND_1], id="retry the rejected"),
        pytest.param(
            {},
            {"verify-12": coder("GATE-ERROR")},
            "retry",
            [["verify-12-a1", "review-12-0-a1", "review-12-1-a1"]],
            id="retry the gate and who waits for it",
        ),
        pytest.param(
            {},
            {"review-12-1": coder("INCOMPLETE", outcome="LOOP-INCOMPLETE")},
            "retry",
            [["review-12-1-a1"]],
            id="retry a review",
        ),
        pytest.param({}, {"review-12-1": rejected}, "escalate", [], id="nobody to escalate to"),
        pytest.param(
            CODER, {"review-12-1": rejected}, "escalate", [ESCALATED], id="a stronger coder now"
        ),
        pytest.param(CODER, {}, "escalate", [], id="nothing to escalate"),
        pytest.param(
            REVIEWER,
            {"review-12-1": ungrounded, "escalate-12-0": ungrounded},
            "escalate",
            [["escalate-12-0-a2"]],
            id="another reviewer now",
        ),
        pytest.param(
            REVIEWER,
            {"review-12-1": coder("INCOMPLETE", outcome="LOOP-INCOMPLETE")},
            "escalate",
            [["escalate-12-0"]],
            id="another reviewer for one who came to no decision",
        ),
        pytest.param(
            REVIEWER, {"verify-12": coder("GATE-ERROR")}, "escalate", [], id="nothing to look at"
        ),
        pytest.param(
            REVIEWER, {"review-12-1": rejected}, "escalate", [], id="no other word on an objection"
        ),
        pytest.param(
            {},
            {"code-12": coder("INCOMPLETE", outcome="NEEDS-VERIFICATION")},
            "approve",
            [ROUND_1],
            id="the facts are checked",
        ),
        pytest.param({}, {"review-12-1": rejected}, "reject", [], id="reject"),
    ],
)
def test_what_people_make_it_begin(
    spec: Any, script: Any, kind: str, passes: list[list[str]]
) -> None:
    play = Play(batch(**spec), script)
    play.run()

    assert play.order(kind) == passes
    assert missing(play.workload, play.children).tasks == []


def test_who_approves_facts_has_checked_them_and_the_coder_goes_on() -> None:
    fact = {"fact": "the API allows it"}
    script = {"code-12": coder("INCOMPLETE", outcome="NEEDS-VERIFICATION", unverified=[fact])}
    play = Play(batch(), script)
    play.run()

    play.order("approve", digest="yes, since 2.0")

    prompt = str(play.named("code-12-r1").spec.payload.prompt)
    assert "ann checked what could not be verified, and agrees:\nyes, since 2.0" in prompt
    assert "- not verified: the API allows it" in prompt


def test_people_go_on_without_limit() -> None:
    play = Play(batch())
    play.run()

    rounds = [play.order("human-review", digest=f"change {n}") for n in range(5)]

    assert [len(found) for found in rounds] == [1] * 5
    assert "ann asks for changes:\nchange 4" in str(play.named("code-12-r5").spec.payload.prompt)


def test_max_tasks_stops_even_people() -> None:
    play = Play(batch(maxTasks=9))
    play.run()

    assert [len(play.order("human-review")) for _ in range(3)] == [1, 0, 0]
    assert play.workload.status.answered == ["f2", "f3"]


def test_orders_given_while_a_round_runs_wait_for_its_end_and_go_together() -> None:
    play = Play(batch(), {"review-12-0": no_go})
    play.step()

    assert play.order("human-review", digest="one") == []
    play.order("ci-failure", digest="two", ref="pull/40")
    assert [s for s in play.children if s.ended] == []
    play.work()
    play.run()

    prompt = str(play.named("code-12-r1").spec.payload.prompt)
    assert all(word in prompt for word in ("one", "two", "review-12-0 says NO-GO"))
    assert "code-12-r2" not in [s.metadata.name for s in play.children]


def test_a_check_that_failed_on_a_commit_of_before_is_old_news() -> None:
    play = Play(batch())
    play.run()

    assert play.order("ci-failure", ref=f"pull/40@{'b' * 40}") == []
    assert play.order("ci-failure", ref=f"pull/40@{'a' * 40}") == [ROUND_1]


def test_after_a_rejection_only_people_who_order_it_make_it_go_on() -> None:
    play = Play(batch(), {"review-12-0": no_go, "review-12-0-r1": no_go})
    play.run()

    assert play.order("reject") == []
    assert play.order("human-review") == []
    assert play.order("retry") == [ROUND_2]
    (stand,) = standings(play.workload, play.children)
    assert (stand.rejected_by, stand.ready) == ("", True)


def test_what_all_agreed_on_and_a_person_rejected_is_tried_again_with_their_reason() -> None:
    play = Play(batch())
    play.run()
    play.order("reject", digest="too clever")

    assert play.order("retry", digest="plainly") == [ROUND_1]
    assert play.named("code-12-r1").spec.payload.prompt == (
        "ann does not want it so:\ntoo clever\n\nann asks for another try:\nplainly"
    )
    assert standings(play.workload, play.children)[0].ready


def test_a_rejection_ends_what_the_workload_would_begin_itself() -> None:
    play = Play(batch(), {"review-12-0": no_go})
    play.step()

    play.order("reject")
    play.work()

    assert play.run() == []
    assert rollup(play.workload, play.children).phase == "Failed"


def test_an_approval_given_early_saves_the_second_look() -> None:
    play = Play(batch(), {"review-12-0": ungrounded})
    play.step()

    play.order("approve")
    play.work()

    assert play.run() == []
    assert standings(play.workload, play.children)[0].ready


def test_a_stronger_coder_keeps_the_work() -> None:
    play = Play(batch(**CODER), {"code-12": coder("NO-GO", outcome="MODEL-DECIDED")})
    play.run()

    assert play.order("human-review") == [[f"{step}-r2" for step in FIRST]]
    task = play.named("code-12-r2")
    assert task.spec.agent_ref is not None
    assert task.spec.agent_ref.name == "strong"


def test_a_round_that_was_begun_is_completed() -> None:
    play = Play(batch(), {"review-12-0": no_go})
    play.run()
    whole = [t.metadata.name for t in play.children]
    play.children = play.children[:5]

    assert play.step() == SECOND[1:]
    assert [t.metadata.name for t in play.children] == whole


def test_what_was_superseded_is_not_made_again() -> None:
    play = Play(batch(), {"review-12-0": no_go})
    play.run()

    del play.children[2]

    assert play.step() == []


def test_children_of_a_workload_that_ended_are_not_made_again() -> None:
    play = Play(batch())
    play.run()
    play.workload = play.workload.replace(status=play.workload.status.replace(phase="Completed"))

    del play.children[2:]

    assert play.step() == []


def test_a_round_is_begun_whole_or_not_at_all() -> None:
    play = Play(batch(maxTasks=7), {"review-12-0": no_go})

    assert play.run() == [FIRST]
    found = missing(play.workload, play.children)
    assert (found.truncated, found.cap) == (4, "MaxTasksIterationCap")


def test_rounds_are_counted_and_told() -> None:
    play = Play(
        batch(**CODER, escalateOnFailure=True, maxReviewIterations=1),
        {"review-12-0": no_go, "review-12-0-r1": no_go, "review-12-1-esc": ungrounded},
    )
    play.run()

    found = conditions_of(
        play.workload,
        play.children,
        Rendered([]),
        rollup(play.workload, play.children),
        now=NOW,
    )

    assert review_iterations(play.children) == 1
    assert {(c.type, c.reason, c.message) for c in found} >= {
        ("ReviewIterationTriggered", "ReviewerNoGo", "code-12-r1"),
        ("EscalationTriggered", "BaseReviewerNoGo", "review-12-1-esc-a1"),
        ("CoderEscalationTriggered", "BaseCoderFailureEscalation", "code-12-esc"),
        ("Completed", "AllChildrenSucceeded", ""),
    }


def asked(**spec: Any) -> Any:
    """`/foreman review` on somebody's pull request 7."""
    payload = {"pullRequest": 7, "headSHA": "b" * 40}
    steps = [
        {"name": "review-7-0", "kind": "review", "agentRef": {"name": "r"}, "payload": payload}
    ]
    return workload(pipeline=steps, **spec)


@pytest.mark.parametrize(
    ("spec", "script", "kind", "passes"),
    [
        pytest.param({}, {"review-7-0": no_go}, "human-review", [], id="no round"),
        pytest.param({}, {"review-7-0": no_go}, "retry", [["review-7-0-a1"]], id="retry"),
        pytest.param(
            REVIEWER,
            {"review-7-0": ungrounded, "escalate-7-0": ungrounded},
            "escalate",
            [["escalate-7-0-a2"]],
            id="escalate",
        ),
        pytest.param({}, {}, "ci-failure", [], id="a failing check"),
    ],
)
def test_somebodys_pull_request_gets_reviews_and_no_coder(
    spec: Any, script: Any, kind: str, passes: list[list[str]]
) -> None:
    play = Play(asked(**spec), script)
    play.run()

    assert play.order(kind) == passes


def test_a_rejected_review_of_somebodys_pull_request_is_held_again() -> None:
    play = Play(asked())
    play.run()
    play.order("reject")

    assert play.order("retry") == [["review-7-0-a1"]]
    note = play.named("review-7-0-a1").spec.payload.prompt_prefix or ""
    assert "a person asks for another review" in note
    assert standings(play.workload, play.children)[0].rejected_by == ""


def test_an_open_seat_on_somebodys_pull_request_is_looked_at_again() -> None:
    play = Play(asked(), {"review-7-0": ungrounded})

    assert play.run() == [["review-7-0"], ["review-7-0-a1"]]
    again = play.named("review-7-0-a1").spec.payload
    assert (again.pull_request, again.head_sha) == (7, "b" * 40)


def test_what_is_resolved_already_is_not_judged_and_is_no_failure() -> None:
    script = {"code-12": coder("NO-GO", outcome="ALREADY-RESOLVED")}
    play = Play(batch(**CODER, **REVIEWER), script)

    passes = play.run()

    found = rollup(play.workload, play.children)
    assert passes == [FIRST]
    assert [t.status.verdict for t in play.children[1:]] == ["Skipped"] * 3
    assert (found.phase, found.reason, found.failed) == ("Completed", "AllAlreadyResolved", 0)


def test_long_names_of_later_rounds_are_cut_and_stay_apart() -> None:
    names = [f"{'long-' * 12}{letter}" for letter in "ab"]
    steps = [
        {"name": name, "kind": "review", "agentRef": AGENT, "payload": {"pullRequest": 7}}
        for name in names
    ]
    play = Play(workload(pipeline=steps), dict.fromkeys(names, ungrounded))

    play.run()

    found = [task.metadata.name for task in play.children]
    assert len(set(found)) == len(found) == 4
    assert max(map(len, found)) == 63
    assert all(len(word) <= 63 for t in play.children for word in t.metadata.labels.values())
    assert [t.metadata.labels[SEAT] for t in play.children[2:]] == names


def test_each_issue_goes_its_own_way() -> None:
    play = Play(
        batch(issues=[12, 13], verifierAgentRef=None, reviewerAgentRefs=[{"name": "r"}]),
        {"review-12-0": no_go, "review-13-0": ungrounded},
    )

    assert play.run() == [
        ["code-12", "review-12-0", "code-13", "review-13-0"],
        ["code-12-r1", "review-12-0-r1", "review-13-0-a1"],
    ]
    assert play.order("human-review", ref="issue/13") == [["code-13-r1", "review-13-0-r1"]]


def test_named_steps_with_one_coder_get_rounds_too() -> None:
    steps = [
        {
            "name": "do",
            "kind": "issue-fix",
            "agentRef": AGENT,
            "payload": {"issue": 5, "prompt": "briefly"},
        },
        {
            "name": "look",
            "kind": "review",
            "agentRef": AGENT,
            "dependsOn": ["do"],
            "payload": {"issue": 5},
        },
        {
            "name": "sum",
            "kind": "freeform",
            "agentRef": AGENT,
            "dependsOn": ["look"],
            "payload": {"prompt": "x"},
        },
    ]
    play = Play(workload(pipeline=steps), {"look": no_go})

    assert play.run() == [["do", "look", "sum"], ["do-r1", "look-r1"]]
    assert str(play.named("do-r1").spec.payload.prompt).startswith("briefly\n\nlook says NO-GO")


def test_retry_takes_steps_without_a_subject_too() -> None:
    steps = [
        {"name": "a", "kind": "freeform", "agentRef": AGENT, "payload": {"prompt": "x"}},
        {
            "name": "b",
            "kind": "freeform",
            "agentRef": AGENT,
            "dependsOn": ["a"],
            "payload": {"prompt": "y"},
        },
    ]
    play = Play(workload(pipeline=steps), {"a": coder("INCOMPLETE")})
    play.run()

    assert play.order("retry") == [["a-a1", "b-a1"]]
    assert play.named("b-a1").spec.depends_on == ["w-a-a1"]


@pytest.mark.parametrize(
    ("script", "told"),
    [
        pytest.param(
            {"code-12": coder("NO-GO", outcome="ALREADY-RESOLVED")},
            ("CoderAlreadyResolved", "AlreadyResolved", "code-12"),
            id="resolved",
        ),
        pytest.param(
            {"review-12-1": coder("INCOMPLETE", phase="Failed", reason="SovereigntyGate")},
            ("CloudReviewersSuppressed", "SovereigntyGate", "review-12-1"),
            id="outside",
        ),
    ],
)
def test_what_became_of_steps_is_a_condition(script: Any, told: tuple[str, str, str]) -> None:
    play = Play(batch(), script)
    play.run()
    where = rollup(play.workload, play.children)

    found = conditions_of(play.workload, play.children, Rendered([]), where, now=NOW)

    assert told in {(c.type, c.reason, c.message) for c in found}
