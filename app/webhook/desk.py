"""What every order is carried out with, and how the Workloads it concerns are found."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from app.github.app import Scope
from app.github.errors import NotFound as MissingOnGitHub
from app.webhook.conversation import Conversation
from app.webhook.events import Event
from app.webhook.intents import Word
from app.webhook.locks import Locks
from app.webhook.names import workload_of_branch
from app.webhook.workloads import Crew, selector
from k8s.client import Client
from k8s.errors import NotFound
from k8s.resources.workload import Workload

Phase = Literal["Done", "Refused", "Ignored", "Failed"]


@dataclass(frozen=True)
class Office:
    """What orders need beside GitHub. *crew* is asked anew for each order: Agents come and go."""

    client: Client
    namespace: str
    label: str
    allowed_bots: frozenset[str]
    crew: Callable[[], Crew]
    locks: Locks = field(default_factory=Locks)

    def lock(self, repository_id: int, number: int) -> asyncio.Lock:
        """Held while it is decided whether an issue gets a Workload."""
        return self.locks.of("start", repository_id, number)


@dataclass(frozen=True)
class Outcome:
    """What became of an order; *objects* are `Kind/name`."""

    phase: Phase
    message: str = ""
    objects: tuple[str, ...] = ()


@dataclass(frozen=True)
class Case:
    """One event, who sent it and where its answers go."""

    office: Office
    conversation: Conversation
    scope: Scope
    event: Event
    permission: Word

    @property
    def repository_id(self) -> int:
        return self.event.payload.repository.id

    @property
    def sender(self) -> str:
        return self.event.payload.sender.login


async def workloads_of(case: Case, number: int, *, is_pull_request: bool) -> list[Workload]:
    """Those that work on an issue, or that review a pull request."""
    what: Literal["issue", "pull-request"] = "pull-request" if is_pull_request else "issue"
    labels = selector(case.repository_id, number, what)
    office = case.office
    return list((await office.client.list(Workload, office.namespace, labels=labels)).items)


async def maker_of(case: Case, pull_request: int) -> Workload | None:
    """The Workload whose branch the pull request offers. None: it is not ours."""
    try:
        head = (await case.conversation.pull_request(pull_request))["head"]
    except MissingOnGitHub:
        return None
    name = workload_of_branch(head["ref"])
    if name is None or not is_in(head, case.repository_id):
        return None
    try:
        return await case.office.client.get(Workload, name, case.office.namespace)
    except NotFound:
        return None


def is_in(head: dict[str, Any], repository_id: int) -> bool:
    """Whether a pull request's head lies in the repository itself, not in a fork."""
    return (head.get("repo") or {}).get("id") == repository_id


def has_label(issue: dict[str, Any], label: str) -> bool:
    return any(entry["name"].casefold() == label.casefold() for entry in issue["labels"])
