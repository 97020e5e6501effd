"""`control`, put together: deliveries, controllers, tokens, reports. It alone holds the App key."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import structlog

from app.github.app import App, Profile
from app.github.errors import GitHubError, IdentityError, Outage, RateLimited
from app.github.identity import Identity, private_key
from app.github.tokens import TokenKeeper
from app.manager import manage
from app.report.reporter import Reporter
from app.settings import Settings, SettingsError, split
from app.webhook.catchup import CatchUp
from app.webhook.deliveries import DeliveriesController, DeliverySettings
from app.webhook.workloads import Crew
from k8s.client import Client
from k8s.controller import run_controller
from k8s.controllers.caches import Caches
from k8s.informer import Informer
from k8s.resources.agent import Agent, Role
from k8s.resources.delivery import Delivery
from loop.redaction import Redactor

AGAIN_SECONDS = 5.0  # between attempts to reach a GitHub that is away when we start

log = structlog.get_logger(__name__)


def clock() -> datetime:
    return datetime.now(UTC)


def identity(settings: Settings) -> Identity | None:
    """The App; None where no App is configured. Raises `SettingsError` or `IdentityError`."""
    text = settings.github_app_private_key.get_secret_value()
    path = settings.github_app_private_key_path
    if not settings.github_app_id:
        if text or path:
            raise SettingsError("GITHUB_APP_ID: not set, though there is a private key; set it")
        return None
    if not text and path is None:
        raise SettingsError(
            "GITHUB_APP_PRIVATE_KEY: not set, though there is GITHUB_APP_ID; set it, or "
            "GITHUB_APP_PRIVATE_KEY_PATH"
        )
    return Identity(settings.github_app_id, private_key(text, path), clock)


def known_secrets(settings: Settings) -> list[str]:
    """What must never be posted, whatever shape it has; tokens are known by theirs."""
    path = settings.github_app_private_key_path
    kept = [
        settings.github_app_private_key,
        settings.github_webhook_secret,
        settings.github_webhook_secret_previous,
    ]
    known = [secret.get_secret_value() for secret in kept]
    return [*filter(None, known), *([path.read_text(encoding="utf-8")] if path else [])]


async def control(client: Client, settings: Settings) -> None:
    """Run until cancelled."""
    known = identity(settings)
    caches = Caches.of(client, settings.task_namespace, services=await _knows_services(client))
    waiting = timedelta(seconds=settings.unavailable_seconds)
    async with aiohttp.ClientSession(trust_env=True) as session, asyncio.TaskGroup() as group:
        group.create_task(caches.run())
        cloud = settings.allow_cloud_providers
        group.create_task(
            manage(client, caches, clock=clock, unavailable_for=waiting, allow_cloud=cloud)
        )
        if known is None:
            log.warning("control.no_app", remedy="set GITHUB_APP_ID to answer GitHub")
            return
        app = App(known, session, api_url=settings.github_api_url, clock=clock)
        await github(client, caches, app, settings, group)


async def github(
    client: Client, caches: Caches, app: App, settings: Settings, group: asyncio.TaskGroup
) -> None:
    """Start everything that speaks to GitHub, in *group*."""
    profile = await known_app(app)
    log.info("control.ready", app=profile.slug, intake="webhook" if settings.public_url else "api")
    deliveries = Informer(client, Delivery, namespace=settings.control_namespace)
    desk = DeliveriesController(
        client,
        deliveries,
        app,
        DeliverySettings(
            control_namespace=settings.control_namespace,
            task_namespace=settings.task_namespace,
            label=settings.label,
            allowed_bots=frozenset(split(settings.allowed_bots)),
            crew=lambda: crew(settings, caches.agents.items()),
        ),
        clock=clock,
    )
    keeper = TokenKeeper(client, caches.tasks, app, clock=clock)
    reporter = Reporter(
        client,
        caches.workloads,
        caches.tasks,
        app,
        clock=clock,
        redactor=Redactor(known_secrets(settings)),
    )
    group.create_task(deliveries.run())
    await deliveries.synced()
    await caches.synced()
    parts: tuple[tuple[str, Any, int], ...] = (
        ("deliveries", desk, 4),
        ("tokens", keeper, 4),
        ("reporter", reporter, 4),
    )
    for name, part, workers in parts:
        group.create_task(run_controller(name, part.queue, part.reconcile, workers))
    catch_up = CatchUp(client, app, settings.control_namespace, clock=clock)
    group.create_task(catch_up.run(intake=not settings.public_url))


async def known_app(app: App) -> Profile:
    """Who we are, as soon as GitHub answers. Raises `IdentityError` where it does not know us."""
    while True:
        try:
            return await app.profile()
        except (Outage, RateLimited) as fault:
            log.warning("control.github_away", error=str(fault), again_in_seconds=AGAIN_SECONDS)
            await asyncio.sleep(AGAIN_SECONDS)
        except GitHubError as fault:
            raise IdentityError(
                f"GITHUB_APP_ID: GitHub does not say which App this is ({fault}); check it and "
                "GITHUB_API_URL, and that the App is not suspended"
            ) from fault


def crew(settings: Settings, agents: list[Agent]) -> Crew:
    """Who works: named by settings, else the first Agent of the role by name that has no other part."""
    stronger = {settings.escalation_coder, *split(settings.escalation_reviewers)}
    free = [agent for agent in agents if agent.metadata.name not in stronger]
    reviewers = split(settings.reviewers) or _first(free, "reviewer")
    verifier = "" if settings.verifier == "none" else settings.verifier
    return Crew(
        coder=settings.coder or "".join(_first(free, "coder")),
        verifier=verifier,
        reviewers=tuple(reviewers),
        escalation_coder=settings.escalation_coder,
        escalation_reviewers=tuple(split(settings.escalation_reviewers)),
    )


def _first(agents: list[Agent], role: Role) -> list[str]:
    return sorted(a.metadata.name for a in agents if a.spec.role == role)[:1]


async def _knows_services(client: Client) -> bool:
    """Whether the API knows LLMKube's InferenceService."""
    from k8s.errors import NotFound
    from k8s.resources.core import InferenceService

    try:
        await client.list(InferenceService, "default")
    except NotFound:
        return False
    return True
