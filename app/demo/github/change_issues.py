"""Changes to issues and comments, and the webhooks they send.

*app* is given where an App acts through the API: its bot is then the actor, and GitHub shows the
App in `performed_via_github_app`.
"""

from __future__ import annotations

from app.demo.github.change_accounts import new_label
from app.demo.github.entities import (
    Account,
    App,
    Comment,
    Issue,
    Label,
    Reaction,
    Repository,
    TimelineEvent,
    Written,
)
from app.demo.github.forge import Forge
from app.demo.github.view_accounts import Json
from app.demo.github.view_issues import comment as comment_view
from app.demo.github.view_issues import label as label_view
from app.demo.github.view_issues import sent_issue
from app.demo.github.view_pulls import pull as pull_view


def new_issue(
    forge: Forge,
    repository: Repository,
    user: Account,
    *,
    title: str,
    body: str | None,
    app: App | None = None,
) -> Issue:
    """The record alone, with the next number; pull requests are built on it too."""
    world, now = forge.world, forge.world.clock()
    issue = world.add(
        Issue(
            repository=repository,
            number=max(repository.issues, default=0) + 1,
            title=title,
            body=body,
            user=user,
            app=app,
            created_at=now,
            updated_at=now,
        )
    )
    repository.issues[issue.number] = issue
    return issue


def open_issue(
    forge: Forge,
    repository: Repository,
    user: Account,
    *,
    title: str,
    body: str | None,
    labels: list[str],
    app: App | None = None,
) -> Issue:
    issue = new_issue(forge, repository, user, title=title, body=body, app=app)
    issue.labels = [find_label(forge, repository, name) for name in labels]
    emit_issue(forge, "opened", issue, user)
    for label in issue.labels:
        _labeled(forge, "labeled", issue, label, actor=user, app=app)
    return issue


def find_label(forge: Forge, repository: Repository, name: str) -> Label:
    """Made where there is none, as GitHub does when an issue is labelled by name."""
    return repository.labels.get(name.lower()) or new_label(forge.world, repository, name)


def emit_issue(
    forge: Forge, action: str, issue: Issue, sender: Account, extra: Json | None = None
) -> None:
    """`issues`, or `pull_request` where the issue is one."""
    if issue.pull:
        body = {"number": issue.number, "pull_request": pull_view(forge.world, issue.pull)}
        event = "pull_request"
    else:
        body, event = {"issue": sent_issue(forge.world, issue)}, "issues"
    forge.emit(event, action, issue.repository, sender, body | (extra or {}))


def record(
    forge: Forge,
    issue: Issue,
    event: str,
    actor: Account,
    *,
    app: App | None = None,
    label: Label | None = None,
    commit_id: str | None = None,
) -> None:
    now = forge.world.touch(issue)
    issue.timeline.append(
        forge.world.add(
            TimelineEvent(
                event=event,
                actor=actor,
                app=app,
                label=label,
                commit_id=commit_id,
                created_at=now,
                updated_at=now,
            )
        )
    )


def _labeled(
    forge: Forge, action: str, issue: Issue, label: Label, *, actor: Account, app: App | None
) -> None:
    record(forge, issue, action, actor, app=app, label=label)
    shown = {"label": label_view(forge.world, issue.repository, label)}
    emit_issue(forge, action, issue, actor, shown)


def add_labels(
    forge: Forge, issue: Issue, names: list[str], actor: Account, app: App | None = None
) -> None:
    """A label that is on it already changes nothing and sends nothing."""
    for name in names:
        label = find_label(forge, issue.repository, name)
        if label not in issue.labels:
            issue.labels.append(label)
            _labeled(forge, "labeled", issue, label, actor=actor, app=app)


def remove_label(
    forge: Forge, issue: Issue, label: Label, actor: Account, app: App | None = None
) -> None:
    issue.labels.remove(label)
    _labeled(forge, "unlabeled", issue, label, actor=actor, app=app)


def close_issue(
    forge: Forge,
    issue: Issue,
    actor: Account,
    *,
    reason: str | None = "completed",
    app: App | None = None,
    commit_id: str | None = None,
) -> None:
    """Also closes a pull request; merging it is another matter."""
    issue.state = "closed"
    issue.state_reason = None if issue.pull else reason
    issue.closed_at, issue.closed_by = forge.world.clock(), actor
    record(forge, issue, "closed", actor, app=app, commit_id=commit_id)
    emit_issue(forge, "closed", issue, actor)


def reopen_issue(forge: Forge, issue: Issue, actor: Account, app: App | None = None) -> None:
    issue.state, issue.state_reason = "open", None if issue.pull else "reopened"
    issue.closed_at = issue.closed_by = None
    record(forge, issue, "reopened", actor, app=app)
    emit_issue(forge, "reopened", issue, actor)


def edit_issue(
    forge: Forge, issue: Issue, actor: Account, *, title: str | None, body: str | None
) -> None:
    """None: left as it is. Nothing is sent where nothing changes."""
    changes: Json = {}
    if title is not None and title != issue.title:
        changes["title"] = {"from": issue.title}
        issue.title = title
    if body is not None and body != issue.body:
        changes["body"] = {"from": issue.body or ""}
        issue.body = body
    if changes:
        forge.world.touch(issue)
        emit_issue(forge, "edited", issue, actor, {"changes": changes})


def add_comment(
    forge: Forge, issue: Issue, user: Account, body: str, app: App | None = None
) -> Comment:
    now = forge.world.touch(issue)
    comment = forge.world.add(
        Comment(issue=issue, user=user, body=body, app=app, created_at=now, updated_at=now)
    )
    issue.comments.append(comment)
    _emit_comment(forge, "created", comment, user)
    return comment


def edit_comment(forge: Forge, comment: Comment, actor: Account, body: str) -> None:
    before, comment.body = comment.body, body
    forge.world.touch(comment)
    _emit_comment(forge, "edited", comment, actor, {"changes": {"body": {"from": before or ""}}})


def delete_comment(forge: Forge, comment: Comment, actor: Account) -> None:
    comment.issue.comments.remove(comment)
    forge.world.remove(comment)
    _emit_comment(forge, "deleted", comment, actor)


def _emit_comment(
    forge: Forge, action: str, comment: Comment, sender: Account, extra: Json | None = None
) -> None:
    body = {
        "issue": sent_issue(forge.world, comment.issue),
        "comment": comment_view(forge.world, comment),
        **(extra or {}),
    }
    forge.emit("issue_comment", action, comment.issue.repository, sender, body)


def react(forge: Forge, target: Written, user: Account, content: str) -> tuple[Reaction, bool]:
    """The reaction, and whether it is new: one of each kind and person."""
    for old in target.reactions:
        if old.user is user and old.content == content:
            return old, False
    now = forge.world.clock()
    reaction = forge.world.add(Reaction(user=user, content=content, created_at=now, updated_at=now))
    target.reactions.append(reaction)
    return reaction, True
