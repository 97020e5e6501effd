"""Our GitHub App as `control` sees it: who it is, where it is installed, tokens for one purpose."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import aiohttp

from app.github.client import Api, Credentials, GitHub, Sleep, repository_path
from app.github.errors import (
    Forbidden,
    GitHubError,
    IdentityError,
    NotFound,
    Rejected,
    Unauthorized,
)
from app.github.identity import Identity
from app.github.permissions import Phase, permissions

RENEW_BEFORE = timedelta(minutes=15)  # tokens live an hour; none is given out with less than this
INSTALLATION_KNOWN = timedelta(minutes=10)


@dataclass(frozen=True)
class Scope:
    """Where a token holds: one repository of one installation.

    *repository_id* is None where nobody told it; the repository is then chosen by its name.
    """

    repository: str
    installation: int
    repository_id: int | None = None


@dataclass(frozen=True)
class Token:
    """An installation token of one phase. Its text stays out of `repr`."""

    text: str
    expires_at: datetime
    phase: Phase

    def __repr__(self) -> str:
        return f"Token({self.phase}, expires {self.expires_at:%H:%M:%S})"


@dataclass(frozen=True)
class Profile:
    """The App as GitHub knows it; *login* is the author of what it posts."""

    id: int
    slug: str
    name: str

    @property
    def login(self) -> str:
        return f"{self.slug}[bot]"


class App:
    """One per process; shares one session, one cache and one budget per installation."""

    def __init__(
        self,
        identity: Identity,
        session: aiohttp.ClientSession,
        *,
        api_url: str,
        clock: Callable[[], datetime],
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._identity = identity
        self._session = session
        self._api_url = api_url
        self._clock = clock
        self._sleep = sleep
        self.github = GitHub(self._api(), identity.token, scheme="jwt")
        self._installations: dict[int, Api] = {}
        self._tokens: dict[tuple[Scope, Phase], Token] = {}
        self._minting: dict[tuple[Scope, Phase], asyncio.Lock] = {}
        self._known: dict[str, tuple[datetime, int | None]] = {}
        self._profile: Profile | None = None

    def _api(self) -> Api:
        return Api(
            self._session,
            api_url=self._api_url,
            clock=self._clock,
            skew=self._identity.skew,
            sleep=self._sleep,
        )

    async def profile(self) -> Profile:
        """Who we are, asked once. Raises `IdentityError` where GitHub does not know us."""
        if self._profile is None:
            app_id = self._identity.app_id
            try:
                found = await self.github.get("/app")
            except (Unauthorized, NotFound) as exc:
                raise IdentityError(
                    f"GITHUB_APP_ID {app_id}: GitHub does not accept GITHUB_APP_PRIVATE_KEY for it;"
                    " check the id, and generate a key of this very App"
                ) from exc
            if not isinstance(found, dict) or not {"id", "slug", "name"} <= found.keys():
                raise IdentityError(
                    f"GITHUB_APP_ID {app_id}: what answers at GITHUB_API_URL is not GitHub's API; "
                    "for a server of your own it is https://HOST/api/v3"
                )
            self._profile = Profile(found["id"], found["slug"], found["name"])
        return self._profile

    def repository(self, scope: Scope, phase: Phase = "report") -> GitHub:
        """GitHub as a token of *phase* for *scope* sees it."""
        api = self._installations.get(scope.installation)
        if api is None:
            api = self._installations[scope.installation] = self._api()
        return GitHub(api, self._credentials(scope, phase))

    def _credentials(self, scope: Scope, phase: Phase) -> Credentials:
        async def token(renew: bool) -> str:  # noqa: FBT001 - the shape of `Credentials`
            if renew:
                self._tokens.pop((scope, phase), None)
            return (await self.token(scope, phase)).text

        return token

    async def token(self, scope: Scope, phase: Phase) -> Token:
        """One with at least `RENEW_BEFORE` to live; minted once for all who wait for it."""
        key = (scope, phase)
        async with self._minting.setdefault(key, asyncio.Lock()):
            held = self._tokens.get(key)
            if held is None or held.expires_at - self._clock() < RENEW_BEFORE:
                held = self._tokens[key] = await self._mint(scope, phase)
            return held

    async def _mint(self, scope: Scope, phase: Phase) -> Token:
        asked: dict[str, Any] = {"permissions": permissions(phase)}
        if scope.repository_id is None:
            asked["repositories"] = [scope.repository.partition("/")[2]]
        else:
            asked["repository_ids"] = [scope.repository_id]
        path = f"/app/installations/{scope.installation}/access_tokens"
        try:
            made = await self.github.mint(path, asked)
        except Rejected as exc:
            wanted = ", ".join(f"{name}: {level}" for name, level in permissions(phase).items())
            raise Forbidden(
                f"{scope.repository}: no token with {wanted} ({exc});"
                " accept the App's permissions on the installation, and give it this repository"
            ) from exc
        return Token(made["token"], _moment(made["expires_at"]), phase)

    async def installation(self, repository: str) -> int | None:
        """Where the App is installed on *repository*. None: it is not."""
        now = self._clock()
        known = self._known.get(repository)
        if known and now - known[0] < INSTALLATION_KNOWN:
            return known[1]
        try:
            found = await self.github.get(f"{repository_path(repository)}/installation")
        except NotFound:
            number = None
        else:
            number = int(found["id"])
        self._known[repository] = (now, number)
        return number


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as exc:
        raise GitHubError(f"{text!r}: not a time of GitHub's") from exc
