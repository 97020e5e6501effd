"""Each admission rule, as the predicate here and as CEL there: the same changes, the same answers."""

from __future__ import annotations

from typing import Any

import pytest

from k8s.admission import RULES
from k8s.crds import crd
from k8s.meta import API_VERSION, GROUP
from k8s.resources.kinds import KINDS
from k8s.resources.task import TaskSpec
from k8s.resources.workload import WorkloadSpec
from tests.k8s.contract.servers import Answer, Http
from tools.wire import Wire

MERGE = "application/merge-patch+json"
TEST_TIME = "2026-01-02T03:04:05Z"
Spec = dict[str, Any]

PAYLOAD: Spec = {"repo": "example/project", "issue": 1, "prompt": "é", "images": ["a.png"]}
GATE: Spec = {"language": "python", "commands": {"test": "pytest"}}
POLICY: Spec = {"selfGO": ["docs"]}
# Every field of the spec, each with a value that is not its default.
TASK: Spec = {
    "kind": "issue-fix",
    "payload": PAYLOAD,
    "agentRef": {"name": "coder"},
    "modelRef": {"name": "model"},
    "requiredCapability": {"minRAMGB": 1, "nodeSelector": {"zone": "a"}},
    "timeoutSeconds": 60,
    "dependsOn": ["other"],
    "priority": 3,
    "gateProfile": GATE,
    "mcpEnabled": False,
    "verdictPolicy": POLICY,
}
WORKLOAD: Spec = {
    "intent": "do it",
    "repo": "example/project",
    "maxTasks": 9,
    "plannerModel": {"name": "planner"},
    "pipeline": [{"name": "code", "kind": "issue-fix", "payload": PAYLOAD}],
    "issues": [1, 2],
    "coderAgentRef": {"name": "coder"},
    "verifierAgentRef": {"name": "verifier"},
    "reviewerAgentRefs": [{"name": "reviewer"}],
    "escalationReviewerAgentRefs": [{"name": "reviewer"}],
    "openPullRequest": False,
    "escalationCoderAgentRef": {"name": "coder"},
    "escalateOnFailure": True,
    "allowOverwrite": True,
    "maxReviewIterations": 2,
    "revisionCoderAgentRef": {"name": "coder"},
    "allowCloudReviewers": False,
    "gateProfile": GATE,
    "mcpEnabled": False,
    "verdictPolicy": POLICY,
    "baseBranch": "main",
    "trigger": {"by": "someone", "comment": 7},
}
DELIVERY: Spec = {
    "event": "issues",
    "action": "labeled",
    "receivedAt": TEST_TIME,
    "payload": {"issue": {"number": 1, "labels": ["a"]}},
}
SPECS = {"AgenticTask": TASK, "Workload": WORKLOAD, "Delivery": DELIVERY}
PLURALS = {kind.KIND: kind.PLURAL for kind in KINDS}
CHANGEABLE: dict[str, Spec] = {
    "AgenticTask": {"cancellation": {"by": "someone"}},
    "Workload": {
        "cancellation": {"by": "someone", "reason": "enough"},
        "suspend": True,
        "followUps": [{"id": "1", "kind": "retry"}],
    },
}
FROZEN = {
    "AgenticTask": "spec: Forbidden: is immutable, except for cancellation",
    "Workload": "spec: Forbidden: is immutable, except for cancellation, suspend and followUps",
    "Delivery": "spec: Forbidden: is immutable",
}


class Order:
    """One object, made and then changed."""

    def __init__(self, http: Http, namespace: str, kind: str) -> None:
        self._http = http
        self._kind = kind
        self._path = f"/apis/{API_VERSION}/namespaces/{namespace}/{PLURALS[kind]}"

    async def made(self, spec: Spec, name: str = "a") -> Any:
        body = {
            "apiVersion": API_VERSION,
            "kind": self._kind,
            "metadata": {"name": name},
            "spec": spec,
        }
        answer = await self._http("POST", self._path, body)
        assert answer.status == 201, answer.body
        return answer.body

    async def patch(self, spec: Spec, name: str = "a") -> Answer:
        body = {"spec": spec}
        return await self._http("PATCH", f"{self._path}/{name}", body, Content_Type=MERGE)

    async def put(self, body: Any) -> Answer:
        name = body["metadata"]["name"]
        return await self._http("PUT", f"{self._path}/{name}", body)


