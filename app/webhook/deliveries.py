"""Deliveries, decided and carried out: the only reader of what the door stored.

A Delivery without a phase is an order that was not carried out to its end. However often it is
begun again, it comes to the same end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from app.github.app import App, Scope
from app.github.errors import Forbidden, GitHubError, IdentityError, NotFound, RateLimited, Rejected
from app.github.limits import Backoff
from app.webhook.clerk import carry_out
from app.webhook.conversation import Conversation
from app.webhook.desk import Case, Office, Outcome, Phase
from app.webhook.events import Event, EventError, of_delivery
from app.webhook.intents import Configuration, Word, intents, needs_permission
from app.webhook.workloads import Crew
from k8s import errors
from k8s.client import Client
from k8s.informer import Informer
from k8s.queue import Key, WorkQueue
from k8s.resources.delivery import Delivery

# GitHub redelivers within 3 days, Enterprise Server within 7.
KEPT = timedelta(days=8)
# The worst that happened to any of a delivery's orders is what became of it.
_RANK: dict[Phase, int] = {"Ignored": 0, "Done": 1, "Refused": 2, "Failed": 3}

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class DeliverySettings:
    control_namespace: str
    task_namespace: str
    label: str
    allowed_bots: frozenset[str]
    crew: Callable[[], Crew]


class DeliveriesController:
    """The only writer of a Delivery's status."""

    def __init__(
        self,
        client: Client,
        deliveries: Informer[Delivery],
        app: App,
        settings: DeliverySettings,
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self.queue = WorkQueue()
        self._client = client
        self._deliveries = deliveries
        self._app = app
        self._settings = settings
        self._clock = clock
        self._backoff = Backoff()
        self._office = Office(
            client=client,
            namespace=settings.task_namespace,
            label=settings.label,
            allowed_bots=settings.allowed_bots,
            crew=settings.crew,
        )
        deliveries.subscribe(lambda change: self.queue.add(change.object.key))

    async def reconcile(self, key: Key) -> float | None:
        namespace, name = key
        delivery = self._deliveries.get(name, namespace)
        if delivery is None:
            self._backoff.forget(key)
            return None
        if delivery.status.phase:
            self._backoff.forget(key)
            return await self._expire(delivery)
        try:
            outcome = await self._handle(delivery)
        except (Forbidden, NotFound, Rejected, EventError) as exc:
            log.warning("delivery.failed", delivery=name, error=str(exc))
            outcome = Outcome("Failed", str(exc))
        except (GitHubError, IdentityError) as exc:
            seconds = exc.seconds if isinstance(exc, RateLimited) else self._backoff.next(key)
            log.warning("delivery.delayed", delivery=name, error=str(exc), seconds=seconds)
            return seconds
        await self._conclude(delivery, outcome)
        return None  # the change that this made brings us back

    async def _handle(self, delivery: Delivery) -> Outcome:
        event = of_delivery(delivery)
        profile = await self._app.profile()
        settings = self._settings
        configuration = Configuration(
            label=settings.label,
            own_login=profile.login,
            allowed_bots=settings.allowed_bots,
        )
        if not intents(event, "write", configuration):
            return Outcome("Ignored", "asks for nothing")
        scope = await self._scope(event)
        if scope is None:
            return Outcome("Ignored", "the App is not installed there")
        repository = scope.repository
        github = self._app.repository(scope)
        conversation = Conversation(github, repository, profile.login, self._office.locks)
        permission = await _permission(event, conversation, configuration)
        case = Case(self._office, conversation, scope, event, permission)
        orders = intents(event, permission, configuration)
        outcomes = [await carry_out(case, order) for order in orders]
        return summed([outcome for outcome in outcomes if outcome])

    async def _scope(self, event: Event) -> Scope | None:
        """Where to answer. None: a repository's own hook sent it, and we are not installed."""
        repository = event.payload.repository
        told = event.payload.installation
        number = told.id if told else await self._app.installation(repository.full_name)
        return None if number is None else Scope(repository.full_name, number, repository.id)

    async def _conclude(self, delivery: Delivery, outcome: Outcome) -> None:
        status = {
            "phase": outcome.phase,
            "message": outcome.message[:1024],
            "objects": list(outcome.objects),
            "finishedAt": self._clock().isoformat().replace("+00:00", "Z"),
        }
        namespace, name = delivery.key
        body = {"status": status}
        try:
            await self._client.patch(Delivery, name, namespace, body, subresource="status")
        except errors.NotFound:
            return
        spec = delivery.spec
        log.info(
            "delivery.concluded",
            delivery=name,
            github_event=f"{spec.event}.{spec.action}",
            repository=spec.repository,
            phase=outcome.phase,
            message=outcome.message,
        )

    async def _expire(self, delivery: Delivery) -> float | None:
        """Seconds until the delivery is old enough to be deleted; deletes it when it is."""
        left = delivery.spec.received_at + KEPT - self._clock()
        if left > timedelta(0):
            return left.total_seconds()
        namespace, name = delivery.key
        with suppress(errors.NotFound):
            await self._client.delete(Delivery, name, namespace, uid=delivery.metadata.uid)
        return None


async def _permission(
    event: Event, conversation: Conversation, configuration: Configuration
) -> Word:
    """The sender's permission, asked for where it matters. Listed bots are the operator's word."""
    sender = event.payload.sender
    if not needs_permission(event, configuration):
        return "none"
    if sender.type == "Bot" and sender.login in configuration.allowed_bots:
        return "write"
    return await conversation.permission(sender.login)


def summed(outcomes: Sequence[Outcome]) -> Outcome:
    """All that became of one delivery, as one."""
    if not outcomes:
        return Outcome("Ignored", "asks for nothing")
    worst = max(outcomes, key=lambda outcome: _RANK[outcome.phase])
    objects = dict.fromkeys(name for outcome in outcomes for name in outcome.objects)
    messages = dict.fromkeys(outcome.message for outcome in outcomes if outcome.message)
    return Outcome(worst.phase, "; ".join(messages), tuple(objects))
