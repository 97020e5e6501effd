from __future__ import annotations

import asyncio
import hashlib
import hmac
import io
import json
import random
import string
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from structlog.testing import capture_logs

from app.webhook.server import BODY_LIMIT, NoSecretError, application, open_door, serving
from k8s.errors import AlreadyExists, ApiError, Invalid, Unavailable
from k8s.resources.delivery import Delivery
from tests.app.webhook.payloads import body, commented, issue, labelled

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SECRET = "s3cret"


class Store:
    """An API that keeps names apart, and fails as it is told to."""

    def __init__(self) -> None:
        self.kept: dict[str, Delivery] = {}
        self.fault: ApiError | None = None

    async def create(self, obj: Delivery) -> Delivery:
        if self.fault:
            raise self.fault
        if obj.metadata.name in self.kept:
            raise AlreadyExists(409, "AlreadyExists", "there")
        self.kept[obj.metadata.name] = obj
        return obj

    async def ready(self) -> None:
        if self.fault:
            raise self.fault


class Hook:
    def __init__(self, store: Store, session: aiohttp.ClientSession, port: int) -> None:
        self.store, self.session, self.port = store, session, port
        self.url = f"http://127.0.0.1:{port}/webhook"

    async def post(
        self, content: bytes | Any, *, secret: str = SECRET, event: str = "issues", **headers: str
    ) -> tuple[int, str]:
        raw = content if isinstance(content, bytes) else json.dumps(content).encode()
        changed = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {k: v for k, v in (signed(raw, secret, event) | changed).items() if v != "-"}
        async with self.session.post(self.url, data=io.BytesIO(raw), headers=sent) as response:
            return response.status, (await response.json())["message"]


def signed(raw: bytes, secret: str = SECRET, event: str = "issues") -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": "72D3162E-cc78-11e3-81ab-4c9367dc0958",
        "X-Hub-Signature-256": "sha256="
        + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest(),
    }


@asynccontextmanager
async def hook(*secrets: str) -> AsyncIterator[Hook]:
    store = Store()
    door = open_door(secrets or [SECRET], store, namespace="control", clock=lambda: NOW)
    async with (
        serving(application(door), "127.0.0.1", 0) as port,
        aiohttp.ClientSession() as session,
    ):
        yield Hook(store, session, port)


async def test_a_delivery_is_stored_before_it_is_answered() -> None:
    async with hook() as h:
        assert await h.post(labelled()) == (202, "stored")

    (kept,) = h.store.kept.values()
    assert kept.key == ("control", "72d3162e-cc78-11e3-81ab-4c9367dc0958")
    assert kept.spec.received_at == NOW


async def test_the_same_delivery_twenty_times_at_once_is_one() -> None:
    async with hook() as h:
        answers = await asyncio.gather(*(h.post(labelled()) for _ in range(20)))

    assert sorted(answers) == [(202, "duplicate")] * 19 + [(202, "stored")]
    assert len(h.store.kept) == 1


@pytest.mark.parametrize(
    ("event", "given", "told"),
    [
        pytest.param("ping", {"zen": "x"}, "pong", id="ping"),
        pytest.param("push", {"ref": "x"}, "not used", id="push"),
        pytest.param("issues", body("edited", issue=issue()), "not used", id="edited"),
        pytest.param("issue_comment", commented("hello"), "not used", id="chat"),
    ],
)
async def test_what_is_not_used_is_not_stored(event: str, given: Any, told: str) -> None:
    async with hook() as h:
        assert await h.post(given, event=event) == (202, told)

    assert h.store.kept == {}


async def test_both_live_secrets_sign() -> None:
    async with hook("new", "old") as h:
        assert (await h.post(labelled(), secret="new"))[0] == 202
        assert (await h.post(labelled(), secret="old"))[0] == 202
        assert (await h.post(labelled(), secret="older"))[0] == 401


SHA1 = "sha1=" + hmac.new(SECRET.encode(), b"{}", hashlib.sha1).hexdigest()


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"X_Hub_Signature_256": "-"}, id="missing"),
        pytest.param({"X_Hub_Signature_256": ""}, id="empty"),
        pytest.param({"X_Hub_Signature_256": "sha256=" + "0" * 64}, id="wrong"),
        pytest.param({"X_Hub_Signature_256": "sha256=\u00e9"}, id="not ascii"),
        pytest.param({"X_Hub_Signature_256": SHA1}, id="sha-1 in its place"),
        pytest.param({"X_Hub_Signature_256": "-", "X_Hub_Signature": SHA1}, id="sha-1"),
    ],
)
async def test_only_a_right_sha256_signature_is_taken(headers: dict[str, str]) -> None:
    async with hook() as h:
        assert (await h.post(b"{}", **headers))[0] == 401