def refused(answer: Answer, kind: str, said: str) -> bool:
    message: str = answer.body.get("message", "")
    start = f'{kind}.{GROUP} "a" is invalid: '
    return answer.status == 422 and message.startswith(start) and said in message


@pytest.mark.parametrize(
    ("kind", "spec"),
    [("AgenticTask", TaskSpec), ("Workload", WorkloadSpec)],
    ids=["task", "workload"],
)
def test_no_field_is_forgotten(kind: str, spec: type[Wire]) -> None:
    declared = {field.alias for field in spec.model_fields.values()}

    assert SPECS[kind].keys() | CHANGEABLE[kind].keys() == declared


@pytest.mark.parametrize("kind", ["AgenticTask", "Workload", "Delivery"])
async def test_no_field_of_an_order_can_be_taken_away(
    http: Http, namespace: str, kind: str
) -> None:
    order = Order(http, namespace, kind)
    await order.made(SPECS[kind])
    definition = next(crd(k) for k in KINDS if kind == k.KIND)
    schema = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]

    for field in SPECS[kind].keys() - schema["required"]:
        answer = await order.patch({field: None})

        assert refused(answer, kind, FROZEN[kind]), (field, answer.body)


@pytest.mark.parametrize("kind", ["AgenticTask", "Workload"])
async def test_no_field_of_an_order_can_be_added(http: Http, namespace: str, kind: str) -> None:
    order = Order(http, namespace, kind)
    needed = {"kind": "freeform", "payload": {"prompt": "hi"}}
    needed = needed if kind == "AgenticTask" else {"intent": "do it"}
    await order.made(needed)

    for field in SPECS[kind].keys() - needed.keys():
        answer = await order.patch({field: SPECS[kind][field]})

        assert refused(answer, kind, FROZEN[kind]), (field, answer.body)


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        pytest.param("AgenticTask", {"kind": "freeform"}, id="text"),
        pytest.param("AgenticTask", {"priority": 4}, id="number"),
        pytest.param("AgenticTask", {"mcpEnabled": True}, id="boolean"),
        pytest.param("AgenticTask", {"payload": {"prompt": "è"}}, id="below"),
        pytest.param("AgenticTask", {"payload": {"branch": "b"}}, id="added-below"),
        pytest.param("AgenticTask", {"payload": {"images": None}}, id="taken-below"),
        pytest.param("AgenticTask", {"dependsOn": ["other", "another"]}, id="list-longer"),
        pytest.param(
            "AgenticTask", {"requiredCapability": {"nodeSelector": {"zone": "b"}}}, id="map"
        ),
        pytest.param(
            "AgenticTask", {"cancellation": {"by": "me"}, "priority": 4}, id="beside-what-may"
        ),
        pytest.param("Workload", {"issues": [2, 1]}, id="list-order"),
        pytest.param("Workload", {"trigger": {"comment": 8}}, id="number-below"),
        pytest.param("Delivery", {"event": "push"}, id="delivery"),
        pytest.param("Delivery", {"payload": {"issue": {"number": 2}}}, id="in-the-payload"),
        pytest.param("Delivery", {"payload": {"extra": 1}}, id="added-to-the-payload"),
        pytest.param("Delivery", {"sender": "me"}, id="delivery-added"),
    ],
)
async def test_an_order_cannot_be_changed(
    http: Http, namespace: str, kind: str, change: Spec
) -> None:
    order = Order(http, namespace, kind)
    await order.made(SPECS[kind])

    assert refused(await order.patch(change), kind, FROZEN[kind])


@pytest.mark.parametrize("kind", ["AgenticTask", "Workload", "Delivery"])
async def test_an_order_can_be_given_again_as_it_is(http: Http, namespace: str, kind: str) -> None:
    order = Order(http, namespace, kind)
    made = await order.made(SPECS[kind])

    again, patched = await order.put(made), await order.patch(SPECS[kind])

    assert (again.status, patched.status) == (200, 200)
    assert again.body == patched.body == made


async def test_an_order_of_the_fewest_words_can_be_given_again(http: Http, namespace: str) -> None:
    order = Order(http, namespace, "Workload")
    made = await order.made({"intent": "do it"})

    assert (await order.put(made)).body == made


