"""The node's main loop: heartbeat, endpoints, claims, runs, recovery, drain.

Level-based like a controller: each change of a task leads to the same comparison of what is
assigned here with what runs here.
"""

from __future__ import annotations

import asyncio
import platform
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import aiohttp
import structlog

from k8s.client import Client
from k8s.errors import AlreadyExists, ApiError, NotFound, Unavailable
from k8s.informer import Informer
from k8s.lifecycle import EXPIRY_LIMIT
from k8s.meta import Condition, Meta, with_condition
from k8s.node.claim import Claim, ClaimLostError
from k8s.node.machine import Stated, capability
from k8s.node.probe import due, look, pause
from k8s.patience import patiently
from k8s.resources.endpoint import ModelEndpoint
from k8s.resources.fleet import EndpointSeen, FleetNode, NodePhase, NodeSpec
from k8s.resources.task import AgenticTask
from loop.work.job import Done, ended

HEARTBEAT = timedelta(seconds=30)
AGAIN_SECONDS = 0.5  # before a task whose run was dropped is looked at again

log = structlog.get_logger(__name__)


class Executor(Protocol):
    """Runs one claimed task to its end."""

    async def run(self, claim: Claim) -> Done:
        """Cancelled when the task is; raises nothing that the task is to blame for."""
        ...

    async def store(self, claim: Claim, done: Done) -> Done:
        """Keep transcript and evidence; the result refers to them then."""
        ...

    async def tidy(self, claim: Claim) -> None:
        """Free what the run holds on disk; the result is in."""
        ...

    async def endpoint_key(self, endpoint: ModelEndpoint) -> str:
        """The API key to probe *endpoint* with; "" where none is needed."""
        ...


@dataclass(frozen=True)
class NodeSettings:
    name: str
    namespace: str
    slots: int
    roles: tuple[str, ...]
    labels: dict[str, str]
    version: str
    sandbox: str
    stated: Stated
    drain_seconds: float


