"""What a request asks for: its path, its query, the form of answer it accepts."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal
from urllib.parse import parse_qsl, unquote

from aiohttp import web

from k8s.embedded.history import Key
from k8s.embedded.objects import FieldValidation
from k8s.embedded.refusals import (
    FieldError,
    bad_request,
    invalid_options,
    no_such_path,
    not_acceptable,
    not_found,
)
from k8s.embedded.selectors import Selector, known_fields, selector
from k8s.embedded.types import ResourceType, Types

Form = Literal["plain", "table"]
_NUMBER = re.compile("[0-9]{1,18}")
_TRUE = frozenset({"true", "1"})


@dataclass(frozen=True)
class Target:
    """The object or collection that a path names; *name* is empty for a collection."""

    type: ResourceType
    namespace: str = ""
    name: str = ""
    subresource: str = ""

    @property
    def key(self) -> Key:
        return Key(self.type.key, self.namespace, self.name)


def names_resources(path: str) -> bool:
    """True for paths below a version: all that `target` reads."""
    depth = path.count("/")
    return (path.startswith("/apis/") and depth > 3) or (path.startswith("/api/") and depth > 2)


def target(path: str, types: Types) -> Target:
    """Parse a resource path; raises `Refusal` 404 for what is not served."""
    parts = path.strip("/").split("/")
    if "%" in path:
        parts = [unquote(part) for part in parts]
    match parts:
        case ["api", version, *rest]:
            group = ""
        case ["apis", group, version, *rest]:
            pass
        case _:
            raise no_such_path()
    namespace = ""
    if len(rest) >= 3 and rest[0] == "namespaces" and rest[2] not in ("status", "finalize"):
        namespace, rest = rest[1], rest[2:]
    if not rest or len(rest) > 3 or "" in rest:
        raise no_such_path()
    type_ = types.find(group, version, rest[0])
    if type_ is None or (namespace and not type_.namespaced):
        raise no_such_path()
    name, subresource = (*rest[1:], "", "")[:2]
    if name and type_.namespaced and not namespace:
        raise no_such_path()
    if subresource and not (subresource == "status" and type_.status):
        raise not_found(type_, name)
    return Target(type_, namespace, name, subresource)


def parameters(request: web.BaseRequest) -> Mapping[str, str]:
    """The query parameters; the last of several values of a name."""
    return _parameters(request.rel_url.raw_query_string)


@functools.lru_cache(maxsize=256)
def _parameters(text: str) -> Mapping[str, str]:
    return MappingProxyType(dict(parse_qsl(text)))


@functools.lru_cache(maxsize=256)
def form(accept: str) -> Form:
    """The form of answer that an `Accept` header asks for; raises `Refusal` 406."""
    for choice in accept.split(",") or [""]:
        media, *parameters = (part.strip() for part in choice.split(";"))
        values = dict(part.partition("=")[::2] for part in parameters)
        if media not in ("", "*/*", "application/*", "application/json"):
            continue
        match values.get("as"):
            case None:
                return "plain"
            case "Table" if values.get("g") == "meta.k8s.io":
                return "table"
    raise not_acceptable(["application/json", "application/json;as=Table;g=meta.k8s.io;v=v1"])


@dataclass(frozen=True)
class Query:
    """The query parameters of lists and watches."""

    selector: Selector
    version: int = 0  # 0: none or any
    version_match: str = ""
    watch: bool = False
    timeout_seconds: float | None = None
    bookmarks: bool = False
    initial_events: bool = False


def query(given: Mapping[str, str], type_: ResourceType) -> Query:
    """Parse a list's or watch's parameters; raises `Refusal` 400."""
    if given.get("continue"):
        raise bad_request("continue: lists are not chunked by this API; list without it")
    labels, fields = given.get("labelSelector", ""), given.get("fieldSelector", "")
    seconds = given.get("timeoutSeconds", "")
    if seconds and not _NUMBER.fullmatch(seconds):
        raise bad_request(f"timeoutSeconds: {seconds!r} is not a number of seconds")
    version, match = given.get("resourceVersion", ""), given.get("resourceVersionMatch", "")
    if version and not _NUMBER.fullmatch(version):
        raise bad_request(f"invalid resource version: {version!r} is not a number")
    if match and not version and not given.get("sendInitialEvents"):
        detail = "resourceVersionMatch is forbidden unless resourceVersion is provided"
        raise invalid_options(
            "ListOptions", FieldError("resourceVersionMatch", "Forbidden", detail)
        )
    if match not in ("", "Exact", "NotOlderThan"):
        detail = 'supported values: "Exact", "NotOlderThan", ""'
        error = FieldError("resourceVersionMatch", "Unsupported", detail, match)
        raise invalid_options("ListOptions", error)
    return Query(
        selector=selector(labels, fields, known_fields=known_fields(type_.key)),
        version=int(version or 0),
        version_match=match,
        watch=given.get("watch", "") in _TRUE,
        timeout_seconds=float(seconds) if seconds and seconds != "0" else None,
        bookmarks=given.get("allowWatchBookmarks", "") in _TRUE,
        initial_events=given.get("sendInitialEvents", "") in _TRUE,
    )


def validation(given: Mapping[str, str]) -> FieldValidation:
    """How a write wants unknown fields to be met; raises `Refusal` for a write that is none."""
    refuse_dry_run(given.get("dryRun"))
    match given.get("fieldValidation", ""):
        case "":
            return "Warn"
        case "Strict" | "Warn" | "Ignore" as mode:
            return mode
        case other:
            fault = FieldError(
                "fieldValidation",
                "Unsupported",
                'supported values: "", "Ignore", "Strict", "Warn"',
                other,
            )
            raise invalid_options("CreateOptions", fault)


def refuse_dry_run(given: Any) -> None:
    if given:
        raise bad_request("dryRun: not served by this API; nothing was changed")
