"""What others report on a commit: a CI's status, and the check runs of another App."""

from __future__ import annotations

import functools

from app.demo.github import change_checks, view_checks
from app.demo.github.entities import Account, App, CheckRun, Repository, Status
from app.demo.github.forge import Forge
from app.demo.github.view_accounts import Json
from app.demo.github.world import World, generate_key

_SLUG = "github-actions"


async def report_status(
    forge: Forge,
    repository: Repository,
    creator: Account,
    *,
    sha: str,
    context: str,
    state: str,
    description: str | None,
    target_url: str | None,
) -> Json:
    now = forge.world.clock()
    status = Status(
        sha=sha,
        state=state,
        context=context,
        creator=creator,
        description=description,
        target_url=target_url,
        created_at=now,
        updated_at=now,
    )
    await change_checks.add_status(forge, repository, status)
    return view_checks.status(forge.world, repository, status)


@functools.cache
def _key() -> str:
    """Nobody signs with it, so one for all servers of a process saves the time to make it."""
    return generate_key().decode()


def _actions(world: World) -> App:
    for app in world.apps:
        if app.slug == _SLUG:
            return app
    return world.new_app(
        slug=_SLUG,
        name="GitHub Actions",
        owner=world.accounts.get("github") or world.new_account("github"),
        permissions={"checks": "write"},
        events=[],
        hook_url=None,
        hook_secret="",
        private_key=_key(),
    )


async def report_check(
    forge: Forge,
    repository: Repository,
    sha: str,
    name: str,
    conclusion: str,
    *,
    title: str,
    summary: str,
    text: str,
) -> Json:
    now = forge.world.clock()
    app = _actions(forge.world)
    run = CheckRun(
        app=app,
        suite=change_checks.suite_of(
            forge, repository, app, sha, await change_checks.branch_at(repository, sha)
        ),
        name=name,
        head_sha=sha,
        status="completed",
        conclusion=conclusion,
        started_at=now,
        completed_at=now,
        title=title or None,
        summary=summary or None,
        text=text or None,
        created_at=now,
        updated_at=now,
    )
    await change_checks.add_check_run(forge, repository, run)
    return view_checks.check_run(forge.world, run)
