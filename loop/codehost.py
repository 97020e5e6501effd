"""What the loop needs of a code host: issues, pull requests, and its own pull request opened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from tools.issues import IssueView, PullRequestView


class CodeHostError(Exception):
    """The code host refused or is away; the message is for people.

    *temporary* is True where the same call may succeed later.
    """

    def __init__(self, message: str, *, temporary: bool = False) -> None:
        super().__init__(message)
        self.temporary = temporary


@dataclass(frozen=True)
class PullRequestWanted:
    """*head* is a branch of *repository*, or `owner:branch` of its fork.

    *body* says what changed and why; the host's template and `Fixes #issue` are added to it.
    """

    repository: str
    head: str
    base: str
    title: str
    body: str
    issue: int | None = None  # None: nothing to close
    draft: bool = True


@dataclass(frozen=True)
class PullRequestSeen:
    number: int
    url: str
    draft: bool
    head_sha: str
    base_sha: str


class CodeHost(Protocol):
    """Reads with, and writes only by, the task's own token."""

    async def issue(self, repository: str, number: int) -> IssueView:
        """Raises `ToolError` where the host refuses."""
        ...

    async def pull_request(self, repository: str, number: int) -> PullRequestView:
        """Raises `ToolError` where the host refuses."""
        ...

    async def ensure_pull_request(self, wanted: PullRequestWanted) -> PullRequestSeen:
        """The open pull request from head to base, opened if need be. Raises `CodeHostError`."""
        ...
