"""Objects by the client: create, read, list, change, delete."""

from __future__ import annotations

import asyncio

import pytest

from k8s.client import Client
from k8s.errors import AlreadyExists, ApiError, Conflict, Invalid, NotFound
from k8s.meta import LocalRef, Meta
from k8s.resources.agent import Agent, AgentSpec
from k8s.resources.core import ConfigMap
from k8s.resources.fleet import FleetNode, NodeSpec
from k8s.resources.task import AgenticTask, Cancellation, Payload, TaskSpec


def agent(namespace: str, name: str = "coder", **labels: str) -> Agent:
    spec = AgentSpec(role="coder", tools=["bash", "submit_result"])
    return Agent(metadata=Meta(name=name, namespace=namespace, labels=labels), spec=spec)


def task(namespace: str, name: str = "code-1") -> AgenticTask:
    payload = Payload(repo="acme/app", issue=1)
    spec = TaskSpec(kind="issue-fix", payload=payload, agent_ref=LocalRef(name="coder"))
    return AgenticTask(metadata=Meta(name=name, namespace=namespace), spec=spec)


async def test_what_is_created_is_what_is_read(client: Client, namespace: str) -> None:
    created = await client.create(agent(namespace, team="a"))

    read = await client.get(Agent, "coder", namespace)

    assert read == created
    assert read.spec == agent(namespace).spec
    assert read.metadata.labels == {"team": "a"}


async def test_the_server_fills_in_metadata(client: Client, namespace: str) -> None:
    created = await client.create(agent(namespace))

    meta = created.metadata
    assert meta.uid
    assert meta.generation == 1
    assert meta.creation_timestamp is not None
    assert int(meta.resource_version) > 0


async def test_a_name_is_taken_once(client: Client, namespace: str) -> None:
    await client.create(agent(namespace))

    with pytest.raises(AlreadyExists) as caught:
        await client.create(agent(namespace))

    assert caught.value.status == 409
    assert caught.value.message == 'agents.foreman.llmkube.dev "coder" already exists'


async def test_of_many_creates_at_once_one_wins(client: Client, namespace: str) -> None:
    async def attempt() -> bool:
        try:
            await client.create(agent(namespace))
        except AlreadyExists:
            return False
        return True

    won = await asyncio.gather(*(attempt() for _ in range(20)))

    assert won.count(True) == 1


async def test_a_namespace_must_exist(client: Client) -> None:
    with pytest.raises(NotFound, match='namespaces "nowhere" not found'):
        await client.create(agent("nowhere"))


async def test_generated_names_differ(client: Client, namespace: str) -> None:
    nameless = agent(namespace)
    nameless = nameless.replace(metadata=nameless.metadata.replace(name="", generate_name="coder-"))

    names = {(await client.create(nameless)).metadata.name for _ in range(5)}

    assert len(names) == 5
    assert all(name.startswith("coder-") and len(name) == len("coder-") + 5 for name in names)


async def test_an_object_needs_a_name(client: Client, namespace: str) -> None:
    with pytest.raises(Invalid, match="name or generateName is required"):
        await client.create(agent(namespace, ""))


@pytest.mark.parametrize("name", ["Upper", "under_score", "-dash", "a" * 254, "a b"])
async def test_names_are_dns_names(client: Client, namespace: str, name: str) -> None:
    with pytest.raises(Invalid, match=r"metadata\.name: Invalid value"):
        await client.create(agent(namespace, name))


async def test_what_is_not_there_is_not_found(client: Client, namespace: str) -> None:
    message = 'agents.foreman.llmkube.dev "ghost" not found'

    with pytest.raises(NotFound, match=message):
        await client.get(Agent, "ghost", namespace)
    with pytest.raises(NotFound, match=message):
        await client.patch(Agent, "ghost", namespace, {"spec": {"maxTurns": 3}})
    with pytest.raises(NotFound, match=message):
        await client.delete(Agent, "ghost", namespace)


async def test_lists_are_of_a_namespace_or_of_all(client: Client, namespace: str) -> None:
    await client.create(agent(namespace, "one"))
    await client.create(agent(namespace, "two"))
    await client.create(agent("default", f"elsewhere-{namespace}"))

    here = await client.list(Agent, namespace)
    everywhere = await client.list(Agent)

    assert [a.metadata.name for a in here.items] == ["one", "two"]
    assert {a.key for a in here.items} < {a.key for a in everywhere.items}
    await client.delete(Agent, f"elsewhere-{namespace}", "default")


