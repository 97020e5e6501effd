"""Rules about a change that no schema can express, each written once.

The embedded API enforces them; a controller may ask again.

A Workload or AgenticTask is an order: once given it stays as it is, but for the fields that later
orders are written to. Agents, ModelEndpoints, ModelProfiles and FleetNodes are settings and change.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Object = Mapping[str, Any]


@dataclass(frozen=True)
class Rule:
    """*holds* judges a change of `spec` from old to new."""

    kind: str
    field: str
    message: str
    holds: Callable[[Object, Object], bool]


def violations(kind: str, old: Object, new: Object) -> list[Rule]:
    """The rules that the change of an object of our group breaks; both objects carry defaults."""
    before, after = old.get("spec") or {}, new.get("spec") or {}
    if before == after:
        return []
    return [rule for rule in RULES if rule.kind == kind and not rule.holds(before, after)]


def frozen_but(*changeable: str) -> Callable[[Object, Object], bool]:
    """True when nothing but *changeable* differs."""

    def holds(old: Object, new: Object) -> bool:
        keys = (old.keys() | new.keys()).difference(changeable)
        return all(old.get(key) == new.get(key) for key in keys)

    return holds


def appended_only(field: str) -> Callable[[Object, Object], bool]:
    """True when the list *field* kept all it had, in place."""

    def holds(old: Object, new: Object) -> bool:
        kept = old.get(field) or []
        return (new.get(field) or [])[: len(kept)] == kept

    return holds


RULES = (
    Rule(
        "AgenticTask",
        "spec",
        "is immutable, except for cancellation; create a new AgenticTask",
        frozen_but("cancellation"),
    ),
    Rule(
        "Workload",
        "spec",
        "is immutable, except for cancellation, suspend and followUps; create a new Workload",
        frozen_but("cancellation", "suspend", "followUps"),
    ),
    Rule("Workload", "spec.followUps", "may only be appended to", appended_only("followUps")),
    Rule("Delivery", "spec", "is immutable", frozen_but()),
)
