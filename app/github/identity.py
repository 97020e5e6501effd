"""Who we are to GitHub: the App's id, its private key, and JWTs signed with it.

GitHub refuses a JWT whose `iat` lies in its future or whose `exp` is more than ten minutes ahead,
by its own clock. Ours may be off, so the difference is measured from each answer's `Date` header
and taken into account.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from app.github.errors import IdentityError

BACKDATED = timedelta(seconds=60)
LIFETIME = timedelta(minutes=8)  # with the back-dating, 9 minutes between iat and exp
TOLERATED = timedelta(seconds=2)  # `Date` has whole seconds, and the way takes time

_SETTING = "GITHUB_APP_PRIVATE_KEY"
_PEM = re.compile(r"-----BEGIN ([A-Z ]+)-----(.*?)-----END \1-----", re.DOTALL)


class Skew:
    """How far GitHub's clock is ahead of ours."""

    def __init__(self) -> None:
        self.offset = timedelta()

    def measure(self, date: str, now: datetime) -> None:
        """Learn from a `Date` header that arrived at *now*; what is no date teaches nothing."""
        try:
            offset = parsedate_to_datetime(date) - now
        except (TypeError, ValueError):
            return
        self.offset = offset if abs(offset) > TOLERATED else timedelta()


class Identity:
    """An App: id or client id, and its key."""

    def __init__(self, app_id: str, key: RSAPrivateKey, clock: Callable[[], datetime]) -> None:
        self.app_id = app_id
        self.skew = Skew()
        self._key = key
        self._clock = clock
        self._made: tuple[datetime, timedelta, str] | None = None

    async def token(self, renew: bool) -> str:  # noqa: FBT001 - the shape of `Credentials`
        """A JWT with at least half of its life left; a new one on *renew*."""
        now = self._clock()
        if self._made and not renew:
            made_at, offset, token = self._made
            if now - made_at < LIFETIME / 2 and offset == self.skew.offset:
                return token
        token = self.signed(now + self.skew.offset)
        self._made = (now, self.skew.offset, token)
        return token

    def signed(self, now: datetime) -> str:
        """A JWT as of GitHub's *now*."""
        claims = {"iat": now - BACKDATED, "exp": now + LIFETIME, "iss": self.app_id}
        return jwt.encode(claims, self._key, algorithm="RS256")


def private_key(text: str, path: Path | None = None) -> RSAPrivateKey:
    """The App's key from PEM text, in base64 or with escaped newlines too, or from a file.

    Raises `IdentityError` with one sentence that names the setting.
    """
    setting = _SETTING
    if path is not None:
        setting = f"{_SETTING}_PATH ({path})"
        text = _file(path, setting)
    elif "-----" not in text and "\n" not in text and len(text) < 4096 and _is_file(text):
        setting = f"{_SETTING} ({text})"
        text = _file(Path(text).expanduser(), setting)
    if not text.strip():
        raise IdentityError(f"{setting}: empty; it takes the App's private key (PEM)")
    return _load(_pem(text, setting), setting)


def _is_file(text: str) -> bool:
    try:
        return Path(text.strip()).expanduser().is_file()
    except (OSError, ValueError, RuntimeError):
        return False


def _file(path: Path, setting: str) -> str:
    try:
        return path.read_text(encoding="ascii")
    except OSError as exc:
        raise IdentityError(f"{setting}: {exc.strerror}; give a readable PEM file") from exc
    except UnicodeDecodeError as exc:
        raise IdentityError(f"{setting}: not a PEM text; download the key again") from exc


def _pem(text: str, setting: str) -> bytes:
    """*text* as PEM with real line ends, whatever an environment file made of it."""
    text = text.strip().strip("\"'").replace("\\r", "").replace("\\n", "\n")
    if "-----BEGIN" not in text:
        try:
            text = base64.b64decode(re.sub(r"\s", "", text), validate=True).decode("ascii")
        except (binascii.Error, UnicodeDecodeError, ValueError) as exc:
            raise IdentityError(
                f"{setting}: neither PEM nor PEM in base64; paste the .pem file that GitHub gave"
            ) from exc
    found = _PEM.search(text)
    if found is None:
        raise IdentityError(f"{setting}: the PEM text is cut; paste the whole .pem file")
    kind, body = found[1], re.sub(r"\s", "", found[2])
    if "PRIVATE KEY" not in kind:
        raise IdentityError(f"{setting}: a {kind.lower()}, not a private key; generate one")
    if "ENCRYPTED" in kind or ":" in body:
        raise IdentityError(f"{setting}: protected by a passphrase; give the key without one")
    lines = "\n".join(body[i : i + 64] for i in range(0, len(body), 64))
    return f"-----BEGIN {kind}-----\n{lines}\n-----END {kind}-----\n".encode()


def _load(pem: bytes, setting: str) -> RSAPrivateKey:
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as exc:
        raise IdentityError(f"{setting}: not a usable key; paste the whole .pem file") from exc
    if not isinstance(key, RSAPrivateKey):
        raise IdentityError(f"{setting}: not an RSA key; GitHub Apps sign with the RSA key it gave")
    return key
