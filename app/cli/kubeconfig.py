"""`foreman kubeconfig`: how kubectl reaches the embedded API."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from app.cli.access import api_directory, data_option, settings


@click.command()
@click.option("--role", type=click.Choice(["admin", "node"]), default="admin", show_default=True)
@data_option
def kubeconfig(role: Literal["admin", "node"], data: Path | None) -> None:
    r"""Print a kubeconfig for the running embedded API. It holds a token: keep it private.

    \b
    (umask 077; foreman kubeconfig > foreman.kubeconfig)
    kubectl --kubeconfig foreman.kubeconfig get workloads,agentictasks
    """
    from app.cli.running import plainly
    from app.up import kubeconfig_path

    path = kubeconfig_path(api_directory(settings(data=data)), role)
    if not path.exists():
        raise click.ClickException(
            f"{path}: no embedded API has run here yet; start `foreman up` or `foreman api`"
        )
    with plainly():
        click.echo(path.read_text(encoding="utf-8"), nl=False)
