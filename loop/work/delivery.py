"""What leaves the house: pushed branches, read back before success is claimed, and the pull request.

A GO whose class of change needs a person is delivered like any other and then told apart: see
`waiting`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from loop.codehost import CodeHostError, PullRequestSeen, PullRequestWanted
from loop.gates.redefinition import defining_paths, redefined
from loop.gates.work_class import ChangeClass, change_class, needs_human
from loop.repo.errors import GitError
from loop.repo.history import CommitSeen, History
from loop.repo.landing import Prepared
from loop.repo.pushing import Landed, PushFailed, find_landed, keep, push
from loop.repo.remote import Remote, pull_request_head, push_remote
from loop.work.checkout import Tips
from loop.work.job import Done, Job
from loop.work.means import Means
from loop.work.pull_request import body, ensured
from tools.result import Extra, Outcome, Result, Unverified, WorkClass

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Delivery:
    """Hands the work of *job* to the remote and the code host; *repository* holds its commits."""

    job: Job
    means: Means
    found: Tips
    repository: Path

    async def push(
        self, prepared: Prepared, *, overwrite: bool, over: str | None = None
    ) -> Landed | PushFailed:
        """As `pushing.push`, with a token minted for it. Raises `NoTokenError`."""
        git, remote = self.means.repositories.git, await self._remote()
        return await push(git, prepared, remote, overwrite=overwrite, over=over)

    async def keep(self, prepared: Prepared) -> str:
        """The branch of its own that work gets which could not go to its branch; "" if none."""
        git = self.means.repositories.git
        try:
            return await keep(git, prepared, await self._remote(), sha=prepared.sha)
        except GitError as fault:
            log.warning("work.not_kept", branch=prepared.branch, error=str(fault))
            return ""

    async def _remote(self) -> Remote:
        repositories = self.means.repositories
        token = await self.means.tokens.push()
        upstream = repositories.remote(self.job.repository, token)
        return push_remote(upstream, repositories.fork(token))

    async def landed_before(self) -> CommitSeen | None:
        """The commit of the branch that an earlier claim of this task put there."""
        if not self.found.branch_sha:
            return None
        repositories, remote = self.means.repositories, self.found.remote
        return await find_landed(
            repositories.git,
            self.found.mirror.path,
            push_remote(remote, repositories.fork(remote.token)),
            self.job.branch,
            task_uid=self.job.uid,
            committer=self.means.author,
        )

    async def landed(self, result: Result, landed: Landed) -> Done:
        """The head is on the remote and was read back: now, and only now, success is claimed."""
        change, redefining = await self._change(landed.sha)
        held = [*held_back(change, self.job.self_go), *gate_held_back(redefining)]
        extra = result.extra.replace(
            branch=landed.branch, commit_sha=landed.sha, work_class=change.name
        )
        result = result.replace(extra=extra)
        if held:
            result = waiting(result, held)
        if not self.job.open_pull_request:
            return Done(result)
        try:
            pull = await self._pull_request(result)
        except CodeHostError as fault:
            told = self.means.redactor.text(str(fault))
            return Done(result.replace(extra=result.extra.replace(pull_request_error=told)))
        extra = result.extra.replace(pull_request_url=pull.url)
        return Done(result.replace(extra=extra), pull_request=replace(pull, head_sha=landed.sha))

    async def _change(self, sha: str) -> tuple[ChangeClass, tuple[str, ...]]:
        """The class of what *sha* changes since it left the base; files that redefine the gate."""
        history = History(self.means.repositories.git, self.repository)
        comparison = await history.compare(self.found.base_sha, sha)
        extensions = self.job.gate.source_extensions if self.job.gate else None
        paths = defining_paths(comparison.files)
        before, after = await history.blobs(comparison.base, paths), await history.blobs(sha, paths)
        redefining = redefined(comparison.files, before, after)
        return change_class(comparison.files, extensions or ()), redefining

    async def _pull_request(self, result: Result) -> PullRequestSeen:
        job, means = self.job, self.means
        if means.host is None:
            raise CodeHostError("no code host is configured; open the pull request by hand")
        fork = means.repositories.fork("")
        message = result.extra.commit_message or ""
        wanted = PullRequestWanted(
            repository=job.repository,
            head=pull_request_head(self.found.remote, fork, job.branch),
            base=self.found.base_branch,
            title=means.redactor.text(message.partition("\n")[0] or f"Resolve issue {job.issue}"),
            body=means.redactor.text(body(result)),
            issue=job.issue,
        )
        await means.tokens.push()
        return await ensured(means.host, wanted, pauses=means.pauses)


def ended(result: Result, outcome: Outcome, told: str) -> Result:
    """A GO that did not land is a NO-GO; the model's summary is kept beside the reason."""
    extra = result.extra.replace(
        outcome=outcome, reason=outcome, error=told, model_summary=result.summary
    )
    return result.replace(verdict="NO-GO", summary=told[:280], extra=extra)


def held_back(change: ChangeClass, self_go: Collection[WorkClass] | None) -> list[Unverified]:
    """What a person has to agree to before the work may go on."""
    why = needs_human(change, self_go)
    if not why:
        return []
    how = "read the diff of the draft pull request, then approve or reject it"
    fact = f"a change of class {change.name} may be merged"
    return [Unverified(fact=fact, why_it_matters=why, how_to_verify=how)]


def gate_held_back(paths: Sequence[str]) -> list[Unverified]:
    """The same for a change that touches what judges it."""
    if not paths:
        return []
    return [
        Unverified(
            fact=f"the gate may be as {', '.join(paths)} of this change define it",
            why_it_matters="a change that defines its own gate can pass it without being right",
            how_to_verify=f"read the diff of {', '.join(paths)}, then approve or reject it",
        )
    ]


def waiting(result: Result, held: Sequence[Unverified]) -> Result:
    """A GO that landed but is not the harness's to give: branch, commit and draft stay named.

    So a NEEDS-VERIFICATION with a `commitSHA` can be verified and reviewed like a GO, and a
    person's approval makes it one.
    """
    extra = result.extra.replace(
        outcome="NEEDS-VERIFICATION",
        reason="NeedsHuman",
        unverified=[*(result.extra.unverified or ()), *held],
        verdict_claimed=result.verdict,
    )
    return result.replace(verdict="NO-GO", extra=extra)


def from_commit(seen: CommitSeen) -> Result:
    """What a commit says of a run whose other traces are gone."""
    extra = Extra(outcome="MODEL-DECIDED", reason="AlreadyLanded", commit_message=seen.message)
    return Result(verdict="GO", summary=seen.subject, extra=extra)
