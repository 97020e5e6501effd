"""One child process: born in the loop's thread, read within bounds, ended as a whole.

asyncio's own subprocesses are not used: on Python 3.11 their exit codes race with `kill` under the
default child watcher, and waiting for one does not end while a survivor holds its pipe. A child is
spawned by the thread that calls, because PR_SET_PDEATHSIG (bubblewrap's --die-with-parent) fires
when that very thread ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tools.sandbox.output import HeadTail

_CHUNK = 65536
_DRAINED = 2**20  # bytes read at most after the end, of what survivors go on writing
_NOTED = 65536  # bytes kept of the status pipe


class Child:
    """Spawned at once. `ended` resolves to its return code, with its output read.

    *argv* is made from the descriptor that bubblewrap reports its state on. *before_reaping* runs
    while the process id cannot have been given to another process yet.
    """

    def __init__(
        self,
        argv: Callable[[int], Sequence[str]],
        *,
        environment: Mapping[str, str],
        directory: Path,
        output_limit: int,
        before_reaping: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._before_reaping = before_reaping
        self.ended: asyncio.Future[int] = self._loop.create_future()
        self.stdout = HeadTail(output_limit)
        self.stderr = HeadTail(output_limit)
        self.status = HeadTail(_NOTED)
        self._started = time.monotonic()
        pipes = [os.pipe2(os.O_CLOEXEC) for _ in range(3)]
        try:
            self._process = subprocess.Popen(
                argv(pipes[2][1]),
                stdin=subprocess.DEVNULL,
                stdout=pipes[0][1],
                stderr=pipes[1][1],
                pass_fds=(pipes[2][1],),
                env=dict(environment),
                cwd=directory,
                start_new_session=True,
            )
        except BaseException:
            for reader, _ in pipes:
                os.close(reader)
            raise
        finally:
            for _, writer in pipes:
                os.close(writer)
        self._readers = {
            pipes[0][0]: self.stdout,
            pipes[1][0]: self.stderr,
            pipes[2][0]: self.status,
        }
        for descriptor in self._readers:
            os.set_blocking(descriptor, False)
            self._loop.add_reader(descriptor, self._read, descriptor)
        self._expect_end()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._started

    @property
    def written(self) -> int:
        """Bytes on stdout and stderr so far."""
        return self.stdout.total + self.stderr.total

    def kill(self) -> None:
        """SIGKILL to the process; it is ours until `_on_end` reaped it."""
        if not self.ended.done():
            os.kill(self._process.pid, signal.SIGKILL)

    def _expect_end(self) -> None:
        if sys.platform == "linux":
            watched = os.pidfd_open(self._process.pid)
            self._loop.add_reader(watched, self._on_end, watched)
        else:
            waiting = self._loop.run_in_executor(None, self._process.wait)
            waiting.add_done_callback(lambda _: self._on_end(-1))

    def _on_end(self, watched: int) -> None:
        if watched >= 0:
            self._loop.remove_reader(watched)
            os.close(watched)
        self._before_reaping(self._process.pid)
        code = self._process.wait()
        for descriptor in list(self._readers):
            self._drain(descriptor)
        if not self.ended.done():
            self.ended.set_result(code)

    def _read(self, descriptor: int) -> bool:
        """True while there may be more."""
        try:
            data = os.read(descriptor, _CHUNK)
        except BlockingIOError:
            return False
        if not data:
            self._close(descriptor)
            return False
        self._readers[descriptor].feed(data)
        return True

    def _drain(self, descriptor: int) -> None:
        sink = self._readers[descriptor]
        most = sink.total + _DRAINED
        while sink.total < most and self._read(descriptor):
            pass
        if descriptor in self._readers:
            self._close(descriptor)

    def _close(self, descriptor: int) -> None:
        self._loop.remove_reader(descriptor)
        os.close(descriptor)
        del self._readers[descriptor]


async def gone(pid: int, *, within_seconds: float) -> bool:
    """Whether process *pid* ends in time; true at once where it has."""
    try:
        watched = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    try:
        loop.add_reader(watched, ended.set)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_seconds):
                await ended.wait()
        return ended.is_set()
    finally:
        loop.remove_reader(watched)
        os.close(watched)
