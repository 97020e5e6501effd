"""`foreman`: the group of commands, each loaded when it is used, so that help is quick."""

from __future__ import annotations

import importlib
from dataclasses import dataclass

import click

VERSION = "0.1.0"


@dataclass(frozen=True)
class _Entry:
    module: str
    help: str


_COMMANDS = {
    "demo": _Entry(
        "demo", "Label an issue and watch a reviewed pull request appear, all on this machine."
    ),
    "up": _Entry("up", "Run everything on one machine: API, webhooks, controllers and a node."),
    "serve": _Entry("serve", "Receive webhooks and store them."),
    "control": _Entry("control", "Decide, schedule, mint tokens and report to GitHub."),
    "work": _Entry("work", "Run tasks on this machine as a node of the fleet."),
    "api": _Entry("api", "Serve the embedded Kubernetes API alone."),
    "kubeconfig": _Entry("kubeconfig", "Print a kubeconfig for the embedded API."),
    "crds": _Entry("crds", "Print the CustomResourceDefinitions, or write them to a folder."),
    "list": _Entry("resources", "List Workloads, tasks, agents, endpoints or nodes."),
    "show": _Entry("resources", "Show one Workload or task: what was claimed and what was found."),
    "verdict": _Entry("verdict", "Look behind a verdict: recompute its rulings from git."),
    "logs": _Entry("transcripts", "Print the conversation of a task."),
    "cancel": _Entry("resources", "Cancel a Workload or a task."),
    "approve": _Entry("followups", "Answer for what did not come to a decision."),
    "reject": _Entry("followups", "Let a pull request stay a draft and begin nothing more."),
    "retry": _Entry("followups", "Try again what ended badly."),
    "escalate": _Entry("followups", "Give it to the reviewers or the coder named for escalation."),
}


class _Lazy(click.Group):
    """Lists commands without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = _COMMANDS.get(cmd_name)
        if entry is None:
            return None
        module = importlib.import_module(f"app.cli.{entry.module}")
        command = getattr(module, cmd_name if cmd_name != "list" else "list_")
        assert isinstance(command, click.Command), "each entry names a command"
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in _COMMANDS.items()])


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="foreman")
def main() -> None:
    r"""Label a GitHub issue and get a reviewed pull request, checked against git.

    \b
    Try it:     foreman demo
    Run it:     foreman up          (GITHUB_APP_ID, GITHUB_APP_PRIVATE_KEY_PATH,
                                     GITHUB_WEBHOOK_SECRET and foreman.toml)
    Look at it: foreman list tasks · foreman show TASK · foreman logs TASK

    Exit codes: 0 done, 1 it did not succeed, 2 the call or a setting is wrong.
    """


if __name__ == "__main__":
    main()
