"""`foreman logs`: the conversation of a task."""

from __future__ import annotations

import json
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


@click.command()
@click.argument("task")
@click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text")
@namespace_option
@data_option
@kubeconfig_option
def logs(
    task: str, output: str, namespace: str | None, data: Path | None, kubeconfig: Path | None
) -> None:
    r"""Print the conversation of a task, as it was stored at the end of its run.

    \b
    foreman logs acme-durations-1-3fa9c1-code-1
    foreman logs acme-durations-1-3fa9c1-code-1 -o json
    """
    chosen = settings(data=data, kubeconfig=kubeconfig, task_namespace=namespace)

    async def main() -> dict[str, str]:
        from k8s.errors import NotFound
        from k8s.resources.core import ConfigMap
        from k8s.resources.task import AgenticTask

        async with connected(chosen) as client:
            name = f"foreman-transcript-{task}"
            try:
                return (await client.get(ConfigMap, name, chosen.task_namespace)).data
            except NotFound:
                found = await client.get(AgenticTask, task, chosen.task_namespace)
                raise click.ClickException(
                    f"{task}: no transcript yet, it is {found.phase}; one is stored when its run ends"
                ) from None

    stored = run(main)
    if output == "json":
        click.echo(stored["transcript.json"])
        return
    for message in json.loads(stored["transcript.json"])["messages"]:
        click.echo(_entry(message))


def _entry(message: dict[str, Any]) -> str:
    role = str(message.get("role", ""))
    lines = [click.style(f"── {role} {message.get('name') or ''}".rstrip(), bold=True)]
    if reasoning := message.get("reasoning_content"):
        lines.append(click.style(str(reasoning), dim=True))
    if content := message.get("content"):
        lines.append(str(content))
    for call in message.get("tool_calls") or ():
        function = call.get("function", {})
        lines.append(f"→ {function.get('name')} {function.get('arguments')}")
    return "\n".join(lines)
