"""Sliced work: several coders on one issue, each with files of its own, and who puts it together.

`integrate` takes of each slice's branch what the slice owns, `reconcile` looks for the identifiers
that the slices agreed on. What cannot be divided so is refused before anybody begins. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import combinations, product

from k8s.resources.task import Payload, SharedIdentifier, Slice, TaskKind
from k8s.resources.workload import PipelineStep
from loop.repo.union import covers

KINDS = frozenset({"integrate", "reconcile"})


def fault_of(kind: TaskKind, payload: Payload) -> str:
    """What is wrong with the slices of a task of *kind*, as a sentence; "" where nothing is."""
    if kind not in KINDS:
        return ""
    if not payload.issue:
        return f"payload.issue: missing; a task of kind {kind} needs the issue that was sliced"
    if not payload.slices:
        return f"payload.slices: empty; a task of kind {kind} needs at least one slice"
    if kind == "reconcile" and not payload.shared_identifiers:
        return "payload.sharedIdentifiers: empty; there is nothing to reconcile"
    return _slices(payload.slices) or _identifiers(payload)


def _slices(slices: Sequence[Slice]) -> str:
    names = [part.name for part in slices]
    if twice := _twice(names):
        return f"payload.slices: two are named {twice}; name each once"
    for index, part in enumerate(slices):
        where = f"payload.slices[{index}]"
        if not part.name:
            return f"{where}.name: empty; each slice needs one"
        if not part.branch:
            return f"{where}.branch: missing; name the branch that slice {part.name} is on"
        if not part.files:
            return f"{where}.files: empty; name the files that slice {part.name} owns"
    for one, other in combinations(slices, 2):
        for mine, theirs in product(one.files, other.files):
            if covers(mine, theirs) or covers(theirs, mine):
                both = mine if mine == theirs else f"{mine} and {theirs}"
                return (
                    f"payload.slices: {both} belongs to two slices, {one.name} and {other.name}; "
                    "give each file to one"
                )
    return ""


def _identifiers(payload: Payload) -> str:
    names = {part.name for part in payload.slices}
    for index, shared in enumerate(payload.shared_identifiers):
        where = f"payload.sharedIdentifiers[{index}]"
        # Compared as whole words, so what ends in `_` would be the beginning of one.
        if not shared.id.strip() or shared.id.endswith("_"):
            return f"{where}.id: {shared.id!r} is no whole identifier; write it in full"
        if unknown := _unknown(shared, names):
            return f"{where}: no slice is named {unknown}; there are {', '.join(sorted(names))}"
    return ""


def _unknown(shared: SharedIdentifier, names: set[str]) -> str:
    asked = [shared.defined_by, *shared.referenced_by]
    return next((name for name in asked if name not in names), "")


def _twice(words: Sequence[str]) -> str:
    return next((word for word, count in Counter(words).items() if count > 1), "")


def in_order(steps: Sequence[PipelineStep]) -> list[PipelineStep]:
    """*steps*, where `integrate` waits for the coders of its slices and `reconcile` for its branch."""
    return [_ordered(step, steps) for step in steps]


def _ordered(step: PipelineStep, steps: Sequence[PipelineStep]) -> PipelineStep:
    if step.kind == "integrate":
        branches = {part.branch for part in step.payload.slices}
        before = [s for s in steps if s.kind == "issue-fix" and s.payload.branch in branches]
    elif step.kind == "reconcile" and step.payload.branch:
        same = (s for s in steps if s.kind == "integrate")
        before = [s for s in same if s.payload.branch == step.payload.branch]
    else:
        return step
    names = [*step.depends_on, *(s.name for s in before)]
    return step.replace(depends_on=list(dict.fromkeys(names)))
