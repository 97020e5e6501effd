"""The token of a task: from the Secret that `control` keeps for it, else the node owner's own."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from k8s.client import Client
from k8s.errors import NotFound
from k8s.node.claim import Claim
from k8s.patience import patiently
from k8s.resources.core import Secret
from loop.work.job import NoTokenError

SECRET_PREFIX = "foreman-token-"  # noqa: S105 - a name, not a secret
_LOOK_SECONDS = 0.2
_PATIENCE_SECONDS = 60.0
_GRACE_SECONDS = 3.0  # for `control` to mint, where the node's owner has no token either
APP = "github-app"


class OwnToken:
    """`GITHUB_TOKEN`, else the token file in the user's configuration folder."""

    def __init__(self, given: str, file: Path) -> None:
        self._given = given
        self._file = file

    def find(self) -> tuple[str, str]:
        """(token, where it came from); both "" where there is none."""
        if self._given:
            return self._given, "GITHUB_TOKEN"
        if self._file.is_file():
            return self._file.read_text(encoding="utf-8").strip(), self._file.name
        return "", ""


class TaskTokens:
    """What the harness of one run uses; renewed by `control`, so read again for each use."""

    def __init__(
        self, client: Client, claim: Claim, own: OwnToken, learn: Callable[[str], None]
    ) -> None:
        self.source = ""
        self._client = client
        self._claim = claim
        self._own = own
        self._learn = learn  # tells the redactor

    async def read(self) -> str:
        """A token that may read; "" where nobody has one. Raises `NoTokenError`."""
        return await self._token(("read", "push"))

    async def push(self) -> str:
        """A token that may push; asks `control` for one. Raises `NoTokenError`."""
        if not self.source:
            await self.read()
        if self.source == APP:
            await self._claim.request_push()
        return await self._token(("push",))

    async def _token(self, phases: tuple[str, ...]) -> str:
        """The Secret's; for a task that GitHub did not start, else the node owner's."""
        if self.source in ("", APP):
            token = await self._awaited(phases)
            if token or self.source == APP:
                self.source = APP
                self._learn(token)
                return token
        token, self.source = self._own.find()
        if not token and phases == ("push",):
            raise NoTokenError(
                "no token to push with: set GITHUB_TOKEN for this node, or install the App on the "
                "repository"
            )
        self._learn(token)
        return token

    async def _awaited(self, phases: tuple[str, ...]) -> str:
        """The Secret's token, once it is there; "" when it need not come and does not."""
        started_by_github = self._claim.task.spec.payload.installation is not None
        needed = started_by_github or self.source == APP
        patience = _PATIENCE_SECONDS if needed else 0.0 if self._own.find()[0] else _GRACE_SECONDS
        ends = asyncio.get_running_loop().time() + patience
        while not (token := await self._stored(phases)):
            if asyncio.get_running_loop().time() >= ends:
                break
            await asyncio.sleep(_LOOK_SECONDS)
        if not token and needed:
            name = SECRET_PREFIX + self._claim.task.metadata.name
            raise NoTokenError(
                f"Secret {name}: no token of phase {phases[0]} within {patience:.0f} s; "
                "is `foreman control` running, and is the App installed on the repository?"
            )
        return token

    async def _stored(self, phases: tuple[str, ...]) -> str:
        task = self._claim.task.metadata
        try:
            name = SECRET_PREFIX + task.name
            secret = await patiently(lambda: self._client.get(Secret, name, task.namespace or ""))
        except NotFound:
            return ""
        value = {key: base64.b64decode(text).decode() for key, text in secret.data.items()}
        expires = value.get("expiresAt")
        if expires and datetime.fromisoformat(expires) <= datetime.now(UTC):
            return ""  # left over from before a long pause; `control` is about to renew it
        return value.get("token", "") if value.get("phase") in phases else ""
