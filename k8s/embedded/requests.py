"""What a request asks for: its path, its query, the form of answer it accepts."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote

from k8s.embedded.objects import FieldValidation
from k8s.embedded.refusals import (
    FieldError,
    Refusal,
    bad_request,
    no_such_path,
    not_acceptable,
)
from k8s.embedded.selectors import Selector, known_fields, selector
from k8s.embedded.types import ResourceType, Types

Form = Literal["plain", "table"]
_TRUE = frozenset({"true", "1"})


@dataclass(frozen=True)
class Target:
    """The object or collection that a path names; *name* is empty for a collection."""

    type: ResourceType
    namespace: str = ""
    name: str = ""
    subresource: str = ""


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
    if subresource and not (subresource == "status" and type_.status):
        raise no_such_path()
    if name and type_.namespaced and not namespace:
        raise no_such_path()
    return Target(type_, namespace, name, subresource)


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
    resource_version: str = ""
    version_match: str = ""
    watch: bool = False
    timeout_seconds: float | None = None
    bookmarks: bool = False
    initial_events: bool = False

    @property
    def version(self) -> int:
        """The version asked for; 0 for none or any."""
        if not self.resource_version:
            return 0
        if not self.resource_version.isdecimal():
            raise bad_request(f"resourceVersion: {self.resource_version!r} is not a version")
        return int(self.resource_version)


def query(given: Mapping[str, str], type_: ResourceType) -> Query:
    """Parse a list's or watch's parameters; raises `Refusal` 400."""
    if given.get("continue"):
        raise bad_request("continue: lists are not chunked by this API; list without it")
    labels, fields = given.get("labelSelector", ""), given.get("fieldSelector", "")
    seconds = given.get("timeoutSeconds", "")
    if seconds and not seconds.isdecimal():
        raise bad_request(f"timeoutSeconds: {seconds!r} is not a number of seconds")
    return Query(
        selector=selector(labels, fields, known_fields=known_fields(type_.key)),
        resource_version=given.get("resourceVersion", ""),
        version_match=given.get("resourceVersionMatch", ""),
        watch=given.get("watch", "") in _TRUE,
        timeout_seconds=float(seconds) if seconds and seconds != "0" else None,
        bookmarks=given.get("allowWatchBookmarks", "") in _TRUE,
        initial_events=given.get("sendInitialEvents", "") in _TRUE,
    )


def validation(given: Mapping[str, str]) -> FieldValidation:
    match given.get("fieldValidation", ""):
        case "":
            return "Warn"
        case "Strict" | "Warn" | "Ignore" as mode:
            return mode
        case other:
            fault = FieldError(
                "fieldValidation",
                "Unsupported",
                'supported values: "Ignore", "Warn", "Strict"',
                other,
            )
            raise Refusal(422, "Invalid", str(fault), details={"causes": [fault.wire()]})


def refuse_dry_run(given: Mapping[str, str]) -> None:
    if given.get("dryRun"):
        raise bad_request("dryRun: not served by this API; nothing was changed")
