"""Changes to check runs, suites and statuses, and the webhooks they send."""

from __future__ import annotations

from app.demo.github.entities import Account, App, CheckRun, CheckSuite, Repository, Status
from app.demo.github.forge import Forge
from app.demo.github.view_accounts import Json
from app.demo.github.view_checks import check_run as check_run_view
from app.demo.github.view_checks import check_suite as check_suite_view
from app.demo.github.view_checks import latest_runs, suite_state
from app.demo.github.view_repositories import commit as commit_view
from app.demo.github.world import stamp


def suite_of(
    forge: Forge, repository: Repository, app: App, sha: str, branch: str | None
) -> CheckSuite:
    """The suite of *app* for *sha*; made where there is none."""
    for suite in repository.check_suites:
        if suite.app is app and suite.head_sha == sha:
            return suite
    now = forge.world.clock()
    suite = forge.world.add(
        CheckSuite(
            app=app,
            repository=repository,
            head_sha=sha,
            head_branch=branch,
            before=None,
            after=sha,
            created_at=now,
            updated_at=now,
        )
    )
    repository.check_suites.append(suite)
    return suite


async def branch_at(repository: Repository, sha: str) -> str | None:
    """A branch whose tip is *sha*: the `head_branch` of a suite."""
    for ref, tip in (await repository.git.refs("refs/heads/")).items():
        if tip == sha:
            return ref.removeprefix("refs/heads/")
    return None


async def add_check_run(forge: Forge, repository: Repository, run: CheckRun) -> None:
    """Enter *run*, which has its fields and its suite but no ids yet."""
    run.suite = suite_of(
        forge, repository, run.app, run.head_sha, await branch_at(repository, run.head_sha)
    )
    forge.world.add(run)
    repository.check_runs[run.id] = run
    emit_check_run(forge, "created", run, run.app.bot)
    if run.status == "completed":
        await completed(forge, run)


async def completed(forge: Forge, run: CheckRun) -> None:
    """`check_run.completed`, and `check_suite.completed` with the last of its runs."""
    emit_check_run(forge, "completed", run, run.app.bot)
    forge.world.touch(run.suite)
    if suite_state(run.suite)[0] == "completed":
        await emit_check_suite(forge, "completed", run.suite, run.app.bot)


def emit_check_run(
    forge: Forge,
    action: str,
    run: CheckRun,
    sender: Account,
    *,
    extra: Json | None = None,
    only: App | None = None,
) -> None:
    """Between `created` and `completed` GitHub sends nothing about a run's progress."""
    w, suite = forge.world, run.suite
    status, conclusion = suite_state(suite)
    view = check_run_view(w, run)
    view["check_suite"] = {
        "id": suite.id,
        "node_id": suite.node_id,
        "head_branch": suite.head_branch,
        "head_sha": suite.head_sha,
        "status": status,
        "conclusion": conclusion,
        "url": f"{view['url'].rpartition('/check-runs/')[0]}/check-suites/{suite.id}",
        "before": suite.before,
        "after": suite.after,
        "pull_requests": view["pull_requests"],
        "app": view["app"],
        "created_at": stamp(suite.created_at),
        "updated_at": stamp(suite.updated_at),
    }
    body = {"check_run": view, **(extra or {})}
    forge.emit("check_run", action, suite.repository, sender, body, only=only)


async def emit_check_suite(
    forge: Forge, action: str, suite: CheckSuite, sender: Account, *, only: App | None = None
) -> None:
    head = await suite.repository.git.commit(suite.head_sha)
    view = check_suite_view(forge.world, suite, head)
    del view["repository"]
    body = {"check_suite": view}
    forge.emit("check_suite", action, suite.repository, sender, body, only=only)


def rerequest_run(forge: Forge, run: CheckRun, sender: Account) -> None:
    """Re-run: the App is asked; what becomes of the run is the App's to say."""
    emit_check_run(forge, "rerequested", run, sender, only=run.app)


async def rerequest_suite(forge: Forge, suite: CheckSuite, sender: Account) -> None:
    await emit_check_suite(forge, "rerequested", suite, sender, only=suite.app)


def press(forge: Forge, run: CheckRun, sender: Account, identifier: str) -> None:
    """A button of a concluded run: `check_run.requested_action`."""
    if run.status != "completed":
        raise ValueError(f"check run {run.id}: not concluded; GitHub shows its buttons only then")
    if identifier not in [a["identifier"] for a in run.actions]:
        raise ValueError(f"check run {run.id}: it has no button {identifier!r}")
    extra = {"requested_action": {"identifier": identifier}}
    emit_check_run(forge, "requested_action", run, sender, extra=extra, only=run.app)


async def add_status(forge: Forge, repository: Repository, status: Status) -> None:
    forge.world.add(status)
    repository.statuses.append(status)
    w, head = forge.world, await repository.git.commit(status.sha)
    branch = await branch_at(repository, status.sha)
    api = f"{w.url}/repos/{repository.full_name}"
    branches = []
    if branch:
        commit = {"sha": status.sha, "url": f"{api}/commits/{status.sha}"}
        branches = [{"name": branch, "commit": commit, "protected": False}]
    body = {
        "id": status.id,
        "sha": status.sha,
        "name": repository.full_name,
        "target_url": status.target_url,
        "avatar_url": f"{w.url}/_local/avatars/{status.creator.id}",
        "context": status.context,
        "description": status.description,
        "state": status.state,
        "commit": commit_view(w, repository, head),
        "branches": branches,
        "created_at": stamp(status.created_at),
        "updated_at": stamp(status.updated_at),
    }
    forge.emit("status", None, repository, status.creator, body)


def runs_for(
    repository: Repository, sha: str, *, name: str | None, app_id: int | None, latest: bool
) -> list[CheckRun]:
    """Runs for *sha*, newest of each name and suite unless *latest* is off."""
    suites = [s for s in repository.check_suites if s.head_sha == sha]
    if latest:
        found = [run for suite in suites for run in latest_runs(suite)]
    else:
        found = [r for r in repository.check_runs.values() if r.suite in suites]
    return [
        r
        for r in found
        if (name is None or r.name == name) and (app_id is None or r.app.id == app_id)
    ]
