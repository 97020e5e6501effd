"""Endpoints of reviews and review comments."""

from __future__ import annotations

from typing import Any

from app.demo.github import change_reviews as change
from app.demo.github import view_pulls as view
from app.demo.github.api_pulls import pull_of
from app.demo.github.call import Call, Reply, Routes, chosen, paged, required_text, typed
from app.demo.github.change_pulls import refresh
from app.demo.github.change_reviews import Draft, NotInDiff, Placed, place
from app.demo.github.entities import PullRequest, Review
from app.demo.github.problems import Problem, bad_request, not_found, unprocessable

_SIDES = ("LEFT", "RIGHT")
_EVENTS = ("APPROVE", "REQUEST_CHANGES", "COMMENT")


def _review(call: Call) -> Review:
    pull, number = pull_of(call), call.number("review_id")
    for review in pull.reviews:
        if review.id == number:
            return review
    raise not_found()


def draft_comment(body: dict[str, Any]) -> Draft:
    """Reads one comment; 422 where a field has the wrong type or is missing."""
    return Draft(
        path=required_text(body, "path"),
        body=required_text(body, "body"),
        line=typed(body, "line", int, "an integer", None),
        side=chosen(body, "side", _SIDES, "RIGHT"),
        start_line=typed(body, "start_line", int, "an integer", None),
        start_side=chosen(body, "start_side", _SIDES, None),
        position=typed(body, "position", int, "an integer", None),
    )


def placed_comments(pull: PullRequest, values: list[Any]) -> list[Placed]:
    """All of *values* on their lines. One that is not in the diff refuses the whole review."""
    placed, errors = [], []
    for value in values:
        if not isinstance(value, dict):
            raise bad_request("A comment is not an object.")
        try:
            placed.append(place(pull, draft_comment(value)))
        except NotInDiff as exc:
            errors.append(str(exc))
    if errors:
        raise unprocessable(*errors)
    return placed


async def list_reviews(call: Call) -> Reply:
    """A pending review is seen by its author only."""
    found = [r for r in pull_of(call).reviews if r.state != "PENDING" or r.user is call.bot]
    return paged(call, found, lambda r: view.review(call.world, r))


async def create_review(call: Call) -> Reply:
    pull = pull_of(call)
    event = call.choice("event", _EVENTS, None)
    body = call.long_text("body", "PullRequestReview", None)
    commit = call.text("commit_id", pull.head_sha)
    values = call.items("comments")
    check_event(call, pull, event, body, has_comments=bool(values))
    if await call.repository.git.resolve(commit) is None:
        raise unprocessable("The commit_id is not part of the pull request")
    await refresh(pull)
    if any(r.state == "PENDING" and r.user is call.bot for r in pull.reviews):
        raise unprocessable("User can only have one pending review per pull request")
    placed = placed_comments(pull, values)
    review = change.add_review(
        call.forge,
        pull,
        call.bot,
        body=body,
        event=event,
        commit_id=commit,
        comments=placed,
        app=call.identity.app,
    )
    return Reply(body=view.review(call.world, review))


def check_event(
    call: Call, pull: PullRequest, event: Any, body: str | None, *, has_comments: bool
) -> None:
    if refusal := change.judging_oneself(pull, call.bot, event):
        raise unprocessable(refusal)
    needs_body = event == "REQUEST_CHANGES" or (event == "COMMENT" and not has_comments)
    if needs_body and not (body or "").strip():
        raise unprocessable("Body can't be blank")


async def get_review(call: Call) -> Reply:
    return Reply(body=view.review(call.world, _review(call)))


async def update_review(call: Call) -> Reply:
    review, body = _review(call), call.long_text("body", "PullRequestReview")
    _own(call, review)
    before, review.body = review.body, body
    call.world.touch(review)
    extra = {"changes": {"body": {"from": before or ""}}}
    change.emit_review(call.forge, "edited", review, call.bot, extra)
    return Reply(body=view.review(call.world, review))


def _own(call: Call, review: Review) -> None:
    if review.user is not call.bot:
        raise Problem(403, "Resource not accessible by integration")


async def submit_review(call: Call) -> Reply:
    review, event = _review(call), call.choice("event", _EVENTS)
    _own(call, review)
    if review.state != "PENDING":
        raise unprocessable("Can not submit a review that is already submitted")
    body = call.long_text("body", "PullRequestReview", review.body)
    check_event(call, review.pull, event, body, has_comments=True)
    review.body = body
    change.submit(call.forge, review, event)
    return Reply(body=view.review(call.world, review))


