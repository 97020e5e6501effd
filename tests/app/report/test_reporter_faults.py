"""What the reporter does when answers get lost, GitHub says no, or the pull request is not ours."""

from __future__ import annotations

from typing import Any

import pytest

from app.demo.github.faults import Fault
from app.report.reporter import DROPPED_SECONDS, OUTAGE_SECONDS, REFUSED_SECONDS
from k8s.meta import Meta
from k8s.pipeline.plan import render
from k8s.resources.task import AgenticTask, Payload
from k8s.resources.workload import PipelineStep, Trigger, Workload, WorkloadSpec
from tests.app.report.office import RULING, Office, Reports
from tests.app.town import REPOSITORY, TASKS
from tools.result import Finding


async def finished(office: Office, findings: list[Finding] | None = None) -> dict[str, Any]:
    """The pull request of a Workload that is done and of which nothing was told yet."""
    pull = await office.pushed()
    await office.reviewed("GO", findings or [])
    await office.status(Workload, "hello-1", phase="Completed")
    return pull


async def told(office: Office) -> None:
    for _ in range(4):
        await Reports(office.town).once()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        pytest.param("POST", r"/issues/1/comments", id="comment"),
        pytest.param("POST", r"/check-runs", id="check run"),
        pytest.param("POST", r"/reviews", id="review"),
        pytest.param("POST", r"/reactions", id="reaction"),
        pytest.param("POST", r"/graphql", id="ready"),
        pytest.param("PATCH", r"/pulls/", id="body"),
    ],
)
async def test_an_answer_that_got_lost_makes_nothing_twice(
    office: Office, method: str, path: str
) -> None:
    pull = await finished(office)
    office.town.github.faults.drop_answer(method, path, times=8)

    await Reports(office.town).once()
    await Reports(office.town).once()
    office.town.github.faults.clear()
    await told(office)

    assert len(await office.town.comments(office.issue)) == 1
    assert len(await office.reviews(pull["number"])) == 1
    checks = await office.checks(pull["head"]["sha"])  # fails on two of a name
    assert checks == {"code": "success", "review": "success", "verdict": "success"}
    assert not (await office.pull(pull["number"]))["draft"]
    reactions = await office.town.github.reactions(REPOSITORY, office.issue)
    assert [r["content"] for r in reactions] == ["rocket"]
    assert await Reports(office.town).once() is None


@pytest.mark.parametrize(
    ("fault", "seconds"),
    [
        pytest.param(
            Fault(kind="status", method="POST", path="/check-runs", status=502, times=99),
            OUTAGE_SECONDS,
            id="outage",
        ),
        pytest.param(
            Fault(kind="status", method="POST", path="/check-runs", status=422, times=99),
            None,
            id="refused, and all is over",
        ),
        pytest.param(
            Fault(kind="rate_limit", method="POST", path="/check-runs", times=99),
            None,
            id="limit",
        ),
    ],
)
async def test_one_post_that_fails_holds_up_no_other(
    office: Office, fault: Fault, seconds: float | None
) -> None:
    await finished(office)
    office.town.github.faults.add(fault)

    again = await Reports(office.town).once()

    if fault.kind == "rate_limit":
        assert again
        assert again >= 1
    else:
        assert again == seconds
        assert {"comment", "reactions"} <= (await office.reported()).keys()
    assert "checks" not in await office.reported()


async def test_a_refusal_is_tried_again_while_work_goes_on(office: Office) -> None:
    await office.pushed()
    office.town.github.faults.add(
        Fault(kind="status", method="POST", path="/check-runs", status=403, times=99)
    )

    assert await Reports(office.town).once() == REFUSED_SECONDS


async def test_progress_gives_way_when_half_the_hour_is_spent(office: Office) -> None:
    await Reports(office.town).once()
    budget = office.town.app.repository(office.scope)._api.budget
    now = office.town.clock().timestamp()
    while budget.take("progress", now) is not None:
        now -= 0.001
    about = {"turn": 3, "maxTurns": 9}
    await office.status(AgenticTask, "hello-1-code-1", phase="Running", progress=about)
    office.town.clock.ahead += office.town.clock.ahead.__class__(seconds=40)

    assert await Reports(office.town).once() == DROPPED_SECONDS


