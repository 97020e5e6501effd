"""The one door to `openai`: streaming chat completions from any compatible server.

The client's own `create()` walks the whole history on each call, which makes a long run cost the
square of its turns. Bytes that are ready go through `client.post` instead. Everything that may
change between turns (the forced tool, a dropped parameter) stands behind the messages, so that the
body of one request begins with the body of the one before.
"""

from __future__ import annotations

import asyncio
import contextlib
import email.utils
import ipaddress
import re
import ssl
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import httpx2
import openai
from openai import AsyncOpenAI, AsyncStream

from loop.encoding import dump
from loop.errors import ContextOverflow, ModelError, Permanent, Transient, Unsupported
from loop.model import Message, Reply, Request
from loop.streaming import Aggregate

DEFAULT_OUTPUT_TOKENS = 8192
# After the last word of a reply only usage and [DONE] are due: no reason to wait long for them.
_EPILOGUE_SECONDS = 5.0
_WORDS_LIMIT = 2000
_REPLY_LIMIT = 8 * 1024 * 1024  # a server that ignores max_tokens and never stops
_DROPPABLE = ("temperature", "stream_options", "tool_choice", "max_tokens")
_OVERFLOW = re.compile(
    r"context[ _](length|size|window)|maximum context|prompt is too long|input is too long"
    r"|too many (input |prompt )?tokens|exceed_context",
    re.IGNORECASE,
)
_REFUSED = re.compile(
    r"unsupported|not support|unrecogni[sz]ed|unknown|not permitted|not allowed|unexpected"
    r"|extra (inputs|fields)|only the default|does not accept",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Sampling:
    """What every request of a run asks for. *temperature* None: the server's default."""

    model: str
    temperature: float | None = None
    max_output_tokens: int = DEFAULT_OUTPUT_TOKENS
    chat_template_kwargs: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Patience:
    """Seconds: until the first chunk, and between two chunks. Comments do not count as chunks."""

    first_byte_seconds: float = 120.0
    silence_seconds: float = 60.0


class Connection:
    """One endpoint, shared by all runs that use it."""

    def __init__(self, client: AsyncOpenAI) -> None:
        self._client = client

    def model(self, sampling: Sampling, patience: Patience | None = None) -> OpenAIModel:
        return OpenAIModel(self._client, sampling, patience or Patience())


@contextlib.asynccontextmanager
async def connect(
    base_url: str, *, api_key: str = "", connect_seconds: float = 5.0
) -> AsyncIterator[Connection]:
    """The endpoint at *base_url* (`…/v1`). Proxies of the environment only lead to the outside."""
    timeout = httpx2.Timeout(None, connect=connect_seconds)
    transport = openai.DefaultAsyncHttpxClient(
        trust_env=not is_local(base_url),
        timeout=timeout,
        limits=httpx2.Limits(max_connections=None, max_keepalive_connections=100),
        # The authorities' certificates cost 20 ms and 1 MiB. A context that knows none trusts none.
        verify=base_url.startswith("https:") or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
    )
    async with AsyncOpenAI(
        base_url=base_url,
        api_key=api_key or "none",  # the client refuses to start without one
        http_client=transport,
        max_retries=0,
        timeout=timeout,
    ) as client:
        yield Connection(client)


def is_local(base_url: str) -> bool:
    """True for an endpoint of this machine or a private network, where no proxy leads."""
    host = urlsplit(base_url).hostname or ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        ends = (".local", ".localhost", ".internal", ".svc", ".svc.cluster.local")
        return "." not in host or host.endswith(ends)
    return address.is_private or address.is_loopback or address.is_link_local


class OpenAIModel:
    """A `Model` for one run: it remembers which parameters this server did not know."""

    def __init__(self, client: AsyncOpenAI, sampling: Sampling, patience: Patience) -> None:
        self._client = client
        self._sampling = sampling
        self._patience = patience
        self._dropped: set[str] = set()

    def encode(self, message: Message) -> bytes:
        """The wire form; reasoning stays behind, `content` is always there."""
        body: dict[str, Any] = {"role": message.role, "content": message.content}
        if message.role == "tool":
            body["tool_call_id"] = message.call_id
        if message.calls:
            body["tool_calls"] = [
                {
                    "id": call.id,
                    "type": "function",
                    "function": {"name": call.name, "arguments": call.arguments_text},
                }
                for call in message.calls
            ]
        return dump(body)

    async def complete(self, request: Request) -> Reply:
        while True:
            try:
                return await self._ask(request)
            except Unsupported as exc:
                if exc.parameter in self._dropped:
                    raise Permanent(exc.message, status=exc.status) from exc
                self._dropped.add(exc.parameter)

    async def _ask(self, request: Request) -> Reply:
        body = self._body(request)
        received = Aggregate()
        try:
            await self._receive(body, request.headers, received)
        except TimeoutError as exc:
            self._silent(received, exc)
        except ValueError as exc:  # a chunk that is no JSON
            raise Transient(f"the server sent a chunk that is no JSON: {exc}") from exc
        except (openai.APIError, httpx2.HTTPError) as exc:
            if not received.finish_reason:
                raise _typed(exc, now=datetime.now(UTC)) from exc
        if not received.finish_reason:
            raise Transient("the stream ended before the reply was finished")
        return received.reply(turn=request.turn, sent_bytes=len(body))

    def _silent(self, received: Aggregate, exc: TimeoutError) -> None:
        """A reply that is complete may lack its usage; any other silence is an error."""
        if not received.finish_reason:
            waited = self._patience
            raise Transient(
                f"the server was silent (first chunk within {waited.first_byte_seconds:g} s, "
                f"then {waited.silence_seconds:g} s between chunks)",
                timed_out=True,
            ) from exc

    async def _receive(self, body: bytes, headers: Mapping[str, str], received: Aggregate) -> None:
        # Headers may come long before the first chunk, and comments (`: ping`) keep a read timeout
        # alive for ever: so both waits are ours.
        async with asyncio.timeout(self._patience.first_byte_seconds):
            stream = await self._client.post(
                "/chat/completions",
                content=body,
                options={"headers": {"Content-Type": "application/json", **headers}},
                cast_to=object,
                stream=True,
                stream_cls=AsyncStream[object],
            )
            try:
                chunks = aiter(stream)
                received.add(await anext(chunks, None))
            except BaseException:
                await stream.close()
                raise
        async with stream:
            while True:
                wait = self._patience.silence_seconds
                if received.finish_reason:
                    wait = min(wait, _EPILOGUE_SECONDS)
                async with asyncio.timeout(wait):
                    chunk = await anext(chunks, None)
                if chunk is None:
                    return
                received.add(chunk)
                if received.characters > _REPLY_LIMIT:
                    raise Transient(f"the reply is longer than {_REPLY_LIMIT} characters")

    def _body(self, request: Request) -> bytes:
        tail = dump(self._tail(request))
        return b"".join(
            (
                b'{"model":',
                dump(self._sampling.model),
                b',"stream":true,"tools":' + request.tools if request.tools else b',"stream":true',
                b',"messages":[',
                b",".join(request.messages),
                b"]," + tail[1:] if len(tail) > 2 else b"]}",
            )
        )

    def _tail(self, request: Request) -> dict[str, Any]:
        sampling = self._sampling
        tail: dict[str, Any] = {
            "max_tokens": sampling.max_output_tokens,
            "stream_options": {"include_usage": True},
        }
        if sampling.temperature is not None:
            tail["temperature"] = sampling.temperature
        if sampling.chat_template_kwargs:
            tail["chat_template_kwargs"] = dict(sampling.chat_template_kwargs)
        if request.only and request.tools:
            tail["tool_choice"] = (
                "none"
                if request.only == "none"
                else {"type": "function", "function": {"name": request.only}}
            )
        return {key: value for key, value in tail.items() if key not in self._dropped}


def _typed(exc: openai.APIError | httpx2.HTTPError, *, now: datetime) -> ModelError:
    """What the client raised, named by who must act."""
    if isinstance(exc, openai.APITimeoutError | httpx2.TimeoutException):
        return Transient("the connection timed out", timed_out=True)
    if isinstance(exc, openai.APIConnectionError | httpx2.HTTPError):
        return Transient(f"the connection failed: {exc.__cause__ or exc}")
    status, headers = _status(exc), {}
    if isinstance(exc, openai.APIStatusError):
        headers = dict(exc.response.headers)
    words = _words(exc)
    if _OVERFLOW.search(f"{exc.code} {exc.type} {words}") and status not in (429, 401, 403):
        return ContextOverflow(words, status=status)
    if status is None or status in (408, 409, 429) or status >= 500:
        return Transient(
            words,
            status=status,
            retry_after=retry_after(headers, now=now),
            timed_out=status in (408, 504),
        )
    if status in (400, 422) and (parameter := _unsupported(exc, words)):
        return Unsupported(words, parameter=parameter, status=status)
    return Permanent(words, status=status)


def _status(exc: openai.APIError) -> int | None:
    """The status; inside a stream servers name it in the error's code, or not at all."""
    if isinstance(exc, openai.APIStatusError):
        return exc.status_code
    return int(exc.code) if exc.code and exc.code.isdigit() and len(exc.code) == 3 else None


def _words(exc: openai.APIError) -> str:
    """The server's own message, else its whole body."""
    body = exc.body
    if isinstance(body, Mapping):
        said = body.get("message") or body.get("detail") or body.get("error")
        words = said if isinstance(said, str) else dump(said or body).decode()
    else:
        words = body if isinstance(body, str) and body else exc.message
    return words[:_WORDS_LIMIT]


def _unsupported(exc: openai.APIError, words: str) -> str:
    """The parameter of ours that the server does not know, else ""."""
    for parameter in _DROPPABLE:
        if exc.param == parameter or (parameter in words and _REFUSED.search(words)):
            return parameter
    return ""


def retry_after(headers: Mapping[str, str], *, now: datetime) -> float | None:
    """Seconds the server wants us to wait; None where it does not say."""
    wish = headers.get("retry-after", "")
    with contextlib.suppress(ValueError):
        return max(0.0, float(wish))
    with contextlib.suppress(ValueError, TypeError):
        at = email.utils.parsedate_to_datetime(wish)
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return max(0.0, (at - now).total_seconds())
    return None
