"""Running until told to stop: signals, and failures as one sentence."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

import click

from app.settings import SettingsError


def until_stopped(work: Coroutine[Any, Any, None]) -> None:
    """Run *work* until SIGTERM or SIGINT. What an operator can mend becomes a usage error."""
    try:
        asyncio.run(_stoppable(work))
    except* _operator_errors() as group:
        first: BaseException = group
        while isinstance(first, BaseExceptionGroup):
            first = first.exceptions[0]
        raise click.ClickException(str(first)) from group


def _operator_errors() -> tuple[type[Exception], ...]:
    from app.github.errors import IdentityError
    from app.webhook.server import NoSecretError
    from k8s.embedded.store import StoreError
    from k8s.errors import AccessError

    return (SettingsError, IdentityError, NoSecretError, AccessError, StoreError, OSError)


async def _stoppable(work: Coroutine[Any, Any, None]) -> None:
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)
    with suppress(asyncio.CancelledError):
        await task
