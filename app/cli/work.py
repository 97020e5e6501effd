"""`foreman work`: this machine as a node of the fleet. Flag names are those of the M3 runbook."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import click

from app.cli.access import data_option, kubeconfig_option, settings
from app.settings import split


@click.command()
@click.option("--fleet-node-name", help="Stable name of this node [host name].")
@click.option("--task-namespace", help="Namespace whose tasks are run.")
@click.option("--slots", type=click.IntRange(1, 256), help="Tasks at once.")
@click.option("--roles", default="worker", show_default=True, help="Roles of the node, by comma.")
@click.option("--node-labels", default="", help="Labels of the node: a=b,c=d.")
@click.option("--accelerator", type=click.Choice(["metal", "cuda", "vulkan", "none"]))
@click.option("--installed-models", default="", help="Models this machine has, by comma.")
@click.option("--max-context-tokens", type=click.IntRange(0), default=0)
@click.option("--tokens-per-second", type=click.IntRange(0), default=0)
@click.option("--total-ram-gb", type=click.IntRange(0), default=0, help="0: detect.")
@click.option(
    "--workspace-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of mirrors and workspaces [inside FOREMAN_DATA].",
)
@click.option("--git-remote-url", default="", help="Push to this fork of the task's repository.")
@click.option(
    "--inference-base-url-host-override",
    default="",
    help="Host to reach InferenceServices by; the port is read from their Endpoints.",
)
@click.option(
    "--inference-base-url-override",
    default="",
    help="Full URL in the place of any InferenceService.",
)
@click.option("--commit-author-name", help="Name of author and sign-off.")
@click.option("--commit-author-email", help="Address of author and sign-off; needed.")
@click.option("--sandbox", type=click.Choice(["auto", "bubblewrap", "none"]))
@click.option(
    "--agent-mode",
    type=click.Choice(["native", "stub"]),
    default="native",
    show_default=True,
    help="stub: claims and finishes tasks without a model, to try a fleet.",
)
@click.option(
    "--drain-seconds",
    type=click.FloatRange(0),
    default=25.0,
    show_default=True,
    help="On SIGTERM, how long running tasks may go on before they are given back.",
)
@click.option("--supervised", is_flag=True, hidden=True, help="Stop when standard input ends.")
@data_option
@kubeconfig_option
def work(
    *,
    data: Path | None,
    kubeconfig: Path | None,
    fleet_node_name: str | None,
    task_namespace: str | None,
    slots: int | None,
    commit_author_name: str | None,
    commit_author_email: str | None,
    sandbox: Literal["auto", "bubblewrap", "none"] | None,
    **flags: Any,
) -> None:
    r"""Run tasks on this machine.

    \b
    foreman work --commit-author-email=foreman@example.com
    foreman work --kubeconfig=$HOME/.kube/config --task-namespace=default \
      --git-remote-url=https://github.com/me/fork.git --commit-author-email=foreman@example.com
    """
    chosen = settings(
        data=data,
        kubeconfig=kubeconfig,
        node_name=fleet_node_name,
        task_namespace=task_namespace,
        slots=slots,
        commit_author_name=commit_author_name,
        commit_author_email=commit_author_email,
        sandbox=sandbox,
    )
    stub = flags["agent_mode"] == "stub"
    if not chosen.commit_author_email and not stub:
        raise click.UsageError(
            "FOREMAN_COMMIT_AUTHOR_EMAIL: not set; the sign-off of commits needs a real address "
            "(or --commit-author-email)"
        )
    labels = dict(part.split("=", 1) for part in split(flags["node_labels"]) if "=" in part)
    from app.cli.running import plainly
    from app.node import Flags, main

    with plainly():
        main(
            chosen,
            Flags(
                roles=tuple(split(flags["roles"])),
                labels=labels,
                accelerator=flags["accelerator"],
                installed_models=tuple(split(flags["installed_models"])),
                max_context_tokens=flags["max_context_tokens"],
                tokens_per_second=flags["tokens_per_second"],
                total_ram_gb=flags["total_ram_gb"],
                workspace_directory=flags["workspace_dir"],
                git_remote_url=flags["git_remote_url"],
                inference_host=flags["inference_base_url_host_override"],
                inference_url=flags["inference_base_url_override"],
                stub=stub,
                drain_seconds=flags["drain_seconds"],
                supervised=flags["supervised"],
            ),
        )
