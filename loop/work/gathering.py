"""The evidence of a review: the change as git has it, what was asked, what the reviewer did."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

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
from loop.repo.errors import GitError
from loop.repo.git import Git
from loop.repo.history import Comparison, History
from loop.repo.workspace import Workspace
from loop.surroundings import surroundings, wanted
from loop.task import Ending
from loop.work.job import Job
from tools.errors import ToolError
from tools.issues import IssueSource
from tools.result import Extra


async def gather_record(
    job: Job,
    workspace: Workspace,
    ending: Ending,
    *,
    git: Git,
    issues: IssueSource | None,
    redact: Callable[[Any], Any],
) -> Record:
    """What the rails judge by, sealed. *issues* None: no code host can be asked."""
    start, fault = workspace.start, ""
    comparison: Comparison | None = None
    around: Surroundings | None = None
    history = History(git, workspace.control)
    ask = await _ask(job, issues)
    try:
        comparison = await history.compare(start.base_sha, start.sha)
        around = await _around(job, history, comparison, ask)
    except GitError as exc:
        comparison, fault = None, str(exc)
    said = ending.submission
    record = Record(
        repository=job.repository,
        base_sha=comparison.base if comparison else start.base_sha,
        head_sha=start.sha,
        files=changed_files(comparison.files) if comparison else None,
        fault=fault,
        calls=calls_made(ending.calls),
        ask=ask,
        surroundings=around,
        claims=Claims(
            verdict=ending.verdict,
            summary=ending.summary,
            extra=said.extra if said else Extra(),
        ),
    )
    return sealed(record, redact)


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


async def _ask(job: Job, issues: IssueSource | None) -> Ask | None:
    """The issue as of the trigger; for a pull request without one, its own title and body."""
    if job.snapshot:
        return ask_of(job.snapshot)
    if job.pull_request and issues:
        try:
            seen = await issues.pull_request(job.repository, job.pull_request)
        except ToolError:
            return None
        return Ask(
            source="pull request",
            number=seen.number,
            title=clean(seen.title),
            body=clean(seen.body),
        )
    return Ask(body=clean(job.prompt)) if job.prompt else None
