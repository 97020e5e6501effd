"""Workloads become tasks, and tasks add up to a Workload."""

from __future__ import annotations

from typing import Any

import pytest

from k8s.pipeline.plan import missing, render
from k8s.pipeline.rollup import rollup
from k8s.pipeline.steps import RenderError
from k8s.resources.task import AgenticTask
from k8s.resources.workload import Workload
from tools.result import Extra, Result


def workload(**spec: Any) -> Workload:
    return Workload(
        metadata={"name": "w", "namespace": "n", "uid": "u"},
        spec={"intent": "fix it", "repo": "a/b", **spec},
    )


def batch(**spec: Any) -> Workload:
    return workload(
        issues=[12],
        coderAgentRef={"name": "c"},
        verifierAgentRef={"name": "g"},
        reviewerAgentRefs=[{"name": "r0"}, {"name": "r1"}],
        **spec,
    )


def test_an_issue_batch_is_code_verify_and_reviews() -> None:
    tasks = render(batch()).tasks

    assert [(t.metadata.name, t.spec.kind, t.spec.depends_on) for t in tasks] == [
        ("w-code-12", "issue-fix", []),
        ("w-verify-12", "verify", ["w-code-12"]),
        ("w-review-12-0", "review", ["w-verify-12"]),
        ("w-review-12-1", "review", ["w-verify-12"]),
    ]
    code = tasks[0].spec.payload
    assert code.branch == "foreman/w/issue-12"
    assert code.prompt_prefix == "fix it"
    assert code.open_pull_request is True
    assert all(t.metadata.owner_references[0].uid == "u" for t in tasks)


def test_without_a_verifier_reviews_depend_on_the_code() -> None:
    tasks = render(
        workload(issues=[1], coderAgentRef={"name": "c"}, reviewerAgentRefs=[{"name": "r"}])
    )

    assert tasks.tasks[1].spec.depends_on == ["w-code-1"]


def test_explicit_steps_keep_their_dependencies() -> None:
    steps = [
        {"name": "a", "kind": "review", "agentRef": {"name": "r"}},
        {"name": "b", "kind": "review", "dependsOn": ["a"], "payload": {"repo": "x/y"}},
    ]

    tasks = render(workload(pipeline=steps)).tasks

    assert tasks[1].spec.depends_on == ["w-a"]
    assert [t.spec.payload.repo for t in tasks] == ["a/b", "x/y"]


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        pytest.param({}, "NoPlannerOrPipeline", id="intent only"),
        pytest.param({"issues": [1]}, "NoPlannerOrPipeline", id="no coder"),
        pytest.param(
            {"pipeline": [{"name": "a", "kind": "review"}, {"name": "a", "kind": "review"}]},
            "RenderError",
            id="twice the same",
        ),
    ],
)
def test_what_cannot_be_rendered_says_why(spec: dict[str, Any], reason: str) -> None:
    with pytest.raises(RenderError) as fault:
        render(workload(**spec))

    assert fault.value.reason == reason


def test_the_cap_cuts_the_tail_and_says_so() -> None:
    rendered = render(batch(maxTasks=3))

    assert (len(rendered.tasks), rendered.truncated) == (3, 1)


def test_a_partly_created_set_is_completed() -> None:
    tasks = render(batch()).tasks

    rest = missing(batch(), tasks[:2])

    assert [t.metadata.name for t in rest.tasks] == ["w-review-12-0", "w-review-12-1"]


def child(
    phase: str, verdict: str | None = None, outcome: Any = None, *, name: str = "t"
) -> AgenticTask:
    result = Result(verdict=verdict, extra=Extra(outcome=outcome)) if verdict else None  # type: ignore[arg-type] # tables hold plain strings
    return AgenticTask(
        metadata={"name": name},
        spec={"kind": "issue-fix", "payload": {}},
        status={"phase": phase, "verdict": verdict, "result": result},
    )


GO = child("Succeeded", "GO", name="code")


@pytest.mark.parametrize(
    ("children", "phase", "reason"),
    [
        pytest.param([GO, child("Running")], "Dispatched", "ChildrenInFlight", id="running"),
        pytest.param(
            [GO, child("Succeeded", "GATE-PASS")], "Completed", "AllChildrenSucceeded", id="won"
        ),
        pytest.param([GO, child("Succeeded", "NO-GO")], "Failed", "ChildrenIncomplete", id="no-go"),
        pytest.param(
            [child("Succeeded", "INCOMPLETE")], "Failed", "ChildrenIncomplete", id="incomplete"
        ),
        pytest.param([GO, child("Failed", "INCOMPLETE")], "Failed", "ChildrenFailed", id="failed"),
        pytest.param(
            [
                child("Succeeded", "NO-GO", "ALREADY-RESOLVED", name="code"),
                child("Succeeded", "Skipped"),
            ],
            "Completed",
            "AllAlreadyResolved",
            id="nothing to do",
        ),
    ],
)
def test_rollup(children: list[AgenticTask], phase: str, reason: str) -> None:
    found = rollup(batch(), children)

    assert (found.phase, found.reason) == (phase, reason)
