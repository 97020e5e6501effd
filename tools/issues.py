"""Issues and pull requests as the model may read them: quoted, cleaned, strangers withheld."""

from __future__ import annotations

from typing import Literal, Protocol

from tools.wire import Wire


class CommentView(Wire):
    """*trusted*: the author may write to the repository."""

    author: str
    body: str
    trusted: bool
    created_at: str = ""


class IssueView(Wire):
    """One issue; *linked_pull_requests* are numbers."""

    number: int
    title: str
    body: str = ""
    state: Literal["open", "closed"] = "open"
    author: str = ""
    author_trusted: bool = False
    labels: tuple[str, ...] = ()
    comments: tuple[CommentView, ...] = ()
    linked_pull_requests: tuple[int, ...] = ()
    updated_at: str = ""
    warnings: tuple[str, ...] = ()  # what could not be read, so that "none" differs from it


class ReviewView(Wire):
    author: str
    state: str
    body: str = ""
    trusted: bool = False
    submitted_at: str = ""


class ReviewCommentView(Wire):
    """An inline comment; *line* is None where GitHub calls it outdated."""

    author: str
    path: str
    line: int | None = None
    body: str = ""
    trusted: bool = False


class CheckView(Wire):
    """A check run; the texts are filled for those that did not succeed."""

    name: str
    status: str = "completed"
    conclusion: str | None = None  # None: not finished
    title: str = ""
    summary: str = ""
    text: str = ""


class PullRequestView(Wire):
    number: int
    title: str
    body: str = ""
    state: Literal["open", "closed"] = "open"
    merged: bool = False
    draft: bool = False
    author: str = ""
    author_trusted: bool = False
    head_ref: str = ""
    head_sha: str = ""
    base_ref: str = ""
    base_sha: str = ""
    comments: tuple[CommentView, ...] = ()
    reviews: tuple[ReviewView, ...] = ()
    review_comments: tuple[ReviewCommentView, ...] = ()
    check_runs: tuple[CheckView, ...] = ()
    warnings: tuple[str, ...] = ()  # what could not be read, so that "none" differs from it


class IssueSource(Protocol):
    """Reads with the harness's token. Raises ToolError where the code host refuses."""

    async def issue(self, repository: str, number: int) -> IssueView: ...
    async def pull_request(self, repository: str, number: int) -> PullRequestView: ...
