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
from loop.gates.facts import Facts, gather
from loop.gates.profile import GateProfile, Override, resolve
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
    seen: tuple[Comparison, Surroundings] | None = None
    history = History(git, workspace.control)
    ask = await _ask(job, issues)
    try:
        seen = await evidence_of(history, start.base_sha, start.sha, ask=ask, gate=job.gate)
    except GitError as exc:
        fault = str(exc)
    said = ending.submission
    record = Record(
        repository=job.repository,
        base_sha=seen[0].base if seen else start.base_sha,
        head_sha=start.sha,
        files=changed_files(seen[0].files) if seen else None,
        fault=fault,
        calls=calls_made(ending.calls),
        ask=ask,
        surroundings=seen[1] if seen else None,
        claims=Claims(
            verdict=ending.verdict,
            summary=ending.summary,
            extra=said.extra if said else Extra(),
        ),
    )
    return sealed(record, redact)


async def evidence_of(
    history: History, base: str, head: str, *, ask: Ask | None, gate: Override | None
) -> tuple[Comparison, Surroundings]:
    """What git knows of the change from *base* to *head*. Raises `GitError`."""
    comparison = await history.compare(base, head)
    return comparison, await _around(history, comparison, ask=ask, gate=gate)


def profile_of(facts: Facts, gate: Override | None) -> GateProfile:
    """The gate profile of *facts*; a plain one where the repository's is malformed."""
    try:
        return resolve(facts, [gate] if gate else [])
    except ProfileError:
        return GateProfile("generic", {})  # the gate says so, and names the line


async def _around(
    history: History, comparison: Comparison, *, ask: Ask | None, gate: Override | None
) -> Surroundings:
    facts = await gather(history, comparison.base)
    profile = profile_of(facts, gate)
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
