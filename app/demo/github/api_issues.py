"""Endpoints of issues, comments, labels, reactions and timelines."""

from __future__ import annotations

from typing import Any

from app.demo.github import change_issues as change
from app.demo.github import view_issues as view
from app.demo.github.call import Call, Reply, Routes, paged
from app.demo.github.change_accounts import new_label
from app.demo.github.entities import Comment, Issue, Reaction, TimelineEvent, Written
from app.demo.github.problems import Problem, bad_request, invalid, not_found
from app.demo.github.world import stamp


def _issue(call: Call) -> Issue:
    return call.world.issue(call.repository, call.number("issue_number"))


def _comment(call: Call) -> Comment:
    return call.world.comment(call.repository, call.number("comment_id"))


async def list_issues(call: Call) -> Reply:
    """Pull requests are issues too, and listed among them. Newest first."""
    state, query = call.query.get("state", "open"), call.query
    wanted = [x.strip().lower() for x in query.get("labels", "").split(",") if x.strip()]
    found = [
        i
        for i in call.repository.issues.values()
        if state in (i.state, "all")
        and all(w in [x.name.lower() for x in i.labels] for w in wanted)
        and query.get("creator", i.user.login).lower() == i.user.login.lower()
        and query.get("since", "") <= stamp(i.updated_at)
    ]
    by_update = query.get("sort") == "updated"
    found.sort(
        key=lambda i: (i.updated_at if by_update else i.created_at, i.number),
        reverse=query.get("direction", "desc") != "asc",
    )
    return paged(call, found, lambda i: view.issue(call.world, i))


async def create_issue(call: Call) -> Reply:
    title = call.text("title")
    if not str(title).strip():
        raise invalid("Issue", "title", "missing_field")
    issue = change.open_issue(
        call.forge,
        call.repository,
        call.bot,
        title=str(title),
        body=call.long_text("body", "Issue", None),
        labels=label_names(call.items("labels")),
        app=call.identity.app,
    )
    return Reply(201, view.issue(call.world, issue))


async def get_issue(call: Call) -> Reply:
    return Reply(body=view.issue(call.world, _issue(call)))


async def update_issue(call: Call) -> Reply:
    issue, app = _issue(call), call.identity.app
    state = call.choice("state", ("open", "closed"), None)
    reasons = ("completed", "not_planned", "reopened", "duplicate")
    reason = call.choice("state_reason", reasons, "completed")
    title = call.text("title", None)
    body = call.long_text("body", "Issue", None)
    if call.given("labels"):
        _set_labels(call, issue, label_names(call.items("labels")))
    change.edit_issue(call.forge, issue, call.bot, title=title, body=body)
    if state == "closed" and issue.state == "open":
        change.close_issue(call.forge, issue, call.bot, reason=reason, app=app)
    elif state == "open" and issue.state == "closed":
        change.reopen_issue(call.forge, issue, call.bot, app)
    return Reply(body=view.issue(call.world, issue))


def _set_labels(call: Call, issue: Issue, names: list[str]) -> None:
    kept = {n.lower() for n in names}
    for label in list(issue.labels):
        if label.name.lower() not in kept:
            change.remove_label(call.forge, issue, label, call.bot, call.identity.app)
    change.add_labels(call.forge, issue, names, call.bot, call.identity.app)


def label_names(values: list[Any]) -> list[str]:
    names = [v.get("name") if isinstance(v, dict) else v for v in values]
    for name in names:
        if not isinstance(name, str) or not name:
            raise invalid("Label", "name", "missing_field")
    return [str(n) for n in names]


async def list_comments(call: Call) -> Reply:
    since = call.query.get("since", "")
    found = [c for c in _issue(call).comments if since <= stamp(c.updated_at)]
    return paged(call, found, lambda c: view.comment(call.world, c))


async def list_all_comments(call: Call) -> Reply:
    found = [c for i in call.repository.issues.values() for c in i.comments]
    return paged(call, found, lambda c: view.comment(call.world, c))


def _comment_body(call: Call) -> str:
    body = str(call.long_text("body", "IssueComment"))
    if not body.strip():
        raise invalid("IssueComment", "body", "custom", "Body cannot be blank")
    return body


async def create_comment(call: Call) -> Reply:
    issue = _issue(call)
    if issue.locked:
        raise Problem(403, "Unable to create comment because issue is locked.")
    comment = change.add_comment(
        call.forge, issue, call.bot, _comment_body(call), call.identity.app
    )
    return Reply(201, view.comment(call.world, comment))


async def get_comment(call: Call) -> Reply:
    return Reply(body=view.comment(call.world, _comment(call)))


async def update_comment(call: Call) -> Reply:
    comment = _comment(call)
    change.edit_comment(call.forge, comment, call.bot, _comment_body(call))
    return Reply(body=view.comment(call.world, comment))


async def delete_comment(call: Call) -> Reply:
    change.delete_comment(call.forge, _comment(call), call.bot)
    return Reply(204)


def _labels(call: Call, issue: Issue) -> list[Any]:
    return [view.label(call.world, call.repository, x) for x in issue.labels]


async def list_issue_labels(call: Call) -> Reply:
    return paged(call, _issue(call).labels, lambda x: view.label(call.world, call.repository, x))