@pytest.mark.parametrize(
    ("selector", "found"),
    [
        pytest.param("team=a", ["one", "two"], id="equal"),
        pytest.param("team==b", ["three"], id="double-equal"),
        pytest.param("team!=a", ["four", "three"], id="unequal-takes-the-unlabelled"),
        pytest.param("team=a,tier=x", ["one"], id="both"),
        pytest.param("team in (a,b)", ["one", "three", "two"], id="in"),
        pytest.param("team notin (a)", ["four", "three"], id="notin"),
        pytest.param("tier", ["one"], id="exists"),
        pytest.param("!team", ["four"], id="absent"),
        pytest.param("team=none", [], id="nothing"),
    ],
)
async def test_label_selectors(
    client: Client, namespace: str, selector: str, found: list[str]
) -> None:
    await client.create(agent(namespace, "one", team="a", tier="x"))
    await client.create(agent(namespace, "two", team="a"))
    await client.create(agent(namespace, "three", team="b"))
    await client.create(agent(namespace, "four"))

    listing = await client.list(Agent, namespace, labels=selector)

    assert [a.metadata.name for a in listing.items] == found


async def test_field_selectors_know_the_name(client: Client, namespace: str) -> None:
    for name in ("one", "two"):
        await client.create(agent(namespace, name))

    named = await client.list(Agent, namespace, fields="metadata.name=one")
    others = await client.list(Agent, fields=f"metadata.namespace={namespace},metadata.name!=one")

    assert [a.metadata.name for a in named.items] == ["one"]
    assert [a.metadata.name for a in others.items] == ["two"]


@pytest.mark.parametrize(
    ("labels", "fields"),
    [
        pytest.param("a in", "", id="labels"),
        pytest.param("", "spec.role=coder", id="unknown-field"),
    ],
)
async def test_selectors_that_mean_nothing_are_refused(
    client: Client, namespace: str, labels: str, fields: str
) -> None:
    with pytest.raises(ApiError) as caught:
        await client.list(Agent, namespace, labels=labels, fields=fields)

    assert (caught.value.status, caught.value.reason) == (400, "BadRequest")


async def test_a_merge_patch_changes_what_it_names(client: Client, namespace: str) -> None:
    await client.create(agent(namespace))

    patched = await client.patch(
        Agent, "coder", namespace, {"spec": {"maxTurns": 7, "tools": ["bash"], "model": "m"}}
    )
    again = await client.patch(Agent, "coder", namespace, {"spec": {"model": None}})

    assert (patched.spec.max_turns, patched.spec.tools, patched.spec.model) == (7, ["bash"], "m")
    assert again.spec.model is None
    assert again.spec.max_turns == 7
    assert again.metadata.generation == 3


async def test_labels_and_annotations_do_not_count_as_a_generation(
    client: Client, namespace: str
) -> None:
    await client.create(agent(namespace, team="a"))

    meta = {"labels": {"team": None, "tier": "x"}, "annotations": {"note": "n"}}
    patched = await client.patch(Agent, "coder", namespace, {"metadata": meta})

    assert patched.metadata.labels == {"tier": "x"}
    assert patched.metadata.annotations == {"note": "n"}
    assert patched.metadata.generation == 1


async def test_a_patch_that_changes_nothing_makes_no_version(
    client: Client, namespace: str
) -> None:
    created = await client.create(agent(namespace))

    same = await client.patch(Agent, "coder", namespace, {"spec": {"role": "coder"}})

    assert same.metadata.resource_version == created.metadata.resource_version


async def test_what_is_the_servers_cannot_be_patched(client: Client, namespace: str) -> None:
    created = await client.create(agent(namespace))

    meta = {"generation": 9, "creationTimestamp": None}
    patched = await client.patch(Agent, "coder", namespace, {"metadata": meta})

    assert patched.metadata.generation == 1
    assert patched.metadata.creation_timestamp == created.metadata.creation_timestamp


async def test_status_at_creation_is_dropped(client: Client, namespace: str) -> None:
    made = task(namespace)

    created = await client.create(made.replace(status=made.status.replace(phase="Running")))

    assert created.status.phase is None


async def test_status_and_spec_are_written_apart(client: Client, namespace: str) -> None:
    await client.create(task(namespace))
    both = {"spec": {"cancellation": {"by": "me"}}, "status": {"phase": "Running"}}
    again = {"spec": {"cancellation": {"by": "you"}}, "status": {"phase": "Verifying"}}

    spec = await client.patch(AgenticTask, "code-1", namespace, both)
    status = await client.patch(AgenticTask, "code-1", namespace, again, subresource="status")

    assert spec.spec.cancellation == Cancellation(by="me")
    assert (spec.status.phase, spec.metadata.generation) == (None, 2)
    assert status.spec == spec.spec
    assert (status.status.phase, status.metadata.generation) == ("Verifying", 2)


