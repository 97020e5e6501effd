from __future__ import annotations

import asyncio
from typing import Any

import pytest
from yarl import URL

from k8s.embedded.serve import EmbeddedApi
from tests.k8s.embedded.embedded_support import (
    CONFIG_MAPS,
    MERGE,
    OURS,
    TASKS,
    Caller,
    config_map,
    task,
)

STRATEGIC = "application/strategic-merge-patch+json"
AGENTS = f"{OURS}/namespaces/default/agents"


def agent(**spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "foreman.llmkube.dev/v1alpha1",
        "kind": "Agent",
        "metadata": {"name": "a"},
        "spec": {"role": "coder", **spec},
    }


async def test_a_created_object_is_defaulted_and_stamped(admin: Caller) -> None:
    made = await admin.made(TASKS, task("a"))

    assert made["spec"]["priority"] == 0
    assert made["metadata"]["generation"] == 1
    assert made["metadata"]["namespace"] == "default"
    assert made["metadata"].keys() >= {"uid", "resourceVersion", "creationTimestamp"}
    assert (await admin("GET", f"{TASKS}/a")).body == made


async def test_a_taken_name_is_a_conflict(admin: Caller) -> None:
    await admin.made(TASKS, task("a"))

    answer = await admin("POST", TASKS, task("a"))

    assert (answer.status, answer.body["reason"]) == (409, "AlreadyExists")
    assert answer.body["message"] == 'agentictasks.foreman.llmkube.dev "a" already exists'
    assert answer.body["details"] == {
        "name": "a",
        "group": "foreman.llmkube.dev",
        "kind": "agentictasks",
    }


async def test_generated_names_differ(admin: Caller) -> None:
    body = {**task(""), "metadata": {"generateName": "run-"}}

    names = {(await admin.made(TASKS, body))["metadata"]["name"] for _ in range(5)}

    assert len(names) == 5
    assert all(name.startswith("run-") and len(name) == 9 for name in names)


@pytest.mark.parametrize(
    ("path", "body", "status", "message"),
    [
        pytest.param(
            TASKS.replace("default", "nowhere"),
            task("a"),
            404,
            'namespaces "nowhere" not found',
            id="no namespace",
        ),
        pytest.param(
            TASKS,
            {**task("a"), "kind": "Agent"},
            422,
            'AgenticTask.foreman.llmkube.dev "a" is invalid: kind: Invalid value: "Agent":'
            " must be AgenticTask",
            id="other kind",
        ),
        pytest.param(
            TASKS,
            {**task("a"), "apiVersion": "v1"},
            400,
            "the API version in the data (v1) does not match the expected API version"
            " (foreman.llmkube.dev/v1alpha1)",
            id="other version",
        ),
        pytest.param(
            TASKS,
            task("a", kind="nope"),
            422,
            'AgenticTask.foreman.llmkube.dev "a" is invalid: spec.kind: Unsupported value: "nope":'
            ' supported values: "issue-fix", "verify", "review", "freeform", "integrate",'
            ' "reconcile"',
            id="enum",
        ),
        pytest.param(
            TASKS,
            task("a", timeoutSeconds=-1),
            422,
            'AgenticTask.foreman.llmkube.dev "a" is invalid: spec.timeoutSeconds: Invalid value:'
            " -1: spec.timeoutSeconds in body should be greater than or equal to 0",
            id="minimum",
        ),
        pytest.param(
            TASKS,
            task("a", payload={"repo": "x"}),
            422,
            'AgenticTask.foreman.llmkube.dev "a" is invalid: spec.payload.repo: Invalid value: "x":'
            " spec.payload.repo in body should match '^[A-Za-z0-9._-]+/[A-Za-z0-9._-]+$'",
            id="pattern",
        ),
        pytest.param(
            AGENTS,
            agent(tools="b"),
            422,
            'Agent.foreman.llmkube.dev "a" is invalid: spec.tools: Invalid value: "string":'
            ' spec.tools in body must be of type array: "string"',
            id="type",
        ),
        pytest.param(
            AGENTS,
            agent(),
            422,
            'Agent.foreman.llmkube.dev "a" is invalid: spec.tools: Required value',
            id="required",
        ),
        pytest.param(TASKS, b"{", 400, None, id="no JSON"),
        pytest.param(TASKS, b"[]", 400, "the body is not a JSON object", id="no object"),
        pytest.param(TASKS, b'{"a":' * 900 + b"1" + b"}" * 900, 400, None, id="nested"),
        pytest.param(CONFIG_MAPS, config_map("A"), 422, None, id="name"),
        pytest.param(CONFIG_MAPS, config_map("a", **{"b c": "d"}), 422, None, id="data key"),
        pytest.param(CONFIG_MAPS, config_map("a", b="x" * (2 << 20)), 422, None, id="data size"),
        pytest.param(CONFIG_MAPS, b" " * (4 << 20), 413, None, id="body size"),
        pytest.param(
            CONFIG_MAPS,
            {**config_map("a"), "data": {"b": 1}},
            400,
            'ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal'
            " number into Go struct field ConfigMap.data.b of type string",
            id="core type",
        ),
        pytest.param(f"{OURS}/nothings", {}, 404, None, id="no such resource"),
        pytest.param(
            "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
            {},
            405,
            None,
            id="another definition",
        ),
    ],
)
async def test_a_bad_create_says_why(
    admin: Caller, path: str, body: Any, status: int, message: str | None
) -> None:
    answer = await admin("POST", path, body)

    assert (answer.status, answer.body["code"]) == (status, status), answer.body
    assert answer.body["kind"] == "Status"
    assert message in (None, answer.body["message"])


