"""Where a coder is: the repository map of its checkout, for the opening."""

from __future__ import annotations

import asyncio

import structlog

from loop.repo.errors import GitError
from loop.repo.workspace import Workspace
from loop.repo_map import TOKENS, rank, render
from loop.survey import survey
from loop.work.job import Job
from loop.work.means import Repositories

log = structlog.get_logger(__name__)

_SHARE = 0.125  # of a small context


async def repository_map(
    job: Job, repositories: Repositories, workspace: Workspace, *, context_tokens: int
) -> str:
    """The map of what is checked out; "" where git cannot list it, which ends no task."""
    try:
        seen = await survey(
            repositories.git, workspace.where, workspace.start.sha, repositories.outlines
        )
    except GitError as fault:
        log.warning("loop.map_failed", task=job.task, detail=str(fault))
        return ""
    if not seen.paths:
        return ""
    tokens = min(TOKENS, int(context_tokens * _SHARE))

    def drawn() -> str:
        return render(seen, rank(seen, asked(job)), tokens=tokens)

    return await asyncio.to_thread(drawn)


def asked(job: Job) -> str:
    """All that a person wrote of the task."""
    issue = job.snapshot.text if job.snapshot else ""
    return f"{issue}\n{job.prompt}"
