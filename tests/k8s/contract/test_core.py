"""The core kinds that we use, and who may do what."""

from __future__ import annotations

import base64
import secrets
from datetime import UTC, datetime

import pytest

from k8s.client import Client, KubeconfigAccess, UnixAccess, connect
from k8s.errors import AlreadyExists, ApiError, Forbidden, Invalid, NotFound
from k8s.events import Recorder
from k8s.meta import Meta
from k8s.resources.core import (
    ConfigMap,
    Endpoints,
    Event,
    Lease,
    LeaseSpec,
    Namespace,
    Secret,
)
from k8s.resources.fleet import FleetNode, NodeSpec
from k8s.resources.task import AgenticTask
from k8s.resources.workload import Workload, WorkloadSpec
from tests.k8s.contract.servers import Http, Server
from tests.k8s.contract.test_objects import agent, task

NOW = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)


@pytest.fixture
async def node(server: Server) -> Client:
    """Our client, as a node."""
    if "node" not in server.access:
        pytest.skip("somebody's cluster: its tokens are not ours")
    async with connect(server.access["node"]) as connected:
        yield connected


async def test_secrets_are_written_as_text_and_read_as_base64(
    client: Client, namespace: str
) -> None:
    meta = Meta(name="token", namespace=namespace)

    created = await client.create(
        Secret(metadata=meta, data={"a": base64.b64encode(b"1").decode()}, string_data={"b": "2"})
    )

    assert {k: base64.b64decode(v) for k, v in created.data.items()} == {"a": b"1", "b": b"2"}
    assert created.string_data is None
    assert created.type == "Opaque"


async def test_a_secret_keeps_its_type(client: Client, namespace: str) -> None:
    await client.create(Secret(metadata=Meta(name="token", namespace=namespace)))

    with pytest.raises(Invalid, match="field is immutable"):
        await client.patch(Secret, "token", namespace, {"type": "example.com/other"})


async def test_a_secret_must_be_base64(client: Client, namespace: str) -> None:
    with pytest.raises(ApiError) as caught:
        await client.create(
            Secret(metadata=Meta(name="token", namespace=namespace), data={"a": "no base64!"})
        )

    assert caught.value.status == 400