async def test_an_invalid_object_lists_its_causes(admin: Caller) -> None:
    answer = await admin("POST", TASKS, task("a", kind="nope", timeoutSeconds=-1))

    assert answer.body["details"]["kind"] == "AgenticTask"
    assert {(c["field"], c["reason"]) for c in answer.body["details"]["causes"]} == {
        ("spec.kind", "FieldValueNotSupported"),
        ("spec.timeoutSeconds", "FieldValueInvalid"),
    }


async def test_unknown_fields_are_refused_warned_of_or_dropped(admin: Caller) -> None:
    body = task("a", typo=1)

    strict = await admin("POST", f"{TASKS}?fieldValidation=Strict", body)
    warned = await admin("POST", TASKS, body)
    ignored = await admin(
        "POST",
        f"{TASKS}?fieldValidation=Ignore",
        {**task("b", typo=1), "metadata": {"name": "b", "nme": 1}},
    )

    assert strict.status == 400
    assert strict.body["message"] == (
        'AgenticTask in version "v1alpha1" cannot be handled as a AgenticTask: strict decoding'
        ' error: unknown field "spec.typo"'
    )
    assert warned.warnings == ['299 - "unknown field \\"spec.typo\\""']
    assert "typo" not in warned.body["spec"]
    assert ignored.warnings == []
    assert "typo" not in ignored.body["spec"]
    assert "nme" not in ignored.body["metadata"]


async def test_a_strict_patch_tells_of_the_patch(admin: Caller) -> None:
    await admin.made(TASKS, task("a"))

    answer = await admin(
        "PATCH", f"{TASKS}/a?fieldValidation=Strict", {"spec": {"typo": 1}}, media=MERGE
    )

    assert answer.status == 422
    assert 'strict decoding error: unknown field "spec.typo"' in answer.body["message"]


async def test_nulls_count_as_absent(admin: Caller) -> None:
    made = await admin.made(TASKS, task("a", priority=None, timeoutSeconds=None))

    assert made["spec"]["priority"] == 0
    assert "timeoutSeconds" not in made["spec"]


async def test_status_is_written_through_its_subresource_only(admin: Caller) -> None:
    made = await admin.made(TASKS, {**task("a"), "status": {"phase": "Running"}})
    plain = await admin.patched(f"{TASKS}/a", {"status": {"phase": "Running"}})
    patch = {"status": {"phase": "Running"}, "spec": {"priority": 9}, "metadata": {"labels": {}}}
    status = await admin.patched(f"{TASKS}/a/status", patch)

    assert "status" not in made
    assert plain == made
    assert status["status"] == {"phase": "Running"}
    assert status["spec"] == made["spec"]
    assert status["metadata"]["generation"] == 1


