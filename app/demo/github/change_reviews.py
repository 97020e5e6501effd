"""Reviews and their comments: where a comment may stand, who may judge, the webhooks sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.demo.github.diff import FileDiff, Side
from app.demo.github.entities import Account, App, PullRequest, Review, ReviewComment, ReviewState
from app.demo.github.forge import Forge
from app.demo.github.view_accounts import Json
from app.demo.github.view_pulls import review as review_view
from app.demo.github.view_pulls import review_comment as comment_view
from app.demo.github.view_pulls import simple_pull

Event = Literal["APPROVE", "REQUEST_CHANGES", "COMMENT"]
_STATE: dict[Event, ReviewState] = {
    "APPROVE": "APPROVED",
    "REQUEST_CHANGES": "CHANGES_REQUESTED",
    "COMMENT": "COMMENTED",
}


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A comment as it was asked for. *position* is the old way to name a line."""

    path: str
    body: str
    line: int | None = None
    side: Side = "RIGHT"
    start_line: int | None = None
    start_side: Side | None = None
    position: int | None = None


@dataclass(frozen=True, kw_only=True)
class Placed:
    draft: Draft
    line: int
    side: Side
    position: int
    hunk: str


class NotInDiff(Exception):
    """Where the comment should stand is not in the diff; *what* names the culprit."""

    def __init__(self, what: Literal["path", "line", "start_line"], message: str) -> None:
        super().__init__(message)
        self.what = what


def place(pull: PullRequest, draft: Draft) -> Placed:
    """Raises `NotInDiff` where GitHub has no line for *draft*."""
    file = pull.comparison.file(draft.path)
    if file is None:
        raise NotInDiff("path", "Path could not be resolved")
    places = file.places()
    side, line = draft.side, draft.line
    if line is None:
        side, line = _by_position(file, draft.position)
    if (side, line) not in places:
        raise NotInDiff("line", "Line could not be resolved")
    end = places[side, line]
    if draft.start_line is not None:
        start = places.get((draft.start_side or side, draft.start_line))
        if start is None:
            raise NotInDiff("start_line", "Start line could not be resolved")
        if start.position >= end.position:
            raise NotInDiff("start_line", "start_line must precede the end line.")
        if start.hunk != end.hunk:
            raise NotInDiff("start_line", "start_line must be part of the same hunk as the line.")
    return Placed(
        draft=draft,
        line=line,
        side=side,
        position=end.position,
        hunk=file.hunk_until(end.position),
    )


def _by_position(file: FileDiff, position: int | None) -> tuple[Side, int]:
    for (side, line), at in file.places().items():
        if at.position == position:
            return side, line
    raise NotInDiff("line", "Line could not be resolved")


def judging_oneself(pull: PullRequest, user: Account, event: Event | None) -> str | None:
    """GitHub's refusal, where *user* wrote the pull request; None: allowed."""
    if pull.issue.user is user and event == "APPROVE":
        return "Can not approve your own pull request"
    if pull.issue.user is user and event == "REQUEST_CHANGES":
        return "Can not request changes on your own pull request"
    return None


def add_review(
    forge: Forge,
    pull: PullRequest,
    user: Account,
    *,
    body: str | None,
    event: Event | None,
    commit_id: str,
    comments: list[Placed],
    app: App | None = None,
) -> Review:
    """*event* None: a pending review, which nobody else sees and which sends nothing."""
    now = forge.world.clock()
    review = forge.world.add(
        Review(
            pull=pull,
            user=user,
            app=app,
            body=body,
            commit_id=commit_id,
            state="PENDING",
            created_at=now,
            updated_at=now,
        )
    )
    pull.reviews.append(review)
    for placed in comments:
        _add(forge, review, placed)
    if event is not None:
        submit(forge, review, event)
    return review


def _add(forge: Forge, review: Review, placed: Placed) -> ReviewComment:
    now, draft = forge.world.clock(), placed.draft
    comment = forge.world.add(
        ReviewComment(
            pull=review.pull,
            review=review,
            user=review.user,
            app=review.app,
            body=draft.body,
            path=draft.path,
            commit_id=review.commit_id,
            diff_hunk=placed.hunk,
            side=placed.side,
            line=placed.line,
            start_line=draft.start_line,
            start_side=(draft.start_side or placed.side) if draft.start_line else None,
            position=placed.position,
            created_at=now,
            updated_at=now,
        )
    )
    review.pull.review_comments.append(comment)
    return comment


def submit(forge: Forge, review: Review, event: Event) -> None:
    review.state = _STATE[event]
    review.submitted_at = forge.world.touch(review)
    forge.world.touch(review.pull.issue)
    emit_review(forge, "submitted", review, review.user)
    for comment in review.pull.review_comments:
        if comment.review is review:
            _emit_comment(forge, "created", comment, review.user)


def add_comment(
    forge: Forge, pull: PullRequest, user: Account, placed: Placed, app: App | None
) -> ReviewComment:
    """A single comment is a review of its own."""
    review = add_review(
        forge,
        pull,
        user,
        body="",
        event=None,
        commit_id=pull.head_sha,
        comments=[placed],
        app=app,
    )
    submit(forge, review, "COMMENT")
    return pull.review_comments[-1]


def dismiss(forge: Forge, review: Review, actor: Account) -> None:
    review.state = "DISMISSED"
    forge.world.touch(review)
    emit_review(forge, "dismissed", review, actor)


def emit_review(
    forge: Forge, action: str, review: Review, sender: Account, extra: Json | None = None
) -> None:
    w, pull = forge.world, review.pull
    view = review_view(w, review)
    view["state"] = view["state"].lower()  # the webhook's spelling
    view["body"] = review.body or None
    body = {"review": view, "pull_request": simple_pull(w, pull), **(extra or {})}
    forge.emit("pull_request_review", action, pull.repository, sender, body)


def _emit_comment(forge: Forge, action: str, comment: ReviewComment, sender: Account) -> None:
    w, pull = forge.world, comment.pull
    body = {"comment": comment_view(w, comment), "pull_request": simple_pull(w, pull)}
    forge.emit("pull_request_review_comment", action, pull.repository, sender, body)
