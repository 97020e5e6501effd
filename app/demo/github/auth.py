"""Who is asking: JSON web tokens of an App, installation access tokens, or nobody."""

from __future__ import annotations

import base64
import binascii
import json
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from app.demo.github.access import exceeds
from app.demo.github.entities import Account, App, Installation, Repository, Token
from app.demo.github.problems import Problem, bad_credentials, not_found
from app.demo.github.world import World

TOKEN_LIFE = timedelta(hours=1)
# GitHub refuses a longer one: https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
_LONGEST_JWT = timedelta(minutes=10)
_MANY = 500
_UNDECODABLE = "A JSON web token could not be decoded"


@dataclass(frozen=True)
class Identity:
    """An App (*app* alone), an installation (*token* too), a person, or nobody."""

    app: App | None = None
    token: Token | None = None
    person: Account | None = None

    @property
    def bot(self) -> Account:
        """Who is shown as the author of what this identity writes."""
        if self.person is not None:
            return self.person
        if self.app is None:
            raise bad_credentials()
        return self.app.bot

    @property
    def limit_key(self) -> str:
        if self.token:
            return f"installation {self.token.installation.id}"
        return f"app {self.app.id}" if self.app else "anonymous"


def identify(world: World, header: str | None, *, git: bool = False) -> Identity:
    """Raises 401 for credentials that are wrong or expired.

    *git*: a person's own token counts too. The REST API here is the App's alone.
    """
    if not header:
        return Identity()
    scheme, _, value = header.partition(" ")
    value = value.strip()
    if scheme.lower() == "basic":
        value = _password(value)
    elif scheme.lower() not in ("bearer", "token"):
        raise bad_credentials()
    if value.startswith("ghs_"):
        return installation_identity(world, value)
    if git and value in world.personal_tokens:
        return Identity(person=world.personal_tokens[value])
    if value.count(".") == 2 and scheme.lower() == "bearer":
        return Identity(app=app_of_jwt(world, value))
    raise bad_credentials()


def _password(encoded: str) -> str:
    try:
        return base64.b64decode(encoded, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError) as exc:
        raise bad_credentials() from exc


def installation_identity(world: World, value: str) -> Identity:
    token = world.tokens.get(value)
    if token is None or token.expires_at <= world.clock():
        raise bad_credentials()
    if token.installation not in world.installations:
        raise bad_credentials()
    if token.installation.suspended_at:
        raise Problem(403, "This installation has been suspended")
    return Identity(app=token.installation.app, token=token)


def app_of_jwt(world: World, value: str) -> App:
    """The App that signed *value*. The checks and their words follow GitHub's order."""
    try:
        header = jwt.get_unverified_header(value)
        claims = jwt.decode(value, options={"verify_signature": False})
    except jwt.InvalidTokenError as exc:
        raise Problem(401, _UNDECODABLE) from exc
    if header.get("alg") != "RS256":
        raise Problem(401, _UNDECODABLE)
    issuer = str(claims.get("iss", ""))
    app = next((a for a in world.apps if issuer in (str(a.id), a.client_id)), None)
    if app is None:
        raise Problem(404, "Integration not found")
    try:
        jwt.decode(
            value,
            app.public_key,
            algorithms=["RS256"],
            options={"verify_exp": False, "verify_iat": False, "verify_nbf": False},
        )
    except jwt.InvalidTokenError as exc:
        raise Problem(401, _UNDECODABLE) from exc
    _check_times(claims, world.clock())
    return app


def _check_times(claims: dict[str, Any], now: datetime) -> None:
    issued, expires = claims.get("iat"), claims.get("exp")
    if not isinstance(expires, int) or expires <= now.timestamp():
        raise Problem(
            401,
            "'Expiration time' claim ('exp') must be a numeric value representing the future "
            "time at which the assertion expires",
        )
    if not isinstance(issued, int) or issued > now.timestamp():
        raise Problem(
            401,
            "'Issued at' claim ('iat') must be an Integer representing the time that the "
            "assertion was issued",
        )
    if datetime.fromtimestamp(expires, UTC) - now > _LONGEST_JWT:
        raise Problem(401, "'Expiration time' claim ('exp') is too far in the future")


def mint(world: World, installation: Installation, body: dict[str, Any]) -> Token:
    """POST /app/installations/{installation_id}/access_tokens. Raises 403 and 422 as GitHub does."""
    if installation.suspended_at:
        raise Problem(403, "This installation has been suspended")
    repositories = _requested_repositories(world, installation, body)
    wanted = body.get("permissions")
    if wanted is not None and not _is_text_map(wanted):
        raise Problem(422, "Invalid request.\n\nFor 'properties/permissions', it is not an object.")
    if wanted and exceeds(wanted, installation.permissions):
        raise Problem(422, "The permissions requested are not granted to this installation.")
    permissions = dict(wanted) if wanted else dict(installation.permissions)
    permissions.setdefault("metadata", "read")
    token = Token(
        value=_token_value(installation.app),
        installation=installation,
        permissions=permissions,
        repositories=repositories,
        expires_at=world.clock().replace(microsecond=0) + TOKEN_LIFE,
    )
    world.tokens[token.value] = token
    return token


def _is_text_map(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(v, str) for v in value.values())


def _requested_repositories(
    world: World, installation: Installation, body: dict[str, Any]
) -> list[Repository] | None:
    ids, names = body.get("repository_ids"), body.get("repositories")
    if ids is None and names is None:
        return None if installation.repositories is None else list(installation.repositories)
    found: list[Repository] = []
    for wanted in [*(ids or []), *(names or [])]:
        if isinstance(wanted, int):
            repository = world.repository_by_id(wanted)
        else:
            repository = world.repositories.get(f"{installation.account.login}/{wanted}".lower())
        if repository is None or not installation.covers(repository):
            raise Problem(
                422,
                "There is at least one repository that does not exist or is not accessible to the "
                "parent installation.",
            )
        found.append(repository)
    if len(found) > _MANY:
        raise Problem(422, f"Invalid request.\n\nNo more than {_MANY} items are allowed.")
    return found


def _token_value(app: App) -> str:
    """The stateless shape of 2026, `ghs_APPID_JWT`: what reads or redacts tokens must know it."""
    claims = json.dumps({"iss": "github", "sub": app.id, "jti": secrets.token_hex(16)}).encode()
    parts = (b'{"alg":"RS256","typ":"JWT"}', claims, secrets.token_bytes(96))
    encoded = (base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)
    return f"ghs_{app.id}_{'.'.join(encoded)}"


def installation_by_id(world: World, app: App, text: str) -> Installation:
    if re.fullmatch(r"\d+", text):
        for installation in world.installations:
            if installation.id == int(text) and installation.app is app:
                return installation
    raise not_found()