class Node:
    """One machine of the fleet."""

    def __init__(
        self,
        client: Client,
        settings: NodeSettings,
        executor: Executor,
        clock: Callable[[], datetime],
    ) -> None:
        self._client = client
        self._settings = settings
        self._executor = executor
        self._clock = clock
        self._tasks = Informer(client, AgenticTask, namespace=settings.namespace)
        self._endpoints = Informer(client, ModelEndpoint, namespace=settings.namespace)
        self._runs: dict[tuple[str, str], _Run] = {}
        self._seen: dict[tuple[str, str], EndpointSeen] = {}
        self._conditions: list[Condition] = []
        self._phase: NodePhase = "Ready"
        self._changed = asyncio.Event()  # a task changed
        self._beat = asyncio.Event()  # something to tell now
        self._probe = asyncio.Event()  # an endpoint changed
        self._tasks.subscribe(lambda _change: self._changed.set())
        self._endpoints.subscribe(lambda _change: self._probe.set())

    async def run(self, stop: asyncio.Event) -> None:
        """Work until *stop*, then drain."""
        await self._register()
        async with asyncio.TaskGroup() as group:
            background = [
                group.create_task(self._tasks.run()),
                group.create_task(self._endpoints.run()),
                group.create_task(self._heartbeats()),
                group.create_task(self._probes()),
            ]
            await self._tasks.synced()
            dispatcher = group.create_task(self._dispatch(group))
            await stop.wait()
            await self._drain()
            for task in [dispatcher, *background]:
                task.cancel()

    # -- the machine ---------------------------------------------------------------------------

    async def _register(self) -> None:
        settings = self._settings
        spec = NodeSpec(node_name=settings.name, roles=list(settings.roles), slots=settings.slots)
        node = FleetNode(metadata=Meta(name=settings.name, labels=settings.labels), spec=spec)
        body = {"metadata": {"labels": settings.labels}, "spec": spec.wire()}
        try:
            await patiently(lambda: self._client.patch(FleetNode, settings.name, "", body))
        except NotFound:
            with suppress(AlreadyExists):  # our own, if an answer was lost
                await patiently(lambda: self._client.create(node))
        await patiently(self._tell)
        log.info("node.registered", node=settings.name, slots=settings.slots)

    async def _heartbeats(self) -> None:
        while True:
            await pause(HEARTBEAT.total_seconds(), self._beat)
            try:
                await self._tell_or_register()
            except ApiError as fault:
                log.warning("node.heartbeat_failed", error=str(fault))

    async def _tell_or_register(self) -> None:
        try:
            await self._tell()
        except NotFound:
            await self._register()

    async def _tell(self) -> None:
        now = self._clock()
        running = sorted(self._runs, key=lambda key: self._runs[key].began)
        names = [f"{namespace}/{name}" for namespace, name in running]
        ready = self._phase == "Ready"
        self._conditions = with_condition(
            self._conditions,
            "Ready",
            status=ready,
            reason="HeartbeatFresh" if ready else "Draining",
            message="",
            now=now,
        )
        more = f" +{len(names) - 1}" if len(names) > 1 else ""
        status = {
            "phase": self._phase,
            "lastHeartbeatTime": now.isoformat().replace("+00:00", "Z"),
            "capability": capability(self._settings.stated).wire(),
            "currentTask": names[0] + more if names else None,
            "runningTasks": names,
            "endpoints": [view.wire() for view in self._seen.values()],
            "agentVersion": self._settings.version,
            "agentKind": "foreman-agent",
            "os": platform.system().lower(),
            "arch": platform.machine(),
            "sandbox": self._settings.sandbox,
            "conditions": [c.wire() for c in self._conditions],
        }
        await self._client.patch(
            FleetNode, self._settings.name, "", {"status": status}, subresource="status"
        )

    async def _probes(self) -> None:
        async with aiohttp.ClientSession(trust_env=False) as session:
            while True:
                await self._look_around(session)
                await pause(1.0 if self._endpoints.items() else 3600.0, self._probe)

    async def _look_around(self, session: aiohttp.ClientSession) -> None:
        known = {e.key: e for e in self._endpoints.items() if e.spec.base_url}
        before = {key: view.reachable for key, view in self._seen.items()}
        self._seen = {key: view for key, view in self._seen.items() if key in known}
        for endpoint in due(known, self._seen, self._clock()):
            key = await self._executor.endpoint_key(endpoint)
            url = endpoint.spec.base_url or ""
            self._seen[endpoint.key] = await look(session, endpoint, url, key, self._clock)
        if before != {key: view.reachable for key, view in self._seen.items()}:
            self._beat.set()

    # -- the work ------------------------------------------------------------------------------

    async def _dispatch(self, group: asyncio.TaskGroup) -> None:
        while True:
            self._changed.clear()
            for task in self._tasks.items():
                self._compare(task, group)
            for key, run in self._runs.items():
                if self._tasks.get(key[1], key[0]) is None:
                    run.stop("deleted")
            await self._changed.wait()

    def _compare(self, task: AgenticTask, group: asyncio.TaskGroup) -> None:
        run = self._runs.get(task.key)
        if run is not None:
            if task.spec.cancellation:
                run.stop("cancelled")
            elif run.claim and not run.claim.held_in(task) and not run.behind(task):
                run.stop("lost")
            return
        ours = task.status.assigned_node == self._settings.name
        # Running or Verifying here without a run: we were restarted. Ours again, at once.
        if ours and task.phase in ("Scheduled", "Running", "Verifying") and self._phase == "Ready":
            run = _Run(self._clock())
            self._runs[task.key] = run
            run.handle = group.create_task(self._run(task, run))

    async def _run(self, task: AgenticTask, run: _Run) -> None:
        name = task.metadata.name
        try:
            await self._claimed(task, run)
        except (ApiError, ClaimLostError) as fault:
            # A claim that somebody else has, or an API that refused or stayed away: whatever the
            # task says after a moment decides, and it may well be ours again.
            log.info("run.dropped", run=name, why=str(fault))
            await asyncio.sleep(AGAIN_SECONDS)
        except Exception as exc:  # one run's fault must not take the node and its other runs down
            log.error("run.failed", run=name, error=type(exc).__name__, exc_info=exc)
            await self._abandon(run, exc)
        finally:
            self._runs.pop(task.key, None)
            self._beat.set()
            self._changed.set()

    async def _claimed(self, task: AgenticTask, run: _Run) -> None:
        name = task.metadata.name
        run.claim = await Claim.take(self._client, task, self._clock)
        self._beat.set()
        if run.claim.worn_out:
            await run.claim.finish(Done(_worn_out(), phase="Failed"))
            return
        log.info("run.started", run=name, kind=task.spec.kind)
        done = await self._execute(run.claim, run)
        if done is not None:
            await self._hand_in(run.claim, done)
            await self._executor.tidy(run.claim)
            log.info("run.ended", run=name, verdict=done.result.verdict)

    async def _hand_in(self, claim: Claim, done: Done) -> None:
        """Transcript and evidence first; the result even where those cannot be kept."""
        try:
            done = await self._executor.store(claim, done)
        except Unavailable:
            raise
        except ApiError as fault:
            log.error("run.not_stored", run=claim.task.metadata.name, error=str(fault))
        await claim.finish(done)

    async def _abandon(self, run: _Run, exc: Exception) -> None:
        if run.claim is None:
            await asyncio.sleep(AGAIN_SECONDS)
            return
        try:
            await run.claim.finish(Done(_broken(exc), phase="Failed"))
        except (ApiError, ClaimLostError) as fault:
            log.info("run.dropped", run=run.claim.task.metadata.name, why=str(fault))
            await asyncio.sleep(AGAIN_SECONDS)

    async def _execute(self, claim: Claim, run: _Run) -> Done | None:
        """The run's end; None: there is nothing to hand in."""
        if claim.task.spec.cancellation:
            run.why = "cancelled"
            return _cancelled(claim.task)
        inner = asyncio.ensure_future(self._executor.run(claim))
        run.inner = inner
        if run.why:
            inner.cancel()
        try:
            async with asyncio.timeout(claim.task.spec.timeout_seconds or None):
                return await inner
        except TimeoutError:
            return Done(_timed_out(claim.task))
        except asyncio.CancelledError:
            return await self._stopped(claim, run)

    async def _stopped(self, claim: Claim, run: _Run) -> Done | None:
        match run.why:
            case "cancelled":
                meta = claim.task.metadata
                fresh = await patiently(
                    lambda: self._client.get(AgenticTask, meta.name, meta.namespace or "")
                )
                return _cancelled(fresh)
            case "drained":
                await claim.release("the node is shutting down")
                return None
            case "lost" | "deleted":
                return None
            case _:
                raise asyncio.CancelledError

    async def _drain(self) -> None:
        self._phase = "Draining"
        self._beat.set()
        handles = [run.handle for run in self._runs.values() if run.handle]
        if not handles:
            await self._tell()
            return
        _, late = await asyncio.wait(handles, timeout=self._settings.drain_seconds)
        if late:
            for run in list(self._runs.values()):
                run.stop("drained")
            await asyncio.wait(late)
        await self._tell()


