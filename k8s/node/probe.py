"""Whether the models answer, as seen from this node."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import aiohttp

from k8s.resources.endpoint import ModelEndpoint
from k8s.resources.fleet import EndpointSeen

AGAIN_WHEN_DOWN = timedelta(seconds=3)
AGAIN_WHEN_UP = timedelta(seconds=30)
_PATIENCE = aiohttp.ClientTimeout(total=5)


async def look(
    session: aiohttp.ClientSession,
    endpoint: ModelEndpoint,
    url: str,
    key: str,
    clock: Callable[[], datetime],
) -> EndpointSeen:
    """Ask for the list of models; any answer that is no refusal and no server error counts."""
    fault = await _fault(session, url, key)
    return EndpointSeen(
        namespace=endpoint.metadata.namespace or "",
        name=endpoint.metadata.name,
        reachable=not fault,
        message=fault,
        at=clock(),
    )


async def _fault(session: aiohttp.ClientSession, url: str, key: str) -> str:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        async with session.get(
            f"{url.rstrip('/')}/models", headers=headers, timeout=_PATIENCE
        ) as answer:
            status = answer.status
    except aiohttp.ClientConnectorError as exc:
        return f"{url}: cannot connect ({exc.os_error.strerror or 'refused'}); is the server up?"
    except TimeoutError:
        return f"{url}: no answer within 5 s"
    except (aiohttp.ClientError, ValueError) as exc:
        return f"{url}: {type(exc).__name__} {exc}"
    if status in (401, 403):
        return f"{url}: refuses the key (HTTP {status}); check apiKeySecretRef"
    # A server without a list of models still answers.
    return f"{url}: HTTP {status}" if status >= 500 else ""


def due(
    endpoints: Mapping[tuple[str, str], ModelEndpoint],
    seen: Mapping[tuple[str, str], EndpointSeen],
    now: datetime,
) -> list[ModelEndpoint]:
    """The endpoints to look at now."""
    found = []
    for key, endpoint in endpoints.items():
        view = seen.get(key)
        pause = AGAIN_WHEN_UP if view and view.reachable else AGAIN_WHEN_DOWN
        if view is None or view.at is None or now - view.at >= pause:
            found.append(endpoint)
    return found


async def pause(seconds: float, wake: asyncio.Event) -> None:
    """Sleep, unless *wake* is set before."""
    try:
        async with asyncio.timeout(seconds):
            await wake.wait()
    except TimeoutError:
        return
    wake.clear()
