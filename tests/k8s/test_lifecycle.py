"""What happens next to one task."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from k8s.lifecycle import (
    CLAIM_EXPIRIES,
    Accept,
    End,
    Leave,
    Ready,
    Release,
    Wait,
    find_cycle,
    next_step,
)
from k8s.resources.fleet import FleetNode, NodeSpec, NodeStatus
from k8s.resources.task import AgenticTask, Payload, TaskSpec, TaskStatus
from tools.result import Extra, Result

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def task(name: str = "t", *, age: int = 0, **fields: Any) -> AgenticTask:
    spec = {
        "kind": "issue-fix",
        "payload": Payload(repo="a/b", issue=1),
        "agent_ref": {"name": "c"},
        **fields.pop("spec", {}),
    }
    return AgenticTask(
        metadata={
            "name": name,
            "namespace": "n",
            "creationTimestamp": NOW - timedelta(seconds=age),
            "annotations": fields.pop("annotations", {}),
        },
        spec=TaskSpec(**spec),
        status=TaskStatus(**{"phase": "Pending", **fields}),
    )


def node(*, beat: int) -> FleetNode:
    return FleetNode(
        metadata={"name": "m"},
        spec=NodeSpec(node_name="m"),
        status=NodeStatus(phase="Ready", last_heartbeat_time=NOW - timedelta(seconds=beat)),
    )


def step(subject: AgenticTask, *others: AgenticTask, nodes: list[FleetNode] | None = None) -> Any:
    siblings = {t.metadata.name: t for t in [subject, *others]}
    return next_step(subject, siblings, {n.metadata.name: n for n in nodes or []}, NOW)


def test_a_new_valid_task_is_accepted_first() -> None:
    assert step(task(phase=None)) == Accept()
    assert step(task()) == Ready()


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        pytest.param({"agent_ref": None}, "agentRef", id="no agent"),
        pytest.param({"payload": Payload(issue=1)}, "spec.payload.repo", id="no repository"),
        pytest.param({"payload": Payload(repo="a/b")}, "needs an issue", id="nothing to do"),
        pytest.param({"kind": "freeform", "payload": Payload()}, "freeform", id="nothing to say"),
        pytest.param(
            {
                "kind": "freeform",
                "payload": Payload(prompt="x", conversation=[{"role": "user", "content": "y"}]),
            },
            "exclude each other",
            id="both inputs",
        ),
        pytest.param(
            {
                "kind": "freeform",
                "payload": Payload(conversation=[{"role": "system", "content": "y"}]),
            },
            "no user message",
            id="no user message",
        ),
    ],
)
def test_bad_input_ends_with_what_is_wrong(spec: dict[str, Any], told: str) -> None:
    end = step(task(phase=None, spec=spec))

    assert isinstance(end, End)
    assert (end.phase, end.reason) == ("Failed", "ValidationFailed")
    assert told in end.message


def test_a_conversation_alone_is_enough() -> None:
    payload = Payload(conversation=[{"role": "user", "content": "y"}])

    assert step(task(spec={"kind": "freeform", "payload": payload})) == Ready()


@pytest.mark.parametrize("phase", ["Pending", "Scheduled"])
def test_cancelled_before_a_claim(phase: str) -> None:
    end = step(task(phase=phase, spec={"cancellation": {"by": "ann", "reason": "no need"}}))

    assert isinstance(end, End)
    assert (end.verdict, end.outcome) == ("INCOMPLETE", "CANCELLED")
    assert "ann: no need" in end.message


def test_cancelled_under_a_claim_is_the_nodes_business() -> None:
    running = task(phase="Running", assignedNode="m", spec={"cancellation": {"by": "ann"}})

    assert isinstance(step(running, nodes=[node(beat=1)]), Leave)


@pytest.mark.parametrize(
    ("before", "expected"), [("0", 1), ("1", 2), ("junk", 1)], ids=["first", "second", "junk"]
)
def test_a_silent_node_loses_its_claim(before: str, expected: int) -> None:
    running = task(phase="Running", assignedNode="m", annotations={CLAIM_EXPIRIES: before})

    release = step(running, nodes=[node(beat=91)])

    assert isinstance(release, Release)
    assert release.strike == expected


def test_the_third_expiry_is_terminal() -> None:
    running = task(phase="Verifying", assignedNode="gone", annotations={CLAIM_EXPIRIES: "2"})

    end = step(running)

    assert isinstance(end, End)
    assert (end.reason, end.failure_reason) == ("ClaimExpiryLimitReached", "InfrastructureError")


def test_skipped_is_transitive() -> None:
    code = task(
        "code",
        phase="Succeeded",
        verdict="NO-GO",
        result=Result(verdict="NO-GO", extra=Extra(outcome="ALREADY-RESOLVED")),
    )
    verify = task("verify", spec={"depends_on": ["code"]})
    skipped = task("verify", phase="Succeeded", verdict="Skipped", spec={"depends_on": ["code"]})
    review = task("review", spec={"depends_on": ["verify"]})

    for end in (step(verify, code), step(review, skipped, code)):
        assert isinstance(end, End)
        assert (end.phase, end.verdict) == ("Succeeded", "Skipped")


@pytest.mark.parametrize(
    ("phase", "verdict"),
    [("Failed", "INCOMPLETE"), ("Succeeded", "NO-GO"), ("Succeeded", "INCOMPLETE")],
)
def test_a_dependency_off_target_fails_what_waits_for_it(phase: str, verdict: str) -> None:
    end = step(task(spec={"depends_on": ["a"]}), task("a", phase=phase, verdict=verdict))

    assert isinstance(end, End)
    assert end.reason == "UpstreamFailed"


def test_waiting_for_a_dependency_names_it() -> None:
    wait = step(task(spec={"depends_on": ["a"]}), task("a", phase="Running"))

    assert isinstance(wait, Wait)
    assert "waits for a" in wait.message


def test_ready_once_dependencies_are_on_target() -> None:
    done = task("a", phase="Succeeded", verdict="GATE-PASS")

    assert step(task(spec={"depends_on": ["a"]}), done) == Ready()


def test_a_missing_dependency_waits_five_minutes() -> None:
    early = step(task(age=10, spec={"depends_on": ["late"]}))
    late = step(task(age=301, spec={"depends_on": ["late"]}))

    assert isinstance(early, Wait)
    assert early.seconds == pytest.approx(290)
    assert isinstance(late, End)
    assert "no task named late" in late.message


def test_a_cycle_fails_at_once() -> None:
    a = task("a", spec={"depends_on": ["b"]})
    b = task("b", spec={"depends_on": ["c"]})
    c = task("c", spec={"depends_on": ["a"]})

    end = step(a, b, c)

    assert isinstance(end, End)
    assert "a → b → c → a" in end.message
    assert (
        find_cycle("x", {"x": task("x", spec={"depends_on": ["a"]}), "a": a, "b": b, "c": c}) == []
    )


def test_an_ended_task_is_left_alone() -> None:
    assert step(task(phase="Succeeded", verdict="GO")) == Leave()
