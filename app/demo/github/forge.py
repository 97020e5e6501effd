"""The parts of one local GitHub together: what every change and every endpoint works on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from app.demo.github.access import ALWAYS, EVENT_PERMISSIONS
from app.demo.github.deliveries import Deliveries
from app.demo.github.entities import Account, App, Installation, Repository
from app.demo.github.faults import Faults
from app.demo.github.view_accounts import Json, organization, user
from app.demo.github.view_accounts import installation as installation_view
from app.demo.github.view_repositories import repository as repository_view
from app.demo.github.world import World, utc_now

# method, route, status, body: called with every JSON answer before it is sent
ExchangeHook = Callable[[str, str, int, Any], None]
# event, payload: called with every webhook payload, sent or not
PayloadHook = Callable[[str, dict[str, Any]], None]


@dataclass(frozen=True, kw_only=True)
class LocalGitHubSettings:
    directory: Path
    """Where the repositories are kept; made if it is not there."""

    host: str = "127.0.0.1"
    port: int = 0
    """0: any free one."""

    webhook_url: str | None = None
    """None: the hook is inactive; nothing is sent and no delivery is recorded."""

    webhook_secret: str = "local-webhook-secret"  # noqa: S105 - a local server's own default
    app_slug: str = "foreman"
    app_name: str = "Foreman"
    app_owner: str = "foreman-owner"
    private_key: str | None = None
    """A PEM; None: one is generated, which takes longer than all the rest of the start."""

    permissions: dict[str, str] = field(
        default_factory=lambda: {
            "metadata": "read",
            "contents": "write",
            "issues": "write",
            "pull_requests": "write",
            "checks": "write",
            "statuses": "read",
            "actions": "read",
            "merge_queues": "read",
        }
    )
    events: tuple[str, ...] = (
        "check_run",
        "check_suite",
        "issue_comment",
        "issues",
        "merge_group",
        "pull_request",
        "pull_request_review",
        "push",
        "status",
    )
    clock: Callable[[], datetime] = utc_now
    rate_limit: int = 5000
    """Requests an hour and installation."""

    writes_per_minute: int | None = 80
    """Requests that create content, before the secondary limit answers; None: no limit."""

    writes_per_hour: int | None = 500
    on_exchange: ExchangeHook | None = None
    on_payload: PayloadHook | None = None


@dataclass
class Forge:
    settings: LocalGitHubSettings
    world: World
    faults: Faults
    deliveries: Deliveries
    hooks: Path
    """The folder with the hooks that every bare repository runs."""

    def emit(
        self,
        event: str,
        action: str | None,
        repository: Repository,
        sender: Account,
        body: Json,
        *,
        only: App | None = None,
    ) -> None:
        """Send *event* to each App that is installed on *repository* and gets such events."""
        w = self.world
        for installation in w.installations:
            if only is not None and installation.app is not only:
                continue
            if installation.suspended_at or not installation.covers(repository):
                continue
            if not subscribed(installation, event):
                continue
            payload: Json = {} if action is None else {"action": action}
            payload |= body
            payload.setdefault("repository", repository_view(w, repository))
            if repository.owner.kind == "Organization":
                payload["organization"] = organization(w, repository.owner)
            payload["sender"] = user(w, sender)
            payload["installation"] = {"id": installation.id, "node_id": installation.node_id}
            self.deliveries.send(
                installation.app,
                event,
                payload,
                installation_id=installation.id,
                repository=repository,
            )

    def emit_installation(
        self, event: str, action: str, installation: Installation, sender: Account, body: Json
    ) -> None:
        payload: Json = {
            "action": action,
            "installation": installation_view(self.world, installation),
            **body,
            "sender": user(self.world, sender),
        }
        self.deliveries.send(installation.app, event, payload, installation_id=installation.id)


def subscribed(installation: Installation, event: str) -> bool:
    """Check events come by themselves with `checks: write`; the rest has to be subscribed to."""
    if event in ALWAYS:
        return True
    granted = installation.permissions
    if event in ("check_run", "check_suite") and granted.get("checks") == "write":
        return True
    needed = EVENT_PERMISSIONS.get(event, ())
    return event in installation.events and (
        not needed or any(granted.get(name) for name in needed)
    )
