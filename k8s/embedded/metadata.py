"""ObjectMeta: what may stand in it, what the server sets, what a change may not touch."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from k8s.embedded.refusals import FieldError
from k8s.embedded.types import ResourceType

_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{_LABEL}(\.{_LABEL})*"
_NAME = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_LABEL_RE, _SUBDOMAIN_RE = re.compile(_LABEL), re.compile(_SUBDOMAIN)
_NAME_RE = re.compile(_NAME)
_ANNOTATIONS_LIMIT = 256 << 10
_SUFFIX_LENGTH = 5
_BASE_LENGTH = 63 - _SUFFIX_LENGTH
# set by the server once; a change that carries something else is not heard
_KEPT = ("creationTimestamp", "generation", "deletionTimestamp", "deletionGracePeriodSeconds")
_DROPPED = ("managedFields", "selfLink")


def rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")[:19] + "Z"


def generated_name(base: str, suffix: Callable[[int], str]) -> str:
    return base[:_BASE_LENGTH] + suffix(_SUFFIX_LENGTH)


def begun(meta: Mapping[str, Any], *, uid: str, now: datetime, generation: bool) -> dict[str, Any]:
    """Metadata of a new object."""
    kept = {k: v for k, v in meta.items() if k not in (*_KEPT, *_DROPPED) and v is not None}
    own: dict[str, Any] = {"uid": uid, "creationTimestamp": rfc3339(now)}
    return kept | own | ({"generation": 1} if generation else {})


def carried(meta: Mapping[str, Any], old: Mapping[str, Any]) -> dict[str, Any]:
    """Metadata of a changed object: the client's part of *meta*, the server's part of *old*."""
    kept = {k: v for k, v in meta.items() if k not in (*_KEPT, *_DROPPED) and v is not None}
    for key in (*_KEPT, "uid", "resourceVersion", "name", "namespace", "generateName"):
        if key in old:
            kept[key] = old[key]
    for key in ("labels", "annotations", "ownerReferences", "finalizers"):
        if key in kept and not kept[key]:
            del kept[key]
    return kept


def faults(type_: ResourceType, meta: Mapping[str, Any]) -> list[FieldError]:
    """What is wrong with *meta*; its types were checked before."""
    found = _name_faults(type_, meta.get("name", ""))
    for key, value in (meta.get("labels") or {}).items():
        found += _key_faults("metadata.labels", key)
        if len(value) > 63:
            detail = "must be no more than 63 bytes"
            found.append(FieldError("metadata.labels", "Invalid", detail, value))
        if value and not _NAME_RE.fullmatch(value):
            found.append(FieldError("metadata.labels", "Invalid", _VALUE_RULE, value))
    annotations = meta.get("annotations") or {}
    for key in annotations:
        found += _key_faults("metadata.annotations", key.lower())
    if sum(len(k) + len(v.encode()) for k, v in annotations.items()) > _ANNOTATIONS_LIMIT:
        detail = f"may not be more than {_ANNOTATIONS_LIMIT} bytes"
        found.append(FieldError("metadata.annotations", "TooLong", detail))
    for owner in meta.get("ownerReferences") or ():
        for key in ("apiVersion", "kind", "name", "uid"):
            if not owner.get(key):
                detail = ("version " if key == "apiVersion" else "") + "must not be empty"
                found.append(FieldError(f"metadata.ownerReferences.{key}", "Invalid", detail, ""))
    if meta.get("finalizers"):
        detail = "finalizers are not served by this API; remove them"
        found.append(FieldError("metadata.finalizers", "Forbidden", detail))
    return found


def _name_faults(type_: ResourceType, name: str) -> list[FieldError]:
    if not name:
        return [FieldError("metadata.name", "Required", "name or generateName is required")]
    as_label = type_.key == "namespaces"
    found = []
    limit = 63 if as_label else 253
    if len(name) > limit:
        detail = f"must be no more than {limit} bytes"
        found.append(FieldError("metadata.name", "Invalid", detail, name))
    if not (_LABEL_RE if as_label else _SUBDOMAIN_RE).fullmatch(name):
        rule = _LABEL_RULE if as_label else _SUBDOMAIN_RULE
        found.append(FieldError("metadata.name", "Invalid", rule, name))
    return found


def _key_faults(field: str, key: str) -> list[FieldError]:
    prefix, slash, name = key.rpartition("/")
    good_prefix = not slash or (bool(_SUBDOMAIN_RE.fullmatch(prefix)) and len(prefix) <= 253)
    if good_prefix and _NAME_RE.fullmatch(name) and len(name) <= 63:
        return []
    return [FieldError(field, "Invalid", _KEY_RULE, key)]


_SUBDOMAIN_RULE = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or"
    " '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used"
    f" for validation is '{_LABEL}(\\.{_LABEL})*')"
)
_LABEL_RULE = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and"
    " must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex"
    f" used for validation is '{_LABEL}')"
)
_VALUE_RULE = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or"
    " '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',"
    "  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)
_KEY_RULE = (
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end"
    " with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for"
    " validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)
