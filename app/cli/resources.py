"""`foreman list`, `show`, `cancel`: the resources, for people and for scripts."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from app.cli.access import (
    connected,
    data_option,
    kubeconfig_option,
    namespace_option,
    run,
    settings,
)
from k8s.meta import Resource
from k8s.resources.agent import Agent
from k8s.resources.delivery import Delivery
from k8s.resources.endpoint import ModelEndpoint
from k8s.resources.fleet import FleetNode
from k8s.resources.task import AgenticTask
from k8s.resources.workload import Workload

_KINDS: dict[str, type[Resource]] = {
    "workloads": Workload,
    "tasks": AgenticTask,
    "agents": Agent,
    "endpoints": ModelEndpoint,
    "nodes": FleetNode,
    "deliveries": Delivery,
}
_FORMATS = click.Choice(["table", "json", "yaml"])


@click.command("list")
@click.argument("kind", type=click.Choice(list(_KINDS)), default="tasks")
@click.option("-o", "--output", type=_FORMATS, default="table", show_default=True)
@namespace_option
@data_option
@kubeconfig_option
def list_(
    kind: str, output: str, namespace: str | None, data: Path | None, kubeconfig: Path | None
) -> None:
    r"""List resources.

    \b
    foreman list
    foreman list nodes
    foreman list workloads -o json
    """
    chosen = settings(data=data, kubeconfig=kubeconfig, task_namespace=namespace)

    async def main() -> list[Resource]:
        async with connected(chosen) as client:
            where = chosen.control_namespace if kind == "deliveries" else chosen.task_namespace
            wanted = _KINDS[kind]
            found = await client.list(wanted, where if wanted.NAMESPACED else "")
            return list(found.items)

    items = run(main)
    if output == "table":
        _table(_KINDS[kind], items)
    else:
        _dump([item.wire() for item in items], output)


@click.command()
@click.argument("name")
@click.option("-o", "--output", type=_FORMATS, default="table", show_default=True)
@namespace_option
@data_option
@kubeconfig_option
def show(
    name: str, output: str, namespace: str | None, data: Path | None, kubeconfig: Path | None
) -> None:
    r"""Show one Workload or task: what was claimed and what was found.

    \b
    foreman show acme-durations-1-3fa9c1
    foreman show acme-durations-1-3fa9c1-review-1-0 -o yaml
    """
    chosen = settings(data=data, kubeconfig=kubeconfig, task_namespace=namespace)

    async def main() -> tuple[Resource, list[AgenticTask]]:
        async with connected(chosen) as client:
            return await _find(client, name, chosen.task_namespace)

    found, children = run(main)
    if output != "table":
        _dump(found.wire(), output)
        return
    from app.cli.pages import task_page, workload_page

    if isinstance(found, AgenticTask):
        click.echo(task_page(found))
    else:
        assert isinstance(found, Workload), "only these two kinds are looked up"
        click.echo(workload_page(found, children))


@click.command()
@click.argument("name")
@click.option("--reason", default="", help="Told on GitHub and in the result.")
@namespace_option
@data_option
@kubeconfig_option
def cancel(
    name: str, reason: str, namespace: str | None, data: Path | None, kubeconfig: Path | None
) -> None:
    r"""Cancel a Workload or a task; its processes are gone within five seconds.

    \b
    foreman cancel acme-durations-1-3fa9c1 --reason "wrong issue"
    """
    chosen = settings(data=data, kubeconfig=kubeconfig, task_namespace=namespace)
    order = {"by": getpass.getuser(), "reason": reason}

    async def main() -> Resource:
        async with connected(chosen) as client:
            found, _ = await _find(client, name, chosen.task_namespace)
            ended = found.ended if isinstance(found, AgenticTask) else not _active(found)
            if ended:
                raise click.ClickException(f"{name}: has ended already; there is nothing to cancel")
            body = {"spec": {"cancellation": order}}
            return await client.patch(type(found), name, chosen.task_namespace, body)

    found = run(main)
    click.echo(f"{found.KIND} {name}: cancellation ordered")


def _active(found: Resource) -> bool:
    return isinstance(found, Workload) and found.active


async def _find(client: Any, name: str, namespace: str) -> tuple[Resource, list[AgenticTask]]:
    from k8s.errors import NotFound
    from k8s.pipeline.labels import WORKLOAD

    try:
        workload = await client.get(Workload, name, namespace)
    except NotFound:
        try:
            return await client.get(AgenticTask, name, namespace), []
        except NotFound:
            raise click.ClickException(
                f"{name}: no Workload or task of that name in namespace {namespace}; "
                "`foreman list` shows what is there"
            ) from None
    children = await client.list(AgenticTask, namespace, labels=f"{WORKLOAD}={name}")
    return workload, list(children.items)


def _dump(value: Any, output: str) -> None:
    if output == "json":
        import json

        click.echo(json.dumps(value, indent=2))
    else:
        import yaml

        click.echo(yaml.safe_dump(value, sort_keys=False), nl=False)


def _table(kind: type[Resource], items: list[Resource]) -> None:
    from app.cli.pages import columns

    if not items:
        click.echo(f"no {kind.PLURAL}", err=True)
        return
    click.echo(columns(kind, items, datetime.now(UTC)))
