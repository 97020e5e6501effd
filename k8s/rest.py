"""Resources as the API spells them: addresses, bodies, and objects read back. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar, cast
from urllib.parse import quote, urlencode

from pydantic import ValidationError

from k8s.errors import ApiError
from k8s.meta import Meta, Resource

R = TypeVar("R", bound=Resource)


def address(
    kind: type[Resource], namespace: str = "", name: str = "", subresource: str = ""
) -> str:
    """The path of a collection or, with *name*, of an object."""
    root = "/api" if "/" not in kind.API_VERSION else "/apis"
    parts = [root, kind.API_VERSION]
    if kind.NAMESPACED and namespace:
        parts += ["namespaces", quote(namespace, safe="")]
    parts.append(kind.PLURAL)
    parts += [quote(part, safe="") for part in (name, subresource) if part]
    return "/".join(parts)


def query(**parameters: str | int | None) -> str:
    """`?…` of the parameters that say something."""
    told = {key: value for key, value in parameters.items() if value not in ("", None)}
    return f"?{urlencode(told)}" if told else ""


def locked(body: Mapping[str, Any], resource_version: str | None) -> dict[str, Any]:
    """*body* as a patch that only applies to *resource_version*."""
    if resource_version is None:
        return dict(body)
    return {**body, "metadata": {**body.get("metadata", {}), "resourceVersion": resource_version}}


def read(kind: type[R], body: Mapping[str, Any]) -> R:
    """The object in *body*. Raises `ApiError` with reason `Unreadable` when it breaks our model."""
    # What others manage is never ours to send back, and doubles what a cache holds.
    meta = {k: v for k, v in body.get("metadata", {}).items() if k != "managedFields"}
    try:
        obj: R = kind.model_validate({**body, "metadata": meta})
    except ValidationError as exc:
        raise ApiError(0, "Unreadable", f"{_name(kind, meta)}: {_first_fault(exc)}") from exc
    return obj


def bare(kind: type[R], meta: Mapping[str, Any]) -> R:
    """An object of which only *meta* is known; its other fields are absent."""
    kept = ("name", "namespace", "uid", "resourceVersion")
    known = Meta.model_validate({key: meta[key] for key in kept if key in meta})
    return cast("R", kind.model_construct(metadata=known))


class Lines:
    """Splits a stream of chunks into lines of any length."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """The lines that *chunk* completes, without blank ones."""
        *complete, rest = chunk.split(b"\n")
        for line in complete:
            whole = b"".join([*self._parts, line])
            self._parts.clear()
            if whole.strip():
                yield whole
        if rest:
            self._parts.append(rest)


def _name(kind: type[Resource], meta: Mapping[str, Any]) -> str:
    path = "/".join(str(meta[key]) for key in ("namespace", "name") if meta.get(key))
    return f"{kind.KIND} {path}"


def _first_fault(exc: ValidationError) -> str:
    first = exc.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return (
        f"{where}: {first['msg']}; it was stored under another version of its CRD:"
        " apply config/crd/bases and correct or delete it"
    )
