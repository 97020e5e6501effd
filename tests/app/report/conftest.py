from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from app.github.app import Scope
from k8s.meta import LocalRef, Meta
from k8s.pipeline.plan import render
from k8s.resources.workload import Trigger, Workload, WorkloadSpec
from tests.app.report.office import Office, Reports
from tests.app.town import REPOSITORY, TASKS, Town


@pytest.fixture(name="office")
async def _office(quiet_town: Town) -> Office:
    town = quiet_town
    issue = await town.github.open_issue(REPOSITORY, "reporter", title="Say world")
    installation = await town.app.installation(REPOSITORY)
    assert installation
    workload = Workload(
        metadata=Meta(name="hello-1", namespace=TASKS),
        spec=WorkloadSpec(
            intent="Resolve issue #1.",
            repo=REPOSITORY,
            issues=[issue["number"]],
            coder_agent_ref=LocalRef(name="coder"),
            reviewer_agent_refs=[LocalRef(name="reviewer")],
            trigger=Trigger(by="maintainer", installation=installation),
        ),
    )
    made = await town.client.create(workload)
    for task in render(made).tasks:
        await town.client.create(task)
    office = Office(town, Scope(REPOSITORY, installation), issue["number"])
    await office.status(Workload, "hello-1", phase="Dispatched")
    return office


@pytest.fixture(name="running")
async def _running(office: Office) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(Reports(office.town).run())
    yield task
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
