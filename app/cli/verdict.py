"""`foreman verdict explain`: a verdict judged again, from the record, git and the issue."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.cli.access import (
    connected,
    data_option,
    kubeconfig_option,
    namespace_option,
    run,
    settings,
)
from app.settings import Settings, git_surroundings

if TYPE_CHECKING:
    from k8s.client import Client
    from k8s.resources.task import AgenticTask
    from loop.evidence import Record
    from loop.explanation import Explanation
    from loop.repo.git import Git
    from loop.snapshot import Snapshot
    from tools.result import Result


@click.group()
def verdict() -> None:
    r"""Look behind a verdict.

    \b
    foreman verdict explain acme-durations-1-3fa9c1-review-1-0
    """


@verdict.command()
@click.argument("task")
@click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text")
@click.option("--no-git", is_flag=True, help="Judge by the stored record alone.")
@namespace_option
@data_option
@kubeconfig_option
def explain(
    task: str,
    output: str,
    *,
    no_git: bool,
    namespace: str | None,
    data: Path | None,
    kubeconfig: Path | None,
) -> None:
    r"""Recompute what was ruled on a task and compare with what was stored.

    Of a review the rails run again on the task's evidence record: its diff is read again from git
    at the pinned commits (a node's mirror on this machine, else the code host with GITHUB_TOKEN),
    its ask from the stored issue. Of a coder's work the checks that need no commands are asked
    again of its commit. Exits 0 if all comes out again, 1 if not.

    \b
    foreman verdict explain acme-durations-1-3fa9c1-review-1-0
    foreman verdict explain acme-durations-1-3fa9c1-code-1 -o json
    """
    chosen = settings(data=data, kubeconfig=kubeconfig, task_namespace=namespace)

    async def main() -> tuple[AgenticTask, Record, Explanation]:
        async with connected(chosen) as client:
            found = await _task(client, task, chosen.task_namespace)
            record, result = await _stored(client, found)
            explanation = await _explained(
                client, chosen, found, record=record, result=result, ask_git=not no_git
            )
            return found, record, explanation

    found, record, explanation = run(main)
    if output == "json":
        click.echo(json.dumps(_wire(task, record, explanation), indent=2))
    else:
        from app.cli.explanation import page

        click.echo(page(found, record, explanation))
    sys.exit(1 if explanation.differences else 0)


async def _task(client: Client, name: str, namespace: str) -> AgenticTask:
    from k8s.errors import NotFound
    from k8s.pipeline.labels import WORKLOAD
    from k8s.resources.task import AgenticTask

    try:
        return await client.get(AgenticTask, name, namespace)
    except NotFound:
        children = await client.list(AgenticTask, namespace, labels=f"{WORKLOAD}={name}")
        judged = ("issue-fix", "review")
        names = [t.metadata.name for t in children.items if t.spec.kind in judged]
        told = f"; {name} is a Workload, its tasks are {', '.join(names)}" if names else ""
        raise click.ClickException(
            f"{name}: no task of that name in namespace {namespace}"
            f"{told or '; `foreman list` shows what is there'}"
        ) from None


async def _stored(client: Client, task: AgenticTask) -> tuple[Record, Result]:
    """What was judged by, and what came of it."""
    from k8s.errors import NotFound
    from k8s.resources.core import ConfigMap
    from loop.errors import EvidenceError
    from loop.evidence import read_record

    name, result = task.metadata.name, task.status.result
    judged = result and (result.extra.rulings or result.extra.checks)
    if task.spec.kind not in ("review", "issue-fix") or result is None or not judged:
        raise click.ClickException(
            f"{name}: a task of kind {task.spec.kind}, {task.phase}: no rails and no checks were"
            f" asked about it; `foreman show {name}` says how it went"
        )
    try:
        kept = await client.get(
            ConfigMap, f"foreman-evidence-{name}", task.metadata.namespace or ""
        )
        return read_record(kept.data["evidence.json"]), result
    except NotFound:
        raise click.ClickException(
            f"ConfigMap foreman-evidence-{name}: gone; without the record nothing can be recomputed"
        ) from None
    except (KeyError, EvidenceError) as fault:
        raise click.ClickException(f"ConfigMap foreman-evidence-{name}: {fault}") from fault


async def _explained(
    client: Client,
    chosen: Settings,
    task: AgenticTask,
    *,
    record: Record,
    result: Result,
    ask_git: bool,
) -> Explanation:
    issue, notes = await _issue(client, task)
    if task.spec.kind == "review":
        return await _review(
            chosen, task, issue, notes, record=record, result=result, ask_git=ask_git
        )
    return await _code(chosen, task, issue, notes, record=record, result=result, ask_git=ask_git)


async def _review(
    chosen: Settings,
    task: AgenticTask,
    issue: Snapshot | None,
    notes: list[str],
    *,
    record: Record,
    result: Result,
    ask_git: bool,
) -> Explanation:
    from k8s.node.assignment import job_of
    from loop.evidence import ask_of
    from loop.explanation import explain_review
    from loop.repo.errors import GitError
    from loop.work.recomputation import record_again

    ask = ask_of(issue) if issue else None
    fresh = record.replace(ask=ask) if ask else record
    pinned = f"{record.base_sha[:12]}...{record.head_sha[:12]}"
    if not ask_git:
        notes.append("git was not asked (--no-git); the diff is the record's")
    elif record.files is not None:
        gate = job_of(task, None, Path()).gate
        try:
            async with _repository(chosen, record, record.head_sha) as (git, repository):
                fresh = await record_again(git, repository, record, ask=ask, gate=gate)
            notes.append(f"the diff was read again from git at {pinned}")
        except GitError as fault:
            notes.append(f"git could not be asked for {pinned} ({fault}); the diff is the record's")
    return explain_review(record, result, fresh=fresh, notes=notes)


async def _code(
    chosen: Settings,
    task: AgenticTask,
    issue: Snapshot | None,
    notes: list[str],
    *,
    record: Record,
    result: Result,
    ask_git: bool,
) -> Explanation:
    from k8s.node.assignment import job_of
    from loop.explanation import explain_code
    from loop.gates.check import switch_of
    from loop.repo.errors import GitError
    from loop.work.recomputation import checks_again
    from tools.result import CheckRun

    stored, again, commit = (
        result.extra.checks or [],
        tuple[CheckRun, ...](),
        task.status.commit_sha,
    )
    if not commit:
        notes.append("nothing landed, so there is no commit to look at again")
    elif not ask_git:
        notes.append("git was not asked (--no-git); the checks are as stored")
    else:
        try:
            async with _repository(chosen, record, commit) as (git, repository):
                again = await checks_again(
                    git,
                    repository,
                    record,
                    commit=commit,
                    issue=issue,
                    gate=job_of(task, None, Path()).gate,
                    switched_off=[
                        switch_of(run.check) for run in stored if run.outcome == "switched off"
                    ],
                )
            names = ", ".join(run.check for run in again)
            notes.append(f"asked again of {commit[:12]}: {names}; what ran commands is as stored")
        except GitError as fault:
            notes.append(f"git could not be asked for {commit[:12]} ({fault}); all is as stored")
    return explain_code(record, result, again=again, notes=notes)


async def _issue(client: Client, task: AgenticTask) -> tuple[Snapshot | None, list[str]]:
    """The issue as of the trigger, as it is stored; and notes."""
    from pydantic import ValidationError

    from k8s.errors import NotFound
    from k8s.resources.core import ConfigMap
    from loop.snapshot import SNAPSHOT_KEY, Snapshot

    name = task.spec.payload.issue_snapshot
    if not name:
        return None, ["no snapshot of an issue belongs to this task; the ask is the record's"]
    try:
        kept = await client.get(ConfigMap, name, task.metadata.namespace or "")
        return Snapshot.model_validate_json(kept.data[SNAPSHOT_KEY]), []
    except (NotFound, KeyError, ValidationError):
        return None, [f"ConfigMap {name}: not there or no snapshot; the ask is the record's"]


@asynccontextmanager
async def _repository(
    chosen: Settings, record: Record, head: str
) -> AsyncIterator[tuple[Git, Path]]:
    """A repository with the record's base and *head*. Raises `GitError`."""
    from loop.repo.errors import GitError, RefError, RemoteError
    from loop.repo.git import Git
    from loop.repo.pinned import repository_with
    from loop.repo.remote import Remote

    shas: Sequence[str] = [record.base_sha, head]
    with tempfile.TemporaryDirectory(prefix="foreman-explain-") as folder:
        git = Git(Path(folder) / "home", environment=git_surroundings())
        try:
            remote = Remote(
                f"{chosen.git_url}/{record.repository}.git", chosen.github_token.get_secret_value()
            )
            repository = await repository_with(
                git,
                shas,
                mirrors=chosen.data / "node" / "mirrors",
                remote=remote,
                scratch=Path(folder),
            )
        except (RefError, RemoteError) as fault:
            raise GitError(str(fault)) from fault
        yield git, repository


def _wire(task: str, record: Record, found: Explanation) -> dict[str, Any]:
    return {
        "task": task,
        "repository": record.repository,
        "baseSHA": record.base_sha,
        "headSHA": record.head_sha,
        "claimed": found.claimed,
        "verdict": found.verdict,
        "rulings": [ruling.wire() for ruling in found.rulings],
        "checks": [run.wire() for run in found.checks],
        "differences": list(found.differences),
        "notes": list(found.notes),
    }
