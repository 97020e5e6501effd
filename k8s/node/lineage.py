"""What a judge gets from the coder before it: the commit, whatever came on top since, and advisories.

Only the node can: the spec of a judge is written before there is a commit, and then frozen.
"""

from __future__ import annotations

from dataclasses import replace

from k8s.client import Client
from k8s.errors import NotFound
from k8s.patience import patiently
from k8s.pipeline.outcomes import already_resolved, extra_of, writes
from k8s.resources.task import AgenticTask
from loop.work.job import Job


async def pinned(client: Client, task: AgenticTask, job: Job) -> Job:
    """*job* at the commit of the nearest coder that *task* waited for, its own round's; else as it is.

    Judges are created before there is a commit, and people may push to the branch at any time.
    """
    if job.kind == "integrate":
        return await _with_work(client, task, job)
    if job.kind not in ("verify", "reconcile", "review") or job.head_sha or job.pull_request:
        return job
    waited_for, seen = list(task.spec.depends_on), set[str]()
    while waited_for:
        name = waited_for.pop(0)
        before = None if name in seen else await _found(client, task, name)
        seen.add(name)
        if before is None:
            continue
        pushed = before.status
        if writes(before) and pushed.commit_sha and pushed.branch == job.branch:
            told = tuple(extra_of(before).gate_advisories or ()) if job.kind == "review" else ()
            return replace(job, head_sha=pushed.commit_sha, advisories=(*job.advisories, *told))
        waited_for += before.spec.depends_on
    return job


async def _with_work(client: Client, task: AgenticTask, job: Job) -> Job:
    """*job* without the slices whose coder found nothing to do: they have no branch."""
    idle: set[str] = set()
    for name in task.spec.depends_on:
        before = await _found(client, task, name)
        if before and already_resolved(before):
            idle.add(before.spec.payload.branch or "")
    return replace(job, parts=tuple(part for part in job.parts if part.branch not in idle))


async def _found(client: Client, task: AgenticTask, name: str) -> AgenticTask | None:
    try:
        return await patiently(lambda: client.get(AgenticTask, name, task.metadata.namespace or ""))
    except NotFound:
        return None
