"""`foreman verdict explain`: a review judged again, from the record, git and the issue."""

from __future__ import annotations

import json
import sys
import tempfile
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
    from loop.evidence import Ask, ChangedFile, Record
    from loop.explanation import Explanation, Sources
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
    r"""Recompute every ruling of a review and compare with what was stored.

    The rails run again on the task's evidence record; its diff is read again from git at the pinned
    commits (a node's mirror on this machine, else the code host with GITHUB_TOKEN), its ask from
    the stored issue. Exits 0 if all comes out again, 1 if not.

    \b
    foreman verdict explain acme-durations-1-3fa9c1-review-1-0
    foreman verdict explain acme-durations-1-3fa9c1-review-1-0 -o json
    """
    chosen = settings(data=data, kubeconfig=kubeconfig, task_namespace=namespace)

    async def main() -> tuple[AgenticTask, Record, Explanation]:
        async with connected(chosen) as client:
            found = await _task(client, task, chosen.task_namespace)
            record, result = await _stored(client, found)
            sources = await _sources(client, chosen, found, record, ask_git=not no_git)
            from loop.explanation import explain as explained

            return found, record, explained(record, result, sources)

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
        reviews = [t.metadata.name for t in children.items if t.spec.kind == "review"]
        told = f"; {name} is a Workload, its reviews are {', '.join(reviews)}" if reviews else ""
        raise click.ClickException(
            f"{name}: no task of that name in namespace {namespace}"
            f"{told or '; `foreman list` shows what is there'}"
        ) from None


async def _stored(client: Client, task: AgenticTask) -> tuple[Record, Result]:
    """What the rails judged by, and what came of it."""
    from k8s.errors import NotFound
    from k8s.resources.core import ConfigMap
    from loop.errors import EvidenceError
    from loop.evidence import read_record

    name, result = task.metadata.name, task.status.result
    if task.spec.kind != "review":
        raise click.ClickException(
            f"{name}: a task of kind {task.spec.kind}; rails judge reviews, and what this one ran"
            f" is in `foreman show {name}`"
        )
    if result is None or not result.extra.rulings:
        raise click.ClickException(
            f"{name}: {task.phase}, no verdict of a reviewer was judged; `foreman show {name}`"
            " says how it ended"
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


async def _sources(
    client: Client, chosen: Settings, task: AgenticTask, record: Record, *, ask_git: bool
) -> Sources:
    from loop.explanation import Sources

    ask, told = await _ask(client, task)
    notes = [told] if told else []
    files: list[ChangedFile] | None = None
    if not ask_git:
        notes.append("git was not asked (--no-git); the diff is the record's")
    elif record.files is not None:
        files, told = await _files(chosen, record)
        notes.append(told)
    return Sources(files=files, ask=ask, notes=tuple(notes))


async def _ask(client: Client, task: AgenticTask) -> tuple[Ask | None, str]:
    """The issue as of the trigger, as it is stored; and a note."""
    from pydantic import ValidationError

    from k8s.errors import NotFound
    from k8s.resources.core import ConfigMap
    from loop.evidence import ask_of
    from loop.snapshot import SNAPSHOT_KEY, Snapshot

    name = task.spec.payload.issue_snapshot
    if not name:
        return None, "no snapshot of an issue belongs to this task; the ask is the record's"
    try:
        kept = await client.get(ConfigMap, name, task.metadata.namespace or "")
        return ask_of(Snapshot.model_validate_json(kept.data[SNAPSHOT_KEY])), ""
    except (NotFound, KeyError, ValidationError):
        return None, f"ConfigMap {name}: not there or no snapshot; the ask is the record's"


async def _files(chosen: Settings, record: Record) -> tuple[list[ChangedFile] | None, str]:
    """The diff at the pinned commits as git gives it today; and a note."""
    from loop.evidence import changed_files, sealed
    from loop.repo.errors import GitError, RefError, RemoteError
    from loop.repo.git import Git
    from loop.repo.history import History
    from loop.repo.pinned import repository_with
    from loop.repo.remote import Remote

    token = chosen.github_token.get_secret_value()
    pinned = f"{record.base_sha[:12]}...{record.head_sha[:12]}"
    with tempfile.TemporaryDirectory(prefix="foreman-explain-") as folder:
        scratch = Path(folder)
        git = Git(scratch / "home", environment=git_surroundings())
        try:
            remote = Remote(f"{chosen.git_url}/{record.repository}.git", token)
            repository = await repository_with(
                git,
                [record.base_sha, record.head_sha],
                mirrors=chosen.data / "node" / "mirrors",
                remote=remote,
                scratch=scratch,
            )
            seen = await History(git, repository).compare(record.base_sha, record.head_sha)
        except (GitError, RefError, RemoteError) as fault:
            return None, f"git could not be asked for {pinned} ({fault}); the diff is the record's"
    fresh = sealed(record.replace(files=changed_files(seen.files)), lambda value: value)
    return fresh.files, f"the diff was read again from git at {pinned}"


def _wire(task: str, record: Record, found: Explanation) -> dict[str, Any]:
    return {
        "task": task,
        "repository": record.repository,
        "baseSHA": record.base_sha,
        "headSHA": record.head_sha,
        "claimed": found.claimed,
        "verdict": found.verdict,
        "rulings": [ruling.wire() for ruling in found.rulings],
        "differences": list(found.differences),
        "notes": list(found.notes),
    }
