"""What a node does with a claimed task: resources in, values through the loop, a result out."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
from pydantic import ValidationError
from structlog.contextvars import bound_contextvars

from app.github.codehost import NodeCodeHost
from app.reach import ReachError, reach
from app.settings import Settings, git_surroundings, split
from k8s.client import Client
from k8s.errors import AlreadyExists, ApiError, NotFound
from k8s.meta import Meta, label
from k8s.node.assignment import job_of, persona_of
from k8s.node.claim import Claim
from k8s.node.lineage import pinned
from k8s.node.models import NoModelError, Overrides, model_of, secret_key
from k8s.node.tokens import OwnToken, TaskTokens
from k8s.patience import patiently
from k8s.resources.agent import Agent
from k8s.resources.core import ConfigMap
from k8s.resources.endpoint import ModelEndpoint
from k8s.resources.task import AgenticTask, Progress
from loop.gates.profile import Override
from loop.gates.setup_cache import SetupCache
from loop.model import Model
from loop.redaction import Redactor
from loop.repo.git import Git
from loop.repo.landing import Identity
from loop.repo.mirror import Mirrors
from loop.repo.removal import remove
from loop.repo.workspace import Workspaces
from loop.snapshot import SNAPSHOT_KEY, Snapshot
from loop.task import Progress as Turn
from loop.work.job import Done, Job, NoTokenError, precondition
from loop.work.means import Means, Repositories
from loop.work.persona import Persona
from tools.result import Result, TranscriptRef
from tools.sandbox.probe import Sandbox
from tools.sandbox.runner import Network

if TYPE_CHECKING:
    from app.node import Flags

# Seconds before git or GitHub that did not answer is asked again: about a minute in all.
REMOTE_PAUSES = (1.0, 4.0, 15.0, 40.0)
LABEL_LIMIT = 63  # characters of a label's value


def _clock() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class NodeExecutor:
    """Implements `k8s.node.worker.Executor` with everything the house has."""

    client: Client
    settings: Settings
    flags: Flags
    root: Path
    sandbox: Sandbox
    switches: dict[str, bool]
    repositories: Repositories
    session: aiohttp.ClientSession
    own: OwnToken
    setups: SetupCache | None

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        client: Client,
        settings: Settings,
        flags: Flags,
        *,
        root: Path,
        sandbox: Sandbox,
        switches: dict[str, bool],
    ) -> AsyncIterator[NodeExecutor]:
        """One for the life of the node; what a killed one left behind is swept in the background."""
        git = Git(root / "git", environment=git_surroundings(), pauses=REMOTE_PAUSES)
        repositories = Repositories(
            git=git,
            mirrors=Mirrors(root / "mirrors", git),
            workspaces=Workspaces(git, root / "trash"),
            root_url=settings.git_url,
            fork_url=flags.git_remote_url,
        )
        own = OwnToken(
            settings.github_token.get_secret_value(),
            Path("~/.config/foreman/github-token").expanduser(),
        )
        setups = None
        if settings.setup_cache_mb:
            setups = SetupCache(root / "setups", most_bytes=settings.setup_cache_mb * 2**20)
            await setups.open()
        async with aiohttp.ClientSession(trust_env=True) as session:
            executor = cls(
                client, settings, flags, root, sandbox, switches, repositories, session, own, setups
            )
            await patiently(executor.tidy_up)
            yield executor

    async def endpoint_key(self, endpoint: ModelEndpoint) -> str:
        try:
            namespace = endpoint.metadata.namespace or ""
            return await secret_key(self.client, endpoint.spec.api_key_secret_ref, namespace)
        except (NoModelError, ApiError):
            return ""  # the server's own refusal tells

    async def run(self, claim: Claim) -> Done:
        """Everything between claim and result."""
        with bound_contextvars(task=claim.task.metadata.name):
            return await self._run(claim)

    async def _run(self, claim: Claim) -> Done:
        task = claim.task
        namespace = task.metadata.namespace or ""
        reference = task.spec.agent_ref
        assert reference, "a task without an Agent fails validation"
        try:
            agent = await patiently(lambda: self.client.get(Agent, reference.name, namespace))
        except NotFound:
            told = (
                f"Agent {reference.name}: deleted between scheduling and execution; apply it again"
            )
            return precondition("AgentNotFound", told)
        if refused := self._refusal(task, agent):
            return refused
        redactor = Redactor()
        snapshot = await self._snapshot(task)
        if isinstance(snapshot, Done):
            return snapshot
        job = await pinned(self.client, task, job_of(task, snapshot, self._directory(task)))
        try:
            network = reach(agent, self.settings)
        except ReachError as fault:
            return precondition("InfrastructureError", str(fault))
        job = reaching(job, network.setup)
        job.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        overrides = Overrides(self.flags.inference_url, self.flags.inference_host)
        try:
            async with model_of(self.client, agent, overrides, redactor.learn) as model:
                means = self._means(claim, snapshot, redactor)
                return _redacted(
                    await self._dispatch(job, agent, means(model), network.commands), redactor
                )
        except NoModelError as fault:
            return precondition("InferenceServiceUnavailable", str(fault))
        except NoTokenError as fault:
            return precondition("AuthUnavailable", str(fault))

    def _refusal(self, task: AgenticTask, agent: Agent) -> Done | None:
        repository = task.spec.payload.repo or ""
        allowed = agent.spec.allowed_repositories
        if repository and allowed and repository not in allowed:
            told = f"Agent {agent.metadata.name}: allowedRepositories does not name {repository}"
            return precondition("InfrastructureError", told)
        if self.sandbox.isolates or self.settings.sandbox == "none" or not repository:
            return None
        if repository in split(self.settings.trusted_repositories):
            return None
        return precondition(
            "InfrastructureError",
            f"{repository}: this node has no sandbox ({self.sandbox.problem}) and the repository "
            "is not in FOREMAN_TRUSTED_REPOSITORIES",
        )

    async def _snapshot(self, task: AgenticTask) -> Snapshot | Done | None:
        """The issue as of the trigger; never the live one in the place of one that is named."""
        name = task.spec.payload.issue_snapshot
        if not name:
            return None
        try:
            kept = await patiently(
                lambda: self.client.get(ConfigMap, name, task.metadata.namespace or "")
            )
        except NotFound:
            told = f"ConfigMap {name}: not there, and the issue may have changed since; ask again"
            return precondition("InfrastructureError", told)
        try:
            return Snapshot.model_validate_json(kept.data[SNAPSHOT_KEY])
        except (KeyError, ValidationError):
            told = f"ConfigMap {name}: holds no snapshot under {SNAPSHOT_KEY}; ask again"
            return precondition("InfrastructureError", told)

    def _means(
        self, claim: Claim, snapshot: Snapshot | None, redactor: Redactor
    ) -> Callable[[Model | None], Means]:
        tokens = TaskTokens(self.client, claim, self.own, redactor.learn)
        host = NodeCodeHost(self.session, self.settings.github_api_url, tokens, snapshot=snapshot)
        told = _Teller(claim)

        def means(model: Model | None) -> Means:
            return Means(
                repositories=self.repositories,
                sandbox=self.sandbox,
                tokens=tokens,
                host=host,
                issues=host,
                author=Identity(
                    self.settings.commit_author_name, self.settings.commit_author_email
                ),
                redactor=redactor,
                gate_switches=self.switches,
                setups=self.setups,
                now=_clock,
                on_progress=told.progress,
                on_phase=claim.enter,
                model=model,
                pauses=REMOTE_PAUSES,
            )

        return means

    async def _dispatch(self, job: Job, agent: Agent, means: Means, commands: Network) -> Done:
        persona = dataclasses.replace(persona_of(agent), network=commands)
        run = worker(job, agent)
        if isinstance(run, Done):
            return run
        return await run(job, persona, means)

    def _directory(self, task: AgenticTask) -> Path:
        return self.root / "runs" / task.metadata.uid

    async def tidy(self, claim: Claim) -> None:
        """Workspace, transcript file and pins of an ended run are gone."""
        directory, payload = self._directory(claim.task), claim.task.spec.payload
        if payload.repo:
            remote = self.repositories.remote(payload.repo, "")
            mirror = self.repositories.mirrors.of(remote)
            await self.repositories.workspaces.discard(directory, mirror)
        await remove(directory)
        await self.repositories.workspaces.sweep()

    async def tidy_up(self) -> None:
        """What killed nodes left behind: folders of tasks that have ended or are gone."""
        tasks = await self.client.list(AgenticTask, self.settings.task_namespace)
        alive = {task.metadata.uid for task in tasks.items if not task.ended}
        runs = self.root / "runs"
        for directory in list(runs.iterdir()) if runs.is_dir() else []:
            if directory.name not in alive:
                await remove(directory)
        await self.repositories.workspaces.sweep()

    async def store(self, claim: Claim, done: Done) -> Done:
        """Transcript and evidence into ConfigMaps that the task owns."""
        task = claim.task
        if done.evidence:
            await self._keep(
                task, f"foreman-evidence-{task.metadata.name}", {"evidence.json": done.evidence}
            )
        if not done.transcript:
            return done
        name = f"foreman-transcript-{task.metadata.name}"
        await self._keep(task, name, done.transcript)
        reference = TranscriptRef(namespace=task.metadata.namespace or "", name=name)
        extra = done.result.extra.replace(transcript_ref=reference)
        return dataclasses.replace(done, result=done.result.replace(extra=extra))

    async def _keep(self, task: AgenticTask, name: str, data: dict[str, str]) -> None:
        kept = ConfigMap(
            metadata=Meta(
                name=name,
                namespace=task.metadata.namespace,
                labels=_of(task),
                owner_references=[task.owner_reference()],
            ),
            data=data,
        )
        try:
            await patiently(lambda: self.client.create(kept))
        except AlreadyExists:
            namespace = task.metadata.namespace or ""
            body = {"data": data}
            await patiently(lambda: self.client.patch(ConfigMap, name, namespace, body))


def reaching(job: Job, network: Network) -> Job:
    """*job* with the operator's word on what its gate's setup may reach; the task's own wins."""
    gate: Override = job.gate or Override("operator")
    if network == "none" or gate.network:
        return job
    return dataclasses.replace(job, gate=dataclasses.replace(gate, network=network))