async def test_status_keeps_what_it_does_not_know(admin: Caller) -> None:
    await admin.made(TASKS, task("a"))

    patched = await admin.patched(f"{TASKS}/a/status", {"status": {"newer": {"x": [1]}}})

    assert patched["status"] == {"newer": {"x": [1]}}


async def test_generation_counts_changes_of_the_spec(admin: Caller) -> None:
    await admin.made(TASKS, task("a"))

    labelled = await admin.patched(f"{TASKS}/a", {"metadata": {"labels": {"a": "b"}}})
    cancelled = await admin.patched(f"{TASKS}/a", {"spec": {"cancellation": {"by": "me"}}})

    assert labelled["metadata"]["generation"] == 1
    assert cancelled["metadata"]["generation"] == 2


async def test_a_change_that_changes_nothing_keeps_the_version(admin: Caller) -> None:
    made = await admin.made(TASKS, task("a"))

    assert await admin.patched(f"{TASKS}/a", {"spec": {"kind": "freeform"}}) == made


async def test_an_order_stays_as_it_was_given(admin: Caller) -> None:
    await admin.made(TASKS, task("a"))

    answer = await admin("PATCH", f"{TASKS}/a", {"spec": {"priority": 5}}, media=MERGE)

    assert answer.status == 422
    assert answer.body["message"].startswith(
        'AgenticTask.foreman.llmkube.dev "a" is invalid: spec: Forbidden: is immutable'
    )


async def test_an_old_version_is_a_conflict(admin: Caller) -> None:
    made = await admin.made(CONFIG_MAPS, config_map("a", x="1"))
    await admin.patched(f"{CONFIG_MAPS}/a", {"data": {"x": "2"}})

    replaced = await admin("PUT", f"{CONFIG_MAPS}/a", made)
    version = {"resourceVersion": made["metadata"]["resourceVersion"]}
    patched = await admin("PATCH", f"{CONFIG_MAPS}/a", {"metadata": version}, media=MERGE)

    assert (replaced.status, patched.status) == (409, 409)
    assert replaced.body["reason"] == "Conflict"
    assert "the object has been modified" in patched.body["message"]


async def test_one_of_many_writers_with_one_version_wins(admin: Caller) -> None:
    made = await admin.made(TASKS, task("a"))
    version = made["metadata"]["resourceVersion"]

    answers = await asyncio.gather(
        *(
            admin(
                "PATCH",
                f"{TASKS}/a/status",
                {
                    "metadata": {"resourceVersion": version},
                    "status": {"assignedNode": f"node-{number}"},
                },
                media=MERGE,
            )
            for number in range(20)
        )
    )

    assert sorted(answer.status for answer in answers) == [200] + [409] * 19


async def test_a_custom_resource_is_replaced_by_version_only(admin: Caller) -> None:
    made = await admin.made(TASKS, task("a"))

    without = await admin("PUT", f"{TASKS}/a", task("a"))
    with_version = await admin("PUT", f"{TASKS}/a", made)

    assert without.status == 422
    assert "must be specified for an update" in without.body["message"]
    assert with_version.status == 200


async def test_names_and_uids_of_a_replacement_must_fit(admin: Caller) -> None:
    await admin.made(CONFIG_MAPS, config_map("a"))

    other_name = await admin("PUT", f"{CONFIG_MAPS}/a", config_map("b"))
    other = config_map("a")
    other["metadata"]["uid"] = "x"
    other_uid = await admin("PUT", f"{CONFIG_MAPS}/a", other)
    absent = await admin("PUT", f"{CONFIG_MAPS}/c", config_map("c"))

    assert (other_name.status, other_uid.status, absent.status) == (400, 409, 404)


@pytest.mark.parametrize(
    ("path", "media"),
    [
        pytest.param(f"{TASKS}/a", "application/json-patch+json", id="JSON patch"),
        pytest.param(f"{TASKS}/a", "application/apply-patch+yaml", id="server-side apply"),
        pytest.param(f"{TASKS}/a", STRATEGIC, id="strategic for a custom resource"),
        pytest.param(f"{CONFIG_MAPS}/a", "application/json", id="plain JSON"),
    ],
)
async def test_other_patches_are_unsupported_media(admin: Caller, path: str, media: str) -> None:
    answer = await admin("PATCH", path, {}, media=media)

    assert (answer.status, answer.body["reason"]) == (415, "UnsupportedMediaType")
    assert "application/merge-patch+json" in answer.body["message"]


