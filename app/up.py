"""`foreman up`: API, webhook server and control in this process, the node as its child."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog

from app.agents_file import MANAGED, read, resources
from app.apply import apply, prune
from app.control import clock, control
from app.settings import Settings
from app.supervisor import supervise
from app.webhook.server import application, open_door, serving
from k8s.client import Client, KubeconfigAccess, UnixAccess, connect
from k8s.embedded.access import ROLES, Role, write_private
from k8s.embedded.serve import EmbeddedApi, EmbeddedSettings
from k8s.embedded.serve import serve as serve_api
from k8s.errors import AlreadyExists
from k8s.meta import Meta, Resource
from k8s.resources.agent import Agent
from k8s.resources.core import Namespace

NODE_GRACE_SECONDS = 10.0
# Tasks that do not end within this are given back, and taken up again at the next start.
NODE_DRAIN_SECONDS = 5.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class House:
    """Everything running. *api* is None on a cluster, *webhook_port* None without a secret."""

    client: Client
    api: EmbeddedApi | None
    webhook_port: int | None


@asynccontextmanager
async def running(
    settings: Settings, *, more: Sequence[Resource] = (), node_flags: Sequence[str] = ()
) -> AsyncIterator[House]:
    """The house, for as long as the block runs. *more* is applied beside what the file says."""
    wanted = [*resources(read(settings.config), settings.task_namespace), *more]
    async with AsyncExitStack() as stack:
        api, client = await _api(settings, stack)
        for namespace in {settings.task_namespace, settings.control_namespace}:
            with contextlib.suppress(AlreadyExists):
                await client.create(Namespace(metadata=Meta(name=namespace)))
        await furnish(client, settings.task_namespace, wanted)
        port = None
        if webhook_secrets(settings):
            port = await stack.enter_async_context(webhooks(settings, client))
        else:
            log.warning("serve.off", why="GITHUB_WEBHOOK_SECRET is not set; no webhooks are taken")
        await stack.enter_async_context(_beside(control(client, settings)))
        flags = ["work", *_work_flags(settings), *node_flags]
        node = supervise(
            flags, environment=_node_environment(settings), grace_seconds=NODE_GRACE_SECONDS
        )
        await stack.enter_async_context(_beside(node))
        yield House(client, api, port)


async def furnish(client: Client, namespace: str, wanted: Sequence[Resource]) -> None:
    """Bring Agents and endpoints to what is wanted; what an earlier file named is gone then."""
    for resource in wanted:
        await apply(client, resource)
    await prune(client, namespace, MANAGED, wanted)
    agents = (await client.list(Agent, namespace)).items
    if not any(agent.spec.role == "coder" for agent in agents):
        log.warning(
            "up.no_coder",
            why="no Agent of role coder; labelled issues are turned down",
            remedy="name a model in foreman.toml, or apply an Agent",
        )


def _work_flags(settings: Settings) -> list[str]:
    """What the node's command line has to say for it to have the same settings."""
    flags = [
        *("--data", str(settings.data), "--fleet-node-name", settings.node),
        *("--task-namespace", settings.task_namespace, "--slots", str(settings.slots)),
        *("--commit-author-name", settings.commit_author_name),
        *("--commit-author-email", settings.commit_author_email, "--sandbox", settings.sandbox),
        *("--drain-seconds", str(NODE_DRAIN_SECONDS)),
    ]
    return [*flags, "--kubeconfig", str(settings.kubeconfig)] if settings.kubeconfig else flags


def _node_environment(settings: Settings) -> dict[str, str]:
    """Settings of the node that have no flag."""
    return {
        "GITHUB_API_URL": settings.github_api_url,
        "FOREMAN_TRUSTED_REPOSITORIES": settings.trusted_repositories,
        "FOREMAN_TOOLCHAINS": settings.toolchains,
        "FOREMAN_GATE_NETWORK": settings.gate_network,
        "FOREMAN_AGENT_NETWORK": settings.agent_network,
        "FOREMAN_ALLOWED_HOSTS": settings.allowed_hosts,
        "FOREMAN_SETUP_CACHE_MB": str(settings.setup_cache_mb),
        "FOREMAN_INDEX_ENVIRONMENT": settings.index_environment,
        "FOREMAN_LOG_LEVEL": settings.log_level,
        "FOREMAN_LOG_FORMAT": settings.log_format,
    }


async def _api(settings: Settings, stack: AsyncExitStack) -> tuple[EmbeddedApi | None, Client]:
    if settings.kubeconfig:
        access = KubeconfigAccess(settings.kubeconfig)
        return None, await stack.enter_async_context(connect(access))
    embedded = EmbeddedSettings(
        directory=settings.data / "api", port=settings.api_port, node_name=settings.node
    )
    api = await stack.enter_async_context(serve_api(embedded))
    publish(api, settings.data / "api")
    access_here = UnixAccess(api.socket, api.admin_token)
    return api, await stack.enter_async_context(connect(access_here))


def publish(api: EmbeddedApi, directory: Path) -> None:
    """Leave the kubeconfigs where `foreman kubeconfig` finds them, readable by their owner only."""
    for role in ROLES:
        write_private(kubeconfig_path(directory, role), api.kubeconfig(role).encode())


def kubeconfig_path(directory: Path, role: Role) -> Path:
    return directory / f"{role}.kubeconfig"


@asynccontextmanager
async def webhooks(settings: Settings, client: Client) -> AsyncIterator[int]:
    """The webhook server; yields its port. Raises `NoSecretError`."""
    door = open_door(
        webhook_secrets(settings), client, namespace=settings.control_namespace, clock=clock
    )
    async with serving(application(door), settings.host, settings.port) as port:
        log.info("serve.ready", host=settings.host, port=port)
        yield port


def webhook_secrets(settings: Settings) -> list[str]:
    """The live secrets; while one is rotated there are two."""
    both = (settings.github_webhook_secret, settings.github_webhook_secret_previous)
    return [secret.get_secret_value() for secret in both if secret.get_secret_value()]


@asynccontextmanager
async def _beside(work: object) -> AsyncIterator[None]:
    """Run a coroutine beside the block; its failure ends the block, the block's end cancels it."""
    assert asyncio.iscoroutine(work), "called with a coroutine"
    async with asyncio.TaskGroup() as group:
        task = group.create_task(work)
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
