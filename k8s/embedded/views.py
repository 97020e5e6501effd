"""Tables: what `kubectl get` prints is made here, cell by cell.

https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from k8s.embedded import jsonpath
from k8s.embedded.types import Column, ResourceType

Row = Callable[[Mapping[str, Any], datetime], list[Any]]
_NAME = Column(
    "Name", "string", format="name", description="Name must be unique within a namespace."
)


def definitions(type_: ResourceType) -> list[dict[str, Any]]:
    return [
        {
            "name": column.name,
            "type": column.type,
            "format": column.format,
            "description": column.description or column.name,
            "priority": column.priority,
        }
        for column in _columns(type_)
    ]


def row(type_: ResourceType, body: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """One row; the object in it is reduced to its metadata, as clients ask for by default."""
    cells = (
        [body["metadata"]["name"], *_custom_cells(type_, body, now)]
        if type_.custom
        else _CORE[type_.key](body, now)
    )
    head = {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1"}
    return {"cells": cells, "object": {**head, "metadata": body["metadata"]}}


def table(
    columns: Sequence[dict[str, Any]] | None, rows: Sequence[dict[str, Any]], version: str
) -> dict[str, Any]:
    """A Table; a watch names the columns in its first event only."""
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": {"resourceVersion": version},
        "columnDefinitions": columns,
        "rows": rows,
    }


def _columns(type_: ResourceType) -> Sequence[Column]:
    return (_NAME, *type_.columns) if type_.custom else type_.columns


def _custom_cells(type_: ResourceType, body: Mapping[str, Any], now: datetime) -> list[Any]:
    return [_cell(column, _compiled(column.path)(body), now) for column in type_.columns]


@functools.cache
def _compiled(path: str) -> Callable[[Any], list[Any]]:
    return jsonpath.compiled(path)


def _cell(column: Column, found: Sequence[Any], now: datetime) -> Any:
    if not found or found[0] is None:
        return None
    first = found[0]
    match column.type:
        case "date":
            return since(first, now) if isinstance(first, str) else None
        case "integer":
            return int(first) if isinstance(first, int | float) else None
        case "number":
            return float(first) if isinstance(first, int | float) else None
        case "boolean":
            return first if isinstance(first, bool) else None
        case _:
            return " ".join(_text(value) for value in found)


def _text(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case list():
            return "[" + " ".join(_text(item) for item in value) + "]"
        case dict():
            return "map[" + " ".join(f"{k}:{_text(value[k])}" for k in sorted(value)) + "]"
        case _:
            return str(value)


def parsed(timestamp: Any) -> datetime | None:
    """A time of the wire; None where it is absent or unreadable."""
    try:
        moment = datetime.fromisoformat(timestamp)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def since(timestamp: Any, now: datetime) -> str:
    """The age that kubectl prints: `12s`, `3m20s`, `5h`, `8d`; `<unknown>` without a time."""
    moment = parsed(timestamp)
    return duration(now - moment) if moment else "<unknown>"


def duration(span: timedelta) -> str:
    """k8s.io/apimachinery/pkg/util/duration.HumanDuration."""
    seconds = int(span.total_seconds())
    if seconds < 0:
        return "0s" if seconds >= -1 else "<invalid>"
    if seconds < 120:
        return f"{seconds}s"
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if minutes < 10:
        return _two(minutes, "m", seconds % 60, "s")
    if minutes < 180:
        return f"{minutes}m"
    if hours < 8:
        return _two(hours, "h", minutes % 60, "m")
    if hours < 48:
        return f"{hours}h"
    if days < 8:
        return _two(days, "d", hours % 24, "h")
    if days < 365 * 2:
        return f"{days}d"
    if days < 365 * 8:
        return _two(days // 365, "y", days % 365, "d")
    return f"{days // 365}y"


def _two(large: int, unit: str, small: int, small_unit: str) -> str:
    return f"{large}{unit}{small}{small_unit}" if small else f"{large}{unit}"


# core kinds: https://github.com/kubernetes/kubernetes/blob/master/pkg/printers/internalversion/printers.go


def _age(body: Mapping[str, Any], now: datetime) -> str:
    return since(body["metadata"].get("creationTimestamp"), now)


def _objects(value: Any) -> list[dict[str, Any]]:
    """What is an object in a list that no schema vouches for."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _namespace(body: Mapping[str, Any], now: datetime) -> list[Any]:
    phase = (body.get("status") or {}).get("phase", "")
    return [body["metadata"]["name"], phase, _age(body, now)]


