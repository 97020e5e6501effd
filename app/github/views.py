"""GitHub's JSON as the views that tools show to a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tools.issues import (
    CheckView,
    CommentView,
    IssueView,
    PullRequestView,
    ReviewCommentView,
    ReviewView,
)

Json = Mapping[str, Any]

_GOOD = frozenset({"success", "neutral", "skipped"})
TEXT_LENGTH = 20_000  # of a failing check's output; what matters of a log is at its end


def login(entry: Json) -> str:
    """The author of *entry*; "ghost" where the account is gone."""
    return str((entry.get("user") or {}).get("login") or "ghost")


def comment(entry: Json, *, trusted: bool) -> CommentView:
    return CommentView(
        author=login(entry),
        body=entry.get("body") or "",
        trusted=trusted,
        created_at=entry.get("created_at") or "",
    )


def issue(
    entry: Json,
    *,
    trusted: bool,
    comments: tuple[CommentView, ...],
    linked: tuple[int, ...],
    warnings: tuple[str, ...],
) -> IssueView:
    return IssueView(
        number=entry["number"],
        title=entry["title"],
        body=entry.get("body") or "",
        state=entry["state"],
        author=login(entry),
        author_trusted=trusted,
        labels=tuple(label["name"] for label in entry["labels"]),
        comments=comments,
        linked_pull_requests=linked,
        updated_at=entry["updated_at"],
        warnings=warnings,
    )


def linked_pull_request(event: Json, repository: str) -> int | None:
    """The pull request of *repository* that a timeline event links. None: it links none."""
    source = (event.get("source") or {}).get("issue") or {}
    where = (source.get("repository") or {}).get("full_name") or repository
    if not source.get("pull_request") or where.lower() != repository.lower():
        return None
    return int(source["number"])


def review(entry: Json, *, trusted: bool) -> ReviewView:
    return ReviewView(
        author=login(entry),
        state=entry["state"],
        body=entry.get("body") or "",
        trusted=trusted,
        submitted_at=entry.get("submitted_at") or "",
    )


def review_comment(entry: Json, *, trusted: bool) -> ReviewCommentView:
    return ReviewCommentView(
        author=login(entry),
        path=entry["path"],
        line=entry.get("line"),
        body=entry.get("body") or "",
        trusted=trusted,
    )


def failed(run: Json) -> bool:
    """Whether a check run ended, and not well."""
    return run["status"] == "completed" and run.get("conclusion") not in _GOOD


def is_job(run: Json) -> bool:
    """Whether a check run is a job of GitHub Actions, whose log tells more than its output."""
    return (run.get("app") or {}).get("slug") == "github-actions"


def check(run: Json, *, log: str = "") -> CheckView:
    """A check run; its texts only where it did not succeed."""
    output = (run.get("output") or {}) if failed(run) else {}
    return CheckView(
        name=run["name"],
        status=run["status"],
        conclusion=run.get("conclusion"),
        title=output.get("title") or "",
        summary=output.get("summary") or "",
        text=(log or output.get("text") or "")[-TEXT_LENGTH:],
    )


def status(entry: Json) -> CheckView:
    """A commit status, as other tools set it, in the shape of a check."""
    state = entry["state"]
    return CheckView(
        name=entry["context"],
        status="queued" if state == "pending" else "completed",
        conclusion=None if state == "pending" else state,
        title=(entry.get("description") or "") if state != "success" else "",
    )


def pull_request(
    entry: Json,
    *,
    trusted: bool,
    comments: tuple[CommentView, ...],
    reviews: tuple[ReviewView, ...],
    review_comments: tuple[ReviewCommentView, ...],
    checks: tuple[CheckView, ...],
    warnings: tuple[str, ...],
) -> PullRequestView:
    return PullRequestView(
        number=entry["number"],
        title=entry["title"],
        body=entry.get("body") or "",
        state=entry["state"],
        merged=bool(entry.get("merged")),
        draft=bool(entry.get("draft")),
        author=login(entry),
        author_trusted=trusted,
        head_ref=entry["head"]["ref"],
        head_sha=entry["head"]["sha"],
        base_ref=entry["base"]["ref"],
        base_sha=entry["base"]["sha"],
        comments=comments,
        reviews=reviews,
        review_comments=review_comments,
        check_runs=checks,
        warnings=warnings,
    )
