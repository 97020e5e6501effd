"""`foreman api`: the embedded Kubernetes API alone."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from app.cli.access import api_directory, data_option, settings


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), help="Loopback port for kubectl.")
@data_option
def api(port: int | None, data: Path | None) -> None:
    r"""Serve the embedded Kubernetes API: a unix socket for our processes, TLS for kubectl.

    \b
    foreman api
    foreman kubeconfig > kubeconfig && kubectl --kubeconfig kubeconfig get agentictasks
    """
    from app.cli.running import until_stopped
    from app.logs import configure

    chosen = settings(data=data, api_port=port)
    configure(chosen.log_level, chosen.log_format)

    async def main() -> None:
        from app.up import publish
        from k8s.embedded.serve import EmbeddedSettings, serve

        embedded = EmbeddedSettings(
            directory=api_directory(chosen), port=chosen.api_port, node_name=chosen.node
        )
        async with serve(embedded) as running:
            publish(running, api_directory(chosen))
            click.echo(f"socket {running.socket}")
            click.echo(f"url    {running.url}")
            await asyncio.Event().wait()

    until_stopped(main())
