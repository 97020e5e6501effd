from __future__ import annotations

import pytest

from k8s.crds import crds
from k8s.embedded.installation import applied
from tests.k8s.embedded.embedded_support import Caller

AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
GROUP = "/apis/foreman.llmkube.dev"


async def test_groups_and_versions(admin: Caller) -> None:
    groups = (await admin("GET", "/apis")).body["groups"]
    one = (await admin("GET", GROUP)).body

    assert {group["name"] for group in groups} >= {"foreman.llmkube.dev", "batch"}
    assert one["preferredVersion"]["groupVersion"] == "foreman.llmkube.dev/v1alpha1"
    assert (await admin("GET", "/api")).body["versions"] == ["v1"]


async def test_resources_with_their_subresources(admin: Caller) -> None:
    body = (await admin("GET", f"{GROUP}/v1alpha1")).body
    resources = {one["name"]: one for one in body["resources"]}

    assert resources["agentictasks"]["shortNames"] == ["at"]
    assert resources["agentictasks/status"]["verbs"] == ["get", "patch", "update"]
    assert resources["fleetnodes"]["namespaced"] is False
    assert "modelprofiles/status" not in resources


@pytest.mark.parametrize(("path", "group"), [("/api", None), ("/apis", "foreman.llmkube.dev")])
async def test_all_in_one_answer(admin: Caller, path: str, group: str | None) -> None:
    answer = await admin("GET", path, accept=f"{AGGREGATED},application/json")

    assert answer.headers["Content-Type"] == AGGREGATED
    assert group in {item["metadata"].get("name") for item in answer.body["items"]}


@pytest.mark.parametrize(
    "path", ["/apis/nothing", f"{GROUP}/v9", "/api/v2", "/openapi/v3/apis/x/v1"]
)
async def test_what_is_not_there(admin: Caller, path: str) -> None:
    assert (await admin("GET", path)).status == 404


async def test_openapi_tells_kubectl_that_fields_are_validated_here(admin: Caller) -> None:
    index = (await admin("GET", "/openapi/v3")).body["paths"]
    path = index["apis/foreman.llmkube.dev/v1alpha1"]["serverRelativeURL"]
    document = (await admin("GET", path)).body

    patch = document["paths"][f"{GROUP}/v1alpha1/namespaces/{{namespace}}/agents/{{name}}"]["patch"]
    schema = document["components"]["schemas"]["dev.llmkube.foreman.v1alpha1.Agent"]
    assert patch["parameters"][0]["name"] == "fieldValidation"
    assert schema["x-kubernetes-group-version-kind"] == [patch["x-kubernetes-group-version-kind"]]
    assert schema["properties"]["spec"]["properties"]["maxTurns"]["default"] == 50


async def test_health_is_text(admin: Caller) -> None:
    assert (await admin("GET", "/healthz")).body == b"ok"


def test_the_applied_annotation_is_what_go_would_print() -> None:
    text = applied({**crds()[0], "spec": {"b": "<a & b>", "a": 1}})

    assert text.startswith('{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResource')
    assert '"annotations":{}' in text
    assert text.endswith('"spec":{"a":1,"b":"\\u003ca \\u0026 b\\u003e"}}\n')
