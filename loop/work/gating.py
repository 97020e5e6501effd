"""The gate of a job: the repository's profile at the merge base, run in the job's sandbox.

For a coder the checks of the change come after it: they need no commands of the repository, so they
are asked where there was nothing to run, too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from loop.gates.bench import Bench
from loop.gates.change import gather_change
from loop.gates.check import (
    Asked,
    Change,
    Check,
    CommandCheck,
    Found,
    ask,
    run_of,
    switch_of,
    switched_off_run,
)
from loop.gates.checks import claim_evidence
from loop.gates.checks.order import CHECKS, COMMAND_CHECKS
from loop.gates.errors import ProfileError
from loop.gates.facts import Facts, gather
from loop.gates.gate import GateReport, run_gate
from loop.gates.profile import GateProfile, resolve
from loop.gates.redefinition import as_changed, defining_paths, redefined
from loop.gates.summary import unverified_names
from loop.repo.comparison import tree_changes
from loop.repo.errors import DiffError, GitError, WorkspaceError
from loop.repo.history import History
from loop.repo.staging import tree
from loop.repo.workspace import Workspace
from loop.work.job import Job
from loop.work.means import Means
from loop.work.setting_up import SetUp
from tools.result import CheckRun, Evidence
from tools.sandbox.runner import Runner

_NO_PROFILE = GateProfile("generic", {})


@dataclass
class Gatekeeper:
    """Runs the gate of one workspace as often as it is asked."""

    job: Job
    means: Means
    workspace: Workspace
    described: str = ""  # of the profile that ran last
    change: Change | None = None  # as the checks last saw it; None: they have not been asked
    checks: Sequence[Check] = CHECKS
    command_checks: Sequence[CommandCheck] = COMMAND_CHECKS

    async def run(self, runner: Runner, *, paths_now: Iterable[str]) -> GateReport:
        """The commands alone. *paths_now* are the files of the change: a test it adds runs too."""
        report, _ = await self._commands(runner, paths_now)
        return report

    async def judge(
        self, runner: Runner, *, paths_now: Iterable[str], evidence: Sequence[Evidence] = ()
    ) -> GateReport:
        """The commands, then the checks, unless a command failed. *evidence*: the coder's proofs."""
        report, profile = await self._commands(runner, paths_now)
        if report.verdict == "GATE-FAIL":
            unasked = self._unasked("a command of the gate failed first")
            return replace(report, checks=(*report.checks, *unasked))
        try:
            change = await gather_change(
                self.means.repositories.git,
                self.workspace,
                profile=profile,
                issue=self.job.snapshot,
                evidence=evidence,
                outlines=self.means.repositories.outlines,
            )
        except (GitError, DiffError, WorkspaceError) as fault:
            return replace(report, checks=self._unasked(f"there is no diff: {fault}"))
        self.change = change
        off = self._switched_off()
        asked = await asyncio.to_thread(ask, change, self.checks, switched_off=off)
        ready = "" if report.verdict == "GATE-PASS" else f"the gate says {report.verdict}"
        if asked.blocked:
            ready = "another check turned the work back first"
        git = self.means.repositories.git
        bench = Bench(
            git,
            self.workspace,
            runner,
            installed=report.is_set_up,
            tested=report.is_tested,
        )
        runs = [
            await _tried(check, change, bench, off=off, instead=ready)
            for check in self.command_checks
        ]
        return with_checks(report, Asked((*asked.runs, *runs), asked.unverified))

    async def unverified_names(self, text: str) -> list[str]:
        """Names in *text* that the change does not bear out; none where no change was seen."""
        if self.change is None:
            return []
        history = History(self.means.repositories.git, self.workspace.control)
        paths = await history.paths(self.workspace.start.sha)
        return await asyncio.to_thread(unverified_names, text, self.change, paths=paths)

    async def _commands(
        self, runner: Runner, paths_now: Iterable[str]
    ) -> tuple[GateReport, GateProfile]:
        history = History(self.means.repositories.git, self.workspace.control)
        facts = await gather(history, self.workspace.start.base_sha, also=paths_now)
        layers = [self.job.gate] if self.job.gate else []
        try:
            profile = resolve(facts, layers)
        except ProfileError as fault:
            return GateReport("GATE-ERROR", (), str(fault)), _NO_PROFILE
        self.described = profile.described
        try:
            now, touched = await self._redefined(history)
        except GitError as fault:
            return GateReport("GATE-ERROR", (), f"the change cannot be read: {fault}"), profile
        report = await self._gate(profile, facts, runner)
        report = replace(report, gate_changed=touched)
        if not touched or report.verdict == "GATE-FAIL":
            return report, profile
        return await self._as_changed(runner, report, was=profile, now=now), profile

    async def _gate(
        self, profile: GateProfile, facts: Facts, runner: Runner, *, installed: bool = False
    ) -> GateReport:
        set_up = SetUp(
            repository=self.job.repository,
            workspace=self.workspace.path,
            paths=facts.paths,
            sandbox=self.means.sandbox,
            runner=runner,
            cache=self.means.setups,
            now=self.means.now(),
        )
        off = self._switched_off()
        return await run_gate(profile, runner, switched_off=off, set_up=set_up, installed=installed)

    async def _redefined(self, history: History) -> tuple[str, tuple[str, ...]]:
        """The tree as it stands, and which files of the change define the gate otherwise."""
        git, start = self.means.repositories.git, self.workspace.start
        base = await history.merge_base(start.base_sha, start.sha)
        now = await tree(git, self.workspace)
        files = await tree_changes(git, self.workspace.where, base, now, patch=False)
        paths = defining_paths(files)
        if not paths:
            return now, ()
        before, after = await history.blobs(base, paths), await history.blobs(now, paths)
        return now, redefined(files, before, after)

    async def _as_changed(
        self, runner: Runner, report: GateReport, *, was: GateProfile, now: str
    ) -> GateReport:
        """*report*, and what the commands say that the gate would have after the change."""
        history = History(self.means.repositories.git, self.workspace.control)
        layers = [self.job.gate] if self.job.gate else []
        facts = await gather(history, now)
        try:
            profile = resolve(facts, layers)
        except ProfileError as fault:
            broken = CheckRun(
                check="gate-definition", tier="block", outcome="failed", detail=str(fault)
            )
            return with_checks(report, Asked((broken,)))
        others = {
            name: command
            for name, command in profile.commands.items()
            if was.commands.get(name) != command
        }
        if not others:
            return report
        profile = replace(profile, commands=others)
        again = await self._gate(profile, facts, runner, installed=report.is_set_up)
        return as_changed(report, again)

    def _switched_off(self) -> frozenset[str]:
        return frozenset(name for name, on in self.means.gate_switches.items() if not on)

    def _unasked(self, why: str) -> tuple[CheckRun, ...]:
        off = self._switched_off()
        every: tuple[Check | CommandCheck, ...] = (*self.checks, *self.command_checks)
        return tuple(
            switched_off_run(check)
            if switch_of(check.name) in off
            else run_of(check, Found("could not run", why))
            for check in every
        )


def with_checks(report: GateReport, asked: Asked) -> GateReport:
    """*report* with what the checks said; a blocking one that failed makes it GATE-FAIL."""
    report = replace(
        report,
        checks=(*report.checks, *asked.runs),
        unverified=(*report.unverified, *asked.unverified),
    )
    if not report.refusals:
        return report
    names = ", ".join(run.check for run in report.refusals)
    return replace(report, verdict="GATE-FAIL", summary=f"checks failed: {names}")


def only_unproven(report: GateReport) -> bool:
    """Whether nothing is wrong but that facts lack their proof: a person has to find those out."""
    return bool(report.unverified) and {run.check for run in report.refusals} == {
        claim_evidence.NAME
    }


async def _tried(
    check: CommandCheck, change: Change, bench: Bench, *, off: Collection[str], instead: str
) -> CheckRun:
    if switch_of(check.name) in off:
        return switched_off_run(check)
    if instead:
        return run_of(check, Found("could not run", instead))
    return run_of(check, await check.judge(change, bench))