@pytest.mark.parametrize(
    ("kind", "field"),
    [(kind, field) for kind, fields in CHANGEABLE.items() for field in fields],
)
async def test_some_fields_are_there_to_be_changed(
    http: Http, namespace: str, kind: str, field: str
) -> None:
    order = Order(http, namespace, kind)
    await order.made(SPECS[kind])

    answer = await order.patch({field: CHANGEABLE[kind][field]})

    assert answer.status == 200, answer.body
    assert answer.body["metadata"]["generation"] == 2


# Follow-ups

ONE: Spec = {"id": "1", "kind": "retry", "by": "someone", "ref": "é"}
TWO: Spec = {"id": "2", "kind": "human-review", "at": TEST_TIME}
THREE: Spec = {"id": "3", "kind": "approve"}


@pytest.mark.parametrize(
    ("before", "after", "accepted"),
    [
        pytest.param(None, [ONE], True, id="first"),
        pytest.param([], [ONE], True, id="into-an-empty-list"),
        pytest.param([ONE], [ONE, TWO], True, id="one-more"),
        pytest.param([ONE], [ONE, TWO, THREE], True, id="two-more"),
        pytest.param([ONE, TWO], [ONE, TWO], True, id="the-same"),
        pytest.param([], None, True, id="no-more-empty"),
        pytest.param([ONE], None, False, id="all-gone"),
        pytest.param([ONE], [], False, id="emptied"),
        pytest.param([ONE, TWO], [ONE], False, id="last-gone"),
        pytest.param([ONE, TWO], [TWO], False, id="first-gone"),
        pytest.param([ONE, TWO], [TWO, ONE], False, id="turned"),
        pytest.param([ONE], [TWO, ONE], False, id="put-before"),
        pytest.param([ONE, TWO], [ONE, THREE, TWO], False, id="put-between"),
        pytest.param([ONE], [{**ONE, "by": "me"}], False, id="changed"),
        pytest.param([ONE], [{**ONE, "digest": "d"}], False, id="added-to"),
        pytest.param([ONE], [{**ONE, "ref": "é!"}, TWO], False, id="changed-and-one-more"),
        pytest.param([ONE], [ONE, ONE], False, id="said-twice"),
        pytest.param([TWO], [TWO, THREE], True, id="behind-a-time"),
    ],
)
async def test_follow_ups_are_appended_only(
    http: Http, namespace: str, before: list[Spec] | None, after: list[Spec] | None, accepted: bool
) -> None:
    order = Order(http, namespace, "Workload")
    there = {} if before is None else {"followUps": before}
    await order.made({"intent": "do it", **there})

    answer = await order.patch({"followUps": after})

    if accepted:
        assert answer.status == 200, answer.body
        assert answer.body["spec"].get("followUps") == after
    else:
        assert refused(answer, "Workload", "spec.followUps: Forbidden: may only be appended to")


async def test_as_many_follow_ups_as_there_may_be(http: Http, namespace: str) -> None:
    """What the rules cost in fact stays within what one request may cost."""
    order = Order(http, namespace, "Workload")
    many = [
        {
            "id": f"{n}".rjust(128),
            "kind": "retry",
            "ref": "x" * 1000,
            "by": "y" * 100,
            "digest": "z" * 4000,
        }
        for n in range(128)
    ]
    await order.made({"intent": "do it", "followUps": many[:64]})

    answer = await order.patch({"followUps": many})
    over = await order.patch({"followUps": [*many, ONE]})

    assert answer.status == 200, answer.body
    assert over.status == 422
    assert "spec.followUps" in over.body["message"]


async def test_a_long_order_can_be_cancelled(http: Http, namespace: str) -> None:
    order = Order(http, namespace, "AgenticTask")
    long = {**PAYLOAD, "prompt": "a long story, " * 70_000, "images": ["x.png"] * 1000}
    await order.made({**TASK, "payload": long})

    answer = await order.patch({"cancellation": {"by": "someone"}})

    assert answer.status == 200, answer.body


def test_each_rule_is_here() -> None:
    assert [(rule.kind, rule.field) for rule in RULES] == [
        ("AgenticTask", "spec"),
        ("Workload", "spec"),
        ("Workload", "spec.followUps"),
        ("Delivery", "spec"),
    ]
