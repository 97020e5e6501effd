"""Posts to one repository. Whatever is not known to be there is looked for before it is made.

What we made is told by its author and its mark: the first line of a comment or review, the external
id of a check run. So a crash between posting and recording makes no second one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from app.github.app import Profile
from app.github.client import GitHub, repository_path
from app.github.errors import NotFound, Rejected
from app.github.limits import Lane
from app.github.pull_request_text import refreshed
from app.report.checks import Check
from app.report.comments import StatusComment
from app.report.diff import Places, places
from app.report.plan import React
from app.report.reviews import EVENT, Review, Wanted

_EARLIER = timedelta(minutes=10)  # clocks differ
_READY = """
mutation($id: ID!) {
  markPullRequestReadyForReview(input: {pullRequestId: $id}) { pullRequest { isDraft } }
}
"""
_MINIMIZE = """
mutation($id: ID!) {
  minimizeComment(input: {subjectId: $id, classifier: OUTDATED}) {
    minimizedComment { isMinimized }
  }
}
"""
_REVIEW_MARK = "<!-- foreman:review:"

log = structlog.get_logger(__name__)


class Poster:
    """With the report token of *repository*; *profile* is who we are there."""

    def __init__(self, github: GitHub, repository: str, profile: Profile) -> None:
        self._github = github
        self._path = repository_path(repository)
        self._profile = profile

    async def comment(
        self, wanted: StatusComment, known: int | None, *, since: datetime | None, lane: Lane
    ) -> int:
        """The id of the comment, which reads as *wanted*. It cannot be older than *since*."""
        for number in (known, None):
            number = number or await self._comment_of_ours(wanted, since)  # noqa: PLW2901
            if number is None:
                break
            try:
                path = f"{self._path}/issues/comments/{number}"
                await self._github.patch(path, {"body": wanted.text}, lane=lane)
            except NotFound:
                continue  # somebody deleted it
            return number
        path = f"{self._path}/issues/{wanted.number}/comments"
        made = await self._github.post(path, {"body": wanted.text}, lane=lane)
        return int(made["id"])

    async def _comment_of_ours(self, wanted: StatusComment, since: datetime | None) -> int | None:
        path = f"{self._path}/issues/{wanted.number}/comments"
        earliest = since - _EARLIER if since else datetime.fromtimestamp(0, UTC)
        comments = self._github.pages(path, since=earliest.strftime("%Y-%m-%dT%H:%M:%SZ"))
        async for found in comments:
            if self._is_ours(found) and (found.get("body") or "").startswith(wanted.marker):
                return int(found["id"])
        return None

    async def check(self, check: Check, known: int | None, *, lane: Lane) -> int:
        """The id of the check run, which shows *check*."""
        number = known or await self._check_of_ours(check)
        if number is None:
            made = await self._github.post(f"{self._path}/check-runs", check.body(), lane=lane)
            return int(made["id"])
        body = {key: value for key, value in check.body().items() if key != "head_sha"}
        await self._github.patch(f"{self._path}/check-runs/{number}", body, lane=lane)
        return number

    async def _check_of_ours(self, check: Check) -> int | None:
        runs = self._github.pages(
            f"{self._path}/commits/{check.head_sha}/check-runs",
            key="check_runs",
            check_name=check.name,
            filter="all",
        )
        async for run in runs:
            is_ours = (run.get("app") or {}).get("id") == self._profile.id
            if is_ours and run.get("external_id") == check.external_id:
                return int(run["id"])
        return None

    async def pull_request(self, number: int) -> dict[str, Any]:
        found: dict[str, Any] = await self._github.get(f"{self._path}/pulls/{number}", new=True)
        return found

    async def places(self, number: int) -> Places:
        """Where *number* takes comments as it is now."""
        files = self._github.pages(f"{self._path}/pulls/{number}/files")
        return places([file async for file in files])

    async def reviews(self, number: int) -> list[dict[str, Any]]:
        """Our reviews of *number*."""
        found = self._github.pages(f"{self._path}/pulls/{number}/reviews")
        return [
            review
            async for review in found
            if self._is_ours(review) and (review.get("body") or "").startswith(_REVIEW_MARK)
        ]

    async def review(self, wanted: Wanted, review: Review) -> int:
        """The id of a new review. Raises `Rejected` where a comment's line is not in the diff."""
        body = {
            "commit_id": wanted.head_sha,
            "event": EVENT,
            "body": review.body,
            "comments": list(review.comments),
        }
        made = await self._github.post(f"{self._path}/pulls/{wanted.number}/reviews", body)
        return int(made["id"])

    async def supersede(self, old: Sequence[dict[str, Any]], head_sha: str) -> None:
        """Fold away reviews of other commits than *head_sha*; one that cannot be is left."""
        for review in old:
            if review.get("commit_id") == head_sha:
                continue
            try:
                await self._github.graphql(_MINIMIZE, {"id": review["node_id"]})
            except Rejected as exc:
                log.info("report.review_not_minimized", review=review["id"], error=str(exc))

    async def body(self, number: int, part: str, *, issue: int | None) -> None:
        """Our *part* of the text of *number* is up to date."""
        before = (await self.pull_request(number)).get("body") or ""
        after = refreshed(before, part, issue=issue)
        if after != before:
            await self._github.patch(f"{self._path}/pulls/{number}", {"body": after})

    async def ready(self, number: int, head_sha: str) -> str:
        """What *number* is now: `ready`, or why it was left as it is."""
        pull = await self.pull_request(number)
        if pull["state"] != "open":
            return "closed"
        if pull["head"]["sha"] != head_sha:
            return f"head moved to {pull['head']['sha']} from {head_sha}"
        if pull["draft"]:
            await self._github.graphql(_READY, {"id": pull["node_id"]})
        return "ready"

    async def react(self, reaction: React) -> None:
        """GitHub keeps one of each kind per author, so again is nothing new."""
        about = (
            f"issues/comments/{reaction.comment}"
            if reaction.comment
            else f"issues/{reaction.number}"
        )
        path = f"{self._path}/{about}/reactions"
        await self._github.post(path, {"content": reaction.content}, lane=reaction.lane)

    def _is_ours(self, posted: dict[str, Any]) -> bool:
        author = posted.get("user") or {}
        return bool(author.get("login") == self._profile.login and author.get("type") == "Bot")
