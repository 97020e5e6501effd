"""`foreman up`: everything on one machine."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Literal

import click

from app.cli.access import data_option, kubeconfig_option, settings
from app.settings import Settings, SettingsError


@click.command()
@click.option(
    "--config", type=click.Path(dir_okay=False, path_type=Path), help="Agents [foreman.toml]."
)
@click.option("--host", help="Address of the webhook server [127.0.0.1].")
@click.option("--port", type=click.IntRange(0, 65535), help="Port of the webhook server [8080].")
@click.option("--slots", type=click.IntRange(1, 256), help="Tasks at once.")
@click.option("--commit-author-email", help="Address of author and sign-off; needed.")
@click.option("--sandbox", type=click.Choice(["auto", "bubblewrap", "none"]))
@data_option
@kubeconfig_option
def up(
    *,
    config: Path | None,
    host: str | None,
    port: int | None,
    slots: int | None,
    commit_author_email: str | None,
    sandbox: Literal["auto", "bubblewrap", "none"] | None,
    data: Path | None,
    kubeconfig: Path | None,
) -> None:
    r"""Run API, webhook server, controllers and a node.

    \b
    Needed in the environment:
      GITHUB_APP_ID, GITHUB_APP_PRIVATE_KEY_PATH (or GITHUB_APP_PRIVATE_KEY)
      FOREMAN_COMMIT_AUTHOR_EMAIL
      GITHUB_WEBHOOK_SECRET and FOREMAN_PUBLIC_URL, where GitHub can reach this machine;
      without them its deliveries are read from GitHub's API
    and agents in foreman.toml:
      [agents.qwen]
      base_url = "http://127.0.0.1:8081/v1"
      model = "qwen3.5-35b-a3b"
    """
    from app.cli.running import plainly, until_stopped
    from app.logs import configure

    chosen = settings(
        config=config,
        host=host,
        port=port,
        slots=slots,
        commit_author_email=commit_author_email,
        sandbox=sandbox,
        data=data,
        kubeconfig=kubeconfig,
    )
    if not chosen.commit_author_email:
        raise click.UsageError(
            "FOREMAN_COMMIT_AUTHOR_EMAIL: not set; the sign-off of commits needs a real address"
        )
    configure(chosen.log_level, chosen.log_format)
    with plainly():
        _check(chosen)
        chosen.data.mkdir(mode=0o700, parents=True, exist_ok=True)

    async def main() -> None:
        from app.up import running

        async with running(chosen) as house:
            if house.webhook_port is not None:
                click.echo(f"webhooks   http://{chosen.host}:{house.webhook_port}/webhook")
            if house.api:
                click.echo(f"kubectl    {house.api.url}  (foreman kubeconfig)")
            await asyncio.Event().wait()

    until_stopped(main())


def _check(chosen: Settings) -> None:
    """Everything that can be wrong before a thing has started. Raises what `plainly` tells."""
    from app.agents_file import read
    from app.control import identity

    if "config" in chosen.model_fields_set and not chosen.config.exists():
        raise SettingsError(
            f"FOREMAN_CONFIG {chosen.config}: no such file; create it, or leave the setting out"
        )
    read(chosen.config)
    identity(chosen)
