"""Everything there is on this GitHub, and how to find it. One per server."""

from __future__ import annotations

import base64
import itertools
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from app.demo.github.bare import Signature
from app.demo.github.entities import (
    Account,
    App,
    CheckRun,
    CheckSuite,
    Collaborator,
    Comment,
    Hook,
    Installation,
    Issue,
    Label,
    Node,
    PullRequest,
    Reaction,
    Repository,
    Review,
    ReviewComment,
    Role,
    Status,
    TimelineEvent,
    Token,
)
from app.demo.github.problems import not_found

N = TypeVar("N", bound=Node)
# Prefixes of GitHub's global node ids, so that a mixed-up id is as recognisable here as there.
_PREFIX: dict[type[Node], str] = {
    Account: "U",
    App: "A",
    CheckRun: "CR",
    CheckSuite: "CS",
    Comment: "IC",
    Installation: "MDIz",
    Issue: "I",
    Label: "LA",
    PullRequest: "PR",
    Reaction: "REA",
    Repository: "R",
    Review: "PRR",
    ReviewComment: "PRRC",
    Status: "SC",
    TimelineEvent: "LE",
}


def utc_now() -> datetime:
    return datetime.now(UTC)


def stamp(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def maybe_stamp(when: datetime | None) -> str | None:
    return None if when is None else stamp(when)


class World:
    def __init__(self, directory: Path, clock: Callable[[], datetime]) -> None:
        self.directory = directory
        self.clock = clock
        self.url = ""  # set once the port is known
        self.accounts: dict[str, Account] = {}
        self.apps: list[App] = []
        self.installations: list[Installation] = []
        self.repositories: dict[str, Repository] = {}
        self.tokens: dict[str, Token] = {}
        self.personal_tokens: dict[str, Account] = {}
        self.nodes: dict[str, Node] = {}
        self.by_id: dict[int, Node] = {}
        # One sequence for all kinds: an id of the wrong kind is then never a valid one by chance.
        self._ids = itertools.count(1001)

    def new_id(self) -> int:
        return next(self._ids)

    def add(self, node: N) -> N:
        """Give *node* its ids and make it findable by node id."""
        node.id = self.new_id()
        number = base64.urlsafe_b64encode(node.id.to_bytes(6, "big")).decode()
        node.node_id = f"{_PREFIX[type(node)]}_kwDO{number}"
        self.nodes[node.node_id] = node
        self.by_id[node.id] = node
        return node

    def remove(self, node: Node) -> None:
        del self.nodes[node.node_id], self.by_id[node.id]

    def touch(self, node: Node) -> datetime:
        node.updated_at = self.clock()
        return node.updated_at

    # accounts

    def new_account(self, login: str, *, kind: str = "User", name: str = "") -> Account:
        if login.lower() in self.accounts:
            raise ValueError(f"{login}: there is such an account already")
        now = self.clock()
        account = Account(
            login=login,
            kind=kind,  # type: ignore[arg-type]  # checked by the callers' own types
            name=name,
            created_at=now,
            updated_at=now,
        )
        self.accounts[login.lower()] = self.add(account)
        return account

    def account(self, login: str) -> Account:
        """Raises 404 where there is none."""
        if found := self.accounts.get(login.lower()):
            return found
        raise not_found()

    def signature(self, account: Account) -> Signature:
        email = f"{account.id}+{account.login}@users.noreply.github.com"
        return Signature(account.name or account.login, email, self.clock())

    # Apps

    def new_app(
        self,
        *,
        slug: str,
        name: str,
        owner: Account,
        permissions: dict[str, str],
        events: list[str],
        hook_url: str | None,
        hook_secret: str,
        private_key: str | None = None,
    ) -> App:
        pem = private_key.encode() if private_key else generate_key()
        # Its primes are the caller's affair: testing them takes longer than the rest of the start.
        key = serialization.load_pem_private_key(
            pem, password=None, unsafe_skip_rsa_key_validation=True
        )
        public = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        now = self.clock()
        app = self.add(
            App(
                client_id=f"Iv23li{secrets.token_hex(7)}",
                slug=slug,
                name=name,
                owner=owner,
                bot=self.new_account(f"{slug}[bot]", kind="Bot"),
                public_key=public,
                private_key=pem,
                permissions={"metadata": "read", **permissions},
                events=list(events),
                hook=Hook(id=self.new_id(), url=hook_url, secret=hook_secret),
                created_at=now,
                updated_at=now,
            )
        )
        self.apps.append(app)
        return app

    def installation_of(self, app: App, repository: Repository) -> Installation | None:
        return next((i for i in self.installations if i.app is app and i.covers(repository)), None)

    # repositories

    def repository(self, full_name: str) -> Repository:
        """Raises 404 where there is none."""
        if found := self.repositories.get(full_name.lower()):
            return found
        raise not_found()

    def repository_by_id(self, number: int) -> Repository | None:
        found = self.by_id.get(number)
        return found if isinstance(found, Repository) else None

    def role(self, repository: Repository, account: Account) -> Collaborator:
        """An owner is admin; anybody else is what they were made, or `read` where all may read."""
        if account is repository.owner:
            return Collaborator(role="admin", role_name="admin")
        if found := repository.collaborators.get(account.login.lower()):
            return found
        role: Role = "none" if repository.private else "read"
        return Collaborator(role=role, role_name=role)

    def issue(self, repository: Repository, number: int) -> Issue:
        if found := repository.issues.get(number):
            return found
        raise not_found()

    def pull(self, repository: Repository, number: int) -> PullRequest:
        found = self.issue(repository, number).pull
        if found is None:
            raise not_found()
        return found

    def pulls(self) -> list[PullRequest]:
        return [i.pull for r in self.repositories.values() for i in r.issues.values() if i.pull]

    def comment(self, repository: Repository, comment_id: int) -> Comment:
        found = self.by_id.get(comment_id)
        if isinstance(found, Comment) and found.issue.repository is repository:
            return found
        raise not_found()

    def review_comment(self, repository: Repository, comment_id: int) -> ReviewComment:
        found = self.by_id.get(comment_id)
        if isinstance(found, ReviewComment) and found.pull.repository is repository:
            return found
        raise not_found()


def generate_key() -> bytes:
    """A PEM as GitHub hands it out: PKCS #1, 2048 bits."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
