"""The verifier: the repository's own gate in a clean checkout of the branch, no model involved."""

from __future__ import annotations

from loop.evidence import Claims, Record, sealed
from loop.gates.gate import GateReport
from loop.repo.history import History
from loop.work.checkout import CheckoutError, for_judge, tips
from loop.work.gating import Gatekeeper
from loop.work.job import Done, Job, computed, precondition
from loop.work.means import Means
from loop.work.persona import Persona
from tools.result import Result
from tools.sandbox.runner import Box

TOOL = "run_gate_job"


async def verify(job: Job, persona: Persona, means: Means) -> Done:
    """GATE-PASS, GATE-FAIL or GATE-ERROR for what is on the branch."""
    try:
        found = await tips(job, means.repositories, await means.tokens.read())
        workspace = await for_judge(job, means.repositories, found)
    except CheckoutError as fault:
        return precondition("CloneFailed", str(fault))
    keeper = Gatekeeper(job, means, workspace)
    history = History(means.repositories.git, workspace.control)
    box = Box(workspace.path, workspace.control, workspace.objects, persona.limits)
    runner = means.sandbox.runner(box)
    await means.on_phase("Verifying")
    try:
        paths = await history.paths(workspace.start.sha)
        report = await keeper.run(runner, paths_now=paths)
    finally:
        await runner.kill()
    result = _result(report, keeper.described)
    extra = result.extra.replace(
        branch=job.branch or None,
        commit_sha=workspace.start.sha,
        execution_mode=means.sandbox.description,
        token_source=means.tokens.source or None,
    )
    record = Record(
        repository=job.repository,
        base_sha=workspace.start.base_sha,
        head_sha=workspace.start.sha,
        gate=list(report.commands),
        claims=Claims(verdict=report.verdict, summary=report.summary),
    )
    await means.repositories.workspaces.discard(job.directory, found.mirror)
    sealed_record = sealed(record, means.redactor.value)
    return Done(result.replace(extra=extra), evidence=sealed_record.text())


def _result(report: GateReport, profile: str) -> Result:
    result = computed(report.verdict, report.summary, tool=TOOL, log=report.feedback())
    extra = result.extra.replace(gate=list(report.commands), gate_profile=profile or None)
    return result.replace(extra=extra)
