"""The gate of a job: the repository's profile at the merge base, run in the job's sandbox."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from loop.gates.errors import ProfileError
from loop.gates.facts import gather
from loop.gates.gate import GateReport, run_gate
from loop.gates.profile import resolve
from loop.repo.history import History
from loop.repo.workspace import Workspace
from loop.work.job import Job
from loop.work.means import Means
from tools.sandbox.runner import Runner


@dataclass
class Gatekeeper:
    """Runs the gate of one workspace as often as it is asked."""

    job: Job
    means: Means
    workspace: Workspace
    described: str = ""  # of the profile that ran last

    async def run(self, runner: Runner, *, paths_now: Iterable[str]) -> GateReport:
        """*paths_now* are the files of the change: a test it adds has to run too."""
        history = History(self.means.repositories.git, self.workspace.control)
        facts = await gather(history, self.workspace.start.base_sha, also=paths_now)
        layers = [self.job.gate] if self.job.gate else []
        try:
            profile = resolve(facts, layers)
        except ProfileError as fault:
            return GateReport("GATE-ERROR", (), str(fault))
        self.described = profile.described
        off = [name for name, on in self.means.gate_switches.items() if not on]
        return await run_gate(profile, runner, switched_off=off)