def _config_map(body: Mapping[str, Any], now: datetime) -> list[Any]:
    count = len(body.get("data") or {}) + len(body.get("binaryData") or {})
    return [body["metadata"]["name"], count, _age(body, now)]


def _secret(body: Mapping[str, Any], now: datetime) -> list[Any]:
    count = len(body.get("data") or {})
    return [body["metadata"]["name"], body.get("type", ""), count, _age(body, now)]


def _event(body: Mapping[str, Any], now: datetime) -> list[Any]:
    about, series = body.get("involvedObject") or {}, body.get("series") or {}
    first = body.get("firstTimestamp") or body.get("eventTime")
    last = series.get("lastObservedTime") or body.get("lastTimestamp") or first
    count = series.get("count") or body.get("count") or 1
    source = body.get("source") or {}
    origin = [source.get("component") or body.get("reportingComponent") or "", source.get("host")]
    first_seen = since(first, now)
    return [
        since(last, now) if count > 1 else first_seen,
        body.get("type", ""),
        body.get("reason", ""),
        f"{about.get('kind', '').lower()}/{about.get('name', '')}",
        about.get("fieldPath", ""),
        ", ".join(filter(None, origin)),
        str(body.get("message", "")).strip(),
        first_seen,
        count,
        body["metadata"]["name"],
    ]


def _endpoints(body: Mapping[str, Any], now: datetime) -> list[Any]:
    shown = [
        f"{address.get('ip', '')}:{port.get('port', '')}"
        for subset in body.get("subsets") or []
        for port in subset.get("ports") or [{}]
        for address in subset.get("addresses") or []
    ]
    text = ",".join(shown[:3]) + (f" + {len(shown) - 3} more..." if len(shown) > 3 else "")
    return [body["metadata"]["name"], text or "<none>", _age(body, now)]


def _pod(body: Mapping[str, Any], now: datetime) -> list[Any]:
    status, spec = body.get("status") or {}, body.get("spec") or {}
    seen = _objects(status.get("containerStatuses"))
    ready = sum(1 for one in seen if one.get("ready"))
    counts = [one.get("restartCount") for one in seen]
    restarts = sum(count for count in counts if isinstance(count, int))
    phase = str(status.get("reason") or status.get("phase", ""))
    total = len(_objects(spec.get("containers")))
    return [body["metadata"]["name"], f"{ready}/{total}", phase, str(restarts), _age(body, now)]


def _lease(body: Mapping[str, Any], now: datetime) -> list[Any]:
    holder = (body.get("spec") or {}).get("holderIdentity", "")
    return [body["metadata"]["name"], holder, _age(body, now)]


def _job(body: Mapping[str, Any], now: datetime) -> list[Any]:
    status, spec = body.get("status") or {}, body.get("spec") or {}
    conditions = _objects(status.get("conditions"))
    true = [c.get("type") for c in conditions if c.get("status") == "True"]
    shown = next((c for c in ("Complete", "Failed", "Suspended") if c in true), "Running")
    done = f"{status.get('succeeded', 0)}/{spec.get('completions', 1)}"
    began, ended = parsed(status.get("startTime")), parsed(status.get("completionTime"))
    took = duration((ended or now) - began) if began else ""
    return [body["metadata"]["name"], shown, done, took, _age(body, now)]


def _definition(body: Mapping[str, Any], now: datetime) -> list[Any]:
    return [body["metadata"]["name"], body["metadata"].get("creationTimestamp", "")]


_CORE: dict[str, Row] = {
    "namespaces": _namespace,
    "configmaps": _config_map,
    "secrets": _secret,
    "events": _event,
    "endpoints": _endpoints,
    "pods": _pod,
    "leases.coordination.k8s.io": _lease,
    "jobs.batch": _job,
    "customresourcedefinitions.apiextensions.k8s.io": _definition,
}