async def test_the_signature_is_that_of_the_raw_bytes() -> None:
    spaced = json.dumps(labelled(), indent=3).encode()
    async with hook() as h:
        assert (await h.post(spaced))[0] == 202
        stale = signed(spaced)["X-Hub-Signature-256"]
        assert (await h.post(spaced + b" ", X_Hub_Signature_256=stale))[0] == 401


@pytest.mark.parametrize("secrets", [[], [""]])
def test_there_is_no_door_without_a_secret(secrets: list[str]) -> None:
    with pytest.raises(NoSecretError, match="GITHUB_WEBHOOK_SECRET"):
        open_door(secrets, Store(), namespace="n", clock=lambda: NOW)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({"Content_Type": "application/x-www-form-urlencoded"}, 415, id="form"),
        pytest.param({"Content_Type": "text/plain"}, 415, id="text"),
        pytest.param({"Content_Encoding": "gzip"}, 415, id="compressed"),
        pytest.param({"X_GitHub_Delivery": "-"}, 400, id="no delivery id"),
        pytest.param({"X_GitHub_Delivery": "../../etc"}, 400, id="a path as delivery id"),
        pytest.param({"X_GitHub_Event": "-"}, 400, id="no event"),
    ],
)
async def test_headers_that_github_does_not_send(headers: dict[str, str], status: int) -> None:
    async with hook() as h:
        assert (await h.post(labelled(), **headers))[0] == status

    assert h.store.kept == {}


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"{", id="cut"),
        pytest.param(b"\xff\xfe", id="bytes"),
        pytest.param(b'{"action": NaN}', id="NaN"),
        pytest.param(b'{"action": "\\ud800"}', id="half a surrogate pair"),
        pytest.param(b"[" * 100_000, id="deep and cut"),
        pytest.param(b"[" * 100_000 + b"]" * 100_000, id="deep"),
        pytest.param(b'{"a":' * 50_000 + b"1" + b"}" * 50_000, id="deep objects"),
        pytest.param(b'"labeled"', id="a string"),
        pytest.param(b'{"action": "labeled"}', id="empty event"),
        pytest.param(b'{"action": "labeled", "action": 1e999}', id="infinite"),
    ],
)
async def test_bodies_that_are_no_event_are_told_so(raw: bytes) -> None:
    async with hook() as h:
        status, told = await h.post(raw)

    assert status == (202 if b"1e999" in raw and told == "not used" else 400)


