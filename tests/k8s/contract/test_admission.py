"""What a server refuses, corrects and completes before it stores: asked by plain HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from k8s.client import Client
from k8s.errors import Invalid
from k8s.meta import API_VERSION, GROUP
from k8s.resources.agent import Agent
from k8s.resources.task import AgenticTask
from tests.k8s.contract.servers import Answer, Http
from tests.k8s.contract.test_objects import agent, task

MERGE = "application/merge-patch+json"
Body = dict[str, Any]


def agents(namespace: str, name: str = "") -> str:
    path = f"/apis/{API_VERSION}/namespaces/{namespace}/agents"
    return f"{path}/{name}" if name else path


def body(**spec: Any) -> Body:
    return {
        "apiVersion": API_VERSION,
        "kind": "Agent",
        "metadata": {"name": "coder"},
        "spec": {"role": "coder", "tools": ["bash"], **spec},
    }


def without(made: Body, key: str) -> Body:
    return {**made, "spec": {k: v for k, v in made["spec"].items() if k != key}}


def causes(answer: Answer) -> list[tuple[str, str]]:
    return [(c["field"], c["reason"]) for c in answer.body["details"]["causes"]]


async def test_defaults_are_filled_in(http: Http, namespace: str) -> None:
    made = {**body(), "spec": {**body()["spec"], "mcp": {"enabled": True}}}

    answer = await http("POST", agents(namespace), made)

    spec = answer.body["spec"]
    assert answer.status == 201
    assert (spec["maxTurns"], spec["provider"]) == (50, "local")
    assert spec["mcp"]["callTimeout"] == "30s"


@pytest.mark.parametrize(
    ("made", "field", "reason", "said"),
    [
        pytest.param(
            body(role="poet"),
            "spec.role",
            "FieldValueNotSupported",
            'Unsupported value: "poet": supported values: '
            '"coder", "verifier", "reviewer", "planner"',
            id="enum",
        ),
        pytest.param(
            body(temperature="hot"),
            "spec.temperature",
            "FieldValueInvalid",
            'Invalid value: "hot": spec.temperature in body should match',
            id="pattern",
        ),
        pytest.param(
            body(maxTurns=0),
            "spec.maxTurns",
            "FieldValueInvalid",
            "Invalid value: 0: spec.maxTurns in body should be greater than or equal to 1",
            id="minimum",
        ),
        pytest.param(
            body(maxTurns=501),
            "spec.maxTurns",
            "FieldValueInvalid",
            "Invalid value: 501: spec.maxTurns in body should be less than or equal to 500",
            id="maximum",
        ),
        pytest.param(
            body(tools=[]),
            "spec.tools",
            "FieldValueInvalid",
            "Invalid value: 0: spec.tools in body should have at least 1 items",
            id="min-items",
        ),
        pytest.param(
            without(body(), "role"),
            "spec.role",
            "FieldValueRequired",
            "Required value",
            id="required",
        ),
        pytest.param(
            body(maxTurns="many"),
            "spec.maxTurns",
            "FieldValueTypeInvalid",
            'Invalid value: "string": spec.maxTurns in body must be of type integer: "string"',
            id="type",
        ),
        pytest.param(
            body(tools=["bash", 7]),
            "spec.tools[1]",
            "FieldValueTypeInvalid",
            'Invalid value: "integer": spec.tools[1] in body must be of type string: "integer"',
            id="type-in-a-list",
        ),
    ],
)
async def test_what_breaks_the_schema_is_invalid(
    http: Http, namespace: str, made: Body, field: str, reason: str, said: str
) -> None:
    answer = await http("POST", agents(namespace), made)

    status = answer.body
    assert (answer.status, status["reason"], status["code"]) == (422, "Invalid", 422)
    assert (field, reason) in causes(answer)
    assert f"{field}: {said}" in status["message"]
    assert status["message"].startswith(f'Agent.{GROUP} "coder" is invalid: ')
    assert status["details"]["kind"] == "Agent"
    assert status["details"]["group"] == GROUP


async def test_every_fault_is_named(http: Http, namespace: str) -> None:
    answer = await http("POST", agents(namespace), body(role="poet", maxTurns=0))

    assert sorted(causes(answer)) == [
        ("spec.maxTurns", "FieldValueInvalid"),
        ("spec.role", "FieldValueNotSupported"),
    ]


async def test_an_invalid_patch_changes_nothing(client: Client, namespace: str) -> None:
    created = await client.create(agent(namespace))

    with pytest.raises(Invalid, match=r"spec\.maxTurns"):
        await client.patch(Agent, "coder", namespace, {"spec": {"maxTurns": 0, "model": "m"}})

    assert await client.get(Agent, "coder", namespace) == created


async def test_status_is_validated_too(client: Client, namespace: str) -> None:
    await client.create(task(namespace))
    wrong = {"status": {"phase": "Sleeping"}}

    with pytest.raises(Invalid, match=r'status\.phase: Unsupported value: "Sleeping"'):
        await client.patch(AgenticTask, "code-1", namespace, wrong, subresource="status")


async def test_a_field_of_null_is_absent(http: Http, namespace: str) -> None:
    answer = await http("POST", agents(namespace), body(model=None, maxTurns=None))

    assert answer.status == 201
    assert "model" not in answer.body["spec"]
    assert answer.body["spec"]["maxTurns"] == 50


async def test_unknown_fields_are_refused_when_strict(client: Client, namespace: str) -> None:
    await client.create(agent(namespace))

    with pytest.raises(Invalid, match=r'strict decoding error: unknown field "spec\.nope"'):
        await client.patch(Agent, "coder", namespace, {"spec": {"nope": 1}})


async def test_unknown_fields_in_depth_are_all_named(http: Http, namespace: str) -> None:
    path = f"{agents(namespace)}?fieldValidation=Strict"

    answer = await http("POST", path, body(nope=1, mcp={"enabled": True, "odd": 2}))

    assert answer.status == 400
    assert 'unknown field "spec.nope"' in answer.body["message"]
    assert 'unknown field "spec.mcp.odd"' in answer.body["message"]
    assert "strict decoding error" in answer.body["message"]


@pytest.mark.parametrize("query", ["", "?fieldValidation=Warn"])
async def test_unknown_fields_are_dropped_with_a_warning(
    http: Http, namespace: str, query: str
) -> None:
    answer = await http("POST", agents(namespace) + query, body(nope=1))

    assert answer.status == 201
    assert "nope" not in answer.body["spec"]
    assert answer.headers["Warning"] == '299 - "unknown field \\"spec.nope\\""'


async def test_unknown_fields_are_dropped_in_silence_on_request(http: Http, namespace: str) -> None:
    answer = await http("POST", f"{agents(namespace)}?fieldValidation=Ignore", body(nope=1))

    assert answer.status == 201
    assert "nope" not in answer.body["spec"]
    assert "Warning" not in answer.headers


async def test_a_field_validation_of_ones_own_is_refused(http: Http, namespace: str) -> None:
    answer = await http("POST", f"{agents(namespace)}?fieldValidation=Loud", body())

    assert answer.status == 422


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"apiVersion": "v1"}, id="version"),
        pytest.param({"metadata": {"name": "coder", "namespace": "elsewhere"}}, id="namespace"),
    ],
)
async def test_the_body_must_agree_with_the_address(
    http: Http, namespace: str, change: Body
) -> None:
    answer = await http("POST", agents(namespace), {**body(), **change})

    assert (answer.status, answer.body["reason"]) == (400, "BadRequest")


async def test_the_kind_must_agree_with_the_address(http: Http, namespace: str) -> None:
    answer = await http("POST", agents(namespace), {**body(), "kind": "Poem"})

    assert answer.status == 422
    assert answer.body["message"].endswith('kind: Invalid value: "Poem": must be Agent')


async def test_the_name_must_agree_with_the_address(http: Http, namespace: str) -> None:
    stored = (await http("POST", agents(namespace), body())).body
    stored["metadata"]["name"] = "other"

    answer = await http("PUT", agents(namespace, "coder"), stored)

    assert answer.status == 400


@pytest.mark.parametrize("content", [b"{", b"[]", b'"text"', b""])
async def test_what_is_no_object_is_a_bad_request(
    http: Http, namespace: str, content: bytes
) -> None:
    answer = await http("POST", agents(namespace), content)

    assert answer.status == 400
    assert answer.body["kind"] == "Status"


async def test_a_media_type_that_is_not_known_is_refused(http: Http, namespace: str) -> None:
    answer = await http("POST", agents(namespace), b"role: coder", Content_Type="text/markdown")

    assert answer.status == 415


@pytest.mark.parametrize(
    ("labels", "field"),
    [
        pytest.param({"a b": "c"}, "metadata.labels", id="key"),
        pytest.param({"team": "a b"}, "metadata.labels", id="value"),
        pytest.param({"team": "x" * 64}, "metadata.labels", id="length"),
    ],
)
async def test_labels_have_a_form(
    client: Client, namespace: str, labels: dict[str, str], field: str
) -> None:
    await client.create(agent(namespace))

    with pytest.raises(Invalid, match=field):
        await client.patch(Agent, "coder", namespace, {"metadata": {"labels": labels}})


async def test_a_merge_patch_replaces_lists_and_deletes_by_null(http: Http, namespace: str) -> None:
    await http("POST", agents(namespace), body(allowedRepositories=["a/b"], mcp={"enabled": True}))
    patch = {"spec": {"allowedRepositories": ["c/d"], "mcp": None}}

    answer = await http("PATCH", agents(namespace, "coder"), patch, Content_Type=MERGE)

    assert answer.status == 200
    assert answer.body["spec"]["allowedRepositories"] == ["c/d"]
    assert "mcp" not in answer.body["spec"]