def _redacted(done: Done, redactor: Redactor) -> Done:
    """*done* as it may be stored; transcript and evidence were redacted on their way in."""
    result = Result.model_validate(redactor.value(done.result.wire()))
    return dataclasses.replace(done, result=result)


def _of(task: AgenticTask) -> dict[str, str]:
    """The label that finds the records of *task*; a longer name is no label value."""
    name = task.metadata.name
    return {label("transcript-of"): name} if len(name) <= LABEL_LIMIT else {}


class _Teller:
    """Passes progress on without holding up the loop; the newest word wins."""

    def __init__(self, claim: Claim) -> None:
        self._claim = claim
        self._sending: asyncio.Future[None] | None = None

    def progress(self, turn: Turn) -> None:
        if self._sending and not self._sending.done():
            return
        told = Progress(
            turn=turn.turn, max_turns=turn.max_turns, last_tool=turn.last_tool, tokens=turn.tokens
        )
        self._sending = asyncio.ensure_future(self._claim.progress(told))


Work = Callable[[Job, Persona, Means], Awaitable[Done]]


def worker(job: Job, agent: Agent) -> Work | Done:
    """Who does a job of this kind; a `Done` where nobody does."""
    from loop.work import coder, freeform, reviewer

    if agent.deterministic:
        return _tool(job, agent)
    match job.kind:
        case "issue-fix":
            return coder.code
        case "review":
            return reviewer.review
        case "freeform":
            return freeform.answer
        case _:
            told = (
                f"{job.kind}: an Agent with a model does not do this kind; name a deterministic one"
            )
            return precondition("InfrastructureError", told)


def _tool(job: Job, agent: Agent) -> Work | Done:
    """The one tool of an Agent without a model that does jobs of this kind."""
    from loop.work import integrate, reconcile, verifier

    tools: dict[str, Work] = {
        verifier.TOOL: verifier.verify,
        integrate.TOOL: integrate.integrate,
        reconcile.TOOL: reconcile.reconcile,
    }
    wanted = {"integrate": integrate.TOOL, "reconcile": reconcile.TOOL}.get(job.kind, verifier.TOOL)
    if wanted in agent.spec.tools:
        return tools[wanted]
    told = f"Agent {agent.metadata.name}: names no model and not the tool {wanted} of {job.kind}"
    return precondition("InfrastructureError", told)
