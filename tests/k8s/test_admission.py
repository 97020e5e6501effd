from __future__ import annotations

from typing import Any

import pytest

from k8s.admission import violations

ORDER = {"kind": "review", "payload": {"issue": 1}}
FOLLOWED = {"intent": "x", "followUps": [{"id": "1"}, {"id": "2"}]}


@pytest.mark.parametrize(
    ("kind", "old", "new", "broken"),
    [
        pytest.param("AgenticTask", ORDER, ORDER, [], id="same"),
        pytest.param("AgenticTask", ORDER, {**ORDER, "priority": 1}, ["spec"], id="task changed"),
        pytest.param("AgenticTask", ORDER, {"kind": "review"}, ["spec"], id="task field removed"),
        pytest.param("AgenticTask", ORDER, {**ORDER, "cancellation": {"by": "a"}}, [], id="cancelled"),
        pytest.param("Workload", FOLLOWED, {**FOLLOWED, "suspend": True}, [], id="suspended"),
        pytest.param("Workload", FOLLOWED, {**FOLLOWED, "intent": "y"}, ["spec"], id="workload changed"),
        pytest.param(
            "Workload", FOLLOWED, {**FOLLOWED, "followUps": [{"id": "1"}, {"id": "2"}, {"id": "3"}]}, [],
            id="follow-up appended",
        ),
        pytest.param("Workload", FOLLOWED, {**FOLLOWED, "followUps": [{"id": "1"}]}, ["spec.followUps"], id="follow-up removed"),
        pytest.param(
            "Workload", FOLLOWED, {**FOLLOWED, "followUps": [{"id": "2"}, {"id": "1"}]}, ["spec.followUps"],
            id="follow-ups swapped",
        ),
        pytest.param("Workload", FOLLOWED, {"intent": "y"}, ["spec", "spec.followUps"], id="both"),
        pytest.param("Delivery", {"event": "a"}, {"event": "b"}, ["spec"], id="delivery"),
        pytest.param("Agent", {"role": "coder"}, {"role": "reviewer"}, [], id="agents are settings"),
        pytest.param("FleetNode", {"slots": 1}, {"slots": 2}, [], id="nodes too"),
    ],
)  # fmt: skip
def test_changes_of_an_order(
    kind: str, old: dict[str, Any], new: dict[str, Any], broken: list[str]
) -> None:
    assert [rule.field for rule in violations(kind, {"spec": old}, {"spec": new})] == broken


def test_a_change_of_status_is_nobodys_business_here() -> None:
    assert violations("AgenticTask", {"spec": ORDER}, {"spec": ORDER, "status": {"x": 1}}) == []
