"""How a command reaches the API: the embedded one by its socket, a cluster by its kubeconfig."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import click

from app.settings import Settings, SettingsError, load

if TYPE_CHECKING:
    from k8s.client import Client

T = TypeVar("T")

kubeconfig_option = click.option(
    "--kubeconfig",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Use this cluster instead of the embedded API.",
)
data_option = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the embedded API's store [FOREMAN_DATA].",
)
namespace_option = click.option("-n", "--namespace", help="Namespace of tasks and Workloads.")


def settings(**overrides: object) -> Settings:
    """Settings, or a usage error that says which one is wrong."""
    try:
        return load(**overrides)
    except SettingsError as fault:
        raise click.UsageError(str(fault)) from fault


def api_directory(chosen: Settings) -> Path:
    return chosen.data / "api"


@asynccontextmanager
async def connected(
    chosen: Settings, role: Literal["admin", "node"] = "admin"
) -> AsyncIterator[Client]:
    """A client for the API that *chosen* names, in *role* where it is the embedded one."""
    from k8s.client import KubeconfigAccess, UnixAccess, connect
    from k8s.embedded.access import Tokens

    if chosen.kubeconfig:
        async with connect(KubeconfigAccess(chosen.kubeconfig)) as client:
            yield client
        return
    directory = api_directory(chosen)
    path = directory / "api.sock"
    if not _listens(path):
        raise click.ClickException(
            f"{path}: no embedded API is running here; start `foreman up`, or name a cluster "
            "with --kubeconfig"
        )
    async with connect(UnixAccess(path, Tokens(directory)[role])) as client:
        yield client


def _listens(path: Path) -> bool:
    """Whether a process answers at the socket: a killed one leaves its file behind."""
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True


def run(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a command's coroutine; what an operator can mend becomes one sentence."""
    from app.cli.running import plainly

    with plainly():
        return asyncio.run(main())
    raise AssertionError("plainly() swallows nothing")
