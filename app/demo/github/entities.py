"""What a GitHub is made of. Only `world`, and the `change_*` modules, alter these."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from app.demo.github.bare import BareRepository
from app.demo.github.diff import Comparison

Role = Literal["admin", "maintain", "write", "triage", "read", "none"]
# What the collaborator permission endpoint makes of a role.
BASE_PERMISSION: dict[str, str] = {"maintain": "write", "triage": "read"}


@dataclass(eq=False, kw_only=True)
class Node:
    """Anything with a database id and a global node id; the world gives both."""

    id: int = 0
    node_id: str = ""
    created_at: datetime
    updated_at: datetime


@dataclass(eq=False, kw_only=True)
class Account(Node):
    login: str
    kind: Literal["User", "Organization", "Bot"] = "User"
    name: str = ""


@dataclass(eq=False, kw_only=True)
class Hook:
    """The webhook of one App. No URL means that it is not active: nothing is recorded."""

    id: int
    url: str | None
    secret: str
    content_type: str = "json"
    insecure_ssl: str = "0"


@dataclass(eq=False, kw_only=True)
class App(Node):
    client_id: str
    slug: str
    name: str
    owner: Account
    bot: Account
    public_key: bytes
    private_key: bytes
    permissions: dict[str, str]
    events: list[str]
    hook: Hook
    description: str = ""


@dataclass(eq=False, kw_only=True)
class Collaborator:
    """*role_name* is a custom role's name, or the role's own."""

    role: Role
    role_name: str


@dataclass(eq=False, kw_only=True)
class Label(Node):
    name: str
    color: str = "ededed"
    description: str | None = None
    default: bool = False


@dataclass(eq=False, kw_only=True)
class Repository(Node):
    owner: Account
    name: str
    git: BareRepository
    private: bool
    default_branch: str
    description: str | None
    pushed_at: datetime
    drafts: bool = True
    parent: Repository | None = None
    collaborators: dict[str, Collaborator] = field(default_factory=dict)
    labels: dict[str, Label] = field(default_factory=dict)
    issues: dict[int, Issue] = field(default_factory=dict)
    check_suites: list[CheckSuite] = field(default_factory=list)
    check_runs: dict[int, CheckRun] = field(default_factory=dict)
    statuses: list[Status] = field(default_factory=list)
    # branch → names of checks that its protection requires
    required_checks: dict[str, list[str]] = field(default_factory=dict)
    # Pushes are compared with the refs before them, so they come one at a time.
    pushing: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def full_name(self) -> str:
        return f"{self.owner.login}/{self.name}"


@dataclass(eq=False, kw_only=True)
class Installation(Node):
    app: App
    account: Account
    permissions: dict[str, str]
    events: list[str]
    # None: all repositories of the account, also later ones
    repositories: list[Repository] | None = None
    suspended_at: datetime | None = None
    suspended_by: Account | None = None

    def covers(self, repository: Repository) -> bool:
        if repository.owner is not self.account:
            return False
        return self.repositories is None or repository in self.repositories


@dataclass(eq=False, kw_only=True)
class Token:
    """An installation access token. *repositories* None: all that the installation covers."""

    value: str
    installation: Installation
    permissions: dict[str, str]
    repositories: list[Repository] | None
    expires_at: datetime

    def covers(self, repository: Repository) -> bool:
        return self.installation.covers(repository) and (
            self.repositories is None or repository in self.repositories
        )


@dataclass(eq=False, kw_only=True)
class Reaction(Node):
    user: Account
    content: str


@dataclass(eq=False, kw_only=True)
class Written(Node):
    """Something a person or an App wrote: reactable, and perhaps hidden."""

    user: Account
    body: str | None
    app: App | None = None
    reactions: list[Reaction] = field(default_factory=list)
    minimized: str | None = None  # the reason; None: shown


@dataclass(eq=False, kw_only=True)
class TimelineEvent(Node):
    event: str
    actor: Account
    app: App | None = None
    label: Label | None = None
    commit_id: str | None = None


@dataclass(eq=False, kw_only=True)
class Comment(Written):
    issue: Issue


@dataclass(eq=False, kw_only=True)
class Issue(Written):
    """An issue, or a pull request where *pull* is set: they share numbers."""

    repository: Repository
    number: int
    title: str
    state: Literal["open", "closed"] = "open"
    state_reason: str | None = None
    closed_at: datetime | None = None
    closed_by: Account | None = None
    locked: bool = False
    labels: list[Label] = field(default_factory=list)
    assignees: list[Account] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    timeline: list[TimelineEvent] = field(default_factory=list)
    pull: PullRequest | None = None


@dataclass(eq=False, kw_only=True)
class PullRequest(Node):
    issue: Issue
    head_repository: Repository
    head_ref: str
    head_sha: str
    base_ref: str
    base_sha: str
    draft: bool
    merged_at: datetime | None = None
    merged_by: Account | None = None
    merge_commit_sha: str | None = None
    maintainer_can_modify: bool = False
    requested_reviewers: list[Account] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    review_comments: list[ReviewComment] = field(default_factory=list)
    comparison: Comparison = field(default_factory=Comparison)
    # None: GitHub has not yet tried the merge of these two tips
    mergeable: bool | None = None
    mergeable_of: tuple[str, str] = ("", "")

    @property
    def repository(self) -> Repository:
        return self.issue.repository


ReviewState = Literal["PENDING", "COMMENTED", "APPROVED", "CHANGES_REQUESTED", "DISMISSED"]


@dataclass(eq=False, kw_only=True)
class Review(Written):
    pull: PullRequest
    commit_id: str
    state: ReviewState
    submitted_at: datetime | None = None


@dataclass(eq=False, kw_only=True)
class ReviewComment(Written):
    pull: PullRequest
    review: Review
    path: str
    commit_id: str
    diff_hunk: str
    side: Literal["LEFT", "RIGHT"] = "RIGHT"
    line: int | None = None  # None: on the file as a whole
    start_line: int | None = None
    start_side: Literal["LEFT", "RIGHT"] | None = None
    position: int | None = None
    in_reply_to: ReviewComment | None = None


@dataclass(eq=False, kw_only=True)
class CheckSuite(Node):
    app: App
    repository: Repository
    head_sha: str
    head_branch: str | None
    before: str | None
    after: str | None


@dataclass(eq=False, kw_only=True)
class Annotation:
    path: str
    start_line: int
    end_line: int
    annotation_level: str
    message: str
    start_column: int | None = None
    end_column: int | None = None
    title: str | None = None
    raw_details: str | None = None


@dataclass(eq=False, kw_only=True)
class CheckRun(Node):
    app: App
    suite: CheckSuite
    name: str
    head_sha: str
    external_id: str = ""
    details_url: str | None = None
    status: str = "queued"
    conclusion: str | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    title: str | None = None
    summary: str | None = None
    text: str | None = None
    annotations: list[Annotation] = field(default_factory=list)
    actions: list[dict[str, str]] = field(default_factory=list)


@dataclass(eq=False, kw_only=True)
class Status(Node):
    sha: str
    state: str
    context: str
    creator: Account
    description: str | None
    target_url: str | None
