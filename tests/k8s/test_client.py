"""The client against a server that says what the test wants; the contract tests use real ones."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import structlog.testing
import yaml
from aiohttp import web

from k8s import rest
from k8s.client import Change, Client, KubeconfigAccess, UnixAccess, connect
from k8s.errors import AccessError, ApiError, Gone, Unavailable
from k8s.meta import Meta
from k8s.resources.core import ConfigMap, Event, InvolvedObject, Namespace
from k8s.resources.fleet import FleetNode
from k8s.resources.task import AgenticTask
from tests.k8s.scripted_api import TOKEN, Api, Asked, body, event, notes, refusal

BROKEN = body("bad", 7) | {"data": "no map"}


def answering(made: dict[str, Any], status: int = 200) -> Any:
    return lambda _asked: web.json_response(made, status=status)


@pytest.mark.parametrize(
    ("kind", "namespace", "name", "subresource", "expected"),
    [
        (ConfigMap, "", "", "", "/api/v1/configmaps"),
        (ConfigMap, "ns", "", "", "/api/v1/namespaces/ns/configmaps"),
        (Namespace, "", "ns", "", "/api/v1/namespaces/ns"),
        (FleetNode, "ns", "n", "", "/apis/foreman.llmkube.dev/v1alpha1/fleetnodes/n"),
        (
            AgenticTask,
            "ns",
            "t",
            "status",
            "/apis/foreman.llmkube.dev/v1alpha1/namespaces/ns/agentictasks/t/status",
        ),
        (ConfigMap, "a/b", "c?d", "", "/api/v1/namespaces/a%2Fb/configmaps/c%3Fd"),
    ],
)
def test_addresses(kind: Any, namespace: str, name: str, subresource: str, expected: str) -> None:
    assert rest.address(kind, namespace, name, subresource) == expected


def test_a_query_says_only_what_is_asked() -> None:
    assert rest.query(a="", b=None, c="x y", d=3) == "?c=x+y&d=3"
    assert rest.query(a="") == ""


@pytest.mark.parametrize(
    "chunks",
    [
        pytest.param([b"one\ntwo\n"], id="whole"),
        pytest.param([b"o", b"n", b"e\nt", b"wo\n"], id="in-pieces"),
        pytest.param([b"one", b"\n", b"\n\n", b"two\n", b"rest"], id="blank-lines-and-a-rest"),
    ],
)
def test_lines_are_split_wherever_chunks_end(chunks: list[bytes]) -> None:
    lines = rest.Lines()

    assert [line for chunk in chunks for line in lines.feed(chunk)] == [b"one", b"two"]


async def test_requests_carry_token_and_strictness(
    scripted_api: Api, scripted_client: Client
) -> None:
    scripted_api.answer = answering(body("a", 5))

    await scripted_client.create(notes())
    await scripted_client.patch(ConfigMap, "a", "ns", {"data": {"k": None}}, resource_version="4")
    await scripted_client.delete(ConfigMap, "a", "ns", uid="u")

    create, patch, delete = scripted_api.asked
    assert create.headers["Authorization"] == f"Bearer {TOKEN}"
    assert create.query == {"fieldValidation": "Strict"}
    assert (create.method, create.body["kind"]) == ("POST", "ConfigMap")
    assert patch.headers["Content-Type"] == "application/merge-patch+json"
    assert patch.body == {"data": {"k": None}, "metadata": {"resourceVersion": "4"}}
    assert delete.body == {"preconditions": {"uid": "u"}}


async def test_moments_are_written_as_the_api_reads_them(
    scripted_api: Api, scripted_client: Client
) -> None:
    scripted_api.answer = lambda asked: web.json_response(asked.body)
    moment = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
    about = InvolvedObject(kind="Agent", name="coder")

    made = Event(metadata=Meta(name="e"), involved_object=about, first_timestamp=moment)
    await scripted_client.create(made)
    await scripted_client.patch(Event, "e", "ns", {**made.wire(), "lastTimestamp": moment})

    create, patch = scripted_api.asked
    assert create.body["firstTimestamp"] == "2026-05-04T03:02:01Z"
    assert patch.body["lastTimestamp"] == "2026-05-04T03:02:01Z"


async def test_what_others_manage_is_not_kept(scripted_api: Api, scripted_client: Client) -> None:
    scripted_api.answer = answering(body("a", 5))

    got = await scripted_client.get(ConfigMap, "a", "ns")

    assert "managedFields" not in got.wire()["metadata"]


async def test_an_unreadable_object_says_what_is_wrong(
    scripted_api: Api, scripted_client: Client
) -> None:
    scripted_api.answer = answering(BROKEN)

    with pytest.raises(ApiError, match="ConfigMap ns/bad: data: ") as caught:
        await scripted_client.get(ConfigMap, "bad", "ns")

    assert caught.value.reason == "Unreadable"


async def test_unreadable_objects_are_left_out_of_lists_and_told_once(
    scripted_api: Api, scripted_client: Client
) -> None:
    scripted_api.items = [body("a", 1), BROKEN, body("b", 2)]

    with structlog.testing.capture_logs() as logs:
        first = await scripted_client.list(ConfigMap, "ns")
        await scripted_client.list(ConfigMap, "ns")

    assert [i.metadata.name for i in first.items] == ["a", "b"]
    assert first.resource_version == "100"
    assert [entry["event"] for entry in logs] == ["api.object_unreadable"]


async def test_warnings_are_told_once(scripted_api: Api, scripted_client: Client) -> None:
    def warn(asked: Asked) -> web.Response:
        return web.json_response(body("a", 1), headers={"Warning": '299 - "old"'})

    scripted_api.answer = warn
    with structlog.testing.capture_logs() as logs:
        await scripted_client.get(ConfigMap, "a", "ns")
        await scripted_client.get(ConfigMap, "a", "ns")

    assert [(e["event"], e["warning"]) for e in logs] == [("api.warned", '299 - "old"')]


async def changes(client: Client, count: int, version: str = "") -> list[Change[ConfigMap]]:
    found: list[Change[ConfigMap]] = []
    stream = client.watch(ConfigMap, "ns", resource_version=version)
    async with aclosing(stream), asyncio.timeout(5):
        async for change in stream:
            found.append(change)
            if len(found) == count:
                break
    return found


async def test_a_watch_reads_events_in_any_chunks(
    scripted_api: Api, scripted_client: Client
) -> None:
    stream = event("ADDED", body("a", 1, text="x" * 3_000_000)) + event("DELETED", body("a", 2))
    for start in range(0, len(stream), 1_000_001):
        scripted_api.send(stream[start : start + 1_000_001])

    seen = await changes(scripted_client, 2, "5")

    assert [c.type for c in seen] == ["ADDED", "DELETED"]
    assert len(seen[0].object.data["text"]) == 3_000_000
    (asked,) = scripted_api.asked
    assert asked.query["resourceVersion"] == "5"
    assert asked.query["allowWatchBookmarks"] == "true"
    assert int(asked.query["timeoutSeconds"]) > 0


async def test_bookmarks_carry_a_version_only(scripted_api: Api, scripted_client: Client) -> None:
    scripted_api.send(event("BOOKMARK", {"metadata": {"resourceVersion": "9"}}))

    (bookmark,) = await changes(scripted_client, 1)

    assert (bookmark.type, bookmark.object.metadata.resource_version) == ("BOOKMARK", "9")


async def test_an_unreadable_object_does_not_end_a_watch(
    scripted_api: Api, scripted_client: Client
) -> None:
    for type_, made in (("ADDED", BROKEN), ("DELETED", BROKEN), ("ADDED", body("a", 8))):
        scripted_api.send(event(type_, made))

    deleted, added = await changes(scripted_client, 2)

    assert (deleted.type, deleted.object.metadata.name) == ("DELETED", "bad")
    assert (added.type, added.object.metadata.name) == ("ADDED", "a")


async def test_a_watch_ends_when_the_server_ends_it(
    scripted_api: Api, scripted_client: Client
) -> None:
    scripted_api.send(event("ADDED", body("a", 1)))
    scripted_api.send(b"")

    assert len(await changes(scripted_client, 99)) == 1


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        pytest.param(refusal(410, "Expired", "too old"), Gone, id="too-old"),
        pytest.param(refusal(500, "InternalError", "oops"), Unavailable, id="broken-inside"),
    ],
)
async def test_an_error_event_is_raised(
    scripted_api: Api, scripted_client: Client, told: dict[str, Any], expected: type[ApiError]
) -> None:
    scripted_api.send(event("ERROR", told))

    with pytest.raises(expected, match=told["message"]):
        await changes(scripted_client, 1)


async def test_a_refused_watch_is_raised(scripted_api: Api, scripted_client: Client) -> None:
    scripted_api.answer = answering(refusal(410, "Expired", "too old"), status=410)

    with pytest.raises(Gone):
        await changes(scripted_client, 1)


@pytest.mark.parametrize(
    "last", [pytest.param(b"", id="between-events"), pytest.param(b'{"ty', id="in-an-event")]
)
async def test_a_broken_watch_is_unavailable(
    scripted_api: Api, scripted_client: Client, last: bytes
) -> None:
    scripted_api.send(event("ADDED", body("a", 1)) + last)
    scripted_api.hang_up()

    with pytest.raises(Unavailable):
        await changes(scripted_client, 2)


async def test_garbage_in_a_watch_is_unavailable(
    scripted_api: Api, scripted_client: Client
) -> None:
    scripted_api.send(b"<html>\n")

    with pytest.raises(Unavailable):
        await changes(scripted_client, 1)


async def test_no_server_is_unavailable(tmp_path: Path) -> None:
    async with connect(UnixAccess(tmp_path / "nowhere.sock", "t")) as client:
        with pytest.raises(Unavailable, match="no answer from the API") as caught:
            await client.ready()

    assert caught.value.status == 0


async def test_readiness_is_an_answer(scripted_api: Api, scripted_client: Client) -> None:
    scripted_api.answer = lambda _: web.Response(status=503, text="not yet")
    with pytest.raises(Unavailable, match="not yet"):
        await scripted_client.ready()

    scripted_api.answer = lambda _: web.Response(text="ok")
    await scripted_client.ready()


def kubeconfig(folder: Path, server: str, context: str = "here") -> Path:
    path = folder / "config"
    path.write_text(
        yaml.safe_dump(
            {
                "clusters": [{"name": "c", "cluster": {"server": server}}],
                "users": [{"name": "u", "user": {"token": TOKEN}}],
                "contexts": [{"name": context, "context": {"cluster": "c", "user": "u"}}],
                "current-context": context,
            }
        )
    )
    return path


async def test_a_kubeconfig_tells_server_and_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy from the environment is no way to a server on this machine."""
    asked: list[str | None] = []

    async def ready(request: web.Request) -> web.Response:
        asked.append(request.headers.get("Authorization"))
        return web.Response(text="ok")

    application = web.Application()
    application.router.add_get("/readyz", ready)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    path = kubeconfig(tmp_path, f"http://127.0.0.1:{port}")
    try:
        async with connect(KubeconfigAccess(path)) as client:
            await client.ready()
    finally:
        await runner.cleanup()

    assert asked == [f"Bearer {TOKEN}"]


