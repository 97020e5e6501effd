"""A review: the model reads the change in a throw-away checkout, the rails judge what it says."""

from __future__ import annotations

import asyncio

from loop.agent import Callbacks
from loop.cleaning import clean
from loop.evidence import (
    Ask,
    Claims,
    Record,
    Surroundings,
    ask_of,
    calls_made,
    changed_files,
    sealed,
)
from loop.gates.errors import ProfileError
from loop.gates.facts import gather
from loop.gates.profile import GateProfile, resolve
from loop.rails.order import reconcile
from loop.repo.errors import GitError
from loop.repo.history import Comparison, History
from loop.repo.workspace import Start, Workspace
from loop.surroundings import surroundings, wanted
from loop.task import Ending
from loop.work.checkout import CheckoutError, for_judge, tips
from loop.work.job import Done, Job, precondition
from loop.work.means import Means
from loop.work.persona import Persona
from loop.work.talk import Seat, converse
from tools.errors import RegistryError, ToolError
from tools.looks import Revisions
from tools.result import Extra, Result
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
            seat=Seat("reviewer", box, runner, base, revisions=_revisions(workspace.start)),
            callbacks=Callbacks(on_progress=means.on_progress),
        )
    except RegistryError as fault:
        return precondition("InfrastructureError", str(fault))
    finally:
        await runner.kill()
    record = await _record(job, means, workspace, conversed.ending)
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


async def _record(job: Job, means: Means, workspace: Workspace, ending: Ending) -> Record:
    """What the harness knows of the change and of what the reviewer looked at."""
    start, fault = workspace.start, ""
    comparison: Comparison | None = None
    history = History(means.repositories.git, workspace.control)
    try:
        comparison = await history.compare(start.base_sha, start.sha)
    except GitError as exc:
        fault = str(exc)
    said, ask = ending.submission, await _ask(job, means)
    record = Record(
        repository=job.repository,
        base_sha=comparison.base if comparison else start.base_sha,
        head_sha=start.sha,
        files=changed_files(comparison.files) if comparison else None,
        fault=fault,
        calls=calls_made(ending.calls),
        ask=ask,
        surroundings=await _around(job, history, comparison, ask) if comparison else None,
        claims=Claims(
            verdict=ending.verdict,
            summary=ending.summary,
            extra=said.extra if said else Extra(),
        ),
    )
    return sealed(record, means.redactor.value)


async def _around(
    job: Job, history: History, comparison: Comparison, ask: Ask | None
) -> Surroundings:
    facts = await gather(history, comparison.base)
    try:
        profile = resolve(facts, [job.gate] if job.gate else [])
    except ProfileError:
        profile = GateProfile("generic", {})  # the gate says so, and names the line
    tree = facts.paths | await history.paths(comparison.head)
    layout = profile.test_layout
    asked = await asyncio.to_thread(wanted, comparison.files, tree=tree, ask=ask, layout=layout)
    return await asyncio.to_thread(
        surroundings,
        comparison.files,
        tree=tree,
        ask=ask,
        texts=await history.blobs(comparison.head, asked),
        extensions=profile.source_extensions,
        layout=layout,
    )


async def _ask(job: Job, means: Means) -> Ask | None:
    """The issue as of the trigger; for a pull request without one, its own title and body."""
    if job.snapshot:
        return ask_of(job.snapshot)
    if job.pull_request and means.issues:
        try:
            seen = await means.issues.pull_request(job.repository, job.pull_request)
        except ToolError:
            return None
        return Ask(
            source="pull request",
            number=seen.number,
            title=clean(seen.title),
            body=clean(seen.body),
        )
    return Ask(body=clean(job.prompt)) if job.prompt else None