async def add_labels(call: Call) -> Reply:
    issue, names = _issue(call), label_names(call.items("labels"))
    change.add_labels(call.forge, issue, names, call.bot, call.identity.app)
    return Reply(body=_labels(call, issue))


async def remove_label(call: Call) -> Reply:
    issue = _issue(call)
    for label in issue.labels:
        if label.name.lower() == call.parameters["name"].lower():
            change.remove_label(call.forge, issue, label, call.bot, call.identity.app)
            return Reply(body=_labels(call, issue))
    raise Problem(404, "Label does not exist")


async def list_labels(call: Call) -> Reply:
    found = list(call.repository.labels.values())
    return paged(call, found, lambda x: view.label(call.world, call.repository, x))


async def create_label(call: Call) -> Reply:
    name = call.text("name")
    if name.lower() in call.repository.labels:
        raise invalid("Label", "name", "already_exists")
    label = new_label(
        call.world,
        call.repository,
        name,
        color=call.text("color", "ededed"),
        description=call.text("description", None),
    )
    return Reply(201, view.label(call.world, call.repository, label))


async def get_label(call: Call) -> Reply:
    label = call.repository.labels.get(call.parameters["name"].lower())
    if label is None:
        raise not_found()
    return Reply(body=view.label(call.world, call.repository, label))


async def list_events(call: Call) -> Reply:
    issue = _issue(call)
    return paged(call, issue.timeline, lambda e: view.timeline_event(call.world, issue, e))


async def list_timeline(call: Call) -> Reply:
    issue = _issue(call)
    found: list[TimelineEvent | Comment] = [*issue.timeline, *issue.comments]
    found.sort(key=lambda e: (e.created_at, e.id))

    def shown(entry: TimelineEvent | Comment) -> Any:
        if isinstance(entry, Comment):
            return view.timeline_comment(call.world, entry)
        return view.timeline_event(call.world, issue, entry)

    return paged(call, found, shown)


def _target(call: Call) -> Written:
    if "comment_id" not in call.parameters:
        return _issue(call)
    if "/pulls/comments/" in call.path:
        return call.world.review_comment(call.repository, call.number("comment_id"))
    return _comment(call)


async def list_reactions(call: Call) -> Reply:
    content = call.query.get("content")
    found = [r for r in _target(call).reactions if content in (None, r.content)]
    return paged(call, found, lambda r: view.reaction(call.world, r))


async def create_reaction(call: Call) -> Reply:
    """200 where the same reaction is there already, 201 where it is new."""
    target = _target(call)
    content = call.text("content")
    if content not in view.REACTIONS:
        raise bad_request(f'"{content}" is not a reaction.')
    reaction, new = change.react(call.forge, target, call.bot, content)
    return Reply(201 if new else 200, view.reaction(call.world, reaction))


async def delete_reaction(call: Call) -> Reply:
    target, number = _target(call), call.number("reaction_id")
    found: list[Reaction] = [r for r in target.reactions if r.id == number]
    if not found:
        raise not_found()
    if found[0].user is not call.bot:
        raise Problem(403, "Resource not accessible by integration")
    target.reactions.remove(found[0])
    call.world.remove(found[0])
    return Reply(204)


_ISSUE = "/repos/{owner}/{repo}/issues/{issue_number}"
_COMMENT = "/repos/{owner}/{repo}/issues/comments/{comment_id}"
_REVIEW_COMMENT = "/repos/{owner}/{repo}/pulls/comments/{comment_id}"
ROUTES: Routes = (
    ("GET", "/repos/{owner}/{repo}/issues", list_issues),
    ("POST", "/repos/{owner}/{repo}/issues", create_issue),
    ("GET", "/repos/{owner}/{repo}/issues/comments", list_all_comments),
    ("GET", _COMMENT, get_comment),
    ("PATCH", _COMMENT, update_comment),
    ("DELETE", _COMMENT, delete_comment),
    ("GET", f"{_COMMENT}/reactions", list_reactions),
    ("POST", f"{_COMMENT}/reactions", create_reaction),
    ("DELETE", f"{_COMMENT}/reactions/{{reaction_id}}", delete_reaction),
    ("GET", f"{_REVIEW_COMMENT}/reactions", list_reactions),
    ("POST", f"{_REVIEW_COMMENT}/reactions", create_reaction),
    ("GET", _ISSUE, get_issue),
    ("PATCH", _ISSUE, update_issue),
    ("GET", f"{_ISSUE}/comments", list_comments),
    ("POST", f"{_ISSUE}/comments", create_comment),
    ("GET", f"{_ISSUE}/labels", list_issue_labels),
    ("POST", f"{_ISSUE}/labels", add_labels),
    ("DELETE", f"{_ISSUE}/labels/{{name}}", remove_label),
    ("GET", f"{_ISSUE}/events", list_events),
    ("GET", f"{_ISSUE}/timeline", list_timeline),
    ("GET", f"{_ISSUE}/reactions", list_reactions),
    ("POST", f"{_ISSUE}/reactions", create_reaction),
    ("DELETE", f"{_ISSUE}/reactions/{{reaction_id}}", delete_reaction),
    ("GET", "/repos/{owner}/{repo}/labels", list_labels),
    ("POST", "/repos/{owner}/{repo}/labels", create_label),
    ("GET", "/repos/{owner}/{repo}/labels/{name}", get_label),
)
