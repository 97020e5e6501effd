"""Label and field selectors.

https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#api
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from k8s.embedded.refusals import bad_request

_KEY = (
    r"(?P<key>[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?(/[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?)"
)
_VALUE = r"(?P<value>[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?"
_EQUALITY = re.compile(rf"\s*{_KEY}\s*(?P<operator>==|=|!=)\s*{_VALUE}\s*")
_SET = re.compile(rf"\s*{_KEY}\s+(?P<operator>in|notin)\s*\((?P<values>[^()]*)\)\s*")
_EXISTENCE = re.compile(rf"\s*(?P<not>!?)\s*{_KEY}\s*")


@dataclass(frozen=True)
class Selectable:
    """What selectors look at in an object."""

    labels: Mapping[str, str]
    fields: Mapping[str, str]


@dataclass(frozen=True)
class _Requirement:
    key: str
    operator: Literal["in", "notin", "exists", "absent"]
    values: frozenset[str] = frozenset()

    def holds(self, found: Mapping[str, str]) -> bool:
        match self.operator:
            case "in":
                return found.get(self.key) in self.values
            case "notin":
                return found.get(self.key) not in self.values
            case "exists":
                return self.key in found
            case "absent":
                return self.key not in found


@dataclass(frozen=True)
class Selector:
    """All requirements of a request; empty selects everything."""

    labels: tuple[_Requirement, ...] = ()
    fields: tuple[_Requirement, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.labels or self.fields)

    def matches(self, item: Selectable) -> bool:
        return all(one.holds(item.labels) for one in self.labels) and all(
            one.holds(item.fields) for one in self.fields
        )

    def exact(self, field: str) -> str | None:
        """The one value that *field* must have; None when it may have several."""
        for one in self.fields:
            if one.key == field and one.operator == "in":
                return next(iter(one.values))
        return None


EVERYTHING = Selector()


def selector(labels: str, fields: str, *, known_fields: frozenset[str]) -> Selector:
    """Parse both query parameters; raises `Refusal` 400 for what cannot be read."""
    return Selector(tuple(_labels(labels)), tuple(_fields(fields, known_fields)))


def _labels(text: str) -> list[_Requirement]:
    found = []
    for part in _split(text):
        if match := _EQUALITY.fullmatch(part):
            negated = match["operator"] == "!="
            values = frozenset({match["value"] or ""})
            found.append(_Requirement(match["key"], "notin" if negated else "in", values))
        elif match := _SET.fullmatch(part):
            values = frozenset(value.strip() for value in match["values"].split(","))
            operator: Literal["in", "notin"] = "in" if match["operator"] == "in" else "notin"
            found.append(_Requirement(match["key"], operator, values))
        elif match := _EXISTENCE.fullmatch(part):
            found.append(_Requirement(match["key"], "absent" if match["not"] else "exists"))
        else:
            raise bad_request(f"unable to parse requirement: {part.strip()!r} is not a selector")
    return found


def _fields(text: str, known: frozenset[str]) -> list[_Requirement]:
    found = []
    for part in filter(None, text.split(",")):
        key, operator, value = _field(part)
        if key not in known:
            raise bad_request(f"field label not supported: {key}")
        negated = operator == "!="
        found.append(_Requirement(key, "notin" if negated else "in", frozenset({value})))
    return found


def _field(part: str) -> tuple[str, str, str]:
    for operator in ("!=", "==", "="):
        key, found, value = part.partition(operator)
        if found:
            return key.strip(), operator, value.strip()
    message = f"invalid selector: '{part}'; can't understand '{part}'"
    raise bad_request(message)


def _split(text: str) -> list[str]:
    """Parts between commas that stand outside brackets."""
    return [part for part in re.split(r",(?![^()]*\))", text) if part.strip()]


_PLAIN = frozenset({"metadata.name", "metadata.namespace"})
_MORE: dict[str, dict[str, tuple[str, ...]]] = {
    "events": {
        **{
            f"involvedObject.{name}": ("involvedObject", name)
            for name in ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion")
        },
        "involvedObject.fieldPath": ("involvedObject", "fieldPath"),
        "reason": ("reason",),
        "reportingComponent": ("reportingComponent",),
        "source": ("source", "component"),
        "type": ("type",),
    },
    "secrets": {"type": ("type",)},
    "namespaces": {"status.phase": ("status", "phase")},
    "pods": {
        "status.phase": ("status", "phase"),
        "spec.nodeName": ("spec", "nodeName"),
        "spec.restartPolicy": ("spec", "restartPolicy"),
    },
}


def known_fields(resource: str) -> frozenset[str]:
    """The field labels that *resource* can be selected by."""
    return _PLAIN | _MORE.get(resource, {}).keys()


def selectable(resource: str, body: Mapping[str, Any]) -> Selectable:
    meta = body["metadata"]
    fields = {"metadata.name": meta["name"], "metadata.namespace": meta.get("namespace", "")}
    for label, path in _MORE.get(resource, {}).items():
        value: Any = body
        for step in path:
            value = value.get(step) if isinstance(value, dict) else None
        fields[label] = "" if value is None else str(value)
    return Selectable(meta.get("labels") or {}, fields)
