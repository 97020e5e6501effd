"""The door: a delivery is checked, stored, and only then answered with 202.

Nothing else happens here: no call to GitHub, no model, no git. Order of the checks: content type,
length (before a byte of the body is read), signature over the raw bytes, delivery id, JSON.
https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import orjson
import structlog
from aiohttp import hdrs, web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.typedefs import Handler

from app.webhook.events import EventError, as_delivery, parse
from app.webhook.names import delivery_name
from k8s.errors import AlreadyExists, ApiError, Invalid
from k8s.resources.delivery import Delivery

BODY_LIMIT = 25 * 1024 * 1024  # GitHub's own cap of a payload
READ_SECONDS = 10.0
LINGER_SECONDS = 1.0  # for the answer to be seen by one who still sends what is refused
STORE_SECONDS = 8.0  # GitHub gives up after ten

log = structlog.get_logger(__name__)


class NoSecretError(Exception):
    """There is no webhook secret; the operator must set GITHUB_WEBHOOK_SECRET."""


class Store(Protocol):
    """Where deliveries are kept; the API's client is one."""

    async def create(self, obj: Delivery) -> Delivery: ...
    async def ready(self) -> None: ...


@dataclass(frozen=True)
class Door:
    """What the handlers need. Build with `open_door`."""

    secrets: tuple[bytes, ...] = field(repr=False)
    store: Store
    namespace: str
    clock: Callable[[], datetime]


DOOR = web.AppKey("door", Door)


def open_door(
    secrets: Sequence[str], store: Store, *, namespace: str, clock: Callable[[], datetime]
) -> Door:
    """A door for deliveries signed with any of *secrets*. Raises `NoSecretError`."""
    live = tuple(secret.encode() for secret in secrets if secret)
    if not live:
        raise NoSecretError(
            "GITHUB_WEBHOOK_SECRET: not set; anybody could send deliveries without it"
        )
    return Door(live, store, namespace, clock)


def application(door: Door) -> web.Application:
    """`POST /webhook`, `/healthz` and `/readyz`; other pages may be added to it."""
    app = web.Application(middlewares=[answered], client_max_size=BODY_LIMIT)
    app[DOOR] = door
    app.router.add_post("/webhook", receive, expect_handler=_expected)
    app.router.add_get("/healthz", healthy)
    app.router.add_get("/readyz", ready)
    return app


@asynccontextmanager
async def serving(app: web.Application, host: str, port: int) -> AsyncIterator[int]:
    """Serve *app*; yields the port."""
    runner = web.AppRunner(
        app,
        access_log=None,
        auto_decompress=False,  # compressed bodies are refused, and not unpacked before that
        handle_signals=False,
        lingering_time=LINGER_SECONDS,
        logger=_http_log(),
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        await site.start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


def _http_log() -> logging.Logger:
    """The log of aiohttp, less what others send wrong: it was answered 400, and is no error of ours."""
    logger = logging.getLogger("aiohttp.server")
    logger.addFilter(_is_our_fault)
    return logger


def _is_our_fault(record: logging.LogRecord) -> bool:
    fault = record.exc_info[1] if record.exc_info else None
    return not isinstance(fault, HttpProcessingError)


@web.middleware
async def answered(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Errors as an answer; what nobody foresaw is a bug of ours, logged with its trace."""
    try:
        return await handler(request)
    except web.HTTPException:
        raise
    except Exception:
        log.exception("webhook.failed", path=request.path)
        return _say(500, "an error of ours; it was logged")


def _say(status: int, message: str) -> web.Response:
    body = orjson.dumps({"message": message})
    return web.Response(status=status, body=body, content_type="application/json")


def _refusal(request: web.Request) -> web.Response | None:
    """What can be refused by the headers alone. None: nothing."""
    if request.content_type != "application/json":
        return _say(415, "content type: only application/json is taken; set it in the App's hook")
    if request.headers.get(hdrs.CONTENT_ENCODING, "identity").lower() != "identity":
        return _say(415, "content encoding: only plain bodies are taken")
    if (request.content_length or 0) > BODY_LIMIT:
        return _say(413, f"body: larger than {BODY_LIMIT} bytes, which GitHub never sends")
    return None


async def _expected(request: web.Request) -> web.StreamResponse | None:
    """Answer `Expect: 100-continue`: a refusal comes before the body is asked for."""
    if refusal := _refusal(request):
        refusal.force_close()
        return refusal
    if request.transport is not None:
        request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    return None


async def receive(request: web.Request) -> web.Response:
    door = request.app[DOOR]
    if refusal := _refusal(request):
        refusal.force_close()
        return refusal
    try:
        async with asyncio.timeout(READ_SECONDS):
            body = await request.read()
    except TimeoutError:
        return _say(408, "body: it did not arrive in time")
    except web.HTTPRequestEntityTooLarge:
        refusal = _say(413, f"body: larger than {BODY_LIMIT} bytes, which GitHub never sends")
        refusal.force_close()
        return refusal
    except (web.RequestPayloadError, ConnectionError):
        return _say(400, "body: cut off")
    if not is_signed(body, request.headers.get("X-Hub-Signature-256", ""), door.secrets):
        log.warning("webhook.signature_refused", remote=request.remote)
        return _say(401, "X-Hub-Signature-256: missing or wrong; compare the webhook secrets")
    return await _accept(door, request, body)


def is_signed(body: bytes, signature: str, secrets: Sequence[bytes]) -> bool:
    """Whether *signature* is that of *body* under one of *secrets*, in constant time."""
    given = signature.encode("utf-8", "surrogateescape")
    fits = False
    for secret in secrets:
        right = b"sha256=" + hmac.digest(secret, body, hashlib.sha256).hex().encode()
        fits |= hmac.compare_digest(given, right)
    return fits


async def _accept(door: Door, request: web.Request, body: bytes) -> web.Response:
    name = delivery_name(request.headers.get("X-GitHub-Delivery", ""))
    event_name = request.headers.get("X-GitHub-Event", "")
    if name is None or not event_name:
        return _say(400, "X-GitHub-Delivery or X-GitHub-Event: missing or malformed")
    try:
        event = parse(event_name, orjson.loads(body))
    except orjson.JSONDecodeError as exc:
        return _say(400, f"body: no JSON ({exc.msg})")
    except EventError as exc:
        return _say(400, f"body: {exc}")
    if event is None:
        return _say(202, "pong" if event_name == "ping" else "not used")
    delivery = as_delivery(event, name=name, namespace=door.namespace, received_at=door.clock())
    return await _store(door, delivery)


async def _store(door: Door, delivery: Delivery) -> web.Response:
    name = delivery.metadata.name
    try:
        async with asyncio.timeout(STORE_SECONDS):
            await door.store.create(delivery)
    except AlreadyExists:
        return _say(202, "duplicate")
    except Invalid as exc:
        return _say(400, f"body: {exc}")
    except (ApiError, TimeoutError) as exc:
        log.warning("webhook.not_stored", delivery=name, error=str(exc) or "timeout")
        return _say(503, "the store does not answer; deliver again later")
    spec = delivery.spec
    log.info("webhook.stored", delivery=name, github_event=spec.event, action=spec.action)
    return _say(202, "stored")


async def healthy(request: web.Request) -> web.Response:
    return _say(200, "alive")


async def ready(request: web.Request) -> web.Response:
    try:
        async with asyncio.timeout(STORE_SECONDS):
            await request.app[DOOR].store.ready()
    except (ApiError, TimeoutError) as exc:
        return _say(503, f"the store does not answer: {exc}")
    return _say(200, "ready")
