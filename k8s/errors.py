"""What an API answers instead of what was asked for, named by what the caller does next."""

from __future__ import annotations

from http import HTTPStatus

import orjson

_EXCERPT = 200  # characters of a body that is not the API's own
# A refused patch is answered with the whole object in the sentence; the fault stands at its end.
_HEAD, _TAIL = 300, 700


class AccessError(Exception):
    """No way to the API: the settings are wrong, and the person at the keyboard must act."""


class ApiError(Exception):
    """The API refused. *reason* is its word for why (`NotFound`), *message* its sentence."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.message = message


class NotFound(ApiError):
    """Nothing of that name (404)."""


class AlreadyExists(ApiError):
    """The name is taken (409)."""


class Conflict(ApiError):
    """Somebody wrote in between: read again, decide again (409)."""


class Invalid(ApiError):
    """The object breaks its schema (422); the message names the field."""


class Gone(ApiError):
    """The resource version is too old to continue from: list again (410)."""


class Forbidden(ApiError):
    """The token is unknown (401) or lacks the permission (403)."""


class Unavailable(ApiError):
    """No answer, or one that says try later (429, 5xx). Status 0: no answer at all."""


def fault(status: int, body: bytes) -> ApiError:
    """The error that an answer with *status* and *body* (a `Status`, or a proxy's page) means."""
    reason, message = _said(status, body)
    return _kind(status, reason)(status, reason, message)


def _kind(status: int, reason: str) -> type[ApiError]:
    match status:
        case 401 | 403:
            return Forbidden
        case 404:
            return NotFound
        case 409:
            return AlreadyExists if reason == "AlreadyExists" else Conflict
        case 410:
            return Gone
        case 422:
            return Invalid
        case 429:
            return Unavailable
        case _ if status >= 500:
            return Unavailable
        case _:
            return ApiError


def _said(status: int, body: bytes) -> tuple[str, str]:
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError:
        told = None
    if isinstance(told, dict) and told.get("kind") == "Status":
        reason = str(told.get("reason") or _phrase(status))
        return reason, _bounded(str(told.get("message") or reason))
    excerpt = body[:_EXCERPT].decode(errors="replace").strip()
    return _phrase(status), f"HTTP {status}: {excerpt or _phrase(status)}"


def _bounded(message: str) -> str:
    if len(message) <= _HEAD + _TAIL:
        return message
    return f"{message[:_HEAD]} … {message[-_TAIL:]}"


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase.replace(" ", "")
    except ValueError:
        return "Unknown"
