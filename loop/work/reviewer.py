"""A review: the model reads the change in a throw-away checkout, the rails judge what it says."""

from __future__ import annotations

import asyncio

from loop.agent import Callbacks
from loop.evidence import Record
from loop.rails.order import reconcile
from loop.repo.errors import GitError
from loop.repo.history import History
from loop.repo.workspace import Start, Workspace
from loop.task import Ending
from loop.work.checkout import CheckoutError, for_judge, tips
from loop.work.gathering import gather_record
from loop.work.job import Done, Job, precondition
from loop.work.means import Means
from loop.work.persona import Persona
from loop.work.talk import Seat, converse
from tools.errors import RegistryError
from tools.jail import Jail, digests
from tools.looks import Revisions
from tools.result import Result
from tools.sandbox.runner import Box


async def review(job: Job, persona: Persona, means: Means) -> Done:
    """Judge what is on the branch, or at `job.head_sha`."""
    try:
        found = await tips(job, means.repositories, await means.tokens.read())
        workspace = await for_judge(job, means.repositories, found)
    except CheckoutError as fault:
        return precondition("CloneFailed", str(fault))
    box = Box(workspace.path, workspace.control, workspace.objects, persona.limits)
    runner = means.sandbox.runner(box)
    base = f"origin/{found.base_branch}"
    try:
        # A review is short and its tree a throw-away: one that was interrupted begins again.
        conversed = await converse(
            job,
            persona,
            means,
            seat=Seat(
                "reviewer",
                box,
                runner,
                base,
                revisions=_revisions(workspace.start),
                digests=await _digests(workspace, means),
            ),
            callbacks=Callbacks(on_progress=means.on_progress),
        )
    except RegistryError as fault:
        return precondition("InfrastructureError", str(fault))
    finally:
        await runner.kill()
    record = await gather_record(
        job,
        workspace,
        conversed.ending,
        git=means.repositories.git,
        issues=means.issues,
        redact=means.redactor.value,
    )
    result = judged(record, conversed.ending)
    extra = result.extra.replace(
        branch=job.branch or None,
        commit_sha=workspace.start.sha,
        execution_mode=means.sandbox.description,
        token_source=means.tokens.source or None,
    )
    await means.repositories.workspaces.discard(job.directory, found.mirror)
    return Done(
        result.replace(extra=extra), transcript=conversed.transcript, evidence=record.text()
    )


def _revisions(start: Start) -> Revisions:
    """By which names a reviewer can ask for what it judges and for what that is compared with."""
    return Revisions(
        heads=("HEAD", "@", start.branch, start.sha),
        bases=(f"origin/{start.base_branch}", start.base_sha),
    )


async def _digests(workspace: Workspace, means: Means) -> dict[str, str]:
    """Of the changed files as they were checked out; none where git cannot tell which they are."""
    history = History(means.repositories.git, workspace.control)
    try:
        comparison = await history.compare(workspace.start.base_sha, workspace.start.sha)
    except GitError:
        return {}  # the record says so
    return await asyncio.to_thread(digests, Jail(workspace.path), comparison.paths)


def judged(record: Record, ending: Ending) -> Result:
    """The envelope after the rails; *record* is what they judge by, and all they see."""
    told = ending.result()
    if ending.submission is None:
        return told
    reconciled = reconcile(record)
    extra = reconciled.extra.replace(
        outcome=reconciled.outcome or told.extra.outcome,
        reason=told.extra.reason,
        error=told.extra.error,
        turn_count=told.extra.turn_count,
        tokens=told.extra.tokens,
    )
    return told.replace(
        verdict=reconciled.verdict,
        failure_reason=reconciled.failure_reason or told.failure_reason,
        extra=extra,
    )
