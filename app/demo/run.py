"""The demo: the whole house, a local GitHub and a scripted model, from label to reviewed pull request.

Everything is the real thing but GitHub and the model; those two are strict stand-ins. The node runs
as a child process that never had the App's key, as under `foreman up`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import SecretStr

from app.agents_file import gate
from app.demo.github.forge import LocalGitHubSettings
from app.demo.github.people import LocalGitHub
from app.demo.github.server import local_github
from app.demo.outcome import Outcome, faults, gathered
from app.demo.scenario import Names, Scenario
from app.settings import Settings, load
from app.up import House, running
from k8s.meta import LocalRef, Meta, Resource, SecretKeyRef
from k8s.resources.agent import Agent, AgentSpec
from k8s.resources.core import Secret
from k8s.resources.endpoint import EndpointSpec, ModelEndpoint
from k8s.resources.task import AgenticTask
from k8s.resources.workload import Workload
from k8s.scripted import scripted_model
from loop.prompts.shipped import system_prompt
from tools.registry import ROLE_TOOLS

LOOK_SECONDS = 0.1
SETTLE_SECONDS = 15.0  # for the reports to arrive after the Workload ended
NAMESPACE = "default"
_ORDER = ("issue-fix", "verify", "review", "freeform", "integrate", "reconcile")


@dataclass(frozen=True)
class RealModel:
    """An endpoint in the place of the scripted model."""

    url: str
    name: str
    key: str = ""


@dataclass(frozen=True)
class DemoOptions:
    directory: Path
    model: RealModel | None = None  # None: scripted
    patience_seconds: float = 120.0
    kubeconfig: Path | None = None  # a cluster in the place of the embedded API


@dataclass
class Sight:
    """What can be seen of the run at one moment."""

    workload: Workload | None = None
    tasks: list[AgenticTask] = field(default_factory=list)
    seconds: float = 0.0


@dataclass(frozen=True)
class Stage:
    """The demo, running."""

    github: LocalGitHub
    house: House
    settings: Settings
    scenario: Scenario
    issue: int
    scripted: bool
    problems: Callable[[], Sequence[object]]  # what the scripted model refused


@asynccontextmanager
async def stage(options: DemoOptions, scenario: Scenario) -> AsyncIterator[Stage]:
    """GitHub with the repository and its issue, a model, and the house; nothing is labelled yet."""
    async with AsyncExitStack() as stack:
        github = await stack.enter_async_context(
            local_github(LocalGitHubSettings(directory=options.directory / "github"))
        )
        issue = await _play_people(github, scenario)
        model = options.model
        problems: Callable[[], Sequence[object]] = list
        if model is None:
            server = await stack.enter_async_context(scripted_model(scenario.runs))
            model = RealModel(server.base_url, "scripted")
            problems = lambda: server.problems  # noqa: E731 - the server is only known here
        settings = _settings(options, github, scenario)
        house = await stack.enter_async_context(running(settings, more=_agents(scenario, model)))
        github.set_webhook_url(f"http://127.0.0.1:{house.webhook_port}/webhook")
        yield Stage(
            github,
            house,
            settings,
            scenario,
            issue,
            scripted=options.model is None,
            problems=problems,
        )


async def _play_people(github: LocalGitHub, scenario: Scenario) -> int:
    """The repository, who may do what, and the issue; its number."""
    story = scenario.repository
    for person in scenario.people:
        await github.create_user(person.login)
    await github.create_repository(
        story.name, story.files, default_branch=story.default_branch, private=False
    )
    for person in scenario.people:
        if person.permission != "none":
            await github.set_permission(story.name, person.login, person.permission)
    issue = scenario.issue
    made = await github.open_issue(story.name, issue.author, issue.title, issue.body)
    for done in story.merged:
        await github.push(story.name, done.branch, done.by, done.files, message=done.message)
        title = done.message.partition("\n")[0]
        pull = await github.open_pull_request(story.name, done.by, title, head=done.branch)
        await github.merge(story.name, int(pull["number"]), done.by)
    return int(made["number"])


def _settings(options: DemoOptions, github: LocalGitHub, scenario: Scenario) -> Settings:
    return load(
        data=options.directory / "data",
        config=options.directory / "foreman.toml",
        github_app_id=str(github.app_id),
        github_app_private_key=SecretStr(github.private_key),
        github_webhook_secret=SecretStr(github.webhook_secret),
        github_api_url=github.url,
        public_url="http://127.0.0.1",
        host="127.0.0.1",
        port=0,
        api_port=0,
        node_name="demo",
        commit_author_name="Foreman Demo",
        commit_author_email="demo@foreman.invalid",
        coder=scenario.agents.coder,
        reviewers=scenario.agents.reviewer,
        escalation_coder=scenario.agents.escalation_coder,
        escalation_reviewers=scenario.agents.escalation_reviewer,
        # Who names an endpoint on the command line agrees to it.
        allow_cloud_providers=options.model is not None,
        # Without a sandbox the demo's own repository may run all the same.
        trusted_repositories=scenario.repository.name,
        log_level="warning",
        kubeconfig=options.kubeconfig,
    )


def _agents(scenario: Scenario, model: RealModel) -> list[Resource]:
    key = SecretKeyRef(name="foreman-key-demo") if model.key else None
    made: list[Resource] = [
        ModelEndpoint(
            metadata=Meta(name="demo", namespace=NAMESPACE),
            spec=EndpointSpec(base_url=model.url, api_key_secret_ref=key),
        ),
        *(_agent(name, role, model.name) for name, role in _parts(scenario.agents)),
        gate(NAMESPACE),
    ]
    if model.key:
        meta = Meta(name="foreman-key-demo", namespace=NAMESPACE)
        made.insert(0, Secret(metadata=meta, string_data={"key": model.key}))
    return made


def _parts(agents: Names) -> list[tuple[str, Literal["coder", "reviewer"]]]:
    parts: list[tuple[str, Literal["coder", "reviewer"]]] = [
        (agents.coder, "coder"),
        (agents.reviewer, "reviewer"),
        (agents.escalation_coder, "coder"),
        (agents.escalation_reviewer, "reviewer"),
    ]
    return [part for part in parts if part[0]]


def _agent(name: str, role: Literal["coder", "reviewer"], model: str) -> Agent:
    spec = AgentSpec(
        role=role,
        tools=list(ROLE_TOOLS[role]),
        model=model,
        model_endpoint_ref=LocalRef(name="demo"),
        system_prompt=system_prompt(role),
        context_strategy="session",
    )
    return Agent(metadata=Meta(name=name, namespace=NAMESPACE), spec=spec)


async def perform(on: Stage, *, patience: float, show: Callable[[Sight], None]) -> Outcome:
    """Label the issue and wait for the end; *show* is called whenever something changed."""
    began = time.monotonic()
    story = on.scenario
    await on.github.label(story.repository.name, on.issue, story.issue.author, on.settings.label)
    sight = await _follow(on, began, patience, show)
    return await _settled(on, sight, began)


async def _follow(on: Stage, began: float, patience: float, show: Callable[[Sight], None]) -> Sight:
    sight, before = Sight(), ""
    while time.monotonic() - began < patience:
        sight = await _look(on, began)
        now = repr([(t.phase, t.status.verdict, t.status.progress) for t in sight.tasks])
        if now != before:
            show(sight)
            before = now
        if sight.workload and not sight.workload.active:
            return sight
        await asyncio.sleep(LOOK_SECONDS)
    return sight


async def _look(on: Stage, began: float) -> Sight:
    client = on.house.client
    workloads = (await client.list(Workload, NAMESPACE)).items
    tasks = (await client.list(AgenticTask, NAMESPACE)).items
    tasks.sort(key=lambda t: (_ORDER.index(t.spec.kind), t.key))
    return Sight(workloads[0] if workloads else None, tasks, time.monotonic() - began)


async def _settled(on: Stage, sight: Sight, began: float) -> Outcome:
    """Wait until what the resources say is what GitHub shows."""
    ending = on.scenario.ending if on.scripted else None
    ends = time.monotonic() + SETTLE_SECONDS
    while True:
        outcome = await _gather(on, sight, time.monotonic() - began)
        if not faults(outcome, ending) or time.monotonic() >= ends:
            return outcome
        await asyncio.sleep(LOOK_SECONDS)
        sight = await _look(on, began)


async def _gather(on: Stage, sight: Sight, seconds: float) -> Outcome:
    name = on.scenario.repository.name
    pulls = [p for p in await on.github.pulls(name) if p["user"]["type"] == "Bot"]
    head = pulls[0]["head"] if pulls else None
    return gathered(
        repository=name,
        issue=on.issue,
        workload=sight.workload or Workload(spec={"intent": "none was made"}),
        tasks=sight.tasks,
        pulls=pulls,
        reviews=await on.github.reviews(name, pulls[0]["number"]) if pulls else [],
        checks=await on.github.checks(name, head["sha"]) if head else [],
        commits=await on.github.commits(name, head["ref"]) if head else [],
        comments=await on.github.comments(name, on.issue),
        seconds=seconds,
    )


async def diff_of(on: Stage, number: int) -> str:
    """The pull request's change as a unified diff."""
    name = on.scenario.repository.name
    pull = await on.github.pull(name, number)
    git = on.github.world.repository(name).git
    base = await git.merge_base(pull["base"]["sha"], pull["head"]["sha"])
    return (await git.diff(base or pull["base"]["sha"], pull["head"]["sha"])).decode()
