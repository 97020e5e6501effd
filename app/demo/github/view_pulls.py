"""Pull requests, reviews and their comments as GitHub's JSON has them."""

from __future__ import annotations

from app.demo.github.entities import PullRequest, Repository, Review, ReviewComment
from app.demo.github.view_accounts import Json, association, user
from app.demo.github.view_issues import label, reaction_rollup
from app.demo.github.view_repositories import api_url, page_url, repository
from app.demo.github.world import World, maybe_stamp, stamp


def urls(w: World, value: PullRequest) -> tuple[str, str]:
    """API address and page."""
    number = value.issue.number
    return (
        f"{api_url(w, value.repository)}/pulls/{number}",
        f"{page_url(w, value.repository)}/pull/{number}",
    )


def _end(w: World, where: Repository, ref: str, sha: str) -> Json:
    return {
        "label": f"{where.owner.login}:{ref}",
        "ref": ref,
        "sha": sha,
        "user": user(w, where.owner),
        "repo": repository(w, where),
    }


def simple_pull(w: World, value: PullRequest) -> Json:
    """An element of GET /pulls."""
    api, page = urls(w, value)
    home, issue = api_url(w, value.repository), value.issue
    issue_api = f"{home}/issues/{issue.number}"
    links = {
        "self": api,
        "html": page,
        "issue": issue_api,
        "comments": f"{issue_api}/comments",
        "review_comments": f"{api}/comments",
        "review_comment": f"{home}/pulls/comments{{/number}}",
        "commits": f"{api}/commits",
        "statuses": f"{home}/statuses/{value.head_sha}",
    }
    return {
        "url": api,
        "id": value.id,
        "node_id": value.node_id,
        "html_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "issue_url": issue_api,
        "number": issue.number,
        "state": issue.state,
        "locked": issue.locked,
        "title": issue.title,
        "user": user(w, issue.user),
        "body": issue.body,
        "created_at": stamp(issue.created_at),
        "updated_at": stamp(issue.updated_at),
        "closed_at": maybe_stamp(issue.closed_at),
        "merged_at": maybe_stamp(value.merged_at),
        "merge_commit_sha": value.merge_commit_sha,
        "assignee": user(w, issue.assignees[0]) if issue.assignees else None,
        "assignees": [user(w, a) for a in issue.assignees],
        "requested_reviewers": [user(w, a) for a in value.requested_reviewers],
        "requested_teams": [],
        "labels": [label(w, value.repository, x) for x in issue.labels],
        "milestone": None,
        "draft": value.draft,
        "commits_url": links["commits"],
        "review_comments_url": links["review_comments"],
        "review_comment_url": links["review_comment"],
        "comments_url": links["comments"],
        "statuses_url": links["statuses"],
        "head": _end(w, value.head_repository, value.head_ref, value.head_sha),
        "base": _end(w, value.repository, value.base_ref, value.base_sha),
        "_links": {name: {"href": href} for name, href in links.items()},
        "author_association": association(value.repository, issue.user),
        "auto_merge": None,
        "active_lock_reason": None,
    }


def mergeable_state(value: PullRequest) -> str:
    if value.issue.state == "closed" or value.mergeable is None:
        return "unknown"
    if not value.mergeable:
        return "dirty"
    return "draft" if value.draft else "clean"


def pull(w: World, value: PullRequest) -> Json:
    found = value.comparison
    return simple_pull(w, value) | {
        "merged": value.merged_at is not None,
        "mergeable": value.mergeable,
        "rebaseable": value.mergeable,
        "mergeable_state": mergeable_state(value),
        "merged_by": user(w, value.merged_by) if value.merged_by else None,
        "comments": len(value.issue.comments),
        "review_comments": len(value.review_comments),
        "maintainer_can_modify": value.maintainer_can_modify,
        "commits": found.ahead,
        "additions": found.additions,
        "deletions": found.deletions,
        "changed_files": len(found.files),
    }


def minimal_pull(w: World, value: PullRequest) -> Json:
    """An element of a check run's `pull_requests`."""

    def end(where: Repository, ref: str, sha: str) -> Json:
        repo = {"id": where.id, "url": api_url(w, where), "name": where.name}
        return {"ref": ref, "sha": sha, "repo": repo}

    return {
        "url": urls(w, value)[0],
        "id": value.id,
        "number": value.issue.number,
        "head": end(value.head_repository, value.head_ref, value.head_sha),
        "base": end(value.repository, value.base_ref, value.base_sha),
    }


def review(w: World, value: Review) -> Json:
    api, page = urls(w, value.pull)
    page = f"{page}#pullrequestreview-{value.id}"
    body: Json = {
        "id": value.id,
        "node_id": value.node_id,
        "user": user(w, value.user),
        "body": value.body or "",
        "state": value.state,
        "html_url": page,
        "pull_request_url": api,
        "author_association": association(value.pull.repository, value.user),
        "_links": {"html": {"href": page}, "pull_request": {"href": api}},
        "commit_id": value.commit_id,
    }
    if value.submitted_at is not None:
        body["submitted_at"] = stamp(value.submitted_at)
    return body


def review_comment(w: World, value: ReviewComment) -> Json:
    """Lines of an outdated comment are null; what it was made on stays in `original_…`."""
    api, page = urls(w, value.pull)
    home = f"{api_url(w, value.pull.repository)}/pulls/comments/{value.id}"
    html = f"{page}#discussion_r{value.id}"
    outdated = value.commit_id != value.pull.head_sha and value.line is not None
    body: Json = {
        "url": home,
        "pull_request_review_id": value.review.id,
        "id": value.id,
        "node_id": value.node_id,
        "diff_hunk": value.diff_hunk,
        "path": value.path,
        "commit_id": value.pull.head_sha,
        "original_commit_id": value.commit_id,
        "user": user(w, value.user),
        "body": value.body or "",
        "created_at": stamp(value.created_at),
        "updated_at": stamp(value.updated_at),
        "html_url": html,
        "pull_request_url": api,
        "author_association": association(value.pull.repository, value.user),
        "_links": {
            "self": {"href": home},
            "html": {"href": html},
            "pull_request": {"href": api},
        },
        "reactions": reaction_rollup(home, value.reactions),
        "start_line": None if outdated else value.start_line,
        "original_start_line": value.start_line,
        "start_side": value.start_side,
        "line": None if outdated else value.line,
        "original_line": value.line,
        "side": value.side,
        "position": None if outdated else value.position,
        "original_position": value.position,
        "subject_type": "file" if value.line is None else "line",
    }
    if value.in_reply_to:
        body["in_reply_to_id"] = value.in_reply_to.id
    return body
