"""The Secret with a running task's own token: minted, renewed before expiry, gone at the end.

Only `control` runs this. A node reads the Secret each time it needs the token; the token of phase
`push` is there only from the moment the node has a commit and asks, until the task's end.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import structlog

from app.github.app import RENEW_BEFORE, App, Scope, Token
from app.github.errors import GitHubError, IdentityError, RateLimited
from app.github.limits import Backoff
from k8s.client import Client
from k8s.errors import AlreadyExists, NotFound
from k8s.informer import Informer
from k8s.meta import Meta
from k8s.node.claim import PUSH_REQUESTED
from k8s.node.tokens import SECRET_PREFIX
from k8s.queue import Key, WorkQueue
from k8s.resources.core import Secret
from k8s.resources.task import AgenticTask

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Kept:
    """What a task's Secret holds, as far as we know."""

    phase: str
    expires_at: datetime


def phase_of(task: AgenticTask) -> Literal["read", "push"] | None:
    """The phase of token that *task* needs now. None: none, it is not claimed or has ended."""
    status = task.status
    if status.phase not in ("Running", "Verifying") or not status.claim_id:
        return None
    asked = any(c.type == PUSH_REQUESTED and c.status == "True" for c in status.conditions)
    return "push" if asked else "read"


class TokenKeeper:
    """The only writer of the Secrets `foreman-token-…`."""

    def __init__(
        self,
        client: Client,
        tasks: Informer[AgenticTask],
        app: App,
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self.queue = WorkQueue()
        self._client = client
        self._tasks = tasks
        self._app = app
        self._clock = clock
        self._backoff = Backoff(longest_seconds=60.0)
        self._kept: dict[Key, Kept | None] = {}  # None: we know that there is no Secret
        tasks.subscribe(lambda change: self.queue.add(change.object.key))

    async def reconcile(self, key: Key) -> float | None:
        namespace, name = key
        task = self._tasks.get(name, namespace)
        if task is None:
            self._kept.pop(key, None)  # the Secret goes with its owner
            self._backoff.forget(key)
            return None
        phase = phase_of(task)
        if phase is None or not task.spec.payload.repo:
            await self._remove(task)
            return None
        try:
            return await self._keep(task, phase)
        except (GitHubError, IdentityError) as exc:
            seconds = exc.seconds if isinstance(exc, RateLimited) else self._backoff.next(key)
            log.warning("token.not_minted", task=name, error=str(exc), seconds=seconds)
            return seconds

    async def _keep(self, task: AgenticTask, phase: Literal["read", "push"]) -> float | None:
        """See to a fresh token of *phase*; seconds until it has to be renewed."""
        kept = self._kept.get(task.key) or await self._stored(task)
        if kept is None or kept.phase != phase or self._renew_in(kept) <= 0:
            scope = await self._scope(task)
            if scope is None:
                return None  # no App there: the node uses its owner's token
            token = await self._app.token(scope, phase)
            await self._write(task, token)
            kept = Kept(phase, token.expires_at)
            log.info("token.kept", task=task.metadata.name, token_phase=phase)
        self._kept[task.key] = kept
        self._backoff.forget(task.key)
        return max(1.0, self._renew_in(kept))

    def _renew_in(self, kept: Kept) -> float:
        return (kept.expires_at - RENEW_BEFORE - self._clock()).total_seconds()

    async def _scope(self, task: AgenticTask) -> Scope | None:
        payload = task.spec.payload
        assert payload.repo, "tasks without a repository get no token"
        number = payload.installation or await self._app.installation(payload.repo)
        return None if number is None else Scope(payload.repo, number, payload.repository_id)

    async def _stored(self, task: AgenticTask) -> Kept | None:
        """What an earlier process of ours left. None: nothing that can be used."""
        try:
            secret = await self._client.get(Secret, _name(task), task.metadata.namespace or "")
        except NotFound:
            return None
        if not any(owner.uid == task.metadata.uid for owner in secret.metadata.owner_references):
            return None  # of an earlier task of this name
        try:
            value = {key: base64.b64decode(text).decode() for key, text in secret.data.items()}
            return Kept(value["phase"], datetime.fromisoformat(value["expiresAt"]))
        except (KeyError, ValueError):
            return None

    async def _write(self, task: AgenticTask, token: Token) -> None:
        data = {
            "token": token.text,
            "phase": token.phase,
            "expiresAt": token.expires_at.isoformat(),
        }
        owner = task.owner_reference()
        meta = Meta(name=_name(task), namespace=task.metadata.namespace, owner_references=[owner])
        try:
            await self._client.create(Secret(metadata=meta, string_data=data))
        except AlreadyExists:
            change = {"metadata": {"ownerReferences": [owner.wire()]}, "stringData": data}
            await self._client.patch(Secret, meta.name, meta.namespace or "", change)

    async def _remove(self, task: AgenticTask) -> None:
        """Delete the Secret, asked of the API once."""
        known = task.key in self._kept
        if known and self._kept[task.key] is None:
            return
        if known or task.ended:
            with suppress(NotFound):
                await self._client.delete(Secret, _name(task), task.metadata.namespace or "")
            self._kept[task.key] = None


def _name(task: AgenticTask) -> str:
    return SECRET_PREFIX + task.metadata.name
