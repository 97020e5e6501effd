"""What an event asks for: a pure function of the event, the sender's permission and settings.

Nobody's own comment, bot's event or edited text starts anything. Cancelling by taking the label
away or closing needs no permission of ours: GitHub already decided who may do that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from app.webhook.commands import Command, parse
from app.webhook.events import Comment, Event, Issue, Label, PullRequest, User

Word = Literal["admin", "write", "read", "none"]
"""The collaborator permission API's word; `maintain` comes as write, `triage` as read."""

MAY_ASK: frozenset[Word] = frozenset({"admin", "write"})


@dataclass(frozen=True)
class Configuration:
    """*own_login* is our App's; *allowed_bots* are exact logins, `[bot]` included."""

    label: str = "foreman"
    own_login: str = ""
    allowed_bots: frozenset[str] = frozenset()


@dataclass(frozen=True)
class StartWorkload:
    """Work on an issue. *trigger* tells this order from the next about the same issue."""

    issue: int
    trigger: str
    hint: str = ""
    comment: int | None = None  # None: the label asked
    line: str = ""


@dataclass(frozen=True)
class StartReview:
    pull_request: int
    trigger: str
    comment: int | None = None  # None: the label asked
    line: str = ""


@dataclass(frozen=True)
class Cancel:
    """End what runs for an issue or a pull request.

    *because* says what has to hold still when it is acted on; `asked` needs nothing to hold.
    """

    number: int
    because: Literal["unlabeled", "closed", "asked"]
    is_pull_request: bool = False
    comment: int | None = None
    line: str = ""


@dataclass(frozen=True)
class Reply:
    """An answer that starts nothing; *about* is the command's line."""

    kind: Literal["help", "status", "unknown", "not-here"]
    number: int
    comment: int
    line: str
    is_pull_request: bool = False


@dataclass(frozen=True)
class Refuse:
    """Tell *person*, once on this issue, that they may not ask."""

    person: str
    number: int
    comment: int | None = None


@dataclass(frozen=True)
class React:
    """A reaction on the comment, or on the issue where *comment* is None."""

    content: Literal["eyes", "confused"]
    number: int
    comment: int | None = None


Intent = StartWorkload | StartReview | Cancel | Reply | Refuse | React


def needs_permission(event: Event, configuration: Configuration) -> bool:
    """Whether the sender's permission changes what happens."""
    return intents(event, "write", configuration) != intents(event, "none", configuration)


def intents(event: Event, permission: Word, configuration: Configuration) -> list[Intent]:
    """What is to be done, in order."""
    payload = event.payload
    match event.name, payload.action:
        case "issues", "labeled" if payload.issue and _is_ours(payload.label, configuration):
            return _labelled(payload.issue, payload.sender, permission, configuration)
        case "issues", "unlabeled" if payload.issue and _is_ours(payload.label, configuration):
            return [Cancel(payload.issue.number, "unlabeled")]
        case "issues", "closed" if payload.issue:
            return [Cancel(payload.issue.number, "closed")]
        case "pull_request", "labeled" if _is_ours(payload.label, configuration):
            assert payload.pull_request is not None, "the parser saw to it"
            return _labelled(payload.pull_request, payload.sender, permission, configuration)
        case "pull_request", "unlabeled" if _is_ours(payload.label, configuration):
            assert payload.pull_request is not None, "the parser saw to it"
            return [Cancel(payload.pull_request.number, "unlabeled", is_pull_request=True)]
        case "pull_request", "closed" if payload.pull_request:
            return [Cancel(payload.pull_request.number, "closed", is_pull_request=True)]
        case "issue_comment", "created" if payload.issue and payload.comment:
            if not _counts(payload.sender, configuration):
                return []
            return _commented(payload.issue, payload.comment, payload.sender, permission)
        case _:
            return []


def _is_ours(label: Label | None, configuration: Configuration) -> bool:
    # GitHub takes labels that differ in case for one.
    return label is not None and label.name.casefold() == configuration.label.casefold()


def _counts(sender: User, configuration: Configuration) -> bool:
    """People count, and bots that the operator listed; we ourselves never do."""
    if sender.login == configuration.own_login:
        return False
    # The type decides, not the name: anybody's App may be called anything.
    return sender.type != "Bot" or sender.login in configuration.allowed_bots


def _labelled(
    about: Issue | PullRequest, sender: User, permission: Word, configuration: Configuration
) -> list[Intent]:
    if about.state == "closed" or not _counts(sender, configuration):
        return []
    if isinstance(about, Issue) and about.pull_request:
        return []  # the pull_request event of the same label tells
    number = about.number
    if permission not in MAY_ASK:
        return [Refuse(sender.login, number), React("confused", number)]
    # Two hooks may deliver one labelling under two ids: the object's own state names it.
    trigger = f"label/{about.updated_at.isoformat()}"
    start: Intent = (
        StartWorkload(number, trigger) if isinstance(about, Issue) else StartReview(number, trigger)
    )
    return [React("eyes", number), start]


def _commented(issue: Issue, comment: Comment, sender: User, permission: Word) -> list[Intent]:
    commands = parse(comment.body or "")
    if not commands:
        return []
    if permission not in MAY_ASK:
        refuse = Refuse(sender.login, issue.number, comment.id)
        return [refuse, React("confused", issue.number, comment.id)]
    orders = [
        order
        for index, command in enumerate(commands)
        for order in _ordered(command, index, issue, comment)
    ]
    return [React("eyes", issue.number, comment.id), *orders]


def _ordered(command: Command, index: int, issue: Issue, comment: Comment) -> Iterator[Intent]:
    number, pull, line = issue.number, issue.pull_request is not None, command.line
    trigger = f"comment/{comment.id}/{index}"
    match command.verb:
        case "fix" if not pull:
            yield StartWorkload(number, trigger, command.argument, comment.id, line)
        case "review" if pull:
            yield StartReview(number, trigger, comment.id, line)
        case "cancel":
            yield Cancel(number, "asked", pull, comment.id, line)
        case "status":
            yield Reply("status", number, comment.id, line, pull)
        case "help":
            yield Reply("help", number, comment.id, line, pull)
        case "fix" | "review":
            yield Reply("not-here", number, comment.id, line, pull)
        case None:
            yield Reply("unknown", number, comment.id, line, pull)
