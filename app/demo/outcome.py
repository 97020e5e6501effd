"""What a demo came to, read from the local GitHub and the resources; and whether it succeeded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel

from app.demo.scenario import Ending
from k8s.pipeline.labels import step_of
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
    phase: str
    steps: dict[str, str]  # step → verdict
    pull_request: PullRequestOutcome | None
    checks: list[CheckOutcome]
    review: ReviewOutcome | None
    verdict: str
    rulings: list[Ruling]
    gate_attempts: int
    commit_message: str
    status: str  # the status comment
    seconds: float


def faults(outcome: Outcome, ending: Ending | None) -> list[str]:
    """What is missing; empty: the demo succeeded.

    None for *ending*: a real model wrote, and any reviewed pull request is a success.
    """
    if ending is None:
        return _pull_request_faults(outcome, "any")
    found = [
        *_differing("step", ending.steps, outcome.steps),
        *_differing("check run", ending.checks, {c.name: c.conclusion for c in outcome.checks}),
    ]
    if outcome.phase != ending.phase:
        found.append(f"the Workload is {outcome.phase or 'missing'}, not {ending.phase}")
    if ending.pull_request == "none":
        found += ["there is a pull request"] if outcome.pull_request else []
    else:
        found += _pull_request_faults(outcome, ending.pull_request)
        if outcome.gate_attempts != ending.gate_attempts:
            found.append(
                f"the gate was tried {outcome.gate_attempts} times, not {ending.gate_attempts}"
            )
    rulings = {r.rail: r.ruling for r in outcome.rulings}
    kept = {rail: rulings.get(rail) for rail in ending.rulings}
    found += _differing("ruling of", ending.rulings, kept)
    review = outcome.review.body if outcome.review else ""
    for what, body, words in (
        ("review", review, [*ending.reviewed, *_shown(ending)]),
        ("status comment", outcome.status, ending.told),
    ):
        found += [f"the {what} does not say {word!r}" for word in words if word not in body]
    return found


def _shown(ending: Ending) -> list[str]:
    """Rulings that the posted review has to show."""
    return sorted({ruling for ruling in ending.rulings.values() if ruling != "kept"})


def _differing(what: str, wanted: Mapping[str, str], there: Mapping[str, str | None]) -> list[str]:
    return [
        f"{what} {name}: {there.get(name) or 'missing'}, not {wanted.get(name) or 'expected'}"
        for name in dict.fromkeys((*wanted, *there))
        if wanted.get(name) != there.get(name)
    ]


def _pull_request_faults(outcome: Outcome, state: Literal["ready", "draft", "any"]) -> list[str]:
    pull = outcome.pull_request
    if pull is None:
        return ["there is no pull request"]
    found = []
    if state != "any" and pull.draft is not (state == "draft"):
        found.append(f"the pull request is {'still' if pull.draft else 'no longer'} a draft")
    last = outcome.commit_message.rstrip().rpartition("\n")[2]
    if last != f"Fixes #{outcome.issue}":
        found.append(f"the commit does not end with Fixes #{outcome.issue}")
    if "Signed-off-by: " not in outcome.commit_message:
        found.append("the commit is not signed off")
    if outcome.review is None:
        found.append("no review was posted")
    if not outcome.checks or any(check.conclusion is None for check in outcome.checks):
        found.append("not every check run is concluded")
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
    comments: Sequence[Mapping[str, Any]],
    seconds: float,
) -> Outcome:
    """The outcome from what GitHub shows and what the tasks say."""
    pull = pulls[0] if pulls else None
    head = pull["head"]["sha"] if pull else ""
    coders = [t for t in tasks if t.spec.kind == "issue-fix"]
    coder = next((t for t in coders if t.status.commit_sha == head), None)
    reviewer = _last_review(tasks)
    coded = coder.status.result if coder else None
    judged = reviewer.status.result if reviewer else None
    verdict = (reviewer.status.verdict if reviewer else None) or ""
    posted = reviews[-1] if reviews else None
    return Outcome(
        repository=repository,
        issue=issue,
        workload=workload.metadata.name,
        phase=workload.status.phase or "",
        steps={step_of(task): task.status.verdict or task.phase for task in tasks},
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
        status=comments[0]["body"] if comments else "",
        seconds=round(seconds, 2),
    )


def _last_review(tasks: Sequence[AgenticTask]) -> AgenticTask | None:
    ended = [t for t in tasks if t.spec.kind == "review" and t.status.finished_at]
    return max(ended, key=lambda t: str(t.status.finished_at), default=None)
