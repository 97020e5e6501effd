"""The scripted model with an eye on its clients."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from k8s.resources.endpoint import ScriptedRun
from k8s.scripted import ScriptedModel
from k8s.scripted_scenario import Asked, asked
from tests.e2e.program import LOOK_SECONDS


@dataclass
class Listener:
    """What the model's server saw of its clients: who asked, who waits, who left before the end.

    Whoever *holds* says yes to is not answered as long as it does.
    """

    asked: list[Asked] = field(default_factory=list)
    waiting: list[Asked] = field(default_factory=list)
    left: list[Asked] = field(default_factory=list)
    holds: Callable[[Asked], bool] = lambda _: False

    def middleware(self) -> Middleware:
        @web.middleware
        async def listen(request: web.Request, handler: Handler) -> web.StreamResponse:
            if request.method != "POST":
                return await handler(request)
            who = asked(request.headers)
            self.asked.append(who)
            self.waiting.append(who)
            try:
                while self.holds(who):
                    await asyncio.sleep(LOOK_SECONDS)
                return await handler(request)
            except (asyncio.CancelledError, ConnectionError):
                self.left.append(who)
                raise
            finally:
                self.waiting.remove(who)

        return listen


@asynccontextmanager
async def listening(
    runs: Sequence[ScriptedRun], listener: Listener, *, port: int = 0, api_key: str = ""
) -> AsyncIterator[ScriptedModel]:
    """A scripted model whose clients are watched."""
    model = ScriptedModel(runs, api_key=api_key)
    application = model.application()
    application.middlewares.append(listener.middleware())
    runner = web.AppRunner(
        application, access_log=None, handler_cancellation=True, shutdown_timeout=0.1
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        model.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        yield model
    finally:
        await runner.cleanup()