async def raw_exchange(port: int, head: str, *chunks: bytes) -> bytes:
    """Send *head* and then *chunks* until the other side has answered; its answer's head."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(head.replace("\n", "\r\n").encode() + b"\r\n\r\n")
        for chunk in chunks:
            writer.write(chunk)
            await writer.drain()
        return await reader.readuntil(b"\r\n\r\n")
    finally:
        writer.close()


HEAD = "POST /webhook HTTP/1.1\nHost: x\nContent-Type: application/json\n"


async def test_a_large_body_is_refused_before_it_is_read() -> None:
    async with hook() as h:
        answer = await raw_exchange(h.port, HEAD + f"Content-Length: {30 * 2**20}")
        polite = await raw_exchange(
            h.port, HEAD + f"Content-Length: {30 * 2**20}\nExpect: 100-continue"
        )

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert polite.startswith(b"HTTP/1.1 413 ")


async def test_a_large_body_without_a_length_is_refused_while_it_is_read() -> None:
    chunk = b"100000\r\n" + b"x" * 2**20 + b"\r\n"
    async with hook() as h:
        answer = await raw_exchange(h.port, HEAD + "Transfer-Encoding: chunked", *[chunk] * 26)

    assert answer.startswith(b"HTTP/1.1 413 ")


async def test_the_largest_body_github_sends_is_taken() -> None:
    given = labelled(filler="x")
    room = BODY_LIMIT - len(json.dumps(given).encode())
    async with hook() as h:
        assert (await h.post(labelled(filler="x" * (room + 1))))[0] == 202


async def test_a_polite_client_is_asked_to_continue() -> None:
    raw = json.dumps(labelled()).encode()
    headers = "\n".join(f"{k}: {v}" for k, v in signed(raw).items())
    head = f"POST /webhook HTTP/1.1\nHost: x\n{headers}\nContent-Length: {len(raw)}\n"
    async with hook() as h:
        assert (await raw_exchange(h.port, head + "Expect: 100-continue")).startswith(
            b"HTTP/1.1 100 "
        )
        assert (await raw_exchange(h.port, head.rstrip(), raw)).startswith(b"HTTP/1.1 202 ")


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        pytest.param(Unavailable(503, "ServiceUnavailable", "away"), 503, id="away"),
        pytest.param(ApiError(403, "Forbidden", "no"), 503, id="not allowed to us"),
        pytest.param(Invalid(422, "Invalid", "spec.sender: no"), 400, id="refused by the schema"),
    ],
)
async def test_what_cannot_be_stored_is_not_acknowledged(fault: ApiError, status: int) -> None:
    async with hook() as h:
        h.store.fault = fault
        assert (await h.post(labelled()))[0] == status


async def test_only_post_is_for_deliveries() -> None:
    async with hook() as h, h.session.get(h.url) as response:
        assert response.status == 405


async def test_health_tells_life_and_readiness_tells_the_store() -> None:
    async with hook() as h:
        root = h.url.removesuffix("/webhook")

        async def status(page: str) -> int:
            async with h.session.get(root + page) as response:
                return response.status

        assert [await status("/healthz"), await status("/readyz")] == [200, 200]
        h.store.fault = Unavailable(0, "NoAnswer", "away")
        assert [await status("/healthz"), await status("/readyz")] == [200, 503]


def generated(chance: random.Random) -> tuple[bytes, dict[str, str]]:
    """A request with something wrong or odd in it, signed or not."""
    given: Any = chance.choice(
        [labelled(), commented("/foreman fix"), body("closed", issue=issue())]
    )
    for _ in range(chance.randrange(4)):
        mangle(given, chance)
    raw = json.dumps(given).encode()
    if chance.random() < 0.2:
        cut = chance.randrange(len(raw))
        raw = raw[:cut] + bytes(chance.randrange(256) for _ in range(chance.randrange(5)))
    headers = signed(
        raw, event=chance.choice(["issues", "issue_comment", "pull_request", "ping", "\u00fc", ""])
    )
    if chance.random() < 0.2:
        headers.pop(chance.choice(list(headers)))
    if chance.random() < 0.2:
        odd = "".join(chance.choice(string.printable[:94] + "\u00e9") for _ in range(8))
        headers[chance.choice(list(headers) or ["Accept"])] = odd
    headers["X-GitHub-Delivery"] = headers.get("X-GitHub-Delivery", "x") + str(chance.randrange(5))
    return raw, headers


ODD: list[Any] = [
    None,
    True,
    0,
    -1,
    2**63,
    2**64,
    1e308,
    "",
    "\0",
    "x" * 70_000,
    "\u202e",
    [],
    [[]],
    {},
    {"": 1},
]


def mangle(given: Any, chance: random.Random) -> None:
    """Put something odd somewhere into *given*."""
    while True:
        keys = list(given) if isinstance(given, dict) else list(range(len(given)))
        if not keys:
            return
        key = chance.choice(keys)
        if isinstance(given[key], dict | list) and given[key] and chance.random() < 0.7:
            given = given[key]
            continue
        given[key] = deepcopy(chance.choice(ODD))
        return


async def test_no_generated_request_is_answered_5xx_or_logs_an_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    chance = random.Random(20260301)
    seen: dict[int, int] = {}
    with capture_logs() as logs:
        async with hook() as h:
            for _ in range(1000):
                raw, headers = generated(chance)
                async with h.session.post(h.url, data=raw, headers=headers) as response:
                    seen[response.status] = seen.get(response.status, 0) + 1

    assert max(seen) < 500
    assert set(seen) >= {202, 400, 401, 415}
    assert [entry for entry in logs if entry["log_level"] in ("error", "critical")] == []
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def test_bytes_that_are_no_http_log_no_error(caplog: pytest.LogCaptureFixture) -> None:
    async with hook() as h:
        for head in ("GET / HTTP/9.9", "\0\0\0", HEAD + "Content-Length: -1", "POST /webhook"):
            try:
                answer = await raw_exchange(h.port, head)
            except (asyncio.IncompleteReadError, ConnectionError):
                continue
            assert answer.startswith(b"HTTP/")
            assert b" 4" in answer[:14]

    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
