"""`foreman demo`: the main job end to end, with nothing else installed."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from app.demo.run import DemoOptions
    from app.demo.scenario import Scenario

FIRST = "first"


@click.command()
@click.option("--endpoint", help="A real model: base URL of an OpenAI-compatible endpoint.")
@click.option("--model", help="The real model's name.")
@click.option(
    "--scenario",
    "story",
    default=FIRST,
    show_default=True,
    help="Another story; `list` tells which there are.",
)
@click.option("--keep", is_flag=True, help="Leave everything running to play with.")
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON.")
@click.option(
    "--patience",
    type=click.FloatRange(1),
    default=None,
    help="Seconds to wait for the end [120, with a real model 3600].",
)
def demo(
    *,
    endpoint: str | None,
    model: str | None,
    story: str,
    keep: bool,
    as_json: bool,
    patience: float | None,
) -> None:
    r"""Label an issue and watch a reviewed pull request appear, all on this machine.

    The embedded API, the webhook server, the controllers, one node, a local GitHub with a real git
    repository, and a scripted model whose coder breaks a test first and whose reviewer misreports
    what it read. Exits 0 only if the pull request is there, reviewed, and the lie overridden; with
    another scenario only if all ends as it must.

    \b
    foreman demo
    foreman demo --keep
    foreman demo --scenario lying-reviewer
    foreman demo --endpoint http://127.0.0.1:8081/v1 --model qwen3.5-35b-a3b
    """
    if bool(endpoint) != bool(model):
        raise click.UsageError("--endpoint and --model: give both, or neither")
    from app.cli.running import plainly
    from app.demo.run import DemoOptions, RealModel
    from app.demo.scenario import load, names
    from app.logs import configure

    if story == "list":
        for name in names():
            click.echo(f"{name:<20} {load(name).about}")
        return
    if story not in names():
        raise click.UsageError(f"--scenario {story}: there are {', '.join(names())}")
    scenario = load(story)

    real = (
        RealModel(endpoint, model, os.environ.get("OPENAI_API_KEY", ""))
        if endpoint and model
        else None
    )
    configure("warning", "auto")
    with tempfile.TemporaryDirectory(prefix="foreman-demo-", ignore_cleanup_errors=True) as folder:
        options = DemoOptions(
            directory=Path(folder),
            model=real,
            patience_seconds=patience or (3600.0 if real else 120.0),
        )
        with plainly():
            code = asyncio.run(_run(options, scenario, keep=keep, as_json=as_json))
    sys.exit(code)


async def _run(options: DemoOptions, scenario: Scenario, *, keep: bool, as_json: bool) -> int:
    from app.demo.outcome import faults
    from app.demo.run import diff_of, perform, stage
    from app.demo.screen import Screen

    screen = Screen(quiet=as_json)
    async with stage(options, scenario) as on:
        name = scenario.repository.name
        screen.say(f"{name} #{on.issue}: {scenario.issue.title}")
        screen.say(f"{scenario.issue.author} adds the label [bold]{on.settings.label}[/]")
        with screen.following():
            outcome = await perform(on, patience=options.patience_seconds, show=screen.show)
        pull = outcome.pull_request
        diff = await diff_of(on, pull.number) if pull else ""
        screen.finish(outcome, diff)
        missing = faults(outcome, scenario.ending if on.scripted else None)
        missing += [f"the scripted model refused: {p}" for p in on.problems()]
        for fault in missing:
            screen.console.print(f"[red]✘[/] {fault}")
        if as_json:
            click.echo(outcome.model_dump_json(indent=2))
        api = on.house.api
        screen.say(f"{outcome.seconds:.1f} s from label to the end")
        if keep and api:
            path = options.directory / "kubeconfig"
            path.touch(mode=0o600)
            path.write_text(api.kubeconfig())
            screen.say(f"\nGitHub     {on.github.url}/{name}/issues/{on.issue}")
            screen.say(f"kubectl    kubectl --kubeconfig {path} get workloads,agentictasks")
            screen.say(f"foreman    foreman list tasks --data {on.settings.data}")
            screen.say("Everything is running; Ctrl-C ends it.")
            await _until_interrupted()
    return 1 if missing else 0


async def _until_interrupted() -> None:
    import signal

    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
