"""GitHub's events as the fields we read of them, in GitHub's own shape and words.

The same models read a webhook's body and a Delivery's stored payload. What is not listed in
`USED` is answered and forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from app.webhook import commands
from k8s.meta import Meta, Slug
from k8s.resources.delivery import Delivery, DeliverySpec

BODY_LENGTH = 65_536  # GitHub's own limit of a body

USED: Mapping[str, frozenset[str]] = {
    "issues": frozenset({"labeled", "unlabeled", "closed"}),
    "issue_comment": frozenset({"created"}),
    "pull_request": frozenset({"labeled", "unlabeled", "closed"}),
}
_ABOUT = {"issues": "issue", "issue_comment": "issue", "pull_request": "pull_request"}


class EventError(Exception):
    """The body is not what GitHub sends for this event; the message names the field."""


def _cut(length: int) -> BeforeValidator:
    return BeforeValidator(lambda v: v[:length] if isinstance(v, str) else v)


Id = Annotated[int, Field(ge=1, le=2**63 - 1)]
Number = Annotated[int, Field(ge=1, le=2**31 - 1)]
Login = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+(\[bot\])?$", max_length=255)]
Ref = Annotated[str, Field(max_length=1024)]
Sha = Annotated[str, Field(pattern=r"^[0-9a-f]{40}([0-9a-f]{24})?$")]
Body = Annotated[str | None, _cut(BODY_LENGTH)]


class Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class User(Part):
    login: Login
    type: Annotated[str, Field(max_length=64)] = "User"


class Label(Part):
    name: Annotated[str, _cut(256)]


class Marker(Part):
    """Is there, which is all it says."""


class Issue(Part):
    """An issue, or a pull request as the issue events show it; *user* is None for a ghost."""

    number: Number
    title: Annotated[str, _cut(1024)] = ""
    body: Body = None
    state: Literal["open", "closed"] = "open"
    labels: list[Label] = Field(default_factory=list)
    user: User | None = None
    updated_at: datetime
    pull_request: Marker | None = None


class Comment(Part):
    id: Id
    body: Body = None
    created_at: datetime


class Named(Part):
    full_name: Slug


class Side(Part):
    """Head or base; *repo* is None where the fork is gone."""

    ref: Ref
    sha: Sha
    repo: Named | None = None


class PullRequest(Part):
    number: Number
    title: Annotated[str, _cut(1024)] = ""
    body: Body = None
    state: Literal["open", "closed"] = "open"
    labels: list[Label] = Field(default_factory=list)
    user: User | None = None
    updated_at: datetime
    head: Side
    base: Side


class Repository(Part):
    id: Id
    full_name: Slug
    default_branch: Annotated[str, Field(max_length=1024)] = ""


class Installation(Part):
    id: Id


class Payload(Part):
    action: Annotated[str, Field(max_length=64)]
    repository: Repository
    sender: User
    installation: Installation | None = None
    issue: Issue | None = None
    comment: Comment | None = None
    pull_request: PullRequest | None = None
    label: Label | None = None


@dataclass(frozen=True)
class Event:
    """One used event. *name* is the header's."""

    name: str
    payload: Payload


def parse(name: str, body: Any) -> Event | None:
    """The event in *body*; None where we do not use it. Raises `EventError`."""
    if name not in USED:
        return None
    if not isinstance(body, dict):
        raise EventError("the body is no JSON object")
    if str(body.get("action")) not in USED[name]:
        return None
    event = _parsed(name, body)
    if event.payload.comment and not commands.parse(event.payload.comment.body or ""):
        return None  # chat, and what we say ourselves
    return event


def _parsed(name: str, body: Any) -> Event:
    try:
        payload = Payload.model_validate(body)
    except ValidationError as exc:
        first = exc.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise EventError(f"{where}: {first['msg']}") from exc
    needed = [_ABOUT[name], *(["comment"] if name == "issue_comment" else [])]
    needed += ["label"] if payload.action.endswith("labeled") else []
    if missing := [field for field in needed if getattr(payload, field) is None]:
        raise EventError(f"{missing[0]}: missing")
    return Event(name, payload)


def as_delivery(event: Event, *, name: str, namespace: str, received_at: datetime) -> Delivery:
    """The resource that keeps *event* until it is dealt with."""
    payload = event.payload
    return Delivery(
        metadata=Meta(name=name, namespace=namespace),
        spec=DeliverySpec(
            event=event.name,
            action=payload.action,
            repository=payload.repository.full_name,
            repository_id=payload.repository.id,
            installation=payload.installation.id if payload.installation else None,
            sender=payload.sender.login,
            sender_type=payload.sender.type,
            received_at=received_at,
            payload=payload.model_dump(mode="json", exclude_none=True),
        ),
    )


def of_delivery(delivery: Delivery) -> Event:
    """The event that was kept. Raises `EventError` for one that we would not have kept."""
    name = delivery.spec.event
    if name not in USED:
        raise EventError(f"{name}: an event we do not use")
    return _parsed(name, delivery.spec.payload)
