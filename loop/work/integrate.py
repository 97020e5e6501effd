"""Slices of one issue made one branch: each gives its own files, and nothing else.

No model is involved. A plan that gives a file to two slices, a slice that cannot be merged with
today's base and a union of nothing are the plan's fault or the coders': GATE-FAIL. What could not
be looked at or put there (a slice that was never pushed, a push that was refused) is GATE-ERROR.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from loop.repo.errors import CloneFailed, GitError, RefError, RemoteError
from loop.repo.landing import Landing, NoChanges, Prepared, Rejected, prepare
from loop.repo.pushing import Landed, PushFailed
from loop.repo.restoring import by_people
from loop.repo.union import Contribution, Union, covers, united
from loop.work.checkout import CheckoutError, holding, pushed_head, tips
from loop.work.delivery import Delivery
from loop.work.job import Done, Job, NoTokenError, Part, computed, precondition
from loop.work.means import Means
from loop.work.persona import Persona
from tools.result import Result, Verdict

TOOL = "run_integrate"


async def integrate(job: Job, _persona: Persona, means: Means) -> Done:
    """The union of `job.parts` on `job.branch`: GATE-PASS, or what stands in its way."""
    if told := ill_planned(job.parts):
        return Done(_result("GATE-ERROR", told))
    if told := overlapping(job.parts):
        return Done(_result("GATE-FAIL", told))
    try:
        found = await tips(job, means.repositories, await means.tokens.read())
    except CheckoutError as fault:
        return precondition("CloneFailed", str(fault))
    delivery = Delivery(job, means, found, found.mirror.path)
    try:
        if seen := await delivery.landed_before():
            return Done(_landed(Landed(job.branch, seen.sha), seen.subject, ""))
        return Done(await _integrated(delivery))
    except (CheckoutError, CloneFailed, GitError, RefError, RemoteError, NoTokenError) as fault:
        return Done(_result("GATE-ERROR", str(fault)))
    finally:
        await means.repositories.workspaces.discard(job.directory, found.mirror)


def ill_planned(parts: Sequence[Part]) -> str:
    """What the plan lacks, so that nothing can be made of it; "" when it is whole."""
    if not parts:
        return "payload.slices: none is named; there is nothing to integrate"
    names = [part.name for part in parts]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        return f"payload.slices: two are called {', '.join(twice)}"
    for part in parts:
        if not part.branch or not part.files:
            lacks = "branch" if not part.branch else "files"
            return f"payload.slices: {part.name} names no {lacks}"
    return ""


def overlapping(parts: Sequence[Part]) -> str:
    """Which file is claimed by two slices; "" when none is."""
    for one, other in itertools.combinations(parts, 2):
        for mine, theirs in itertools.product(one.files, other.files):
            if covers(mine, theirs) or covers(theirs, mine):
                shown = mine if mine == theirs else f"{mine} and {theirs}"
                return f"slices {one.name} and {other.name} both claim {shown}"
    return ""


async def _integrated(delivery: Delivery) -> Result:
    job, means, found = delivery.job, delivery.means, delivery.found
    git, mirror = means.repositories.git, found.mirror
    if found.branch_sha and await by_people(
        git,
        mirror.where,
        base=found.base_sha,
        tip=found.branch_sha,
        committer=means.author.email,
    ):
        told = f"{job.branch}: people have committed to it; integrate onto another branch"
        return _result("GATE-ERROR", told)
    parts = [await _contribution(part, delivery) for part in job.parts]
    union = await united(git, mirror.path, parts, base=found.base_sha, scratch=job.directory)
    if union.clash:
        [(name, paths)] = union.clash.items()
        told = f"slice {name} cannot be merged with {found.base_branch}: {', '.join(paths)}"
        return _result("GATE-FAIL", told, _log(union))
    if union.is_empty:
        return _result("GATE-FAIL", "no slice changed any of its files", _log(union))
    return await _delivered(delivery, union)


async def _contribution(part: Part, delivery: Delivery) -> Contribution:
    sha = await pushed_head(part.branch, delivery.means.repositories, delivery.found)
    if not sha:
        raise CheckoutError(f"slice {part.name}: branch {part.branch} is not on the remote")
    return Contribution(part.name, sha, part.files)


async def _delivered(delivery: Delivery, union: Union) -> Result:
    """The union as one commit, checked like a coder's, on the branch."""
    job, means, found = delivery.job, delivery.means, delivery.found
    workspace = await holding(job, means.repositories, found, tree=union.tree)
    names = ", ".join(part.name for part in union.taken if part.paths)
    landing = Landing(
        workspace=workspace,
        branch=job.branch,
        task_uid=job.uid,
        message=f"Integrate {names}\n\n{_log(union)}",
        author=means.author,
        committer=means.author,
        issue=job.issue,
        switched_off=frozenset(name for name, on in means.gate_switches.items() if not on),
        known_secrets=means.redactor.known,
    )
    prepared = await prepare(
        means.repositories.git, landing, now=means.now(), redact=means.redactor.text
    )
    match prepared:
        case NoChanges():
            told = f"what the slices changed is on {found.base_branch} already"
            return _result("GATE-FAIL", told, _log(union))
        case Rejected(reason):
            return _result("GATE-FAIL", reason, _log(union))
        case Prepared():
            pushed = await delivery.push(prepared, overwrite=True, over=workspace.start.seen)
    if isinstance(pushed, PushFailed):
        result = _result("GATE-ERROR", pushed.message, _log(union))
        return result.replace(extra=result.extra.replace(outcome="PUSH-FAILED"))
    return _landed(pushed, f"integrated {names}", _log(union))


def _log(union: Union) -> str:
    """What was taken of each slice, and what was not."""
    lines = []
    for part in union.taken:
        lines.append(f"{part.name}: {', '.join(part.paths) or 'changed none of its files'}")
        if part.left_out:
            lines.append(f"  left out, not its own: {', '.join(part.left_out)}")
    return "\n".join(lines)


def _landed(landed: Landed, summary: str, log: str) -> Result:
    result = _result("GATE-PASS", summary, log)
    extra = result.extra.replace(branch=landed.branch, commit_sha=landed.sha)
    return result.replace(extra=extra)


def _result(verdict: Verdict, summary: str, log: str = "") -> Result:
    return computed(verdict, summary, tool=TOOL, log=log)
