"""`foreman control`: decisions, tokens and reports. It alone holds the App's key."""

from __future__ import annotations

from pathlib import Path

import click

from app.cli.access import connected, data_option, kubeconfig_option, namespace_option, settings


@click.command()
@namespace_option
@data_option
@kubeconfig_option
def control(namespace: str | None, data: Path | None, kubeconfig: Path | None) -> None:
    r"""Decide about deliveries, schedule tasks, mint tokens and report to GitHub.

    \b
    GITHUB_APP_ID=… GITHUB_APP_PRIVATE_KEY_PATH=app.pem foreman control
    """
    from app.cli.running import plainly, until_stopped
    from app.control import identity
    from app.logs import configure

    chosen = settings(data=data, kubeconfig=kubeconfig, task_namespace=namespace)
    with plainly():
        identity(chosen)
    configure(chosen.log_level, chosen.log_format)

    async def main() -> None:
        from app.control import control as run

        async with connected(chosen) as client:
            await run(client, chosen)

    until_stopped(main())
