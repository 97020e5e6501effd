"""The way out of a sandbox: a network name space with nothing in it but our proxy's socket.

A holder makes the name space and a listening socket in it, hands the socket to this process, and
stays, so that the command can enter. The proxy runs here, outside; the sandbox needs no program
for it. Name space, socket, tunnels and holder end with the command.
"""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tools.sandbox.egress import Egress, Visit
from tools.sandbox.process import gone
from tools.sandbox.proxy import Proxy, Resolve, resolved

_PORT = 3128
_START_SECONDS = 20.0
_END_SECONDS = 5.0
_HOLDER = (
    "import os,socket,sys\n"
    "s=socket.socket();s.bind(('127.0.0.1',int(sys.argv[2])));s.listen(128)\n"
    "socket.send_fds(socket.socket(fileno=int(sys.argv[1])),[b'%d'%os.getpid()],[s.fileno()])\n"
    "os.execv(sys.argv[3],sys.argv[3:])\n"
)
# uid 0 must have no meaning in there, else root's /proc/sys/net could be written to
_NAME_SPACE = (
    *("--unshare-user", "--unshare-net", "--uid", "1000", "--gid", "1000", "--cap-drop", "ALL"),
    *("--die-with-parent", "--new-session", "--dev-bind", "/", "/", "--"),
)
_VARIABLES = (
    *("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"),
    *("npm_config_proxy", "npm_config_https_proxy", "YARN_HTTP_PROXY", "YARN_HTTPS_PROXY"),
    "CARGO_HTTP_PROXY",
)


@dataclass(frozen=True)
class Means:
    """What a gateway is made with. *on_visit* hears of each target that a command asks for."""

    bubblewrap: str
    nsenter: str
    python: str = sys.executable  # makes the socket in the name space, outside of any sandbox
    resolve: Resolve = resolved
    on_visit: Callable[[Visit], None] = lambda _: None
    variables: Mapping[str, str] = field(default_factory=dict)  # for commands that have a gateway


class Gateway:
    """*entering* are the words before a command that put it into the name space."""

    def __init__(
        self,
        proxy: Proxy,
        *,
        port: int,
        variables: Mapping[str, str],
        entering: Sequence[str] = (),
    ) -> None:
        self._proxy = proxy
        self._port = port
        self._variables = variables
        self.entering = entering

    @property
    def environment(self) -> Mapping[str, str]:
        """What package managers take their proxy from; local servers are spoken to directly."""
        address = f"http://127.0.0.1:{self._port}"
        local = dict.fromkeys(("NO_PROXY", "no_proxy"), "localhost,127.0.0.1,::1")
        return {
            **self._variables,
            **dict.fromkeys(_VARIABLES, address),
            **local,
            "NODE_USE_ENV_PROXY": "1",
        }

    @property
    def visits(self) -> tuple[Visit, ...]:
        return self._proxy.visits


@asynccontextmanager
async def opened(egress: Egress, means: Means) -> AsyncIterator[Gateway]:
    """A name space of its own, whose only way leads to the hosts of *egress*.

    Raises OSError where none can be made.
    """
    if not means.nsenter:
        raise OSError("nsenter: not found; install util-linux")
    async with _held(means) as (listener, pid):
        entering = (means.nsenter, "-t", str(pid), "-U", "-n", "--preserve-credentials", "--")
        async with _serving(egress, means, listener) as proxy:
            yield Gateway(proxy, port=_PORT, variables=means.variables, entering=entering)


@asynccontextmanager
async def beside(egress: Egress, means: Means) -> AsyncIterator[Gateway]:
    """The same proxy on this machine's loopback, for commands that no name space holds."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        async with _serving(egress, means, listener) as proxy:
            yield Gateway(proxy, port=listener.getsockname()[1], variables=means.variables)


@asynccontextmanager
async def _serving(egress: Egress, means: Means, listener: socket.socket) -> AsyncIterator[Proxy]:
    proxy = Proxy(egress, resolve=means.resolve, on_visit=means.on_visit)
    async with asyncio.TaskGroup() as tasks:
        serving = tasks.create_task(proxy.serve(listener))
        try:
            yield proxy
        finally:
            serving.cancel()


@asynccontextmanager
async def _held(means: Means) -> AsyncIterator[tuple[socket.socket, int]]:
    """A socket that listens in a fresh name space, and the process that holds it.

    The holder ends with its standard input, so with us too; it must be started by the loop's
    thread, as `process` says.
    """
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            holder = _started(means, theirs.fileno())
        try:
            listener, pid = await _received(ours, holder)
            with listener:
                try:
                    yield listener, pid
                finally:
                    await _end(holder, pid)
        finally:
            await _end(holder, holder.pid)
            for stream in (holder.stdin, holder.stderr):
                assert stream
                stream.close()


def _started(means: Means, descriptor: int) -> subprocess.Popen[bytes]:
    words = [means.python, "-I", "-S", "-c", _HOLDER, str(descriptor), str(_PORT), "/bin/cat"]
    return subprocess.Popen(
        [means.bubblewrap, *_NAME_SPACE, *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        pass_fds=(descriptor,),
        env={},
        start_new_session=True,
    )


async def _received(
    ours: socket.socket, holder: subprocess.Popen[bytes]
) -> tuple[socket.socket, int]:
    ours.setblocking(False)
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    loop.add_reader(ours.fileno(), ready.set)
    try:
        async with asyncio.timeout(_START_SECONDS):
            await ready.wait()
    except TimeoutError as exc:
        raise OSError("no network name space in time") from exc
    finally:
        loop.remove_reader(ours.fileno())
    told, descriptors, *_ = socket.recv_fds(ours, 64, 1, socket.MSG_CMSG_CLOEXEC)
    if not descriptors:
        await _end(holder, holder.pid)
        assert holder.stderr
        said = holder.stderr.read(4096).decode(errors="replace").strip()
        raise OSError(f"no network name space can be made; {said or 'its holder ended'}")
    return socket.socket(fileno=descriptors[0]), int(told)


async def _end(holder: subprocess.Popen[bytes], pid: int) -> None:
    """Kill *holder*; when it returns *pid*, the same or its child, is gone too."""
    if holder.returncode is None:
        holder.kill()
        holder.wait()  # a millisecond; awaiting could be cancelled, and leave it unreaped
    await gone(pid, within_seconds=_END_SECONDS)
