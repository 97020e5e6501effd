"""What kubectl and other clients need beside the objects: discovery, tables, versions."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from k8s.client import Client
from k8s.meta import API_VERSION, GROUP
from k8s.resources.task import AgenticTask
from tests.k8s.contract.servers import Http
from tests.k8s.contract.test_objects import task

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"


@pytest.mark.parametrize("path", ["/readyz", "/livez", "/healthz"])
async def test_health_is_ok(http: Http, path: str) -> None:
    answer = await http("GET", path)

    assert (answer.status, answer.content) == (200, b"ok")


async def test_the_version_is_told(http: Http) -> None:
    told = (await http("GET", "/version")).body

    assert told["major"] == "1"
    assert told["gitVersion"].startswith("v1.")


async def test_our_group_is_discovered(http: Http) -> None:
    groups = (await http("GET", "/apis")).body["groups"]

    ours = next(g for g in groups if g["name"] == GROUP)
    assert ours["preferredVersion"] == {"groupVersion": API_VERSION, "version": "v1alpha1"}
    assert (await http("GET", "/api")).body["versions"] == ["v1"]


async def test_kinds_are_discovered(http: Http) -> None:
    listing = (await http("GET", f"/apis/{API_VERSION}")).body

    found = {r["name"]: r for r in listing["resources"]}
    tasks = found["agentictasks"]
    assert listing["kind"] == "APIResourceList"
    assert (tasks["kind"], tasks["namespaced"], tasks["singularName"], tasks["shortNames"]) == (
        "AgenticTask",
        True,
        "agentictask",
        ["at"],
    )
    assert {"create", "delete", "get", "list", "patch", "update", "watch"} <= set(tasks["verbs"])
    assert set(found["agentictasks/status"]["verbs"]) == {"get", "patch", "update"}
    assert found["fleetnodes"]["namespaced"] is False


async def test_core_kinds_are_discovered(http: Http) -> None:
    listing = (await http("GET", "/api/v1")).body

    names = {r["name"]: r.get("shortNames") for r in listing["resources"]}
    assert names["configmaps"] == ["cm"]
    assert {"secrets", "events", "namespaces", "endpoints"} <= set(names)


async def test_discovery_comes_in_one_answer(http: Http) -> None:
    answer = await http("GET", "/apis", Accept=AGGREGATED)

    assert answer.body["kind"] == "APIGroupDiscoveryList"
    ours = next(i for i in answer.body["items"] if i["metadata"]["name"] == GROUP)
    (version,) = ours["versions"]
    tasks = next(r for r in version["resources"] if r["resource"] == "agentictasks")
    assert tasks["responseKind"] == {"group": GROUP, "version": "v1alpha1", "kind": "AgenticTask"}
    assert tasks["scope"] == "Namespaced"
    assert [s["subresource"] for s in tasks["subresources"]] == ["status"]


async def test_openapi_describes_our_kinds(http: Http) -> None:
    index = (await http("GET", "/openapi/v3")).body["paths"]
    document = (await http("GET", index[f"apis/{API_VERSION}"]["serverRelativeURL"])).body

    schemas = [
        schema
        for schema in document["components"]["schemas"].values()
        if {"group": GROUP, "version": "v1alpha1", "kind": "AgenticTask"}
        in schema.get("x-kubernetes-group-version-kind", [])
    ]
    assert len(schemas) == 1
    assert "kind" in schemas[0]["properties"]["spec"]["properties"]


async def test_lists_come_as_tables(client: Client, http: Http, namespace: str) -> None:
    await client.create(task(namespace))
    await client.patch(
        AgenticTask, "code-1", namespace, {"status": {"phase": "Running"}}, subresource="status"
    )

    path = f"/apis/{API_VERSION}/namespaces/{namespace}/agentictasks"
    table = (await http("GET", path, Accept=TABLE)).body

    assert (table["kind"], table["apiVersion"]) == ("Table", "meta.k8s.io/v1")
    columns = [(c["name"], c["type"], c["priority"]) for c in table["columnDefinitions"]]
    assert columns[:3] == [("Name", "string", 0), ("Phase", "string", 0), ("Kind", "string", 0)]
    assert ("Prompt", "string", 1) in columns
    (row,) = table["rows"]
    assert row["cells"][:3] == ["code-1", "Running", "issue-fix"]
    assert row["object"]["kind"] == "PartialObjectMetadata"
    assert row["object"]["metadata"]["name"] == "code-1"


async def test_objects_and_watches_come_as_tables(
    client: Client, http: Http, namespace: str
) -> None:
    await client.create(task(namespace))
    path = f"/apis/{API_VERSION}/namespaces/{namespace}/agentictasks"

    one = (await http("GET", f"{path}/code-1", Accept=TABLE)).body
    watched = await http("GET", f"{path}?watch=true&timeoutSeconds=1", Accept=TABLE)

    assert (one["kind"], len(one["rows"])) == ("Table", 1)
    first: dict[str, Any] = orjson.loads(watched.content.split(b"\n")[0])
    assert first["type"] == "ADDED"
    assert first["object"]["kind"] == "Table"
    assert first["object"]["rows"][0]["cells"][0] == "code-1"


async def test_a_watch_ends_when_asked_to(http: Http, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/secrets?watch=true&timeoutSeconds=1"

    answer = await http("GET", path)

    assert (answer.status, answer.content) == (200, b"")


async def test_lists_carry_kind_and_version(client: Client, http: Http, namespace: str) -> None:
    created = await client.create(task(namespace))

    path = f"/apis/{API_VERSION}/namespaces/{namespace}/agentictasks"
    listing = (await http("GET", path)).body

    assert (listing["kind"], listing["apiVersion"]) == ("AgenticTaskList", API_VERSION)
    version = int(listing["metadata"]["resourceVersion"])
    assert version >= int(created.metadata.resource_version)
    (item,) = listing["items"]
    assert (item["kind"], item["apiVersion"]) == ("AgenticTask", API_VERSION)


async def test_a_deletion_tells_what_went(client: Client, http: Http, namespace: str) -> None:
    created = await client.create(task(namespace))

    path = f"/apis/{API_VERSION}/namespaces/{namespace}/agentictasks/code-1"
    answer = await http("DELETE", path)

    assert answer.body["status"] == "Success"
    assert answer.body["details"] == {
        "name": "code-1",
        "group": GROUP,
        "kind": "agentictasks",
        "uid": created.metadata.uid,
    }


async def test_refusals_are_status_objects(http: Http, namespace: str) -> None:
    path = f"/apis/{API_VERSION}/namespaces/{namespace}/agentictasks/ghost"

    answer = await http("GET", path)

    assert answer.status == 404
    assert answer.body == {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": f'agentictasks.{GROUP} "ghost" not found',
        "reason": "NotFound",
        "details": {"name": "ghost", "group": GROUP, "kind": "agentictasks"},
        "code": 404,
    }


@pytest.mark.parametrize(
    "path", ["/nope", "/apis/nope/v1", f"/apis/{API_VERSION}/poems", "/api/v1/namespaces/x/poems"]
)
async def test_paths_that_lead_nowhere(http: Http, path: str) -> None:
    assert (await http("GET", path)).status == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        pytest.param("PUT", "/api/v1/namespaces/default/configmaps", id="put-a-collection"),
        pytest.param("POST", "/api/v1/namespaces/default/configmaps/x", id="post-an-object"),
    ],
)
async def test_methods_that_mean_nothing(http: Http, method: str, path: str) -> None:
    made = {"metadata": {"name": "x"}}

    assert (await http(method, path, made)).status == 405