async def delete_review(call: Call) -> Reply:
    review = _review(call)
    _own(call, review)
    if review.state != "PENDING":
        raise unprocessable("Can not delete a non-pending pull request review")
    gone = view.review(call.world, review)
    review.pull.reviews.remove(review)
    call.world.remove(review)
    for comment in [c for c in review.pull.review_comments if c.review is review]:
        review.pull.review_comments.remove(comment)
        call.world.remove(comment)
    return Reply(body=gone)


async def dismiss_review(call: Call) -> Reply:
    review = _review(call)
    call.text("message")
    if review.state not in ("APPROVED", "CHANGES_REQUESTED"):
        word = "commented" if review.state == "COMMENTED" else review.state.lower()
        raise unprocessable(f"Can not dismiss a {word} pull request review")
    change.dismiss(call.forge, review, call.bot)
    return Reply(body=view.review(call.world, review))


async def list_review_comments(call: Call) -> Reply:
    review = _review(call)
    found = [c for c in review.pull.review_comments if c.review is review]
    return paged(call, found, lambda c: _review_comment(call, c))


def _review_comment(call: Call, comment: Any) -> Any:
    """In this list alone GitHub leaves the lines out."""
    body = view.review_comment(call.world, comment)
    for name in ("line", "original_line", "start_line", "original_start_line", "subject_type"):
        body.pop(name)
    if body["start_side"] is None:
        body.pop("start_side")
    return body


async def list_comments(call: Call) -> Reply:
    found = [c for c in pull_of(call).review_comments if c.review.state != "PENDING"]
    return paged(call, found, lambda c: view.review_comment(call.world, c))


async def create_comment(call: Call) -> Reply:
    pull = pull_of(call)
    call.text("commit_id")
    call.long_text("body", "PullRequestReviewComment")
    await refresh(pull)
    try:
        placed = place(pull, draft_comment(call.body))
    except NotInDiff as exc:
        raise _misplaced(exc) from exc
    comment = change.add_comment(call.forge, pull, call.bot, placed, call.identity.app)
    return Reply(201, view.review_comment(call.world, comment))


def _misplaced(exc: NotInDiff) -> Problem:
    """The single-comment endpoint has its own words for the same refusal."""
    field = f"pull_request_review_thread.{exc.what}"
    word = "is invalid" if exc.what == "path" else "must be part of the diff"
    entry = {
        "resource": "PullRequestReviewComment",
        "code": "custom",
        "field": field,
        "message": f"{field} {word}",
    }
    return Problem(422, "Validation Failed", errors=[entry])


async def get_comment(call: Call) -> Reply:
    comment = call.world.review_comment(call.repository, call.number("comment_id"))
    return Reply(body=view.review_comment(call.world, comment))


async def update_comment(call: Call) -> Reply:
    comment = call.world.review_comment(call.repository, call.number("comment_id"))
    comment.body = call.long_text("body", "PullRequestReviewComment")
    call.world.touch(comment)
    return Reply(body=view.review_comment(call.world, comment))


_PULL = "/repos/{owner}/{repo}/pulls/{pull_number}"
_COMMENT = "/repos/{owner}/{repo}/pulls/comments/{comment_id}"
ROUTES: Routes = (
    ("GET", _COMMENT, get_comment),
    ("PATCH", _COMMENT, update_comment),
    ("GET", f"{_PULL}/reviews", list_reviews),
    ("POST", f"{_PULL}/reviews", create_review),
    ("GET", f"{_PULL}/reviews/{{review_id}}", get_review),
    ("PUT", f"{_PULL}/reviews/{{review_id}}", update_review),
    ("DELETE", f"{_PULL}/reviews/{{review_id}}", delete_review),
    ("GET", f"{_PULL}/reviews/{{review_id}}/comments", list_review_comments),
    ("POST", f"{_PULL}/reviews/{{review_id}}/events", submit_review),
    ("PUT", f"{_PULL}/reviews/{{review_id}}/dismissals", dismiss_review),
    ("GET", f"{_PULL}/comments", list_comments),
    ("POST", f"{_PULL}/comments", create_comment),
)
