"""`foreman up` as its operator runs it: processes, documented settings, a foreman.toml.

GitHub and the model are stand-ins of this process. Nothing of Foreman runs in it: what the house
knows is read from its API, with the token its data folder keeps, and from GitHub.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import aiohttp

from app.demo.github.forge import LocalGitHubSettings
from app.demo.github.people import LocalGitHub
from app.demo.github.server import local_github
from k8s.client import Client, UnixAccess, connect
from k8s.embedded.access import Tokens
from k8s.meta import Resource
from k8s.resources.endpoint import ScriptedRun
from k8s.resources.task import AgenticTask
from k8s.resources.workload import Workload
from k8s.scripted import ScriptedModel
from tests.e2e import processes, story
from tests.e2e.listening import Listener, listening
from tests.e2e.program import Program, foreman_environment, free_port, until

NAMESPACE = "default"
CONTROL = "foreman-system"
BOT = "foreman[bot]"
NAMES = ("foreman / code", "foreman / verify", "foreman / review", "foreman / verdict")
# A claim without its node expires after 90 s: what ends in half of that did not wait for it.
RECOVERY_SECONDS = 45.0

R = TypeVar("R", bound=Resource)


@dataclass
class House:
    """A GitHub, a model and an `up`, which is started by `start`."""

    directory: Path
    github: LocalGitHub
    model: ScriptedModel
    environment: dict[str, str]
    up: Program
    client: Client
    port: int
    issue: int
    listener: Listener

    async def start(self) -> None:
        """Returns when webhooks are taken."""
        await self.up.start()
        await until(self._is_ready, seconds=30.0, what="foreman up: ready")

    async def _is_ready(self) -> bool:
        assert self.up.is_running, f"foreman up ended; see {self.up.log}"
        url = f"http://127.0.0.1:{self.port}/readyz"
        try:
            async with aiohttp.ClientSession() as session, session.get(url) as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False

    def work(self) -> int | None:
        """The process of the node; None: there is none now."""
        for pid in processes.children(self.up.pid):
            if "work" in processes.command_line(pid) and processes.is_alive(pid):
                return pid
        return None

    async def kill_work(self) -> None:
        """SIGKILL for the node alone; its supervisor lives."""
        pid = self.work()
        assert pid is not None, "a node is running"
        processes.kill(pid)
        await until(lambda: _dead(pid), seconds=5.0, what="the node: dead")

    async def kill(self) -> None:
        """SIGKILL for all of it at once."""
        below = [self.work() or self.up.pid]
        processes.kill(self.up.pid, *below)
        await self.up.kill()

    # what is there

    async def all(self, kind: type[R], namespace: str = NAMESPACE) -> list[R]:
        return (await self.client.list(kind, namespace)).items

    async def workload(self, *, seconds: float = 20.0) -> Workload:
        """The one Workload, as soon as there is one."""

        async def look() -> Workload | None:
            found = await self.all(Workload)
            return found[0] if found else None

        return await until(look, seconds=seconds, what="a Workload")

    async def task(self, kind: str) -> AgenticTask | None:
        """The one task of *kind*; None: not yet."""
        found = [t for t in await self.all(AgenticTask) if t.spec.kind == kind]
        assert len(found) <= 1, [t.metadata.name for t in found]
        return found[0] if found else None

    async def until_task(
        self, kind: str, holds: Callable[[AgenticTask], bool], *, seconds: float = 30.0
    ) -> AgenticTask:
        async def look() -> AgenticTask | None:
            found = await self.task(kind)
            return found if found and holds(found) else None

        return await until(look, seconds=seconds, what=f"the {kind} task")

    async def ended(self, *, seconds: float = 60.0) -> Workload:
        """The Workload, after its end."""

        async def look() -> Workload | None:
            found = await self.all(Workload)
            return found[0] if found and not found[0].active else None

        return await until(look, seconds=seconds, what="the end of the Workload")

    # what GitHub shows

    async def pulls(self) -> list[dict[str, Any]]:
        return await self.github.pulls(story.REPOSITORY)

    async def reviews(self) -> list[dict[str, Any]]:
        """Of all pull requests."""
        return [
            review
            for pull in await self.pulls()
            for review in await self.github.reviews(story.REPOSITORY, pull["number"])
        ]

    async def checks(self) -> list[dict[str, Any]]:
        return await self.github.checks(story.REPOSITORY)

    async def said(self, number: int | None = None) -> list[str]:
        """Our App's comments on the issue, or on *number*."""
        found = await self.github.comments(story.REPOSITORY, number or self.issue)
        return [c["body"] for c in found if c["user"]["login"] == BOT]

    async def statuses(self) -> list[str]:
        return [text for text in await self.said() if text.startswith("<!-- foreman:status:")]

    async def label(self, person: str = story.PERSON) -> None:
        await self.github.label(story.REPOSITORY, self.issue, person, "foreman")

    async def comment(self, text: str, number: int | None = None) -> int:
        where = number or self.issue
        made = await self.github.comment(story.REPOSITORY, where, story.PERSON, text)
        return int(made["id"])

    async def reviewed(self, *, seconds: float = 60.0) -> dict[str, Any]:
        """The pull request, once everything that belongs to it stands on GitHub."""
        return await until(self._reviewed, seconds=seconds, what="a reviewed pull request")

    async def _reviewed(self) -> dict[str, Any] | None:
        pulls = await self.pulls()
        if len(pulls) != 1 or pulls[0]["draft"]:
            return None
        checks = await self.github.checks(story.REPOSITORY, pulls[0]["head"]["sha"])
        concluded = {c["name"] for c in checks if c["conclusion"]}
        told = [s for s in await self.statuses() if "Foreman: done" in s]
        if not (concluded >= set(NAMES) and await self.reviews() and told):
            return None
        # What GitHub got but we did not hear of is recorded last.
        workload = await self.workload()
        is_recorded = bool(workload.status.reported.get("comment"))
        return pulls[0] if is_recorded and not workload.active else None

    def show(self) -> str:
        """The end of the log, for a test that failed."""
        return self.up.log.read_text(errors="replace")[-20_000:] if self.up.log.exists() else ""


