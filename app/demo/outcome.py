"""What a demo came to, read from the local GitHub and the resources; and whether it succeeded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from k8s.resources.task import AgenticTask
from k8s.resources.workload import Workload
from tools.result import Ruling


class PullRequestOutcome(BaseModel):
    number: int
    url: str
    head_sha: str
    draft: bool


class CheckOutcome(BaseModel):
    name: str
    conclusion: str | None


class ReviewOutcome(BaseModel):
    """*event* is what it was posted as, *verdict* the reviewer's after the rails."""

    event: str
    verdict: str
    body: str


class Outcome(BaseModel):
    """What `foreman demo --json` prints. None: it did not come to that."""

    repository: str
    issue: int
    workload: str
    pull_request: PullRequestOutcome | None
    checks: list[CheckOutcome]
    review: ReviewOutcome | None
    verdict: str
    rulings: list[Ruling]
    gate_attempts: int
    commit_message: str
    seconds: float


def faults(outcome: Outcome, issue: int, *, scripted: bool) -> list[str]:
    """What is missing of a reviewed pull request; empty: the demo succeeded.

    With the script's lies and mistakes, the gate must have turned green through its own feedback
    and the posted review must show the overridden claim.
    """
    pull = outcome.pull_request
    if pull is None:
        return ["there is no pull request"]
    found = []
    if pull.draft and scripted:
        found.append("the pull request is still a draft")
    last = outcome.commit_message.rstrip().rpartition("\n")[2]
    if last != f"Fixes #{issue}":
        found.append(f"the commit does not end with Fixes #{issue}")
    if "Signed-off-by: " not in outcome.commit_message:
        found.append("the commit is not signed off")
    if outcome.review is None:
        found.append("no review was posted")
    if not outcome.checks or any(check.conclusion is None for check in outcome.checks):
        found.append("not every check run is concluded")
    return [*found, *(_script_faults(outcome) if scripted else [])]


def _script_faults(outcome: Outcome) -> list[str]:
    found = []
    if outcome.gate_attempts < 2:
        found.append("the gate did not turn green through its feedback")
    if not any(check.conclusion == "success" for check in outcome.checks):
        found.append("no check run succeeded")
    claim = next((r for r in outcome.rulings if r.ruling == "overridden"), None)
    if claim is None:
        found.append("no claim of the reviewer was overridden")
    elif outcome.review and "overridden" not in outcome.review.body:
        found.append("the posted review does not show the overridden claim")
    if outcome.verdict != "GO":
        found.append(f"the verdict is {outcome.verdict or 'missing'}, not GO")
    return found


def gathered(
    *,
    repository: str,
    issue: int,
    workload: Workload,
    tasks: Sequence[AgenticTask],
    pulls: Sequence[Mapping[str, Any]],
    reviews: Sequence[Mapping[str, Any]],
    checks: Sequence[Mapping[str, Any]],
    commits: Sequence[Mapping[str, Any]],
    seconds: float,
) -> Outcome:
    """The outcome from what GitHub shows and what the tasks say."""
    pull = pulls[0] if pulls else None
    coder = next((t for t in tasks if t.spec.kind == "issue-fix"), None)
    reviewer = next((t for t in tasks if t.spec.kind == "review"), None)
    coded = coder.status.result if coder else None
    judged = reviewer.status.result if reviewer else None
    verdict = (reviewer.status.verdict if reviewer else None) or ""
    posted = reviews[-1] if reviews else None
    return Outcome(
        repository=repository,
        issue=issue,
        workload=workload.metadata.name,
        pull_request=PullRequestOutcome(
            number=pull["number"],
            url=pull["html_url"],
            head_sha=pull["head"]["sha"],
            draft=pull["draft"],
        )
        if pull
        else None,
        checks=[CheckOutcome(name=c["name"], conclusion=c["conclusion"]) for c in checks],
        review=ReviewOutcome(event=posted["state"], verdict=verdict, body=posted["body"])
        if posted
        else None,
        verdict=verdict,
        rulings=list(judged.extra.rulings or []) if judged else [],
        gate_attempts=(coded.extra.gate_attempts or 0) if coded else 0,
        commit_message=commits[0]["message"] if commits else "",
        seconds=round(seconds, 2),
    )