async def test_core_kinds_take_strategic_patches(admin: Caller) -> None:
    await admin.made(CONFIG_MAPS, config_map("a", x="1", y="2"))

    patched = await admin.patched(
        f"{CONFIG_MAPS}/a", {"data": {"x": None, "z": "3"}}, media=STRATEGIC
    )

    assert patched["data"] == {"y": "2", "z": "3"}


async def test_preconditions_of_a_delete_hold(admin: Caller) -> None:
    made = await admin.made(TASKS, task("a"))

    wrong = await admin("DELETE", f"{TASKS}/a", {"preconditions": {"uid": "x"}})
    right = await admin("DELETE", f"{TASKS}/a", {"preconditions": {"uid": made["metadata"]["uid"]}})
    again = await admin("DELETE", f"{TASKS}/a")

    assert wrong.status == 409
    found = made["metadata"]["uid"]
    assert f"(x) does not match the UID in record ({found})" in wrong.body["message"]
    assert right.body["status"] == "Success"
    assert right.body["details"]["uid"] == made["metadata"]["uid"]
    assert again.status == 404


async def test_a_list_is_ordered_and_knows_its_version(admin: Caller) -> None:
    for name in ("b", "a", "c"):
        last = await admin.made(TASKS, task(name))

    listed = (await admin("GET", f"{TASKS}?limit=1")).body
    everywhere = (await admin("GET", f"{OURS}/agentictasks")).body

    assert [item["metadata"]["name"] for item in listed["items"]] == ["a", "b", "c"]
    assert listed["kind"] == "AgenticTaskList"
    assert listed["metadata"]["resourceVersion"] == last["metadata"]["resourceVersion"]
    assert everywhere["items"] == listed["items"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        pytest.param("labelSelector=app=x", ["a", "b"], id="equal"),
        pytest.param("labelSelector=app!=x", ["c"], id="not equal"),
        pytest.param("labelSelector=tier", ["b"], id="exists"),
        pytest.param("labelSelector=!tier", ["a", "c"], id="absent"),
        pytest.param("labelSelector=app in (x,y),!tier", ["a"], id="set and absent"),
        pytest.param("labelSelector=app notin (x)", ["c"], id="not in"),
        pytest.param("fieldSelector=metadata.name=b", ["b"], id="name"),
        pytest.param("fieldSelector=metadata.name!=b", ["a", "c"], id="other names"),
    ],
)
async def test_lists_select(admin: Caller, query: str, names: list[str]) -> None:
    for name, labels in (("a", {"app": "x"}), ("b", {"app": "x", "tier": "1"}), ("c", {})):
        await admin.made(TASKS, {**task(name), "metadata": {"name": name, "labels": labels}})

    listed = await admin("GET", f"{TASKS}?{query}")

    assert [item["metadata"]["name"] for item in listed.body["items"]] == names


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "said"),
    [
        pytest.param("GET", f"{TASKS}?fieldSelector=status.phase=Running", None, 400, "not supported", id="field"),
        pytest.param("GET", f"{TASKS}?labelSelector=a=b=c", None, 400, "requirement", id="label"),
        pytest.param("GET", f"{TASKS}?continue=x", None, 400, "not chunked", id="continue"),
        pytest.param("GET", f"{TASKS}?resourceVersion=x", None, 400, "not a number", id="version"),
        pytest.param("GET", f"{TASKS}?resourceVersion=9999999", None, 504, "Too large", id="future"),
        pytest.param("GET", f"{TASKS}?resourceVersion=1&resourceVersionMatch=Exact", None, 410, "too old", id="exact"),
        pytest.param("DELETE", TASKS, None, 405, "name the object", id="deletecollection"),
        pytest.param("DELETE", f"{TASKS}/a", {"propagationPolicy": "Orphan"}, 422, "Background", id="orphan"),
        pytest.param("DELETE", f"{TASKS}/a", {"dryRun": ["All"]}, 400, "dryRun", id="dry delete"),
        pytest.param("POST", f"{TASKS}?dryRun=All", task("b"), 400, "dryRun", id="dry create"),
        pytest.param("POST", f"{TASKS}?fieldValidation=No", task("b"), 422, "fieldValidation", id="mode"),
        pytest.param("POST", TASKS, {**task("b"), "metadata": {"name": "b", "finalizers": ["x/y"]}}, 422, "finalizers", id="finalizers"),
        pytest.param("GET", f"{TASKS}/a/scale", None, 404, "not found", id="subresource"),
        pytest.param("GET", f"{OURS}/agentictasks/a", None, 404, "could not find", id="no namespace"),
        pytest.param("GET", "/metrics", None, 404, "could not find", id="path"),
    ],
)  # fmt: skip
async def test_what_is_not_served_is_a_status(
    admin: Caller, method: str, path: str, body: Any, status: int, said: str
) -> None:
    await admin.made(TASKS, task("a"))

    answer = await admin(method, path, body)

    assert (answer.status, answer.body["kind"]) == (status, "Status"), answer.body
    assert said in answer.body["message"]
    assert (await admin("GET", f"{TASKS}/a")).status == 200


