"""Sliced work is checked before anybody begins, and put together in its order."""

from __future__ import annotations

from typing import Any

import pytest

from k8s.lifecycle import End, Ready, Wait, invalid, next_step
from k8s.pipeline.plan import render
from k8s.pipeline.standing import standings
from k8s.pipeline.steps import RenderError
from k8s.resources.task import AgenticTask
from tests.k8s.pipeline_play import Play
from tests.k8s.pipeline_support import NOW, ended, gate_fail, workload

AGENT = {"name": "x"}
SLICES = [
    {"name": "core", "branch": "foreman/slicer-5/core", "files": ["a.py"]},
    {"name": "cli", "branch": "foreman/slicer-5/cli", "files": ["b.py", "c.py"]},
]
SHARED = [{"id": "parse", "definedBy": "core", "referencedBy": ["cli"]}]
JOINED = "foreman/slicer-5/integ"


def step(name: str, kind: str, *, after: list[str] | None = None, **payload: Any) -> dict[str, Any]:
    return {
        "name": name,
        "kind": kind,
        "agentRef": AGENT,
        "payload": {"issue": 5, **payload},
        "dependsOn": after or [],
    }


def sliced(**payload: Any) -> list[dict[str, Any]]:
    """Two coders, who puts it together, and who judges it."""
    parts = {"branch": JOINED, "slices": SLICES, "sharedIdentifiers": SHARED, **payload}
    coders = [step(f"code-{s['name']}", "issue-fix", branch=s["branch"]) for s in SLICES]
    return [
        *coders,
        step("join", "integrate", **parts),
        step("names", "reconcile", **parts),
        step("gate", "verify", after=["names"], branch=JOINED),
    ]


def test_who_puts_slices_together_waits_for_them() -> None:
    tasks = render(workload(pipeline=sliced())).tasks

    assert [(t.metadata.name, t.spec.depends_on) for t in tasks] == [
        ("w-code-core", []),
        ("w-code-cli", []),
        ("w-join", ["w-code-core", "w-code-cli"]),
        ("w-names", ["w-join"]),
        ("w-gate", ["w-names"]),
    ]


@pytest.mark.parametrize(
    ("payload", "told"),
    [
        pytest.param({"slices": []}, "payload.slices: empty", id="no slice"),
        pytest.param({"issue": None}, "payload.issue: missing", id="no issue"),
        pytest.param(
            {"slices": [SLICES[0], {**SLICES[1], "files": ["a.py"]}]},
            "a.py belongs to two slices, core and cli",
            id="a file of two",
        ),
        pytest.param(
            {"slices": [SLICES[0], {**SLICES[1], "files": ["src/", "src/b.py", "a.py"]}]},
            "a.py belongs to two slices",
            id="a file of two, among others",
        ),
        pytest.param(
            {"slices": [{**SLICES[0], "files": ["src/"]}, {**SLICES[1], "files": ["src/b.py"]}]},
            "src/ and src/b.py belongs to two slices",
            id="a folder and a file in it",
        ),
        pytest.param(
            {"slices": [SLICES[0], {**SLICES[1], "name": "core"}]}, "two are named core", id="twice"
        ),
        pytest.param(
            {"slices": [{**SLICES[0], "branch": None}]}, "slices[0].branch: missing", id="no branch"
        ),
        pytest.param(
            {"slices": [{**SLICES[0], "files": []}]}, "slices[0].files: empty", id="no file"
        ),
        pytest.param({"slices": [{**SLICES[0], "name": ""}]}, "name: empty", id="no name"),
        pytest.param(
            {"sharedIdentifiers": [{**SHARED[0], "id": "parse_"}]},
            "'parse_' is no whole identifier",
            id="half an identifier",
        ),
        pytest.param(
            {"sharedIdentifiers": [{**SHARED[0], "id": " "}]}, "no whole identifier", id="empty"
        ),
        pytest.param(
            {"sharedIdentifiers": [{**SHARED[0], "referencedBy": ["docs"]}]},
            "no slice is named docs; there are cli, core",
            id="no such slice",
        ),
    ],
)
def test_what_cannot_be_put_together_is_refused(payload: dict[str, Any], told: str) -> None:
    about = workload(pipeline=sliced(**payload))

    with pytest.raises(RenderError, match="step join: ") as fault:
        render(about)

    assert told in str(fault.value)


def test_a_task_applied_by_hand_is_held_to_the_same() -> None:
    payload = {"repo": "a/b", "issue": 5, "slices": []}
    spec = {"kind": "integrate", "agentRef": AGENT, "payload": payload}
    by_hand = AgenticTask(metadata={"name": "t"}, spec=spec)

    assert invalid(by_hand).startswith("spec.payload.slices: empty")


def test_names_are_looked_for_only_where_there_are_any() -> None:
    with pytest.raises(RenderError, match="nothing to reconcile"):
        render(workload(pipeline=sliced(sharedIdentifiers=[])))


def resolved(task: AgenticTask) -> AgenticTask:
    return ended(task, "NO-GO", outcome="ALREADY-RESOLVED")


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        pytest.param({}, Ready, id="both done"),
        pytest.param({"code-core": resolved}, Ready, id="one had nothing to do"),
        pytest.param({"code-core": resolved, "code-cli": resolved}, End, id="none had"),
        pytest.param({"code-core": lambda t: ended(t, "NO-GO")}, End, id="one could not"),
        pytest.param({"code-core": lambda t: t}, Wait, id="one works"),
    ],
)
def test_one_slice_with_nothing_to_do_does_not_lose_the_others(script: Any, expected: Any) -> None:
    play = Play(workload(pipeline=sliced()), {})
    play.step()
    play.children = [
        script.get(t.metadata.labels["foreman.llmkube.dev/step"], lambda t: ended(t, "GO"))(t)
        if t.spec.kind == "issue-fix"
        else t
        for t in play.children
    ]
    by_name = {t.metadata.name: t for t in play.children}

    found = next_step(by_name["w-join"], by_name, {}, NOW)

    assert isinstance(found, expected)


def test_slices_get_no_rounds_but_another_try() -> None:
    play = Play(workload(pipeline=sliced()), {"names": gate_fail})
    passes = play.run()

    (stand,) = standings(play.workload, play.children)
    assert [len(added) for added in passes] == [5]
    assert "Found wanting by names" in stand.waits_for
    assert play.order("retry") == [["names-a1", "gate-a1"]]


def test_the_work_of_slices_is_one_subject() -> None:
    play = Play(workload(pipeline=sliced()))
    play.run()

    (stand,) = standings(play.workload, play.children)

    assert [t.spec.kind for t in stand.code] == ["issue-fix", "issue-fix", "integrate"]
    assert [t.spec.kind for t in stand.verify] == ["reconcile", "verify"]
    assert stand.ready


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(["a", "a-r1"], id="a round"),
        pytest.param(["a", "a-a2"], id="an attempt"),
        pytest.param(["a", "a-esc"], id="an escalation"),
        pytest.param(["a", "a-r1-a2"], id="both"),
        pytest.param(["escalate-5-0"], id="an escalated review"),
    ],
)
def test_names_of_later_rounds_are_kept_free(names: list[str]) -> None:
    steps = [step(name, "review") for name in names]

    with pytest.raises(RenderError, match="rename it"):
        render(workload(pipeline=steps))


def test_names_that_only_look_alike_are_free() -> None:
    steps = [step(name, "review") for name in ("review-r1", "escalate-now", "a-esc")]

    assert len(render(workload(pipeline=steps)).tasks) == 3
