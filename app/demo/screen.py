"""How the demo looks: a live table in a terminal, plain lines elsewhere, a page at the end."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console, Group
from rich.live import Live
from rich.markdown import Markdown
from rich.panel import Panel
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from app.demo.outcome import Outcome
from app.demo.run import Sight
from k8s.resources.task import AgenticTask

_MARKS = {"Succeeded": "[green]✔[/]", "Failed": "[red]✘[/]", "Pending": "[dim]·[/]"}


class Screen:
    """Writes to standard error, so that `--json` has standard output for itself."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.console = Console(stderr=True, quiet=quiet, highlight=False)
        self._live: Live | None = None
        self._said: set[str] = set()

    @contextmanager
    def following(self) -> Iterator[None]:
        """Progress within the block."""
        if not sys.stderr.isatty():
            yield
            return
        with Live(console=self.console, refresh_per_second=8, transient=False) as live:
            self._live = live
            yield
        self._live = None

    def say(self, text: str) -> None:
        self.console.print(text, soft_wrap=True)

    def show(self, sight: Sight) -> None:
        if self._live:
            self._live.update(_table(sight))
            return
        for task in sight.tasks:
            line = _line(task)
            if line not in self._said:
                self._said.add(line)
                self.console.print(f"{sight.seconds:6.1f}s  {line}", soft_wrap=True)

    def finish(self, outcome: Outcome, diff: str) -> None:
        """The pull request, its diff, its checks and its review."""
        pull = outcome.pull_request
        if pull is None:
            return
        state = "draft" if pull.draft else "ready for review"
        self.console.rule(f"pull request #{pull.number} ({state})")
        self.console.print(pull.url)
        self.console.print(
            Panel(outcome.commit_message.strip(), title="commit", border_style="dim")
        )
        if self.console.is_terminal:
            self.console.print(Syntax(diff.rstrip(), "diff", background_color="default"))
        else:
            self.console.print(Text(diff.rstrip()), soft_wrap=True)
        checks = Table("check run", "conclusion", box=None, pad_edge=False)
        for check in outcome.checks:
            good = check.conclusion == "success"
            checks.add_row(check.name, Text(check.conclusion or "…", "green" if good else "yellow"))
        parts: list[object] = [checks]
        if outcome.review:
            parts.append(
                Panel(
                    Markdown(_shown(outcome.review.body)), title=f"review: {outcome.review.verdict}"
                )
            )
        self.console.print(Group(*parts))  # type: ignore[arg-type] # all of them are renderable


def _shown(body: str) -> str:
    """A review without what GitHub hides."""
    return "\n".join(line for line in body.splitlines() if not line.startswith("<!--"))


def _line(task: AgenticTask) -> str:
    status = task.status
    told = f"{task.spec.kind:<9} {task.metadata.name}  {task.phase}"
    if status.verdict:
        told += f" {status.verdict}"
    if task.ended and not task.on_target and status.result:
        told += f": {status.result.summary}"
    if status.progress and not task.ended:
        told += f"  turn {status.progress.turn} {status.progress.last_tool}"
    return told


def _table(sight: Sight) -> Table:
    table = Table("", "task", "kind", "phase", "verdict", "turn", "last tool", "tokens", box=None)
    for task in sight.tasks:
        table.add_row(
            _MARKS.get(task.phase, "[yellow]●[/]"),
            task.metadata.name,
            task.spec.kind,
            task.phase,
            task.status.verdict or "",
            *_work(task),
        )
    return table


def _work(task: AgenticTask) -> tuple[str, str, str]:
    """Turns, last tool and tokens: of the result once there is one."""
    result, progress = task.status.result, task.status.progress
    if task.ended and result:
        used = result.extra.tokens
        turns = result.extra.turn_count
        return str(turns or ""), "", str(used.prompt + used.completion) if used else ""
    if progress is None:
        return "", "", ""
    return str(progress.turn), progress.last_tool, str(progress.tokens)