async def test_status_keeps_what_a_patch_does_not_name(client: Client, namespace: str) -> None:
    await client.create(task(namespace))
    first = {"status": {"phase": "Running", "assignedNode": "n1", "reported": {"check": 7}}}
    await client.patch(AgenticTask, "code-1", namespace, first, subresource="status")

    second = {"status": {"assignedNode": None, "reported": {"comment": 8}}}
    patched = await client.patch(AgenticTask, "code-1", namespace, second, subresource="status")

    assert patched.status.phase == "Running"
    assert patched.status.assigned_node is None
    assert patched.status.reported == {"check": 7, "comment": 8}


async def test_a_patch_of_an_old_version_conflicts(client: Client, namespace: str) -> None:
    old = (await client.create(task(namespace))).metadata.resource_version
    first = await client.patch(
        AgenticTask,
        "code-1",
        namespace,
        {"status": {"phase": "Scheduled"}},
        subresource="status",
        resource_version=old,
    )

    with pytest.raises(Conflict, match="the object has been modified"):
        await client.patch(
            AgenticTask,
            "code-1",
            namespace,
            {"status": {"phase": "Running"}},
            subresource="status",
            resource_version=old,
        )

    assert first.status.phase == "Scheduled"
    assert (await client.get(AgenticTask, "code-1", namespace)).status.phase == "Scheduled"


async def test_of_many_patches_of_one_version_one_wins(client: Client, namespace: str) -> None:
    version = (await client.create(task(namespace))).metadata.resource_version

    async def claim(node: int) -> bool:
        body = {"status": {"assignedNode": f"n{node}"}}
        try:
            await client.patch(
                AgenticTask,
                "code-1",
                namespace,
                body,
                subresource="status",
                resource_version=version,
            )
        except Conflict:
            return False
        return True

    won = await asyncio.gather(*(claim(node) for node in range(10)))

    assert won.count(True) == 1


async def test_patches_without_a_version_all_count(client: Client, namespace: str) -> None:
    await client.create(task(namespace))

    async def report(number: int) -> None:
        body = {"status": {"reported": {f"k{number}": number}}}
        await client.patch(AgenticTask, "code-1", namespace, body, subresource="status")

    await asyncio.gather(*(report(number) for number in range(4)))

    stored = await client.get(AgenticTask, "code-1", namespace)
    assert stored.status.reported == {f"k{number}": number for number in range(4)}


async def test_replace_needs_the_version_it_replaces(client: Client, namespace: str) -> None:
    created = await client.create(agent(namespace))
    changed = created.replace(spec=created.spec.replace(max_turns=9))

    replaced = await client.replace(changed)

    assert replaced.spec.max_turns == 9
    assert replaced.metadata.generation == 2
    with pytest.raises(Conflict):
        await client.replace(changed)
    versionless = changed.metadata.replace(resource_version="")
    with pytest.raises(Invalid, match=r"metadata\.resourceVersion"):
        await client.replace(changed.replace(metadata=versionless))


async def test_replace_of_a_core_object_may_go_without_a_version(
    client: Client, namespace: str
) -> None:
    meta = Meta(name="notes", namespace=namespace)
    await client.create(ConfigMap(metadata=meta, data={"a": "1"}))

    replaced = await client.replace(ConfigMap(metadata=meta, data={"b": "2"}))

    assert replaced.data == {"b": "2"}


async def test_replace_of_status_leaves_the_spec(client: Client, namespace: str) -> None:
    created = await client.create(task(namespace))
    status = created.status.replace(phase="Running")
    changed = created.replace(status=status, spec=created.spec.replace(priority=3))

    replaced = await client.replace(changed, subresource="status")

    assert (replaced.status.phase, replaced.spec.priority) == ("Running", 0)


async def test_deleted_is_gone(client: Client, namespace: str) -> None:
    await client.create(agent(namespace))

    await client.delete(Agent, "coder", namespace)

    with pytest.raises(NotFound):
        await client.get(Agent, "coder", namespace)


async def test_a_delete_can_insist_on_the_object(client: Client, namespace: str) -> None:
    first = await client.create(agent(namespace))
    await client.delete(Agent, "coder", namespace)
    second = await client.create(agent(namespace))

    with pytest.raises(Conflict, match="the UID in the precondition"):
        await client.delete(Agent, "coder", namespace, uid=first.metadata.uid)
    await client.delete(Agent, "coder", namespace, uid=second.metadata.uid)

    assert first.metadata.uid != second.metadata.uid
    assert (await client.list(Agent, namespace)).items == []


async def test_cluster_scope_has_no_namespace(client: Client, namespace: str) -> None:
    name = f"node-{namespace}"

    created = await client.create(
        FleetNode(metadata=Meta(name=name), spec=NodeSpec(node_name=name))
    )

    assert created.metadata.namespace is None
    assert (await client.get(FleetNode, name)).key == ("", name)
    await client.delete(FleetNode, name)


async def test_the_api_says_when_it_serves(client: Client) -> None:
    await client.ready()
