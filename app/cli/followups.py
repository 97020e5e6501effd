"""`foreman approve`, `reject`, `retry`, `escalate`: what a person says about a Workload."""

from __future__ import annotations

import getpass
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import click

from app.cli.access import (
    connected,
    data_option,
    kubeconfig_option,
    namespace_option,
    run,
    settings,
)
from k8s.client import Client
from k8s.errors import Conflict, NotFound
from k8s.pipeline.labels import WORKLOAD
from k8s.pipeline.sense import why_senseless
from k8s.resources.task import AgenticTask
from k8s.resources.workload import FollowUp, Workload

Kind = Literal["approve", "reject", "retry", "escalate"]
_MOST = 128  # follow-ups of one Workload
_TRIES = 5


def _command(kind: Kind, explained: str) -> Callable[..., None]:
    """The command of that name; all four take the same."""

    @click.command(kind, help=explained)
    @click.argument("workload")
    @click.option("--reason", default="", help="Kept with it; a coder is told.")
    @click.option("--issue", type=click.IntRange(min=1), help="Only about this issue of several.")
    @namespace_option
    @data_option
    @kubeconfig_option
    def command(
        workload: str,
        *,
        reason: str,
        issue: int | None,
        namespace: str | None,
        data: Path | None,
        kubeconfig: Path | None,
    ) -> None:
        chosen = settings(data=data, kubeconfig=kubeconfig, task_namespace=namespace)
        order = FollowUp(
            id=f"cli-{secrets.token_hex(6)}",
            kind=kind,
            by=getpass.getuser(),
            ref=f"issue/{issue}" if issue else "",
            digest=reason,
            at=datetime.now(UTC),
        )

        async def main() -> None:
            async with connected(chosen) as client:
                await append(client, workload, chosen.task_namespace, order)

        run(main)
        click.echo(f"Workload {workload}: {kind} noted")

    return command


async def append(client: Client, name: str, namespace: str, order: FollowUp) -> None:
    """Add *order* to what the Workload was told before. Raises `ClickException` where it is senseless."""
    for _ in range(_TRIES):
        workload = await _workload(client, name, namespace)
        children = await client.list(AgenticTask, namespace, labels=f"{WORKLOAD}={name}")
        if why := why_senseless(workload, list(children.items), order):
            raise click.ClickException(f"{name}: {why}")
        had = workload.spec.follow_ups
        if len(had) >= _MOST:
            raise click.ClickException(
                f"{name}: has {_MOST} follow-ups already; start a new Workload"
            )
        body = {"spec": {"followUps": [one.wire() for one in (*had, order)]}}
        version = workload.metadata.resource_version
        try:
            await client.patch(Workload, name, namespace, body, resource_version=version)
        except Conflict:
            continue  # somebody else wrote meanwhile: it may make no sense any more
        return
    raise click.ClickException(f"{name}: is being changed all the time; try again")


async def _workload(client: Client, name: str, namespace: str) -> Workload:
    try:
        return await client.get(Workload, name, namespace)
    except NotFound:
        raise click.ClickException(
            f"{name}: no Workload of that name in namespace {namespace}; "
            "`foreman list workloads` shows what is there"
        ) from None


approve = _command(
    "approve",
    """Answer for what did not come to a decision: a review without ground, facts that a coder could
    not check, a work class that needs a person. A failing gate or a grounded NO-GO it does not
    override.

    \b
    foreman approve acme-durations-1-3fa9c1 --reason "checked by hand"
    """,
)
reject = _command(
    "reject",
    """Let the pull request stay a draft; no more rounds are begun.

    \b
    foreman reject acme-durations-1-3fa9c1 --reason "we want it otherwise"
    """,
)
retry = _command(
    "retry",
    """Try again what ended badly: the coder with all that was found, or a judge alone.

    \b
    foreman retry acme-durations-1-3fa9c1 --reason "mind the negative durations"
    """,
)
escalate = _command(
    "escalate",
    """Give it to who is named for escalation now: reviewers for open seats, else the coder.

    \b
    foreman escalate acme-durations-1-3fa9c1
    """,
)
