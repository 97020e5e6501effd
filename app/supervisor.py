"""Keeps `foreman work` running as a child that never had the App's key.

The child holds one end of a pipe: when this process dies, however it dies, the child reads the end
of it and stops. So there is never a second node of the same name.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence

import structlog

from app.settings import NETWORK_VARIABLES

_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
_STEADY_SECONDS = 60.0  # a child that lived this long starts over with the first pause
# What the child may know of our environment: nothing that names a key or a webhook secret.
_PASSED = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "TZ",
    "USER",
    "TMPDIR",
    "XDG_CONFIG_HOME",
    "GITHUB_TOKEN",
    *NETWORK_VARIABLES,
)
_WITHHELD = ("SECRET", "PRIVATE_KEY")

log = structlog.get_logger(__name__)


def child_environment(ours: Mapping[str, str]) -> dict[str, str]:
    """The environment of a node: settings and surroundings, no key, no webhook secret."""
    passed = {
        name: value
        for name, value in ours.items()
        if name in _PASSED
        or (name.startswith("FOREMAN_") and not any(word in name for word in _WITHHELD))
    }
    return {**passed, "PYTHONSAFEPATH": "1"}


async def supervise(
    arguments: Sequence[str], *, environment: Mapping[str, str], grace_seconds: float
) -> None:
    """Run `foreman *arguments*` for ever; on cancellation end it with SIGTERM, then SIGKILL.

    *environment* is added to what the child may know of ours.
    """
    wait = _FIRST_PAUSE
    while True:
        began = asyncio.get_running_loop().time()
        code = await _run_once(arguments, environment, grace_seconds)
        lived = asyncio.get_running_loop().time() - began
        wait = _FIRST_PAUSE if lived > _STEADY_SECONDS else min(wait * 2, _LONGEST_PAUSE)
        log.warning("node.exited", code=code, again_in_seconds=wait)
        await asyncio.sleep(wait)


async def _run_once(
    arguments: Sequence[str], environment: Mapping[str, str], grace_seconds: float
) -> int:
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "app.cli.main",
        *arguments,
        "--supervised",
        stdin=asyncio.subprocess.PIPE,
        env={**child_environment(os.environ), **environment},
        start_new_session=True,  # Ctrl-C is ours to pass on
    )
    try:
        return await child.wait()
    except asyncio.CancelledError:
        await _end(child, grace_seconds)
        raise


async def _end(child: asyncio.subprocess.Process, grace_seconds: float) -> None:
    if child.returncode is not None:
        return
    child.terminate()
    try:
        async with asyncio.timeout(grace_seconds):
            await child.wait()
    except TimeoutError:
        child.kill()
        await child.wait()
