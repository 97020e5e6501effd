"""The reporter: keeps on GitHub what the resources say, and in `status.reported` what stands there.

Level-based: each change of a Workload or one of its tasks leads to the same comparison. What comes of
it is carried out one by one and recorded one by one, so a crash loses at most the record of one post,
and the next pass finds that post by its mark. Only Workloads that GitHub asked for are answered there.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, assert_never

import structlog

from app.github.app import App, Scope
from app.github.errors import Dropped, GitHubError, Outage, RateLimited, Rejected
from app.report.diff import Places
from app.report.plan import (
    MakeReady,
    Order,
    Plan,
    PostCheck,
    PostComment,
    PostReview,
    React,
    RefreshBody,
    plan,
)
from app.report.posting import Poster
from app.report.reviews import EVENT, Review, review
from k8s.client import Change, Client
from k8s.errors import NotFound
from k8s.informer import Informer
from k8s.pipeline.labels import WORKLOAD
from k8s.queue import Key, WorkQueue
from k8s.resources.task import AgenticTask
from k8s.resources.workload import Workload
from loop.redaction import Redactor

OUTAGE_SECONDS = 5.0
DROPPED_SECONDS = 60.0
REFUSED_SECONDS = 300.0  # a permission is missing or something is gone: people have to act

log = structlog.get_logger(__name__)


class Reporter:
    """The writer of `status.reported`, and of nothing else."""

    def __init__(
        self,
        client: Client,
        workloads: Informer[Workload],
        tasks: Informer[AgenticTask],
        app: App,
        *,
        clock: Callable[[], datetime],
        redactor: Redactor | None = None,
    ) -> None:
        self.queue = WorkQueue()
        self._client = client
        self._workloads = workloads
        self._tasks = tasks
        self._app = app
        self._clock = clock
        self._redactor = redactor or Redactor()
        workloads.subscribe(lambda change: self.queue.add(change.object.key))
        tasks.subscribe(self._task_changed)

    def _task_changed(self, change: Change[AgenticTask]) -> None:
        if owner := change.object.metadata.labels.get(WORKLOAD):
            self.queue.add((change.object.metadata.namespace or "", owner))

    async def reconcile(self, key: Key) -> float | None:
        """Post what is missing for one Workload; seconds until there may be more to tell."""
        namespace, name = key
        seen = self._workloads.get(name, namespace)
        if seen is None or not _is_asked_for(seen):
            return None
        found = self._plan(seen, _children(seen, self._tasks.items()))
        if not found.orders:
            return found.wait_seconds
        # The caches may not yet show what we recorded a moment ago.
        try:
            workload = await self._client.get(Workload, name, namespace)
        except NotFound:
            return None
        labels = f"{WORKLOAD}={name}"
        listed = await self._client.list(AgenticTask, namespace, labels=labels)
        tasks = _children(workload, listed.items)
        return await self._carry_out(workload, tasks, self._plan(workload, tasks))

    def _plan(self, workload: Workload, tasks: list[AgenticTask]) -> Plan:
        return plan(workload, tasks, redact=self._redactor.text, now=self._clock())

    async def _carry_out(
        self, workload: Workload, tasks: list[AgenticTask], found: Plan
    ) -> float | None:
        waits = [] if found.wait_seconds is None else [found.wait_seconds]
        poster = await self._poster(workload)
        if poster is None:
            return REFUSED_SECONDS if workload.active else None
        by_name = {task.metadata.name: task for task in tasks}
        for order in found.orders:
            try:
                await self._post(order, workload, by_name, poster)
            except RateLimited as exc:
                log.info("report.rate_limited", workload=workload.metadata.name, error=str(exc))
                waits.append(max(1.0, exc.seconds))
                break
            except Dropped:
                waits.append(DROPPED_SECONDS)
            except Outage as exc:
                log.warning("report.github_away", workload=workload.metadata.name, error=str(exc))
                waits.append(OUTAGE_SECONDS)
            except GitHubError as exc:
                log.warning(
                    "report.refused",
                    workload=workload.metadata.name,
                    what=type(order).__name__,
                    error=str(exc),
                )
                if workload.active:
                    waits.append(REFUSED_SECONDS)
        return min(waits, default=None)

    async def _poster(self, workload: Workload) -> Poster | None:
        """None: the App is not installed on the repository any more."""
        trigger, repository = workload.spec.trigger, workload.spec.repo
        assert trigger, "asked only for Workloads of GitHub"
        assert repository, "asked only for Workloads of GitHub"
        installation = trigger.installation or await self._app.installation(repository)
        if installation is None:
            log.warning("report.not_installed", repository=repository)
            return None
        scope = Scope(repository, installation, trigger.repository_id)
        return Poster(self._app.repository(scope), repository, await self._app.profile())

    async def _post(
        self, order: Order, workload: Workload, tasks: dict[str, AgenticTask], poster: Poster
    ) -> None:
        match order:
            case PostReview():
                task = tasks[order.wanted.task]
                await self._record(task, {"review": await self._review(order, task, poster)})
            case PostCheck(check, digest, known, lane):
                number = await poster.check(check, known, lane=lane)
                entry = self._entry(number, digest, check.facts)
                await self._record(workload, {"checks": {check.head_sha: {check.name: entry}}})
            case RefreshBody(number, issue, part, digest):
                await poster.body(number, part, issue=issue)
                await self._record(workload, {"body": {str(number): digest}})
            case MakeReady(number, head_sha):
                became = await poster.ready(number, head_sha)
                await self._record(workload, {"ready": {str(number): became}})
            case React(content):
                await poster.react(order)
                await self._record(workload, {"reactions": {content: True}})
            case PostComment(comment, digest, known, lane):
                since = workload.metadata.creation_timestamp
                number = await poster.comment(comment, known, since=since, lane=lane)
                entry = self._entry(number, digest, comment.facts)
                await self._record(workload, {"comment": {**entry, "number": comment.number}})
            case _:
                assert_never(order)

    async def _review(self, order: PostReview, task: AgenticTask, poster: Poster) -> dict[str, Any]:
        """The record of the review, which stands at its pull request."""
        asked = order.wanted
        entry = {"number": asked.number, "head": asked.head_sha, "event": EVENT}
        ours = await poster.reviews(asked.number)
        for known in ours:
            if known["body"].startswith(asked.marker):
                return {**entry, "id": known["id"]}
        pull = await poster.pull_request(asked.number)
        is_current = pull["head"]["sha"] == asked.head_sha
        there: Places = await poster.places(asked.number) if is_current else {}
        number = None
        for places in (there, {}) if there else ({},):
            text = review(task, asked.marker, places)
            comments = tuple(map(self._redactor.value, text.comments))
            clean = Review(self._redactor.text(text.body), comments)
            try:
                number = await poster.review(asked, clean)
                break
            except Rejected as exc:
                log.warning("report.review_rejected", task=asked.task, error=str(exc))
                if not places:
                    return {**entry, "refused": str(exc)[:300]}
        if ours or asked.head_sha != asked.newest_sha:
            await poster.supersede(await poster.reviews(asked.number), asked.newest_sha)
        return {**entry, "id": number}

    def _entry(self, number: int, digest: str, facts: str) -> dict[str, Any]:
        at = self._clock().isoformat()
        return {"id": number, "digest": digest, "facts": facts, "at": at}

    async def _record(self, about: Workload | AgenticTask, reported: dict[str, Any]) -> None:
        """No resourceVersion: nobody else writes this field."""
        body = {"status": {"reported": reported}}
        name, namespace = about.metadata.name, about.metadata.namespace or ""
        try:
            await self._client.patch(type(about), name, namespace, body, subresource="status")
        except NotFound:
            log.info("report.owner_gone", name=name)


def _is_asked_for(workload: Workload) -> bool:
    return bool(
        workload.spec.trigger and workload.spec.repo and not workload.metadata.deletion_timestamp
    )


def _children(workload: Workload, tasks: list[AgenticTask]) -> list[AgenticTask]:
    uid = workload.metadata.uid
    return [task for task in tasks if any(o.uid == uid for o in task.metadata.owner_references)]