async def _dead(pid: int) -> bool:
    return not processes.is_alive(pid)


def agents_file(directory: Path, base_url: str, api_key: str = "") -> Path:
    """A coder and a reviewer at *base_url*."""
    path = directory / "foreman.toml"
    rest = f'base_url = "{base_url}"\nmodel = "scripted"\napi_key = "{api_key}"\n'
    path.write_text(
        f'[agents.coder]\nroles = ["dev"]\n{rest}\n[agents.reviewer]\nroles = ["review"]\n{rest}'
    )
    return path


async def populate(github: LocalGitHub, files: Mapping[str, str]) -> int:
    """People, the repository and its issue; the issue's number."""
    for login in (story.PERSON, story.STRANGER):
        await github.create_user(login)
    await github.create_repository(story.REPOSITORY, files, private=False)
    await github.set_permission(story.REPOSITORY, story.PERSON, "write")
    issue = await github.open_issue(story.REPOSITORY, story.PERSON, story.TITLE, story.BODY)
    return int(issue["number"])


@asynccontextmanager
async def opened(
    directory: Path,
    key: str,
    *,
    runs: Sequence[ScriptedRun] = (),
    api_key: str = "",
    files: Mapping[str, str] | None = None,
    **settings: str,
) -> AsyncIterator[House]:
    """A house that is not started yet; *settings* are added to its environment."""
    listener = Listener()
    async with AsyncExitStack() as stack:
        github = await stack.enter_async_context(
            local_github(
                LocalGitHubSettings(
                    directory=directory / "github", private_key=key, writes_per_minute=None
                )
            )
        )
        issue = await populate(github, files or story.FILES)
        model = await stack.enter_async_context(
            listening(runs or story.runs(), listener, api_key=api_key)
        )
        port = free_port()
        github.set_webhook_url(f"http://127.0.0.1:{port}/webhook")
        pem = directory / "app.pem"
        pem.write_text(github.private_key)
        pem.chmod(0o600)
        data = directory / "data"
        environment = foreman_environment(
            directory,
            GITHUB_APP_ID=str(github.app_id),
            GITHUB_APP_PRIVATE_KEY_PATH=str(pem),
            GITHUB_WEBHOOK_SECRET=github.webhook_secret,
            GITHUB_API_URL=github.url,
            FOREMAN_PUBLIC_URL=f"http://127.0.0.1:{port}",
            FOREMAN_PORT=str(port),
            FOREMAN_API_PORT="0",
            FOREMAN_DATA=str(data),
            FOREMAN_CONFIG=str(agents_file(directory, model.base_url, api_key)),
            FOREMAN_COMMIT_AUTHOR_EMAIL="foreman@example.com",
            FOREMAN_TRUSTED_REPOSITORIES=story.REPOSITORY,
            FOREMAN_NODE_NAME="machine",
        )
        environment |= settings
        up = Program(["app.cli.main", "up"], environment, directory, directory / "up.log")
        # The token is made before the API is: whoever comes first makes it.
        (data / "api").mkdir(mode=0o700, parents=True)
        access = UnixAccess(data / "api" / "api.sock", Tokens(data / "api")["admin"])
        client = await stack.enter_async_context(connect(access))
        house = House(
            directory,
            github,
            model,
            environment,
            up,
            client,
            port=port,
            issue=issue,
            listener=listener,
        )
        try:
            yield house
        finally:
            if house.up.is_running:
                await house.up.stop()
            await github.settled()
            github.set_webhook_url(None)
