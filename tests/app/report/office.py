"""A Workload on GitHub and what reports on it, for the tests of the reporter."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from app.github.app import Scope
from app.report.reporter import Reporter
from k8s.controller import run_controller
from k8s.informer import Informer
from k8s.resources.task import AgenticTask
from k8s.resources.workload import Workload
from loop.redaction import Redactor
from tests.app.town import REPOSITORY, TASKS, Town, until
from tools.result import Extra, Finding, Result, Ruling

BRANCH = "foreman/hello-1/issue-1"
SECRET = "hunter2-is-the-password"
RULING = Ruling(rail="filesTouched", ruling="overridden", claimed="b.py", found="app.py")


@dataclass
class Office:
    """A Workload for issue 1 and what reports on it."""

    town: Town
    scope: Scope
    issue: int

    async def workload(self) -> Workload:
        return await self.town.client.get(Workload, "hello-1", TASKS)

    async def reported(self) -> dict[str, Any]:
        return (await self.workload()).status.reported

    async def status(self, kind: type[Any], name: str, **status: Any) -> None:
        body = {"status": status}
        await self.town.client.patch(kind, name, TASKS, body, subresource="status")

    async def ended(self, step: str, verdict: Any, **extra: Any) -> None:
        status = {k: extra.pop(k) for k in ("commitSHA", "pullRequest") if k in extra}
        result = Result(verdict=verdict, summary=f"{step} ended", extra=Extra(**extra))
        await self.status(
            AgenticTask,
            f"hello-1-{step}",
            phase="Succeeded",
            verdict=verdict,
            result=result.wire(),
            **status,
        )

    async def pushed(self) -> dict[str, Any]:
        """The coder's commit and draft pull request, opened with the task's own token."""
        files = {"app.py": "print('hello')\nprint('world')\n"}
        await self.town.github.push(REPOSITORY, BRANCH, "maintainer", files)
        github = self.town.app.repository(self.scope, "push")
        asked = {"title": "Say world", "head": BRANCH, "base": "main", "draft": True, "body": "x"}
        pull: dict[str, Any] = await github.post(f"/repos/{REPOSITORY}/pulls", asked)
        ref = {"number": pull["number"], "url": pull["html_url"], "headSHA": pull["head"]["sha"]}
        await self.ended("code-1", "GO", commitSHA=pull["head"]["sha"], pullRequest=ref)
        return pull

    async def reviewed(self, verdict: Any, findings: list[Finding]) -> None:
        await self.ended(
            "review-1-0", verdict, rulings=[RULING], rails_run=["filesTouched"], findings=findings
        )

    async def checks(self, sha: str) -> dict[str, str | None]:
        runs = await self.town.github.checks(REPOSITORY, sha)
        assert len({run["name"] for run in runs}) == len(runs)
        return {run["name"].removeprefix("foreman / "): run["conclusion"] for run in runs}

    async def pull(self, number: int) -> dict[str, Any]:
        return await self.town.github.pull(REPOSITORY, number)

    async def reviews(self, number: int) -> list[dict[str, Any]]:
        return await self.town.github.reviews(REPOSITORY, number)


@dataclass
class Reports:
    """The reporter as one process has it: its own caches, its own memory."""

    town: Town

    async def run(self) -> None:
        town = self.town
        workloads = Informer(town.client, Workload, namespace=TASKS)
        tasks = Informer(town.client, AgenticTask, namespace=TASKS)
        reporter = Reporter(
            town.client,
            workloads,
            tasks,
            town.app,
            clock=town.clock,
            redactor=Redactor([SECRET]),
        )
        async with asyncio.TaskGroup() as group:
            group.create_task(workloads.run())
            group.create_task(tasks.run())
            group.create_task(run_controller("reporter", reporter.queue, reporter.reconcile, 2))

    async def once(self, name: str = "hello-1") -> float | None:
        """One pass of a reporter that has just been started."""
        town = self.town
        workloads = Informer(town.client, Workload, namespace=TASKS)
        tasks = Informer(town.client, AgenticTask, namespace=TASKS)
        reporter = Reporter(town.client, workloads, tasks, town.app, clock=town.clock)
        filling = [asyncio.create_task(informer.run()) for informer in (workloads, tasks)]
        try:
            await workloads.synced()
            await tasks.synced()
            return await reporter.reconcile((TASKS, name))
        finally:
            for task in filling:
                task.cancel()
            await asyncio.gather(*filling, return_exceptions=True)


def seen(look: Callable[[], Awaitable[bool]]) -> Awaitable[Any]:
    async def found() -> bool | None:
        return True if await look() else None

    return until(found)
