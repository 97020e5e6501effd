"""What the core kinds do beyond their schema: set fields, refuse contents."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any

from k8s.embedded.refusals import FieldError, bad_request

_DATA_LIMIT = 1 << 20
_DATA_KEY = re.compile(r"[-._a-zA-Z0-9]+")
_DATA_KEY_RULE = (
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',"
    "  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
)
PERMANENT_NAMESPACES = frozenset({"default", "kube-system"})


def begin(resource: str, body: dict[str, Any]) -> None:
    """Set in place what the server sets in a new object."""
    match resource:
        case "namespaces":
            name = body["metadata"]["name"]
            labels = body["metadata"].get("labels") or {}
            body["metadata"]["labels"] = {**labels, "kubernetes.io/metadata.name": name}
            body["spec"] = {"finalizers": ["kubernetes"]}
            body["status"] = {"phase": "Active"}
        case "pods":
            body["status"] = {"phase": "Pending"}
        case "jobs.batch":
            body["status"] = {}
        case "secrets":
            body.setdefault("type", "Opaque")
        case _:
            pass


def settle(resource: str, body: dict[str, Any]) -> None:
    """Bring in place a new or changed object to its stored form; raises `Refusal`."""
    if resource == "secrets":
        _take_plain(body)
    if resource in ("secrets", "configmaps"):
        encoded = body.get("data" if resource == "secrets" else "binaryData") or {}
        for value in encoded.values():
            _refuse_unencoded(body["kind"], value)


def _take_plain(body: dict[str, Any]) -> None:
    """`stringData` becomes `data`."""
    if plain := body.pop("stringData", None):
        encoded = {key: base64.b64encode(value.encode()).decode() for key, value in plain.items()}
        body["data"] = {**(body.get("data") or {}), **encoded}


def _refuse_unencoded(kind: str, value: str) -> None:
    try:
        base64.b64decode(value, validate=True)
    except ValueError as exc:  # binascii.Error, or not ASCII
        raise bad_request(
            f'{kind} in version "v1" cannot be handled as a {kind}: illegal base64 data'
        ) from exc


def faults(
    resource: str, body: Mapping[str, Any], old: Mapping[str, Any] | None
) -> list[FieldError]:
    match resource:
        case "configmaps" | "secrets":
            return _data_faults(body) + (_change_faults(body, old) if old else [])
        case "events":
            return _event_faults(body)
        case "leases.coordination.k8s.io":
            return _lease_faults(body.get("spec") or {})
        case _:
            return []


def _data_faults(body: Mapping[str, Any]) -> list[FieldError]:
    found: list[FieldError] = []
    size = 0
    for field in ("data", "binaryData"):
        for key, value in (body.get(field) or {}).items():
            size += len(value.encode())
            if not _DATA_KEY.fullmatch(key) or key in (".", "..") or len(key) > 253:
                found.append(FieldError(f"{field}[{key}]", "Invalid", _DATA_KEY_RULE, key))
    if size > _DATA_LIMIT:
        found.append(FieldError("data", "TooLong", f"may not be more than {_DATA_LIMIT} bytes"))
    return found


def _change_faults(body: Mapping[str, Any], old: Mapping[str, Any]) -> list[FieldError]:
    found = []
    if body.get("type") != old.get("type"):
        found.append(FieldError("type", "Invalid", "field is immutable", body.get("type")))
    if old.get("immutable"):
        message = "field is immutable when `immutable` is set"
        found += [
            FieldError(field, "Forbidden", message)
            for field in ("immutable", "data", "binaryData")
            if body.get(field) != old.get(field)
        ]
    return found


def _event_faults(body: Mapping[str, Any]) -> list[FieldError]:
    about = body["involvedObject"].get("namespace", "")
    namespace = body["metadata"].get("namespace", "")
    if about == namespace or (not about and namespace == "default"):
        return []
    detail = "does not match event.namespace"
    return [FieldError("involvedObject.namespace", "Invalid", detail, about)]


def _lease_faults(spec: Mapping[str, Any]) -> list[FieldError]:
    found = []
    if (seconds := spec.get("leaseDurationSeconds")) is not None and seconds <= 0:
        detail = "must be greater than 0"
        found.append(FieldError("spec.leaseDurationSeconds", "Invalid", detail, seconds))
    if (times := spec.get("leaseTransitions")) is not None and times < 0:
        detail = "must be greater than or equal to 0"
        found.append(FieldError("spec.leaseTransitions", "Invalid", detail, times))
    return found
