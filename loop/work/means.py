"""What a run works with: one frozen bundle, built by the node, handed down."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from loop.codehost import CodeHost
from loop.gates.setup_cache import SetupCache
from loop.model import Model
from loop.redaction import Redactor
from loop.repo.git import Git
from loop.repo.landing import Identity
from loop.repo.mirror import Mirrors
from loop.repo.remote import Remote
from loop.repo.workspace import Workspaces
from loop.survey import Outlines
from loop.task import Progress
from loop.work.job import Tokens
from tools.issues import IssueSource
from tools.sandbox.probe import Sandbox

Phase = Literal["Running", "Verifying"]


@dataclass(frozen=True)
class Repositories:
    """The node's git: mirrors and workspaces, and where repositories are."""

    git: Git
    mirrors: Mirrors
    workspaces: Workspaces
    root_url: str  # clone URLs are <root_url>/<owner>/<name>.git
    fork_url: str = ""  # "" pushes to the task's repository itself
    outlines: Outlines = field(default_factory=Outlines)  # of files that were read before

    def remote(self, repository: str, token: str) -> Remote:
        return Remote(f"{self.root_url}/{repository}.git", token)

    def fork(self, token: str) -> Remote | None:
        return Remote(self.fork_url, token) if self.fork_url else None


@dataclass(frozen=True)
class Means:
    repositories: Repositories
    sandbox: Sandbox
    tokens: Tokens
    host: CodeHost | None  # None: no code host is reachable for this task
    issues: IssueSource | None
    author: Identity
    redactor: Redactor
    gate_switches: Mapping[str, bool]
    now: Callable[[], datetime]
    on_progress: Callable[[Progress], None]
    on_phase: Callable[[Phase], Awaitable[None]]
    model: Model | None = None  # None: a deterministic agent
    setups: SetupCache | None = None  # None: every setup runs in the work tree
    pauses: tuple[float, ...] = ()  # seconds before a code host that is away is asked again
