from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import jwt
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from app.demo.github.forge import LocalGitHubSettings
from app.demo.github.people import LocalGitHub
from app.demo.github.server import local_github
from app.demo.github.world import generate_key
from tests.app.demo.schema_support import Schemas

REPOSITORY = "acme/widget"
FILES = {
    "widget.py": "".join(f"line {n}\n" for n in range(1, 31)),
    "README.md": "# Widget\n",
    ".github/foreman.yml": "label: foreman\n",
}


@dataclass
class Clock:
    now: datetime = field(default_factory=lambda: datetime(2026, 11, 21, 9, 0, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass
class Answer:
    status: int
    headers: Any
    body: Any

    @property
    def message(self) -> str:
        return str(self.body["message"])


class Client:
    """What an App has: a key, and HTTP."""

    def __init__(self, github: LocalGitHub, session: aiohttp.ClientSession, clock: Clock) -> None:
        self.github = github
        self.key: Any = load_pem_private_key(
            github.private_key.encode(), None, unsafe_skip_rsa_key_validation=True
        )
        self.session = session
        self.clock = clock

    def jwt(self, **changes: Any) -> str:
        now = int(self.clock().timestamp())
        claims = {"iat": now - 60, "exp": now + 540, "iss": str(self.github.app_id), **changes}
        return jwt.encode(claims, self.key, algorithm="RS256")

    async def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str | None = None,
        **headers: str,
    ) -> Answer:
        sent = {"User-Agent": "test", **{k.replace("_", "-"): v for k, v in headers.items()}}
        if token:
            sent["Authorization"] = f"Bearer {token}"
        url = path if path.startswith("http") else self.github.url + path
        async with self.session.request(method, url, json=body, headers=sent) as response:
            text = await response.read()
            is_json = "json" in response.headers.get("Content-Type", "")
            answer = await response.json() if is_json and text else text
            return Answer(response.status, response.headers, answer)

    async def token(
        self, repository: str = REPOSITORY, permissions: dict[str, str] | None = None
    ) -> str:
        """For one repository, as Foreman asks for it."""
        installation = await self("GET", f"/repos/{repository}/installation", token=self.jwt())
        number = self.github.world.repository(repository).id
        wanted = {"repository_ids": [number]} | (
            {"permissions": permissions} if permissions else {}
        )
        path = f"/app/installations/{installation.body['id']}/access_tokens"
        answer = await self("POST", path, wanted, token=self.jwt())
        assert answer.status == 201, answer.body
        return str(answer.body["token"])


@dataclass
class World:
    """A GitHub with one private repository, its owner `acme` and `ann`, who may write."""

    github: LocalGitHub
    api: Client
    clock: Clock
    schemas: Schemas

    async def pull(self, *, user: str = "ann", branch: str = "fix", draft: bool = False) -> Any:
        """Two lines changed and one added in `widget.py`."""
        text = (
            FILES["widget.py"]
            .replace("line 10\n", "line ten\n")
            .replace("line 30\n", "line 30\nend\n")
        )
        await self.github.push(REPOSITORY, branch, "ann", {"widget.py": text})
        if user == "app":
            body = {"title": "Fix", "head": branch, "base": "main", "draft": draft, "body": "b"}
            token = await self.api.token()
            answer = await self.api("POST", f"/repos/{REPOSITORY}/pulls", body, token=token)
            assert answer.status == 201, answer.body
            return answer.body
        return await self.github.open_pull_request(
            REPOSITORY, user, "Fix", branch, body="b", draft=draft
        )

    def events(self) -> list[str]:
        """`event.action` of what was delivered, in order."""
        return [
            d.event + (f".{d.action}" if d.action else "")
            for d in self.github.forge.deliveries.recorded
        ]


@pytest.fixture(scope="session")
def pem() -> str:
    return generate_key().decode()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def make_github(tmp_path: Path, pem: str, clock: Clock) -> Callable[..., Any]:
    def make(**changes: Any) -> Any:
        settings = {
            "directory": tmp_path / "github",
            "private_key": pem,
            "clock": clock,
            "webhook_url": "https://hook.invalid/webhook",
            "webhook_secret": "s3cret",
            **changes,
        }
        return local_github(LocalGitHubSettings(**settings))

    return make


@pytest.fixture
async def world(make_github: Callable[..., Any], clock: Clock) -> AsyncIterator[World]:
    """Everything it answers and sends is held against GitHub's schemas when the test ends."""
    schemas = Schemas()
    async with (
        make_github(
            on_exchange=schemas.on_exchange,
            on_payload=schemas.on_payload,
            events=EVENTS,
            permissions=PERMISSIONS,
        ) as github,
        aiohttp.ClientSession() as session,
    ):
        await github.create_user("ann", name="Ann")
        await github.create_repository(REPOSITORY, FILES, collaborators={"ann": "write"})
        yield World(github, Client(github, session, clock), clock, schemas)
        await github.settled()
    assert not schemas.problems, "\n".join(schemas.problems)


PERMISSIONS = {
    "contents": "write",
    "issues": "write",
    "pull_requests": "write",
    "checks": "write",
    "statuses": "write",
    "actions": "read",
    "merge_queues": "read",
}
EVENTS = (
    "check_run",
    "check_suite",
    "create",
    "delete",
    "issue_comment",
    "issues",
    "merge_group",
    "pull_request",
    "pull_request_review",
    "pull_request_review_comment",
    "push",
    "status",
)
