"""Issues, comments, labels, reactions and timelines as GitHub's JSON has them."""

from __future__ import annotations

from collections import Counter

from app.demo.github.entities import Comment, Issue, Label, Reaction, Repository, TimelineEvent
from app.demo.github.view_accounts import Json, association, maybe_app, user
from app.demo.github.view_repositories import api_url, page_url
from app.demo.github.world import World, maybe_stamp, stamp

REACTIONS = ("+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")


def label(w: World, repository: Repository, value: Label) -> Json:
    return {
        "id": value.id,
        "node_id": value.node_id,
        "url": f"{api_url(w, repository)}/labels/{value.name}",
        "name": value.name,
        "color": value.color,
        "default": value.default,
        "description": value.description,
        "archived_at": None,
        "archived_by": None,
    }


def reaction_rollup(url: str, reactions: list[Reaction]) -> Json:
    counts = Counter(r.content for r in reactions)
    return {
        "url": f"{url}/reactions",
        "total_count": len(reactions),
        **{name: counts[name] for name in REACTIONS},
    }


def reaction(w: World, value: Reaction) -> Json:
    return {
        "id": value.id,
        "node_id": value.node_id,
        "user": user(w, value.user),
        "content": value.content,
        "created_at": stamp(value.created_at),
    }


def kind_url(issue: Issue) -> str:
    return "pull" if issue.pull else "issues"


def issue(w: World, value: Issue) -> Json:
    api = f"{api_url(w, value.repository)}/issues/{value.number}"
    page = f"{page_url(w, value.repository)}/{kind_url(value)}/{value.number}"
    body: Json = {
        "url": api,
        "repository_url": api_url(w, value.repository),
        "labels_url": f"{api}/labels{{/name}}",
        "comments_url": f"{api}/comments",
        "events_url": f"{api}/events",
        "timeline_url": f"{api}/timeline",
        "html_url": page,
        "id": value.id,
        "node_id": value.node_id,
        "number": value.number,
        "title": value.title,
        "user": user(w, value.user),
        "labels": [label(w, value.repository, x) for x in value.labels],
        "state": value.state,
        "state_reason": value.state_reason,
        "locked": value.locked,
        "assignee": user(w, value.assignees[0]) if value.assignees else None,
        "assignees": [user(w, a) for a in value.assignees],
        "milestone": None,
        "comments": len(value.comments),
        "created_at": stamp(value.created_at),
        "updated_at": stamp(value.updated_at),
        "closed_at": maybe_stamp(value.closed_at),
        "author_association": association(value.repository, value.user),
        "active_lock_reason": None,
        "sub_issues_summary": {"total": 0, "completed": 0, "percent_completed": 0},
        "body": value.body,
        "closed_by": user(w, value.closed_by) if value.closed_by else None,
        "reactions": reaction_rollup(api, value.reactions),
        "performed_via_github_app": maybe_app(w, value.app),
    }
    if value.pull:
        pull_api = f"{api_url(w, value.repository)}/pulls/{value.number}"
        body["draft"] = value.pull.draft
        body["pull_request"] = {
            "url": pull_api,
            "html_url": page,
            "diff_url": f"{page}.diff",
            "patch_url": f"{page}.patch",
            "merged_at": maybe_stamp(value.pull.merged_at),
        }
    return body


def sent_issue(w: World, value: Issue) -> Json:
    """As webhooks have it: without who closed it."""
    body = issue(w, value)
    del body["closed_by"]
    return body


def comment(w: World, value: Comment) -> Json:
    repository = value.issue.repository
    api = f"{api_url(w, repository)}/issues/comments/{value.id}"
    page = f"{page_url(w, repository)}/{kind_url(value.issue)}/{value.issue.number}"
    return {
        "url": api,
        "html_url": f"{page}#issuecomment-{value.id}",
        "issue_url": f"{api_url(w, repository)}/issues/{value.issue.number}",
        "id": value.id,
        "node_id": value.node_id,
        "user": user(w, value.user),
        "created_at": stamp(value.created_at),
        "updated_at": stamp(value.updated_at),
        "author_association": association(repository, value.user),
        "body": value.body or "",
        "reactions": reaction_rollup(api, value.reactions),
        "performed_via_github_app": maybe_app(w, value.app),
    }


def timeline_event(w: World, issue_: Issue, value: TimelineEvent) -> Json:
    api = f"{api_url(w, issue_.repository)}/issues/events/{value.id}"
    body: Json = {
        "id": value.id,
        "node_id": value.node_id,
        "url": api,
        "actor": user(w, value.actor),
        "event": value.event,
        "commit_id": value.commit_id,
        "commit_url": None,
        "created_at": stamp(value.created_at),
        "performed_via_github_app": maybe_app(w, value.app),
    }
    if value.commit_id:
        body["commit_url"] = f"{api_url(w, issue_.repository)}/commits/{value.commit_id}"
    if value.label:
        body["label"] = {"name": value.label.name, "color": value.label.color}
    return body


def timeline_comment(w: World, value: Comment) -> Json:
    return comment(w, value) | {"event": "commented", "actor": user(w, value.user)}