async def test_secrets_take_plain_strings_and_check_base64(admin: Caller) -> None:
    path = "/api/v1/namespaces/default/secrets"
    head = {"apiVersion": "v1", "kind": "Secret"}

    made = await admin.made(path, {**head, "metadata": {"name": "a"}, "stringData": {"k": "v"}})
    bad = await admin("POST", path, {**head, "metadata": {"name": "b"}, "data": {"k": "§"}})
    retyped = await admin("PATCH", f"{path}/a", {"type": "other"}, media=MERGE)

    assert (made["data"], made["type"]) == ({"k": "dg=="}, "Opaque")
    assert "stringData" not in made
    assert bad.status == 400
    assert "field is immutable" in retyped.body["message"]


async def test_an_immutable_config_map_stays(admin: Caller) -> None:
    await admin.made(CONFIG_MAPS, {**config_map("a", x="1"), "immutable": True})

    answer = await admin("PATCH", f"{CONFIG_MAPS}/a", {"data": {"x": "2"}}, media=MERGE)

    assert answer.status == 422


async def test_an_event_is_about_its_own_namespace(admin: Caller) -> None:
    body = {
        "metadata": {"name": "a"},
        "involvedObject": {"kind": "AgenticTask", "name": "t", "namespace": "other"},
    }

    answer = await admin("POST", "/api/v1/namespaces/default/events", body)

    assert answer.status == 422
    assert "does not match event.namespace" in answer.body["message"]


async def test_events_are_selected_by_what_they_are_about(admin: Caller) -> None:
    path = "/api/v1/namespaces/default/events"
    for name in ("a", "b"):
        about = {"kind": "AgenticTask", "name": name, "namespace": "default"}
        await admin.made(path, {"metadata": {"name": name}, "involvedObject": about})

    listed = await admin("GET", f"{path}?fieldSelector=involvedObject.name=b,reason=")

    assert [item["metadata"]["name"] for item in listed.body["items"]] == ["b"]


async def test_a_lease_is_made_by_replacing_it(admin: Caller) -> None:
    path = "/apis/coordination.k8s.io/v1/namespaces/default/leases"
    body = {"metadata": {"name": "a"}, "spec": {"holderIdentity": "x"}}

    made = await admin(
        "PUT", f"{path}/a", {**body, "metadata": {"name": "a", "resourceVersion": "0"}}
    )
    plain = await admin("POST", path, {**body, "metadata": {"name": "b"}})
    wrong = await admin("PATCH", f"{path}/b", {"spec": {"leaseDurationSeconds": 0}}, media=MERGE)

    assert made.status in (201, 400)
    assert plain.status == 201
    assert wrong.status == 422


async def test_a_namespace_takes_its_objects_with_it(admin: Caller) -> None:
    await admin.made("/api/v1/namespaces", {"metadata": {"name": "team"}})
    inside = TASKS.replace("default", "team")
    await admin.made(inside, task("a"))

    deleted = await admin("DELETE", "/api/v1/namespaces/team")

    assert deleted.status == 200
    assert (await admin("GET", f"{inside}/a")).status == 404
    assert (await admin("DELETE", "/api/v1/namespaces/default")).status == 403


