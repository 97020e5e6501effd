"""Helpers of the sandbox tests."""

from __future__ import annotations

import asyncio
import functools
import json
import os
import secrets
import shutil
import tempfile
import traceback
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

NOBODY = 65534


@functools.cache
def missing_bubblewrap() -> str:
    return "" if shutil.which("bwrap") else "bwrap: not found; apt-get install bubblewrap"


def require_bubblewrap() -> None:
    """Skip with one loud line; with CI=true fail."""
    if why := missing_bubblewrap():
        if os.environ.get("CI") == "true":
            pytest.fail(f"sandbox tests cannot run: {why}")
        pytest.skip(f"SANDBOX TESTS DO NOT RUN HERE: {why}")


def require_root() -> None:
    if os.geteuid() != 0:
        pytest.skip("what root keeps can only be shown as root")


def unused_seconds() -> str:
    """A duration that no other `sleep` of this machine was given, to find one's own by."""
    return f"{3000 + secrets.randbelow(10**6)}.{secrets.randbelow(10**6)}"


def alive(word: str) -> list[int]:
    """Processes with *word* among their arguments, zombies not counted."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                words = (folder / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if word.encode() in words:
                found.append(int(folder.name))
    return found


async def until(condition: Callable[[], bool], *, seconds: float = 10) -> bool:
    """Whether *condition* of the outside world comes true in time."""
    try:
        async with asyncio.timeout(seconds):
            while not condition():
                await asyncio.sleep(0.005)
    except TimeoutError:
        return False
    return True


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that any user can reach; pytest's own belong to one."""
    folder = Path(tempfile.mkdtemp(prefix="foreman-test-"))
    folder.chmod(0o777)
    yield folder
    shutil.rmtree(folder)


def as_another_user(work: Callable[[], Awaitable[Any]]) -> Any:
    """What *work* returns, as JSON, when done by a user that is not root; no loop may run here."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.close(reader)
            if os.geteuid() == 0:
                os.setgroups([])
                os.setresgid(NOBODY, NOBODY, NOBODY)
                os.setresuid(NOBODY, NOBODY, NOBODY)
            answer = json.dumps(asyncio.run(_awaited(work))).encode()
            with os.fdopen(writer, "wb") as stream:
                stream.write(answer)
            status = 0
        except BaseException:
            traceback.print_exc()  # to standard error, where a failing test shows it
            raise
        finally:
            os._exit(status)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        answer = stream.read()
    _, ended = os.waitpid(child, 0)
    assert ended == 0
    return json.loads(answer)


async def _awaited(work: Callable[[], Awaitable[Any]]) -> Any:
    return await work()
