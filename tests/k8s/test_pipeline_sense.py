"""What an order would do is known before it is given."""

from __future__ import annotations

from typing import Any

import pytest

from k8s.pipeline.sense import why_senseless
from k8s.resources.workload import FollowUp
from tests.k8s.pipeline_play import Play
from tests.k8s.pipeline_support import batch, no_go, order, ungrounded, workload

OBJECTED = {"review-12-0": no_go, "review-12-0-r1": no_go}
OPEN = {"review-12-0": ungrounded, "review-12-0-a1": ungrounded}


@pytest.mark.parametrize(
    ("spec", "script", "kind", "told"),
    [
        pytest.param({}, OPEN, "approve", "", id="approve an open seat"),
        pytest.param({}, {}, "approve", "it is ready", id="nothing to approve"),
        pytest.param({}, OBJECTED, "approve", "does not override", id="approve an objection"),
        pytest.param(
            {"followUps": [order("approve")], "reviewerAgentRefs": [{"name": "r"}]},
            {"verify-12": None},
            "approve",
            "ann approved it already",
            id="approve twice",
        ),
        pytest.param({}, {}, "reject", "", id="reject"),
        pytest.param(
            {"followUps": [order("reject")]}, {}, "reject", "ann rejected it already", id="twice"
        ),
        pytest.param({}, OBJECTED, "retry", "", id="retry an objection"),
        pytest.param({}, {}, "retry", "nothing of it ended badly", id="nothing to retry"),
        pytest.param({}, {"review-12-0": None}, "retry", "", id="retry what runs"),
        pytest.param({}, OBJECTED, "escalate", "nobody it was not", id="nobody to escalate to"),
        pytest.param(
            {"escalationCoderAgentRef": {"name": "s"}}, OBJECTED, "escalate", "", id="escalate"
        ),
        pytest.param(
            {"cancellation": {"by": "bob"}}, {}, "retry", "cancelled by bob", id="cancelled"
        ),
        pytest.param({}, {}, "human-review", "", id="a person's review"),
    ],
)
def test_an_order_without_sense_says_why(spec: Any, script: Any, kind: Any, told: str) -> None:
    play = Play(batch(**spec), {k: v for k, v in script.items() if v})
    play.run() if None not in script.values() else play.step()

    found = why_senseless(play.workload, play.children, FollowUp(id="new", kind=kind))

    assert told in found
    assert bool(told) == bool(found)


def test_what_is_about_nothing_can_be_neither_approved_nor_rejected() -> None:
    steps = [{"name": "a", "kind": "freeform", "payload": {"prompt": "x"}}]
    play = Play(workload(pipeline=steps))
    play.run()

    found = why_senseless(play.workload, play.children, FollowUp(id="new", kind="approve"))

    assert found == "it has no tasks about an issue or a pull request"


def test_an_order_about_another_issue_names_it() -> None:
    play = Play(batch())
    play.run()

    order_ = FollowUp(id="new", kind="reject", ref="issue/13")

    assert why_senseless(play.workload, play.children, order_).endswith("about issue/13")


def test_what_cannot_be_planned_cannot_be_retried() -> None:
    found = why_senseless(workload(), [], FollowUp(id="new", kind="retry"))

    assert "neither pipeline nor issues" in found