async def test_definitions_can_be_read_and_labelled_but_not_changed(admin: Caller) -> None:
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/agents.foreman.llmkube.dev"

    found = (await admin("GET", path)).body
    labelled = await admin.patched(path, {"metadata": {"labels": {"a": "b"}}})
    changed = await admin("PATCH", path, {"spec": {"scope": "Cluster"}}, media=MERGE)

    assert {c["type"]: c["status"] for c in found["status"]["conditions"]} == {
        "Established": "True",
        "NamesAccepted": "True",
    }
    assert labelled["spec"] == found["spec"]
    assert changed.status == 422
    assert (await admin("DELETE", path)).status == 405


async def test_inference_services_are_stored_as_they_are(admin: Caller) -> None:
    path = "/apis/inference.llmkube.dev/v1alpha1/namespaces/default/inferenceservices"
    body = {
        "apiVersion": "inference.llmkube.dev/v1alpha1",
        "kind": "InferenceService",
        "metadata": {"name": "a"},
        "spec": {"anything": [1, None]},
    }

    made = await admin("POST", f"{path}?fieldValidation=Strict", body)

    assert made.status == 201
    assert made.body["spec"] == {"anything": [1, None]}


async def test_a_lost_token_is_unauthorized(admin: Caller) -> None:
    admin.session.headers["Authorization"] = "Bearer wrong"

    answer = await admin("GET", TASKS)

    assert (answer.status, answer.body["reason"]) == (401, "Unauthorized")


async def test_tables_carry_cells_and_metadata(admin: Caller) -> None:
    await admin.made(TASKS, task("a"))

    table = (await admin("GET", TASKS, accept="application/json;as=Table;v=v1;g=meta.k8s.io")).body

    assert table["kind"] == "Table"
    assert [(c["name"], c["priority"]) for c in table["columnDefinitions"]] == [
        ("Name", 0),
        ("Phase", 0),
        ("Kind", 0),
        ("Node", 0),
        ("Verdict", 0),
        ("Age", 0),
        ("Prompt", 1),
        ("Output", 1),
    ]
    assert table["rows"][0]["cells"] == ["a", None, "freeform", None, None, "0s", "hello", None]
    assert table["rows"][0]["object"]["kind"] == "PartialObjectMetadata"


async def test_an_answer_in_no_known_form_is_not_acceptable(admin: Caller) -> None:
    answer = await admin("GET", TASKS, accept="application/yaml")

    assert answer.status == 406


async def test_a_write_that_does_not_reach_the_disk_is_not_acknowledged(
    admin: Caller, api: EmbeddedApi
) -> None:
    api.store._db.execute("PRAGMA query_only = 1")
    failed = await admin("POST", TASKS, task("a"))
    api.store._db.execute("PRAGMA query_only = 0")
    again = await admin("POST", TASKS, task("a"))

    assert (failed.status, failed.body["reason"]) == (500, "InternalError")
    assert "the database did not take the write" in failed.body["message"]
    assert again.status == 201


async def test_a_path_may_be_escaped(admin: Caller) -> None:
    await admin.made(TASKS, task("a.b"))

    async with admin.session.get(URL(f"{TASKS}/a%2Eb", encoded=True)) as response:
        assert response.status == 200


@pytest.mark.parametrize(
    ("path", "body"),
    [
        pytest.param(
            f"{OURS}/namespaces/default/fleetnodes", {}, id="a namespace of a cluster kind"
        ),
        pytest.param(f"{TASKS}/a/b/c", {}, id="too deep"),
        pytest.param(f"{TASKS}//status", {}, id="no name"),
        pytest.param(f"{OURS}/agentictasks", task("a"), id="create in no namespace"),
    ],
)
async def test_a_path_that_leads_nowhere_is_not_found(admin: Caller, path: str, body: Any) -> None:
    assert (await admin("POST", path, body)).status == 404


async def test_a_table_is_also_an_answer_to_a_write(admin: Caller) -> None:
    table = "application/json;as=Table;v=v1;g=meta.k8s.io"

    made = await admin("POST", TASKS, task("a"), accept=table)
    got = await admin("GET", f"{TASKS}/a", accept=table)

    assert (made.status, made.body["kind"]) == (201, "Table")
    assert got.body["rows"][0]["cells"][0] == "a"
