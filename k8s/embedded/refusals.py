"""Answers that say no, in the words kube-apiserver uses: kubectl prints them, clients match them.

https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import orjson

Fault = Literal[
    "Required", "Invalid", "TypeInvalid", "Unsupported", "Forbidden", "TooLong", "TooMany"
]
_TITLES: dict[Fault, str] = {
    "Required": "Required value",
    "Invalid": "Invalid value",
    "TypeInvalid": "Invalid value",
    "Unsupported": "Unsupported value",
    "Forbidden": "Forbidden",
    "TooLong": "Too long",
    "TooMany": "Too many",
}
_REASONS: dict[Fault, str] = {
    "Required": "FieldValueRequired",
    "Invalid": "FieldValueInvalid",
    "TypeInvalid": "FieldValueTypeInvalid",
    "Unsupported": "FieldValueNotSupported",
    "Forbidden": "FieldValueForbidden",
    "TooLong": "FieldValueTooLong",
    "TooMany": "FieldValueTooMany",
}


class Named(Protocol):
    """What a refusal needs to know of a resource type."""

    @property
    def group(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def plural(self) -> str: ...


@dataclass(frozen=True)
class FieldError:
    """One fault of one field; *value* is shown only for faults that are about a value."""

    field: str
    fault: Fault
    detail: str = ""
    value: Any = None

    @property
    def cause(self) -> str:
        """The message without the field's path."""
        parts = [_TITLES[self.fault]]
        if self.fault in ("Invalid", "TypeInvalid", "Unsupported", "TooMany"):
            parts.append(orjson.dumps(self.value, default=str).decode())
        if self.detail:
            parts.append(self.detail)
        return ": ".join(parts)

    def wire(self) -> dict[str, str]:
        return {"reason": _REASONS[self.fault], "message": self.cause, "field": self.field}

    def __str__(self) -> str:
        return f"{self.field}: {self.cause}"


class Refusal(Exception):
    """A request that gets a `Status` of failure."""

    def __init__(
        self, code: int, reason: str, message: str, *, details: dict[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details

    def wire(self) -> dict[str, Any]:
        body: dict[str, Any] = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
            "reason": self.reason,
        }
        if self.details is not None:
            body["details"] = self.details
        return body | {"code": self.code}


def qualified(type_: Named) -> str:
    """`agents.foreman.llmkube.dev`, `configmaps`."""
    return f"{type_.plural}.{type_.group}" if type_.group else type_.plural


def _details(type_: Named, name: str) -> dict[str, Any]:
    details = {"name": name, "group": type_.group, "kind": type_.plural}
    return {key: value for key, value in details.items() if value}


def not_found(type_: Named, name: str) -> Refusal:
    message = f'{qualified(type_)} "{name}" not found'
    return Refusal(404, "NotFound", message, details=_details(type_, name))


def no_such_path() -> Refusal:
    return Refusal(404, "NotFound", "the server could not find the requested resource", details={})


def already_exists(type_: Named, name: str) -> Refusal:
    message = f'{qualified(type_)} "{name}" already exists'
    return Refusal(409, "AlreadyExists", message, details=_details(type_, name))


def conflict(type_: Named, name: str) -> Refusal:
    message = (
        f'Operation cannot be fulfilled on {qualified(type_)} "{name}": the object has been'
        " modified; please apply your changes to the latest version and try again"
    )
    return Refusal(409, "Conflict", message, details=_details(type_, name))


def precondition_failed(type_: Named, name: str, why: str) -> Refusal:
    message = f'Operation cannot be fulfilled on {_kind(type_)} "{name}": {why}'
    return Refusal(409, "Conflict", message, details={**_details(type_, name), "kind": type_.kind})


def invalid(type_: Named, name: str, errors: Sequence[FieldError]) -> Refusal:
    told = list(dict.fromkeys(str(error) for error in errors))
    message = f'{_kind(type_)} "{name}" is invalid: ' + (
        told[0] if len(told) == 1 else _listed(told)
    )
    details: dict[str, Any] = {"name": name, "group": type_.group, "kind": type_.kind}
    details = {key: value for key, value in details.items() if value}
    return Refusal(
        422, "Invalid", message, details={**details, "causes": [e.wire() for e in errors]}
    )


def invalid_options(kind: str, error: FieldError) -> Refusal:
    """A query parameter or delete option with a value it cannot have."""
    message = f'{kind}.meta.k8s.io "" is invalid: {error}'
    details = {"group": "meta.k8s.io", "kind": kind, "causes": [error.wire()]}
    return Refusal(422, "Invalid", message, details=details)


def _kind(type_: Named) -> str:
    return f"{type_.kind}.{type_.group}" if type_.group else type_.kind


def _listed(messages: Sequence[str]) -> str:
    return "[" + ", ".join(messages) + "]"


def bad_request(message: str) -> Refusal:
    return Refusal(400, "BadRequest", message)


def unauthorized() -> Refusal:
    return Refusal(401, "Unauthorized", "Unauthorized")


def forbidden(type_: Named, name: str, why: str) -> Refusal:
    shown = f'{qualified(type_)} "{name}"' if name else qualified(type_)
    message = f"{shown} is forbidden: {why}"
    return Refusal(403, "Forbidden", message, details=_details(type_, name))


def method_not_allowed(why: str = "") -> Refusal:
    message = why or "the server does not allow this method on the requested resource"
    return Refusal(405, "MethodNotAllowed", message, details={})


def unsupported_media_type(accepted: Sequence[str]) -> Refusal:
    message = (
        "the body of the request was in an unknown format - accepted media types include: "
        + ", ".join(accepted)
    )
    return Refusal(415, "UnsupportedMediaType", message)


def not_acceptable(accepted: Sequence[str]) -> Refusal:
    message = "only the following media types are accepted: " + ", ".join(accepted)
    return Refusal(406, "NotAcceptable", message)


def expired(asked: int, oldest: int) -> Refusal:
    """A version whose history is gone: list again."""
    return Refusal(410, "Expired", f"too old resource version: {asked} ({oldest})")


def too_large_version(asked: int, current: int) -> Refusal:
    message = f"Timeout: Too large resource version: {asked}, current: {current}"
    cause = {"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}
    return Refusal(504, "Timeout", message, details={"causes": [cause], "retryAfterSeconds": 1})


def too_large(limit: int) -> Refusal:
    message = f"Request entity too large: limit is {limit}"
    return Refusal(413, "RequestEntityTooLarge", message)


def internal(message: str) -> Refusal:
    return Refusal(500, "InternalError", f"Internal error occurred: {message}")
