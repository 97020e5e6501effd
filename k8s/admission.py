"""Rules about a change that no schema can express: each a predicate, with its CEL text beside it.

The embedded API asks the predicates, a real one the text, which is printed into our CRDs; a test
puts the same changes to both. Only the core of CEL is used: no library of any version is needed.
https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules

A Workload or AgenticTask is an order: once given it stays as it is, but for the fields that later
orders are written to. Agents, ModelEndpoints, ModelProfiles and FleetNodes are settings and change.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from k8s.resources.task import TaskSpec
from k8s.resources.workload import WorkloadSpec
from tools.wire import Wire

Object = Mapping[str, Any]


@dataclass(frozen=True)
class Rule:
    """*holds* judges a change of `spec` from old to new; *cel* says the same of `oldSelf` to `self`."""

    kind: str
    field: str
    message: str
    holds: Callable[[Object, Object], bool]
    cel: str


def violations(kind: str, old: Object, new: Object) -> list[Rule]:
    """The rules that the change of an object of our group breaks; both objects carry defaults."""
    before, after = old.get("spec") or {}, new.get("spec") or {}
    if before == after:
        return []
    return [rule for rule in RULES if rule.kind == kind and not rule.holds(before, after)]


def validations(kind: str) -> list[dict[str, str]]:
    """`x-kubernetes-validations` of `spec`, worded so that the answer is the embedded API's."""
    return [
        {
            **({"fieldPath": path} if (path := rule.field.removeprefix("spec")) else {}),
            "message": rule.message,
            "reason": "FieldValueForbidden",
            "rule": rule.cel,
        }
        for rule in RULES
        if rule.kind == kind
    ]


def frozen_but(*changeable: str) -> Callable[[Object, Object], bool]:
    """True when nothing but *changeable* differs."""

    def holds(old: Object, new: Object) -> bool:
        keys = (old.keys() | new.keys()).difference(changeable)
        return all(old.get(key) == new.get(key) for key in keys)

    return holds


def cel_frozen_but(model: type[Wire], *changeable: str) -> str:
    """`frozen_but` in CEL, where an object with a schema is no map that could be filtered."""
    names = [str(field.alias) for field in model.model_fields.values()]
    return " && ".join(
        f"has(self.{name}) == has(oldSelf.{name})"
        f" && (!has(self.{name}) || self.{name} == oldSelf.{name})"
        for name in names
        if name not in changeable
    )


def appended_only(field: str) -> Callable[[Object, Object], bool]:
    """True when the list *field* kept all it had, in place, and got nothing that it had already."""

    def holds(old: Object, new: Object) -> bool:
        kept, now = old.get(field) or [], new.get(field) or []
        return bool(now == kept + [item for item in now if item not in kept])

    return holds


def cel_appended_only(field: str) -> str:
    """`appended_only` in CEL."""
    old, new = f"oldSelf.{field}", f"self.{field}"
    added = f"{new}.filter(item, !{old}.exists(kept, kept == item))"
    return f"!has({old}) || size({old}) == 0 || (has({new}) && {new} == {old} + {added})"


_TASK = ("cancellation",)
_WORKLOAD = ("cancellation", "suspend", "followUps")
RULES = (
    Rule(
        "AgenticTask",
        "spec",
        "is immutable, except for cancellation; create a new AgenticTask",
        frozen_but(*_TASK),
        cel_frozen_but(TaskSpec, *_TASK),
    ),
    Rule(
        "Workload",
        "spec",
        "is immutable, except for cancellation, suspend and followUps; create a new Workload",
        frozen_but(*_WORKLOAD),
        cel_frozen_but(WorkloadSpec, *_WORKLOAD),
    ),
    Rule(
        "Workload",
        "spec.followUps",
        "may only be appended to",
        appended_only("followUps"),
        cel_appended_only("followUps"),
    ),
    Rule("Delivery", "spec", "is immutable", frozen_but(), "self == oldSelf"),
)
