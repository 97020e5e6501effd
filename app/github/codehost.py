"""GitHub as a node uses it: with one task's token, for reading and for its own pull request."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

import aiohttp

from app.github import views
from app.github.client import Api, Credentials, GitHub, quoted, repository_path
from app.github.errors import (
    Forbidden,
    GitHubError,
    NotFound,
    Unauthorized,
)
from app.github.pull_requests import PullRequests
from loop.codehost import PullRequestSeen, PullRequestWanted
from loop.snapshot import Snapshot
from loop.work.job import NoTokenError, Tokens
from tools.errors import ToolError
from tools.issues import CheckView, CommentView, IssueView, PullRequestView

COMMENTS_READ = 300
EVENTS_READ = 300
MAY_WRITE = frozenset({"admin", "write"})

Json = Mapping[str, Any]
View = TypeVar("View", IssueView, PullRequestView)


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _credentials(tokens: Tokens) -> Credentials:
    """The Secret's token, read anew for each call: once it may push, it may all we do."""

    async def token(renew: bool) -> str:  # noqa: FBT001 - the shape of `Credentials`
        try:
            return await tokens.read()
        except NoTokenError as exc:
            raise Unauthorized(str(exc)) from exc

    return token


class NodeCodeHost:
    """Implements `loop.codehost.CodeHost` and `tools.issues.IssueSource`.

    *snapshot* is what `control` kept of the task's issue: it is served in the place of the issue
    as it is now. *template* given spares looking for one.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        api_url: str,
        tokens: Tokens,
        *,
        snapshot: Snapshot | None = None,
        template: str | None = None,
        clock: Callable[[], datetime] = _utc_now,
    ) -> None:
        api = Api(session, api_url=api_url, clock=clock)
        self._github = GitHub(api, _credentials(tokens))
        self._snapshot = snapshot
        self._pull_requests = PullRequests(self._github, template)
        self._trusted: dict[tuple[str, str], bool] = {}

    # -- reading -------------------------------------------------------------------------------

    async def issue(self, repository: str, number: int) -> IssueView:
        kept = self._snapshot
        if kept and (kept.repository.lower(), kept.number) == (repository.lower(), number):
            return _as_kept(kept)
        return await _told_to_model(self._issue(repository, number))

    async def pull_request(self, repository: str, number: int) -> PullRequestView:
        return await _told_to_model(self._pull_request(repository, number))

    async def _issue(self, repository: str, number: int) -> IssueView:
        path, warnings = f"{repository_path(repository)}/issues/{number}", _Warnings()
        found = await self._github.get(path)
        comments = await self._comments(repository, path, warnings)
        events = await warnings.some(
            "linked pull requests", self._listed(f"{path}/timeline", EVENTS_READ)
        )
        linked = {n for event in events if (n := views.linked_pull_request(event, repository))}
        return views.issue(
            found,
            trusted=await self._is_trusted(repository, found),
            comments=comments,
            linked=tuple(sorted(linked)),
            warnings=warnings.said,
        )

    async def _pull_request(self, repository: str, number: int) -> PullRequestView:
        root, warnings = repository_path(repository), _Warnings()
        path = f"{root}/pulls/{number}"
        found = await self._github.get(path)
        reviews = await warnings.some("reviews", self._listed(f"{path}/reviews"))
        inline = await warnings.some("inline comments", self._listed(f"{path}/comments"))
        return views.pull_request(
            found,
            trusted=await self._is_trusted(repository, found),
            comments=await self._comments(repository, f"{root}/issues/{number}", warnings),
            reviews=tuple(
                [views.review(r, trusted=await self._is_trusted(repository, r)) for r in reviews]
            ),
            review_comments=tuple(
                [
                    views.review_comment(c, trusted=await self._is_trusted(repository, c))
                    for c in inline
                ]
            ),
            checks=await self._checks(root, found["head"]["sha"], warnings),
            warnings=warnings.said,
        )

    async def _comments(
        self, repository: str, path: str, warnings: _Warnings
    ) -> tuple[CommentView, ...]:
        found = await warnings.some("comments", self._listed(f"{path}/comments"))
        return tuple(
            [views.comment(c, trusted=await self._is_trusted(repository, c)) for c in found]
        )

    async def _checks(self, root: str, sha: str, warnings: _Warnings) -> tuple[CheckView, ...]:
        path = f"{root}/commits/{sha}"
        runs = await warnings.some(
            "check runs", self._listed(f"{path}/check-runs", key="check_runs")
        )
        statuses = await warnings.some("statuses", self._listed(f"{path}/status", key="statuses"))
        checks = [views.check(run, log=await self._log(root, run, warnings)) for run in runs]
        return (*checks, *(views.status(entry) for entry in statuses))

    async def _log(self, root: str, run: Json, warnings: _Warnings) -> str:
        """The log of a failed GitHub Actions job, which says in its output nothing of why."""
        if not views.failed(run) or not views.is_job(run) or (run.get("output") or {}).get("text"):
            return ""
        try:
            log = await self._github.get(f"{root}/actions/jobs/{run['id']}/logs")
        except GitHubError as exc:
            warnings.add(f"log of {run['name']}", exc)
            return ""
        return log if isinstance(log, str) else ""

    async def _listed(self, path: str, limit: int = COMMENTS_READ, *, key: str = "") -> list[Json]:
        pages: AsyncIterator[Json] = self._github.pages(path, key=key, limit=limit)
        return [entry async for entry in pages]

    async def _is_trusted(self, repository: str, entry: Json) -> bool:
        """Whether the author may write: by permission, as the association does not tell."""
        login = views.login(entry)
        key = (repository, login)
        if key not in self._trusted:
            path = f"{repository_path(repository)}/collaborators/{quoted(login)}/permission"
            try:
                found = await self._github.get(path)
            except (NotFound, Forbidden):
                found = {}
            self._trusted[key] = found.get("permission") in MAY_WRITE
        return self._trusted[key]

    async def ensure_pull_request(self, wanted: PullRequestWanted) -> PullRequestSeen:
        return await self._pull_requests.ensure(wanted)


class _Warnings:
    """What could not be read, so that an empty list is not taken for "there is none"."""

    def __init__(self) -> None:
        self.said: tuple[str, ...] = ()

    def add(self, what: str, exc: GitHubError) -> None:
        self.said = (*self.said, f"{what}: could not be read: {exc}")

    async def some(self, what: str, listed: Awaitable[list[Json]]) -> list[Json]:
        try:
            return await listed
        except (Forbidden, NotFound) as exc:
            self.add(what, exc)
            return []


async def _told_to_model(view: Awaitable[View]) -> View:
    try:
        return await view
    except GitHubError as exc:
        raise ToolError(str(exc)) from exc


def _as_kept(kept: Snapshot) -> IssueView:
    trusted = kept.permission in MAY_WRITE
    comments = [CommentView(author=c.author, body=c.body, trusted=True) for c in kept.comments]
    withheld = f"{kept.withheld} comments of people without write access are not shown"
    return IssueView(
        number=kept.number,
        title=kept.title,
        body=kept.body,
        author=kept.author,
        author_trusted=trusted,
        labels=tuple(kept.labels),
        comments=tuple(comments),
        warnings=(withheld,) if kept.withheld else (),
    )
