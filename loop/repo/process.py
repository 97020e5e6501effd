"""One child process: bounded output, killed with its whole group by timeout or cancellation."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class Ended:
    """*killed* says which of our limits ended it; then *exit_code* means nothing."""

    exit_code: int
    stdout: bytes
    stderr: bytes
    killed: Literal["", "time", "output"] = ""


async def run_process(
    arguments: Sequence[str],
    *,
    environment: Mapping[str, str],
    directory: Path,
    stdin: bytes,
    pass_fds: Sequence[int],
    timeout_seconds: float,
    output_limit: int,
) -> Ended:
    """Run it to its end. *environment* is all the child gets; *output_limit* counts bytes."""
    process = await asyncio.create_subprocess_exec(
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=dict(environment),
        cwd=directory,
        pass_fds=tuple(pass_fds),
        start_new_session=True,
    )
    out, err = bytearray(), bytearray()
    killed: Literal["", "time", "output"] = ""
    try:
        async with asyncio.timeout(timeout_seconds):
            if await _talk(process, stdin, out, err, output_limit):
                killed = "output"
            await process.wait()
    except TimeoutError:
        killed = "time"
    finally:
        await _end(process)
    code = process.returncode if process.returncode is not None else -1
    return Ended(code, bytes(out), bytes(err), killed)


async def _talk(
    process: asyncio.subprocess.Process, stdin: bytes, out: bytearray, err: bytearray, limit: int
) -> bool:
    """Until its pipes are closed; True when it said more than *limit* and was killed for it."""
    assert process.stdout is not None
    assert process.stderr is not None
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_feed(process, stdin))
        reads = [
            tasks.create_task(_read(process, process.stdout, out, limit)),
            tasks.create_task(_read(process, process.stderr, err, limit)),
        ]
    return any(read.result() for read in reads)


async def _feed(process: asyncio.subprocess.Process, stdin: bytes) -> None:
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.write(stdin)
        await process.stdin.drain()
    process.stdin.close()
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        await process.stdin.wait_closed()


async def _read(
    process: asyncio.subprocess.Process, stream: asyncio.StreamReader, into: bytearray, limit: int
) -> bool:
    too_much = False
    while chunk := await stream.read(1 << 16):
        if too_much:
            continue  # to the end of the pipe, else the wait below never returns
        into += chunk
        if len(into) > limit:
            too_much = True
            _kill(process)
    return too_much


async def _end(process: asyncio.subprocess.Process) -> None:
    """Nothing of the group is alive, however we got here."""
    if process.returncode is None:
        _kill(process)
        await asyncio.shield(_drained(process))


async def _drained(process: asyncio.subprocess.Process) -> None:
    """Python 3.11 reports no exit while a pipe has unread bytes."""
    for stream in (process.stdout, process.stderr):
        while stream is not None and await stream.read(1 << 16):
            pass
    await process.wait()


def _kill(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
