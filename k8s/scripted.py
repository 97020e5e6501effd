"""An OpenAI-compatible server that follows a script, in this process or as one of its own.

Strict: a request that a real server would refuse, that no script serves, that comes after the
last reply or does not hold what its reply expects gets an error that ends the run, and is kept
in `problems`.

    python -m k8s.scripted --scenario FILE [--port N]
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import hmac
import signal
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
from aiohttp import web

from k8s.resources.endpoint import ScriptedRun
from k8s.scripted_scenario import (
    Asked,
    ScenarioError,
    ScriptedError,
    ScriptedReply,
    asked,
    load_scenario,
    next_reply,
    protocol_fault,
    read_scripts,
    turn_of,
    unmet,
)
from k8s.scripted_stream import DONE, chunks

_PING_SECONDS = 0.05
_BODY_LIMIT = 64 * 1024 * 1024
OnRequest = Callable[[Asked, bytes], None]
FAULT_ERRORS = {
    "429": ScriptedError(status=429, message="scripted: too many requests"),
    "500": ScriptedError(status=500, message="scripted: internal error"),
}


class ScriptedModel:
    """The server's state: where it listens, and what went wrong."""

    def __init__(
        self,
        runs: Sequence[ScriptedRun],
        *,
        api_key: str = "",
        is_strict: bool = True,
        on_request: OnRequest | None = None,
    ) -> None:
        self._scripts = read_scripts(runs)
        self._api_key = api_key
        self._is_strict = is_strict
        self._on_request = on_request
        self.base_url = ""
        self.problems: list[str] = []

    def application(self) -> web.Application:
        app = web.Application(client_max_size=_BODY_LIMIT)
        app.router.add_post("/v1/chat/completions", self._complete)
        app.router.add_get("/v1/models", self._models)
        app.router.add_get("/health", self._health)
        app.router.add_get("/problems", self._tell_problems)
        app.router.add_route("*", "/{path:.*}", self._unknown)
        return app

    async def _health(self, _: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def _models(self, request: web.Request) -> web.Response:
        if not self._knows(request):
            return _error(ScriptedError(status=401, message="scripted: wrong API key"))
        return web.json_response(
            {"object": "list", "data": [{"id": "scripted", "object": "model", "owned_by": "us"}]}
        )

    async def _tell_problems(self, _: web.Request) -> web.Response:
        return web.json_response(self.problems)

    async def _unknown(self, request: web.Request) -> web.Response:
        return self._problem(404, f"unexpected request {request.method} {request.path}")

    def _knows(self, request: web.Request) -> bool:
        sent = request.headers.get("Authorization", "")
        return not self._api_key or hmac.compare_digest(sent, f"Bearer {self._api_key}")

    def _problem(self, status: int, words: str) -> web.Response:
        self.problems.append(words)
        sys.stderr.write(f"scripted model: {words}\n")
        # What a request held is not repeated to the client: it may read like another error.
        told = words.partition("; they end with ")[0]
        return _error(ScriptedError(status=status, message=f"scripted: {told}", code="scripted"))

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        if not self._knows(request):
            return _error(ScriptedError(status=401, message="scripted: wrong API key"))
        try:
            who = asked(request.headers)
        except ValueError as exc:
            return self._problem(400, f"an X-Foreman header is no number: {exc}")
        if self._on_request:
            self._on_request(who, body)
        found = self._find(who, body)
        if isinstance(found, web.Response):
            return found
        reply, parsed = found
        await asyncio.sleep(reply.delay_seconds)
        error = reply.error or FAULT_ERRORS.get(reply.fault or "")
        if error and (error.param is None or error.param in _parsed(parsed, body)):
            return _error(error)
        return await _stream(request, reply, turn=who.turn, body=body)

    def _find(self, who: Asked, body: bytes) -> tuple[ScriptedReply, Any] | web.Response:
        """The reply, and the request's JSON where it had to be read."""
        parsed: Any = None
        if self._is_strict or not who.turn:
            try:
                parsed = orjson.loads(body)
            except orjson.JSONDecodeError as exc:
                return self._problem(400, f"{who}: the body is no JSON: {exc}")
            if fault := protocol_fault(parsed):
                return self._problem(400, f"{who}: {fault}")
            who = who if who.turn else replace(who, turn=turn_of(parsed))
        reply = next_reply(self._scripts, who)
        if isinstance(reply, str):
            return self._problem(422, reply)
        if reply.expect or reply.expect_request:
            parsed = _parsed(parsed, body)
            if lacking := unmet(reply, parsed):
                return self._problem(422, f"{who}: {lacking}")
        return reply, parsed


def _parsed(parsed: Any, body: bytes) -> Any:
    return orjson.loads(body) if parsed is None else parsed


async def _stream(
    request: web.Request, reply: ScriptedReply, *, turn: int, body: bytes
) -> web.StreamResponse:
    if reply.fault == "hang":
        await asyncio.Event().wait()  # until the client leaves or the server stops
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    events = chunks(
        reply,
        model="scripted",
        turn=turn,
        sent_bytes=len(body),
        usage=b'"include_usage":' in body,
    )
    if reply.fault in ("silence", "cut"):
        events = events[: reply.after_chunks]
    await response.prepare(request)
    if reply.chunk_delay_seconds:
        for event in events:
            await response.write(event)
            await asyncio.sleep(reply.chunk_delay_seconds)
        events = []
    if reply.fault in ("silence", "cut"):
        await response.write(b"".join(events))
        return await _leave_hanging(request, response, cut=reply.fault == "cut")
    await response.write(b"".join([*events, DONE]))
    await response.write_eof()
    return response


async def _leave_hanging(
    request: web.Request, response: web.StreamResponse, *, cut: bool
) -> web.StreamResponse:
    while not cut:  # comments, which must not count as life
        await response.write(b": ping\n\n")
        await asyncio.sleep(_PING_SECONDS)
    await asyncio.sleep(0)  # what was written leaves first
    if request.transport:
        request.transport.close()
    return response


def _error(error: ScriptedError) -> web.Response:
    body = {
        "error": {
            "message": error.message,
            "type": "scripted_error",
            "code": error.code,
            "param": error.param,
        }
    }
    headers = {} if error.retry_after is None else {"Retry-After": f"{error.retry_after:g}"}
    return web.json_response(body, status=error.status, headers=headers)


@contextlib.asynccontextmanager
async def scripted_model(
    runs: Sequence[ScriptedRun],
    *,
    port: int = 0,
    api_key: str = "",
    is_strict: bool = True,
    on_request: OnRequest | None = None,
) -> AsyncIterator[ScriptedModel]:
    """A server on the loopback; its `base_url` ends in `/v1`. Raises ScenarioError.

    *is_strict* False does not read what it is sent unless it must: for benchmarks.
    """
    server = ScriptedModel(runs, api_key=api_key, is_strict=is_strict, on_request=on_request)
    runner = web.AppRunner(
        server.application(), access_log=None, handler_cancellation=True, shutdown_timeout=0.1
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        host, bound = runner.addresses[0][:2]
        server.base_url = f"http://{host}:{bound}/v1"
        yield server
    finally:
        await runner.cleanup()


async def _serve(arguments: argparse.Namespace) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    runs = load_scenario(arguments.scenario)
    async with scripted_model(
        runs, port=arguments.port, api_key=arguments.api_key, is_strict=not arguments.unchecked
    ) as server:
        sys.stdout.write(f"{server.base_url}\n")
        sys.stdout.flush()
        await stop.wait()


def main(argv: Sequence[str] | None = None) -> None:
    """Serve until told to stop; the first line on stdout is the base URL."""
    parser = argparse.ArgumentParser(prog="python -m k8s.scripted", description=__doc__)
    parser.add_argument("--scenario", type=Path, required=True, help="YAML file with the runs")
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--api-key", default="", help="refuse requests without it")
    parser.add_argument("--unchecked", action="store_true", help="do not read requests")
    try:
        asyncio.run(_serve(parser.parse_args(argv)))
    except ScenarioError as exc:
        raise SystemExit(str(exc)) from exc


if __name__ == "__main__":
    main()