async def test_a_finding_that_github_does_not_place_is_folded_in(office: Office) -> None:
    finding = Finding(severity="minor", area="style", message="spaces", file="app.py", line=2)
    pull = await finished(office, [finding])
    office.town.github.faults.add(
        Fault(kind="status", method="POST", path="/reviews", status=422, times=1)
    )

    await told(office)

    (review,) = await office.reviews(pull["number"])
    assert review["comments"] == []
    assert "`app.py:2`" in review["body"]


async def test_a_review_that_github_never_takes_is_given_up(office: Office) -> None:
    pull = await finished(office)
    office.town.github.faults.add(
        Fault(kind="status", method="POST", path="/reviews", status=422, times=99)
    )

    await told(office)

    task = await office.town.client.get(AgenticTask, "hello-1-review-1-0", TASKS)
    assert "422" in task.status.reported["review"]["refused"]
    assert await office.reviews(pull["number"]) == []
    assert await Reports(office.town).once() is None


async def test_the_review_of_an_older_head_is_folded_away(office: Office) -> None:
    pull = await finished(office)
    await told(office)
    files = {"app.py": "print('hello')\nprint('you')\n"}
    await office.town.github.push(REPOSITORY, "foreman/hello-1/issue-1", "maintainer", files)
    head = (await office.pull(pull["number"]))["head"]["sha"]
    await office.ended("code-1", "GO", commitSHA=head)
    await office.status(
        AgenticTask, "hello-1-review-1-0", reported=None, commitSHA=head, phase="Succeeded"
    )
    # The seat was asked again: another task of another uid, on the new head.
    seat = await office.town.client.get(AgenticTask, "hello-1-review-1-0", TASKS)
    await office.town.client.delete(AgenticTask, seat.metadata.name, TASKS)
    (made,) = [
        t for t in render(await office.workload()).tasks if t.metadata.name == seat.metadata.name
    ]
    await office.town.client.create(made)
    await office.reviewed("GO", [])

    await told(office)

    old, new = await office.reviews(pull["number"])
    assert (old["commit_id"], old["minimized"]) == (pull["head"]["sha"], "outdated")
    assert (new["commit_id"], new["minimized"]) == (head, None)


async def test_a_pull_request_of_somebody_else_gets_a_comment_review(office: Office) -> None:
    town = office.town
    await town.github.push(REPOSITORY, "theirs", "maintainer", {"app.py": "print('theirs')\n"})
    pull = await town.github.open_pull_request(
        REPOSITORY, "maintainer", title="Theirs", head="theirs", base="main"
    )
    number, sha = pull["number"], pull["head"]["sha"]
    ask = await town.github.comment(REPOSITORY, number, "maintainer", "/foreman review")
    payload = Payload(repo=REPOSITORY, pull_request=number, head_sha=sha)
    step = PipelineStep(name="review-0", kind="review", payload=payload)
    trigger = Trigger(
        by="maintainer",
        comment=ask["id"],
        pull_request=number,
        installation=office.scope.installation,
    )
    workload = Workload(
        metadata=Meta(name="theirs", namespace=TASKS),
        spec=WorkloadSpec(intent="Review it.", repo=REPOSITORY, pipeline=[step], trigger=trigger),
    )
    for task in render(await town.client.create(workload)).tasks:
        await town.client.create(task)
    finding = Finding(severity="blocker", area="other", message="wrong", file="app.py", line=1)
    result = {"verdict": "NO-GO", "summary": "No.", "extra": {"rulings": [RULING.wire()]}}
    result["extra"]["findings"] = [finding.wire()]  # type: ignore[index]
    await office.status(
        AgenticTask, "theirs-review-0", phase="Succeeded", verdict="NO-GO", result=result
    )
    await office.status(Workload, "theirs", phase="Failed")

    for _ in range(3):
        await Reports(town).once("theirs")

    (review,) = await office.reviews(number)
    assert (review["state"], len(review["comments"])) == ("COMMENTED", 1)
    assert await office.checks(sha) == {"review": "failure", "verdict": "failure"}
    (status,) = await town.comments(number)
    assert f"read the review in #{number}" in status
    reactions = await town.github.reactions(REPOSITORY, number, ask["id"])
    assert [r["content"] for r in reactions] == ["confused"]
    assert not (await office.pull(number))["draft"]
