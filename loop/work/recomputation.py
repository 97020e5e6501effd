"""What git says today of commits that were judged before: evidence and checks once more."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from pathlib import Path

from loop.evidence import Ask, Record, changed_files, sealed
from loop.gates.change import change_between
from loop.gates.check import ask as asked
from loop.gates.checks.order import CHECKS
from loop.gates.facts import gather
from loop.gates.profile import Override
from loop.redaction import Redactor
from loop.repo.git import Git, Where
from loop.repo.history import History
from loop.snapshot import Snapshot
from loop.work.gathering import evidence_of, profile_of
from tools.result import CheckRun


async def record_again(
    git: Git, repository: Path, record: Record, *, ask: Ask | None, gate: Override | None
) -> Record:
    """*record* with what *repository* says of its commits in the place of what it says itself.

    *ask* None: the record's own. Raises `GitError`.
    """
    wanted = ask or record.ask
    comparison, around = await evidence_of(
        History(git, repository), record.base_sha, record.head_sha, ask=wanted, gate=gate
    )
    fresh = record.replace(
        base_sha=comparison.base,
        files=changed_files(comparison.files),
        surroundings=around,
        ask=wanted,
    )
    return sealed(fresh, Redactor().value)


async def checks_again(
    git: Git,
    repository: Path,
    record: Record,
    *,
    commit: str,
    issue: Snapshot | None,
    gate: Override | None,
    switched_off: Collection[str],
) -> tuple[CheckRun, ...]:
    """What the checks that need no commands say of *commit*, a coder's. Raises `GitError`."""
    history = History(git, repository)
    base = await history.merge_base(record.base_sha, commit)
    paths = (await history.compare(base, commit)).paths
    profile = profile_of(await gather(history, base, also=paths), gate)
    change = await change_between(
        git,
        Where(repository),
        (base, commit),
        profile=profile,
        issue=issue,
        evidence=record.claims.extra.evidence or (),
    )
    found = await asyncio.to_thread(asked, change, CHECKS, switched_off=switched_off)
    return found.runs
