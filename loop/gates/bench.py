"""Where checks that run commands work: in a second work tree, never in the coder's own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from loop.gates.gate import prelude
from loop.repo.git import Git
from loop.repo.variant import Entry, variant
from loop.repo.workspace import Workspace
from tools.sandbox.runner import CommandResult, Runner

OUTPUT_CHARACTERS = 64_000

# What was installed as editable points at the coder's tree. Under bubblewrap both are /workspace.
_THIS_TREE = '[ ! -d .venv ] || export PYTHONPATH="$PWD/src:$PWD"\n'


@dataclass(frozen=True)
class Bench:
    """*runner* is the job's. *installed*: the gate's setup ran and passed; *tested*: its tests did."""

    git: Git
    workspace: Workspace
    runner: Runner
    installed: bool = False
    tested: bool = True

    @asynccontextmanager
    async def variant(
        self, entries: Sequence[Entry], contents: Mapping[str, bytes]
    ) -> AsyncIterator[Runner]:
        """Commands in the handed-in tree but for *entries* and *contents*.

        Raises WorkspaceError where it cannot be made.
        """
        made = variant(self.git, self.workspace, entries=entries, contents=contents)
        async with made as top:
            runner = self.runner.beside(top)
            try:
                yield runner
            finally:
                await runner.kill()

    async def run(self, runner: Runner, command: str, *, seconds: float) -> CommandResult:
        """*command* as a gate would run it."""
        before = prelude(installed=self.installed)
        if self.installed and runner.name == "plain":
            before += _THIS_TREE
        return await runner.run(
            before + command,
            timeout_seconds=seconds,
            output_limit=OUTPUT_CHARACTERS,
        )
