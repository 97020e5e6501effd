"""Check runs, check suites and commit statuses as GitHub's JSON has them."""

from __future__ import annotations

from app.demo.github.bare import CommitInfo
from app.demo.github.entities import (
    Annotation,
    CheckRun,
    CheckSuite,
    PullRequest,
    Repository,
    Status,
)
from app.demo.github.view_accounts import Json, app, user
from app.demo.github.view_pulls import minimal_pull
from app.demo.github.view_repositories import api_url, minimal_repository, page_url, simple_commit
from app.demo.github.world import World, maybe_stamp, stamp

# From the worst down: what the runs of a suite add up to.
_WORST = ("action_required", "timed_out", "cancelled", "failure", "neutral", "skipped", "success")


def pulls_of(repository: Repository, sha: str) -> list[PullRequest]:
    """Open pull requests from this repository's own branches with *sha* as head."""
    return [
        i.pull
        for i in repository.issues.values()
        if i.pull
        and i.state == "open"
        and i.pull.head_sha == sha
        and i.pull.head_repository is repository
    ]


def check_run(w: World, value: CheckRun) -> Json:
    repository = value.suite.repository
    api = f"{api_url(w, repository)}/check-runs/{value.id}"
    page = f"{page_url(w, repository)}/runs/{value.id}"
    return {
        "id": value.id,
        "name": value.name,
        "node_id": value.node_id,
        "head_sha": value.head_sha,
        "external_id": value.external_id,
        "url": api,
        "html_url": page,
        "details_url": value.details_url or page,
        "status": value.status,
        "conclusion": value.conclusion,
        "started_at": maybe_stamp(value.started_at),
        "completed_at": maybe_stamp(value.completed_at),
        "output": {
            "title": value.title,
            "summary": value.summary,
            "text": value.text,
            "annotations_count": len(value.annotations),
            "annotations_url": f"{api}/annotations",
        },
        "check_suite": {"id": value.suite.id},
        "app": app(w, value.app),
        "pull_requests": [minimal_pull(w, p) for p in pulls_of(repository, value.head_sha)],
    }


def annotation(w: World, repository: Repository, run: CheckRun, value: Annotation) -> Json:
    return {
        "path": value.path,
        "blob_href": f"{page_url(w, repository)}/blob/{run.head_sha}/{value.path}",
        "start_line": value.start_line,
        "start_column": value.start_column,
        "end_line": value.end_line,
        "end_column": value.end_column,
        "annotation_level": value.annotation_level,
        "title": value.title,
        "message": value.message,
        "raw_details": value.raw_details,
    }


def latest_runs(suite: CheckSuite) -> list[CheckRun]:
    """The newest run of each name."""
    newest: dict[str, CheckRun] = {}
    for run in suite.repository.check_runs.values():
        if run.suite is suite:
            newest[run.name] = run
    return list(newest.values())


def suite_state(suite: CheckSuite) -> tuple[str, str | None]:
    """Status and conclusion that the suite's runs add up to."""
    runs = latest_runs(suite)
    if not runs or any(r.status == "queued" for r in runs):
        return "queued", None
    if any(r.status != "completed" for r in runs):
        return "in_progress", None
    found = {r.conclusion for r in runs}
    return "completed", next((c for c in _WORST if c in found), "success")


def check_suite(w: World, value: CheckSuite, head: CommitInfo) -> Json:
    api = f"{api_url(w, value.repository)}/check-suites/{value.id}"
    status, conclusion = suite_state(value)
    pulls = pulls_of(value.repository, value.head_sha)
    return {
        "id": value.id,
        "node_id": value.node_id,
        "head_branch": value.head_branch,
        "head_sha": value.head_sha,
        "status": status,
        "conclusion": conclusion,
        "url": api,
        "before": value.before,
        "after": value.after,
        "pull_requests": [minimal_pull(w, p) for p in pulls],
        "app": app(w, value.app),
        "created_at": stamp(value.created_at),
        "updated_at": stamp(value.updated_at),
        "rerequestable": True,
        "runs_rerequestable": True,
        "latest_check_runs_count": len(latest_runs(value)),
        "check_runs_url": f"{api}/check-runs",
        "head_commit": simple_commit(head),
        "repository": minimal_repository(w, value.repository),
    }


def status(w: World, repository: Repository, value: Status) -> Json:
    return {
        "url": f"{api_url(w, repository)}/statuses/{value.sha}",
        "avatar_url": f"{w.url}/_local/avatars/{value.creator.id}",
        "id": value.id,
        "node_id": value.node_id,
        "state": value.state,
        "description": value.description,
        "target_url": value.target_url,
        "context": value.context,
        "created_at": stamp(value.created_at),
        "updated_at": stamp(value.updated_at),
        "creator": user(w, value.creator),
    }


def combined_status(w: World, repository: Repository, sha: str) -> Json:
    latest = {s.context: s for s in repository.statuses if s.sha == sha}
    states = {s.state for s in latest.values()}
    if states & {"failure", "error"}:
        state = "failure"
    else:
        state = "success" if states == {"success"} else "pending"
    api = api_url(w, repository)
    statuses = []
    for value in latest.values():
        body = status(w, repository, value)
        del body["creator"]
        statuses.append(body)
    return {
        "state": state,
        "statuses": statuses,
        "sha": sha,
        "total_count": len(statuses),
        "repository": minimal_repository(w, repository),
        "commit_url": f"{api}/commits/{sha}",
        "url": f"{api}/commits/{sha}/status",
    }