async def test_config_maps_hold_a_mebibyte(client: Client, namespace: str) -> None:
    most = 1024 * 1024

    created = await client.create(
        ConfigMap(metadata=Meta(name="most", namespace=namespace), data={"t": "é" * (most // 2)})
    )

    assert len(created.data["t"]) == most // 2
    with pytest.raises(Invalid, match="Too long: may not be more than 1048576 bytes"):
        await client.create(
            ConfigMap(metadata=Meta(name="more", namespace=namespace), data={"t": "x" * (most + 1)})
        )


@pytest.mark.parametrize("key", ["a b", "a/b", "..", ""])
async def test_keys_of_config_maps_are_file_names(client: Client, namespace: str, key: str) -> None:
    meta = Meta(name="notes", namespace=namespace)

    with pytest.raises(Invalid, match="data"):
        await client.create(ConfigMap(metadata=meta, data={key: "1"}))


async def test_config_map_patches_merge(client: Client, namespace: str) -> None:
    meta = Meta(name="notes", namespace=namespace)
    await client.create(ConfigMap(metadata=meta, data={"a": "1", "b": "2"}))

    patched = await client.patch(ConfigMap, "notes", namespace, {"data": {"a": None, "c": "3"}})

    assert patched.data == {"b": "2", "c": "3"}


async def test_a_strategic_patch_merges_a_config_map(http: Http, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    made = {"metadata": {"name": "notes"}, "data": {"a": "1", "b": "2"}}
    await http("POST", path, made)

    answer = await http(
        "PATCH",
        f"{path}/notes",
        {"data": {"a": None, "c": "3"}},
        Content_Type="application/strategic-merge-patch+json",
    )

    assert answer.status == 200
    assert answer.body["data"] == {"b": "2", "c": "3"}


async def test_events_are_counted_not_repeated(client: Client, namespace: str) -> None:
    about = await client.create(agent(namespace))
    recorder = Recorder(client, "test", lambda: NOW)

    await recorder.record(about, "Waiting", "no node is free", type="Warning")
    await recorder.record(about, "Waiting", "no node is free", type="Warning")

    (event,) = (await client.list(Event, namespace)).items
    assert (event.reason, event.count, event.type) == ("Waiting", 2, "Warning")
    assert event.first_timestamp == NOW
    assert event.involved_object.uid == about.metadata.uid


async def test_events_are_found_by_what_they_are_about(client: Client, namespace: str) -> None:
    first = await client.create(agent(namespace, "one"))
    second = await client.create(agent(namespace, "two"))
    recorder = Recorder(client, "test", lambda: NOW)
    for about in (first, second):
        await recorder.record(about, "Seen", "it is there")

    fields = f"involvedObject.name=two,involvedObject.uid={second.metadata.uid}"
    found = await client.list(Event, namespace, fields=fields)

    assert [e.involved_object.name for e in found.items] == ["two"]


async def test_leases_keep_microseconds(client: Client, namespace: str) -> None:
    moment = "2026-05-04T03:02:01.123456Z"
    spec = LeaseSpec(holder_identity="me", acquire_time=moment, renew_time=moment)

    created = await client.create(Lease(metadata=Meta(name="l", namespace=namespace), spec=spec))

    assert created.spec == spec
    stolen = {"spec": {"holderIdentity": "you", "leaseTransitions": 1}}
    patched = await client.patch(
        Lease, "l", namespace, stolen, resource_version=created.metadata.resource_version
    )
    assert (patched.spec.holder_identity, patched.spec.renew_time) == ("you", moment)


async def test_endpoints_tell_the_port(client: Client, namespace: str) -> None:
    subsets = [{"addresses": [{"ip": "192.0.2.7"}], "ports": [{"port": 8080, "protocol": "TCP"}]}]

    created = await client.create(
        Endpoints(metadata=Meta(name="model", namespace=namespace), subsets=subsets)
    )

    assert created.subsets == subsets


async def test_namespaces_are_objects(client: Client) -> None:
    name = f"made-{secrets.token_hex(4)}"

    await client.create(Namespace(metadata=Meta(name=name)))

    assert (await client.get(Namespace, name)).metadata.labels == {
        "kubernetes.io/metadata.name": name
    }
    assert "default" in {n.metadata.name for n in (await client.list(Namespace)).items}
    with pytest.raises(AlreadyExists):
        await client.create(Namespace(metadata=Meta(name=name)))
    with pytest.raises(Invalid):
        await client.create(Namespace(metadata=Meta(name="no.dots")))


async def test_owned_objects_go_with_their_owner(
    client: Client, namespace: str, server: Server
) -> None:
    """On a cluster that is the controller-manager's work, which does not run here."""
    if not server.embedded:
        pytest.skip("no kube-controller-manager")
    owner = await client.create(agent(namespace))
    meta = Meta(name="owned", namespace=namespace, owner_references=[owner.owner_reference()])
    owned = await client.create(ConfigMap(metadata=meta))
    grand = Meta(name="grand", namespace=namespace, owner_references=[owned.owner_reference()])
    await client.create(ConfigMap(metadata=grand))
    await client.create(ConfigMap(metadata=Meta(name="free", namespace=namespace)))

    version = (await client.list(ConfigMap, namespace)).resource_version
    await client.delete(type(owner), "coder", namespace)
    gone = set()
    async for change in client.watch(ConfigMap, namespace, resource_version=version):
        if change.type == "DELETED":
            gone.add(change.object.metadata.name)
        if gone == {"owned", "grand"}:
            break

    assert [c.metadata.name for c in (await client.list(ConfigMap, namespace)).items] == ["free"]


async def test_a_node_reads_agents_and_works_on_tasks(
    client: Client, node: Client, namespace: str
) -> None:
    await client.create(agent(namespace))
    await client.create(task(namespace))
    name = f"node-{namespace}"
    await client.patch(
        AgenticTask,
        "code-1",
        namespace,
        {"status": {"phase": "Scheduled", "assignedNode": name}},
        subresource="status",
    )

    await node.create(FleetNode(metadata=Meta(name=name), spec=NodeSpec(node_name=name)))
    running = await node.patch(
        AgenticTask,
        "code-1",
        namespace,
        {"status": {"phase": "Running", "claimID": "c1"}},
        subresource="status",
    )

    assert [a.metadata.name for a in (await node.list(type(agent("")), namespace)).items] == [
        "coder"
    ]
    assert running.status.claim_id == "c1"
    await client.delete(FleetNode, name)


async def test_a_node_gives_no_orders(client: Client, node: Client, namespace: str) -> None:
    await client.create(task(namespace))
    wanted = Workload(
        metadata=Meta(name="w", namespace=namespace), spec=WorkloadSpec(intent="mine")
    )

    with pytest.raises(Forbidden, match='cannot create resource "workloads" in API group'):
        await node.create(wanted)
    with pytest.raises(Forbidden):
        await node.patch(AgenticTask, "code-1", namespace, {"spec": {"priority": 9}})
    with pytest.raises(Forbidden):
        await node.delete(AgenticTask, "code-1", namespace)
    with pytest.raises(Forbidden):
        await node.list(Secret, namespace)


async def test_a_wrong_token_is_nobody(server: Server, http: Http, namespace: str) -> None:
    access = server.access["admin"]
    answer = await http("GET", f"/api/v1/namespaces/{namespace}/secrets", token="wrong")

    assert (answer.status, answer.body["reason"]) == (401, "Unauthorized")
    if isinstance(access, UnixAccess):
        async with connect(UnixAccess(access.socket, "wrong")) as stranger:
            with pytest.raises(Forbidden, match="Unauthorized"):
                await stranger.list(Secret, namespace)


async def test_without_a_token_nothing_is_told(http: Http, namespace: str) -> None:
    answer = await http("GET", f"/api/v1/namespaces/{namespace}/secrets", token="")

    assert answer.status in (401, 403)


async def test_a_kubeconfig_leads_here(server: Server) -> None:
    async with connect(KubeconfigAccess(server.kubeconfigs["admin"])) as connected:
        await connected.ready()
        assert (await connected.get(Namespace, "default")).metadata.name == "default"


async def test_a_kind_that_is_not_served_is_not_found(client: Client, namespace: str) -> None:
    class Poem(ConfigMap):
        PLURAL = "poems"

    with pytest.raises(NotFound):
        await client.list(Poem, namespace)
