"""Which commit a task judges: the one that the coder before it pushed, whatever came on top since."""

from __future__ import annotations

from dataclasses import replace

from k8s.client import Client
from k8s.errors import NotFound
from k8s.patience import patiently
from k8s.resources.task import AgenticTask
from loop.work.job import Job


async def pinned(client: Client, task: AgenticTask, job: Job) -> Job:
    """*job* at the commit of the nearest coder that *task* waited for; else as it is.

    Judges are created before there is a commit, and people may push to the branch at any time.
    """
    if job.kind not in ("verify", "review") or job.head_sha or job.pull_request:
        return job
    waited_for, seen = list(task.spec.depends_on), set[str]()
    while waited_for:
        name = waited_for.pop(0)
        before = None if name in seen else await _found(client, task, name)
        seen.add(name)
        if before is None:
            continue
        pushed = before.status
        if before.spec.kind == "issue-fix" and pushed.commit_sha and pushed.branch == job.branch:
            return replace(job, head_sha=pushed.commit_sha)
        waited_for += before.spec.depends_on
    return job


async def _found(client: Client, task: AgenticTask, name: str) -> AgenticTask | None:
    try:
        return await patiently(lambda: client.get(AgenticTask, name, task.metadata.namespace or ""))
    except NotFound:
        return None