class _Run:
    """A task in work here."""

    def __init__(self, began: datetime) -> None:
        self.began = began
        self.claim: Claim | None = None
        self.handle: asyncio.Task[None] | None = None
        self.inner: asyncio.Future[Done] | None = None
        self.why = ""

    def stop(self, why: str) -> None:
        """Cancel the run; it ends as *why* says, the first word counts."""
        if self.why:
            return
        self.why = why
        if self.inner:
            self.inner.cancel()

    def behind(self, task: AgenticTask) -> bool:
        """Whether *task* is older than what we wrote: the cache has not caught up."""
        ours = self.claim.task.metadata.resource_version if self.claim else "0"
        return int(task.metadata.resource_version or 0) < int(ours or 0)


def _cancelled(task: AgenticTask) -> Done:
    order = task.spec.cancellation
    told = f"cancelled by {order.by}" if order else "cancelled"
    if order and order.reason:
        told += f": {order.reason}"
    return Done(ended("INCOMPLETE", told, outcome="CANCELLED", reason="Cancelled"), phase="Failed")


def _timed_out(task: AgenticTask) -> Any:
    told = f"timeoutSeconds {task.spec.timeout_seconds}: the task did not end in time"
    return ended("INCOMPLETE", told, outcome="LOOP-INCOMPLETE", failure="Timeout", reason="Timeout")


def _broken(exc: Exception) -> Any:
    # The exception's own words may hold anything; they are in the node's log.
    told = f"the run broke down ({type(exc).__name__}); the node's log has more"
    return ended("INCOMPLETE", told, failure="InfrastructureError", reason="ExecutorError")


def _worn_out() -> Any:
    told = f"its node died under it {EXPIRY_LIMIT} times; it is not tried again"
    return ended(
        "INCOMPLETE", told, failure="InfrastructureError", reason="ClaimExpiryLimitReached"
    )
