"""Running until told to stop: signals, and failures as one sentence."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import click

from app.settings import SettingsError


def until_stopped(work: Coroutine[Any, Any, None]) -> None:
    """Run *work* until SIGTERM or SIGINT."""
    with plainly():
        asyncio.run(_stoppable(work))


@contextmanager
def plainly() -> Iterator[None]:
    """What an operator can mend ends the command with one sentence: 2 for a setting, else 1."""
    wrong, away = _wrong_settings(), _out_of_reach()
    caught: tuple[type[Exception], ...] = (*wrong, *away, ExceptionGroup)
    try:
        yield
    except caught as fault:
        told = [leaf for leaf in _leaves(fault) if isinstance(leaf, click.ClickException)]
        for leaf in _leaves(fault):
            if isinstance(leaf, wrong):
                told.append(click.UsageError(str(leaf)))
            elif isinstance(leaf, away):
                told.append(click.ClickException(str(leaf) or type(leaf).__name__))
        if not told:
            raise
        raise told[0] from fault


def _leaves(fault: BaseException) -> Iterator[BaseException]:
    if isinstance(fault, BaseExceptionGroup):
        for inner in fault.exceptions:
            yield from _leaves(inner)
    else:
        yield fault


def _wrong_settings() -> tuple[type[Exception], ...]:
    from app.github.errors import IdentityError
    from app.webhook.server import NoSecretError

    return (SettingsError, IdentityError, NoSecretError)


def _out_of_reach() -> tuple[type[Exception], ...]:
    from k8s.embedded.store import StoreError
    from k8s.errors import AccessError, ApiError

    return (AccessError, ApiError, StoreError, OSError)


async def _stoppable(work: Coroutine[Any, Any, None]) -> None:
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)
    with suppress(asyncio.CancelledError):
        await task
