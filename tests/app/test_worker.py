"""Who does a job: the Agent's model by the kind, or the one tool that the kind asks for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.executor import worker
from k8s.meta import Meta
from k8s.resources.agent import Agent, AgentSpec
from loop.work import coder, freeform, integrate, reconcile, reviewer, verifier
from loop.work.job import Done, Job

MODEL = {"model": "m", "model_endpoint_ref": {"name": "llm"}}
ALL = ["run_gate_job", "run_integrate", "run_reconcile"]


def agent(**spec: Any) -> Agent:
    return Agent(metadata=Meta(name="a"), spec=AgentSpec(**{"role": "verifier", **spec}))


def job(kind: Any) -> Job:
    return Job(task="t", uid="u", kind=kind, directory=Path("t"))


@pytest.mark.parametrize(
    ("kind", "spec", "who"),
    [
        ("issue-fix", {**MODEL, "role": "coder", "tools": ["bash"]}, coder.code),
        ("review", {**MODEL, "role": "reviewer", "tools": ["bash"]}, reviewer.review),
        ("freeform", {**MODEL, "role": "coder", "tools": ["bash"]}, freeform.answer),
        ("verify", {"tools": ALL}, verifier.verify),
        ("integrate", {"tools": ALL}, integrate.integrate),
        ("reconcile", {"tools": ALL}, reconcile.reconcile),
    ],
)
def test_who_does_it(kind: str, spec: dict[str, Any], who: object) -> None:
    assert worker(job(kind), agent(**spec)) is who


@pytest.mark.parametrize(
    ("kind", "spec", "told"),
    [
        ("integrate", {"tools": ["run_gate_job"]}, "not the tool run_integrate of integrate"),
        ("verify", {"tools": ["run_reconcile"]}, "not the tool run_gate_job of verify"),
        ("reconcile", {**MODEL, "role": "coder", "tools": ["bash"]}, "name a deterministic one"),
    ],
)
def test_nobody_does_it(kind: str, spec: dict[str, Any], told: str) -> None:
    done = worker(job(kind), agent(**spec))

    assert isinstance(done, Done)
    assert told in done.result.summary
