"""`foreman serve`: the webhook server alone. It holds the webhook secret and nothing else."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from app.cli.access import connected, data_option, kubeconfig_option, settings


@click.command()
@click.option("--host", help="Address to listen on [127.0.0.1].")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on [8080].")
@data_option
@kubeconfig_option
def serve(host: str | None, port: int | None, data: Path | None, kubeconfig: Path | None) -> None:
    r"""Receive webhooks and store them; nothing is lost once GitHub got its answer.

    \b
    GITHUB_WEBHOOK_SECRET=… foreman serve --host 0.0.0.0
    """
    from app.cli.running import until_stopped
    from app.logs import configure

    chosen = settings(data=data, kubeconfig=kubeconfig, host=host, port=port)
    if not chosen.github_webhook_secret.get_secret_value():
        raise click.UsageError(
            "GITHUB_WEBHOOK_SECRET: not set; anybody could send deliveries without it"
        )
    configure(chosen.log_level, chosen.log_format)

    async def main() -> None:
        from app.up import webhooks

        async with connected(chosen) as client, webhooks(chosen, client) as bound:
            click.echo(f"http://{chosen.host}:{bound}/webhook")
            await asyncio.Event().wait()

    until_stopped(main())