@pytest.mark.parametrize(
    ("access", "said"),
    [
        pytest.param(KubeconfigAccess(Path("/nowhere/config")), "/nowhere/config", id="no-file"),
        pytest.param(KubeconfigAccess(None), "service account", id="nothing-at-all"),
    ],
)
async def test_settings_that_lead_nowhere(
    access: KubeconfigAccess, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kubernetes.aio import config

    monkeypatch.setattr(config, "KUBE_CONFIG_DEFAULT_LOCATION", "/nowhere/default")
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)

    with pytest.raises(AccessError, match=said):
        async with connect(access):
            pass


async def test_a_context_that_is_not_there(tmp_path: Path) -> None:
    path = kubeconfig(tmp_path, "http://127.0.0.1:9")

    with pytest.raises(AccessError, match="there"):
        async with connect(KubeconfigAccess(path, "there")):
            pass


async def test_a_certificate_that_is_not_ours_is_no_answer(tmp_path: Path) -> None:
    """The system's CAs are asked where the kubeconfig names none."""
    assert ssl.create_default_context().verify_mode == ssl.CERT_REQUIRED
    path = kubeconfig(tmp_path, "https://127.0.0.1:9")

    async with connect(KubeconfigAccess(path)) as client:
        with pytest.raises(Unavailable):
            await client.ready()
