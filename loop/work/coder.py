"""Coding: from the base or a prior attempt; gate in the loop, one signed-off commit, a draft.

A change whose class is not in `selfGO` is pushed and has its draft all the same; its verdict is
NO-GO, NEEDS-VERIFICATION, with `commitSHA` set (`delivery.waiting`): to be verified and reviewed
like a GO, and ready once a person approves. NEEDS-VERIFICATION without `commitSHA` has no work.

A claim that follows a killed one goes on where that stopped: with the conversation, if the work
tree is as the last turn left it; with the pull request, if the branch carries our commit already.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace

from loop.agent import Callbacks
from loop.evidence import Claims, Record, ask_of, calls_made, sealed
from loop.gates.checks.no_functional_change import changes_nothing
from loop.gates.finding import content_runs
from loop.gates.gate import GateReport
from loop.prompts.rounds import amending
from loop.repo.errors import CloneFailed, RemoteError, WorkspaceError
from loop.repo.landing import Landing, NoChanges, Prepared, Rejected, prepare
from loop.repo.pushing import Landed, PushFailed
from loop.repo.refs import gate_failed_branch
from loop.repo.restoring import unresolved
from loop.repo.staging import changed, tree
from loop.repo.workspace import Start, Workspace
from loop.task import Ending
from loop.transcript import Recorded
from loop.work.bearings import repository_map
from loop.work.checkout import CheckoutError, Tips, for_coder, tips
from loop.work.delivery import Delivery, ended, from_commit
from loop.work.gating import Gatekeeper, only_unproven
from loop.work.job import Done, Job, NoTokenError, precondition
from loop.work.means import Means
from loop.work.persona import Persona
from loop.work.resolved import Base, judged, resolution
from loop.work.talk import Conversed, Seat, converse, recorded
from tools.errors import RegistryError
from tools.looks import Revisions
from tools.result import Extra, Result
from tools.sandbox.runner import Box
from tools.submit import Submission

MAX_GATE_OUTPUT = 32 * 1024


async def code(job: Job, persona: Persona, means: Means) -> Done:
    """Resolve the task and land it on `job.branch`."""
    try:
        found = await tips(job, means.repositories, await means.tokens.read())
        workspace, resume = await _workspace(job, means, found)
        delivery = Delivery(job, means, found, workspace.control)
        if resume is None and (seen := await delivery.landed_before()):
            return await delivery.landed(from_commit(seen), Landed(job.branch, seen.sha))
    except (CheckoutError, CloneFailed, RemoteError) as fault:
        return precondition("CloneFailed", str(fault))
    box = Box(workspace.path, workspace.control, workspace.objects, persona.limits)
    runner = means.sandbox.runner(box)
    seat = Seat(
        role="coder",
        box=box,
        runner=runner,
        base=f"origin/{found.base_branch}",
        amending=amending(workspace.start),
        repository_map=await _map(job, persona, means, workspace) if resume is None else "",
        revisions=Revisions(("HEAD", "@", workspace.start.branch)),
    )
    run = _Run(job, persona, means, found, workspace, seat, delivery)
    try:
        return await run.to_its_end(resume)
    except RegistryError as fault:
        return precondition("InfrastructureError", str(fault))
    finally:
        await runner.kill()


async def _map(job: Job, persona: Persona, means: Means, workspace: Workspace) -> str:
    return await repository_map(
        job, means.repositories, workspace, context_tokens=persona.context_tokens
    )


@dataclass
class _Run:
    """One claim's work on the task."""

    job: Job
    persona: Persona
    means: Means
    found: Tips
    workspace: Workspace
    seat: Seat
    delivery: Delivery
    refused_content: str = ""  # what the last hand-in was turned down for, if not by the gate
    report: GateReport | None = None  # of the last gate that ran
    unborne: list[str] = field(default_factory=list)  # names in the summary that no diff shows

    async def to_its_end(self, resume: Recorded | None) -> Done:
        keeper = Gatekeeper(self.job, self.means, self.workspace)
        conversed = await self._converse(keeper, resume)
        done = await self._hand_in(conversed.ending)
        extra = self._gated(done.result.extra).replace(
            intended_branch=self.job.branch,
            execution_mode=self.means.sandbox.description,
            token_source=self.means.tokens.source or None,
            gate_profile=keeper.described or None,
        )
        record = self._record(conversed.ending)
        await self.means.repositories.workspaces.discard(self.job.directory, self.found.mirror)
        return replace(
            done,
            result=done.result.replace(extra=extra),
            transcript=conversed.transcript,
            evidence=record.text(),
        )

    def _gated(self, extra: Extra) -> Extra:
        """*extra* with what the last gate said of the work; as it was where none ran."""
        if self.report is None:
            return extra
        return extra.replace(
            gate=list(self.report.commands),
            checks=list(self.report.checks),
            gate_advisories=list(self.report.advisories) or None,
            no_functional_change=changes_nothing(self.report),
        )

    async def _converse(self, keeper: Gatekeeper, resume: Recorded | None) -> Conversed:
        async def verify(submission: Submission) -> str | None:
            return await self._refusal(keeper, submission)

        async def tree_id() -> str:
            try:
                return await tree(self.means.repositories.git, self.workspace)
            except WorkspaceError:
                return ""  # told to the model when it hands in

        return await converse(
            self.job,
            self.persona,
            self.means,
            seat=self.seat,
            callbacks=Callbacks(
                verify_terminal=verify, tree=tree_id, on_progress=self.means.on_progress
            ),
            resume=resume,
        )

    async def _refusal(self, keeper: Gatekeeper, submission: Submission) -> str | None:
        """Why a GO is not accepted yet; None: it is."""
        self.refused_content = ""
        git = self.means.repositories.git
        try:
            paths = [c.path for c in await changed(git, self.workspace, patch=False)]
            if both := await unresolved(git, self.workspace):
                raise WorkspaceError(f"{', '.join(both[:20])}: conflict marks are still in it")
        except WorkspaceError as fault:
            self.refused_content = str(fault)
            return f"{fault}. Mend this and submit again."
        await self.means.on_phase("Verifying")
        try:
            self.report = await keeper.judge(
                self.seat.runner, paths_now=paths, evidence=submission.extra.evidence or ()
            )
        finally:
            await self.means.on_phase("Running")
        if self.report.verdict == "GATE-FAIL":
            return self.report.feedback()
        outcome = await self._prepare(submission.commit_message, submission.summary)
        if isinstance(outcome, Prepared) or (isinstance(outcome, Rejected) and outcome.findings):
            found = outcome.findings if isinstance(outcome, Rejected) else ()
            ran = content_runs(found, switched_off=self._switched_off())
            self.report = replace(self.report, checks=(*self.report.checks, *ran))
        if isinstance(outcome, Rejected):
            self.refused_content = outcome.reason
            return f"{outcome.reason}\nMend this and submit again."
        said = f"{submission.summary}\n\n{submission.commit_message}"
        self.unborne = await keeper.unverified_names(said)
        return None

    async def _prepare(
        self, message: str, summary: str, *, gate_failed: bool = False
    ) -> Prepared | NoChanges | Rejected:
        job, means = self.job, self.means
        landing = Landing(
            workspace=self.workspace,
            branch=gate_failed_branch(job.task) if gate_failed else job.branch,
            task_uid=job.uid,
            message=message,
            author=means.author,
            committer=means.author,
            model=self.persona.model_name,
            issue=job.issue,
            summary=summary,
            gate_failed=gate_failed,
            switched_off=self._switched_off(),
            known_secrets=means.redactor.known,
        )
        return await prepare(
            means.repositories.git, landing, now=means.now(), redact=means.redactor.text
        )

    def _switched_off(self) -> frozenset[str]:
        return frozenset(name for name, on in self.means.gate_switches.items() if not on)

    async def _hand_in(self, ending: Ending) -> Done:
        result = ending.result()
        said = ending.submission
        if result.extra.outcome == "CODER-GATE-FAILED":
            return await self._gate_failed(result)
        if result.extra.outcome == "ALREADY-RESOLVED":
            return Done(await self._resolved(result))
        if ending.verdict != "GO" or said is None:
            return Done(result)
        prepared = await self._prepare(said.commit_message, said.summary)
        match prepared:
            case NoChanges():
                return Done(ended(result, "NO-CHANGES", _nothing_new(self.workspace.start)))
            case Rejected(reason):
                return Done(ended(result, "COMMIT-REJECTED", reason))
            case Prepared():
                if self.unborne:
                    marked = result.extra.replace(
                        summary_claimed=result.summary, summary_unverified_claims=self.unborne
                    )
                    result = result.replace(extra=marked)
                return await self._push(result, prepared)

    async def _resolved(self, result: Result) -> Result:
        found = self.found
        ruling = await resolution(
            self.means.repositories.git,
            Base(found.mirror, found.remote, found.base_branch, found.base_sha),
            claim=result.extra.resolved_by or "",
            issue=self.job.issue,
        )
        return judged(result, ruling, self.job.issue)

    async def _push(self, result: Result, prepared: Prepared) -> Done:
        amends = bool(self.workspace.start.prior)
        try:
            pushed = await self.delivery.push(
                prepared,
                overwrite=amends or self.job.allow_overwrite,
                over=self.workspace.start.seen,
            )
        except NoTokenError as fault:
            return Done(ended(result, "PUSH-FAILED", str(fault)))
        match pushed:
            case PushFailed(_, why, message):
                moved = why == "non-fast-forward"
                kept = await self.delivery.keep(prepared) if moved else ""
                told = f"{message}; the work is kept on {kept}" if kept else message
                # Where a retry finds it, as it finds an attempt that failed its gate.
                extra = result.extra.replace(gate_failed_branch=kept or None)
                return Done(ended(result.replace(extra=extra), "PUSH-FAILED", told))
            case Landed():
                extra = self._gated(result.extra).replace(commit_message=prepared.message)
                return await self.delivery.landed(result.replace(extra=extra), pushed)

    async def _gate_failed(self, result: Result) -> Done:
        """Not thrown away: the attempt goes to a branch of its own, which closes nothing."""
        if self.refused_content:
            return Done(ended(result, "COMMIT-REJECTED", self.refused_content))
        extra = result.extra.replace(
            gate_output=(result.extra.gate_output or "")[-MAX_GATE_OUTPUT:]
        )
        prepared = await self._prepare(
            result.extra.commit_message or "", result.summary, gate_failed=True
        )
        if isinstance(prepared, Prepared):
            with suppress(NoTokenError):
                pushed = await self.delivery.push(prepared, overwrite=True)
                if isinstance(pushed, Landed):
                    extra = extra.replace(gate_failed_branch=pushed.branch)
        result = result.replace(extra=extra)
        if not self.report or not only_unproven(self.report):
            return Done(result)
        # Nothing but proof is missing, and a model that has none will not find it.
        result = result.replace(extra=extra.replace(unverified=list(self.report.unverified)))
        told = f"{len(self.report.unverified)} facts in the change have no proof"
        return Done(ended(result, "NEEDS-VERIFICATION", told))

    def _record(self, ending: Ending) -> Record:
        said = ending.submission
        record = Record(
            repository=self.job.repository,
            base_sha=self.workspace.start.base_sha,
            calls=calls_made(ending.calls),
            gate=list(self.report.commands) if self.report else [],
            ask=ask_of(self.job.snapshot) if self.job.snapshot else None,
            claims=Claims(
                verdict=ending.verdict,
                summary=ending.summary,
                commit_message=said.commit_message if said else "",
                extra=said.extra if said else Extra(),
            ),
        )
        return sealed(record, self.means.redactor.value)


async def _workspace(job: Job, means: Means, found: Tips) -> tuple[Workspace, Recorded | None]:
    """The former claim's work tree and conversation, if they fit together; else a fresh tree."""
    repositories = means.repositories
    left, before = repositories.workspaces.open(job.directory), recorded(job)
    with suppress(WorkspaceError):
        if left and before and before.tree and before.tree == await tree(repositories.git, left):
            return left, before
    return await for_coder(job, repositories, found, committer=means.author.email), None


def _nothing_new(start: Start) -> str:
    if start.prior:
        return "the model said GO, but the work tree is what the previous attempt left"
    return "the model said GO, but the work tree is what it was"
