"""`work`, put together: a node of the fleet with its sandbox, its git and its models."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
import structlog

from app.cli.main import VERSION
from app.logs import configure
from app.settings import Settings, gate_switches, split, variables
from k8s.node.machine import Accelerator, Stated

if TYPE_CHECKING:
    from k8s.client import Client
    from k8s.node.worker import Executor
    from tools.sandbox.egress import Visit
    from tools.sandbox.probe import Sandbox

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Flags:
    """What the command line says beside the settings."""

    roles: tuple[str, ...] = ("worker",)
    labels: dict[str, str] | None = None
    accelerator: Accelerator | None = None
    installed_models: tuple[str, ...] = ()
    max_context_tokens: int = 0
    tokens_per_second: int = 0
    total_ram_gb: int = 0
    workspace_directory: Path | None = None  # None: inside the data folder
    git_remote_url: str = ""
    inference_host: str = ""
    inference_url: str = ""
    stub: bool = False
    drain_seconds: float = 25.0
    supervised: bool = False


def main(settings: Settings, flags: Flags) -> None:
    """Run until SIGTERM, SIGINT or, supervised, until the parent is gone."""
    configure(settings.log_level, settings.log_format)
    if settings.sandbox == "auto" and os.geteuid() == 0:
        log.debug("node.runs_as_root", remedy="the service units run it as a user of its own")
    asyncio.run(_reach(settings))
    root = flags.workspace_directory or settings.data / "node"
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(root, settings.node):
        asyncio.run(_serve(settings, flags, root))


async def _reach(settings: Settings) -> None:
    """Raises what says why there is no API, before anything is made here."""
    from app.cli.access import connected
    from k8s.errors import Forbidden

    async with connected(settings, "node") as client:
        with contextlib.suppress(Forbidden):  # a cluster that hides its health is there
            await client.ready()


@contextlib.contextmanager
def _alone(root: Path, name: str) -> Iterator[None]:
    """Hold the node's lock; a former process of the name may need a moment to be gone."""
    with (root / f"{name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            log.info("node.waits", node=name, why="another process of this name is still there")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


async def _serve(settings: Settings, flags: Flags, root: Path) -> None:
    from app.cli.access import connected
    from k8s.node.worker import Node, NodeSettings
    from tools.sandbox.probe import probe

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if flags.supervised:
        loop.add_reader(sys.stdin.fileno(), _orphaned, loop)
    sandbox = await probe(
        want="plain" if settings.sandbox == "none" else "auto",
        toolchains=[Path(p) for p in split(settings.toolchains, ":")],
        on_visit=_visited,
        variables=variables(settings.index_environment),
    )
    _judge_sandbox(settings, sandbox.name, sandbox.problem)
    async with (
        connected(settings, "node") as client,
        _executor(client, settings, flags, root, sandbox) as executor,
    ):
        node = Node(
            client,
            NodeSettings(
                name=settings.node,
                namespace=settings.task_namespace,
                slots=settings.slots,
                roles=flags.roles,
                labels=flags.labels or {},
                version=VERSION,
                sandbox=sandbox.description,
                stated=Stated(
                    accelerator=flags.accelerator,
                    installed_models=flags.installed_models,
                    max_context_tokens=flags.max_context_tokens,
                    tokens_per_second=flags.tokens_per_second,
                    total_ram_gb=flags.total_ram_gb,
                ),
                drain_seconds=flags.drain_seconds,
            ),
            executor,
            lambda: datetime.now(UTC),
        )
        await node.run(stop)


@contextlib.asynccontextmanager
async def _executor(
    client: Client, settings: Settings, flags: Flags, root: Path, sandbox: Sandbox
) -> AsyncIterator[Executor]:
    if flags.stub:
        from app.stub import StubExecutor

        log.warning("node.stub", why="--agent-mode stub: tasks are finished without any work")
        yield StubExecutor()
        return
    from app.executor import NodeExecutor

    async with NodeExecutor.open(
        client, settings, flags, root=root, sandbox=sandbox, switches=gate_switches()
    ) as executor:
        yield executor


def _visited(visit: Visit) -> None:
    """What a command asked the filtering proxy for, once per command and target."""
    if visit.allowed:
        log.info("egress.allowed", target=visit.target)
    else:
        log.warning("egress.refused", target=visit.target, why=visit.why)


def _judge_sandbox(settings: Settings, name: str, problem: str) -> None:
    if settings.sandbox == "bubblewrap" and name != "bubblewrap":
        raise click.ClickException(f"FOREMAN_SANDBOX=bubblewrap: {problem}")
    if name != "bubblewrap":
        log.warning("node.no_sandbox", why=problem, runs="trusted repositories only")


def _orphaned(loop: asyncio.AbstractEventLoop) -> None:
    """Standard input ended: the supervisor died. Whatever runs here is not ours any more."""
    if not os.read(sys.stdin.fileno(), 4096):
        # Sandboxes die with this process; a node that lives on would be a second one of its name.
        os._exit(70)
