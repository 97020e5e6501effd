"""What an empty directory is given at start: namespaces and the definitions of our kinds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from k8s.crds import crd, crds
from k8s.embedded.core import core_types
from k8s.embedded.history import Key
from k8s.embedded.metadata import rfc3339
from k8s.embedded.objects import Objects
from k8s.embedded.types import Types, from_definition
from k8s.resources.core import InferenceService

NAMESPACES = ("default", "kube-system", "foreman-system")
_DEFINITIONS = "customresourcedefinitions.apiextensions.k8s.io"
_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def types() -> tuple[Types, Sequence[Mapping[str, Any]]]:
    """All served types, and the definitions of the custom ones."""
    definitions = [*crds(), crd(InferenceService)]
    return Types([*core_types(), *map(from_definition, definitions)]), definitions


def install(objects: Objects, definitions: Sequence[Mapping[str, Any]]) -> None:
    """Make what is missing, and bring the definitions to the state of this program."""
    namespaces, customs = objects.types["namespaces"], objects.types[_DEFINITIONS]
    for name in NAMESPACES:
        if objects.store.get(Key("namespaces", "", name)) is None:
            objects.create(namespaces, "", {"metadata": {"name": name}}, validation="Ignore")
    for definition in definitions:
        key = Key(_DEFINITIONS, "", definition["metadata"]["name"])
        stored = objects.store.get(key)
        if stored is None:
            objects.create(customs, "", _installed(definition, objects), validation="Ignore")
            continue
        old = orjson.loads(stored)
        if old["spec"] != _installed(definition, objects)["spec"]:
            generation = old["metadata"].get("generation", 0) + 1
            annotations = {**old["metadata"].get("annotations", {}), _APPLIED: applied(definition)}
            meta = {**old["metadata"], "generation": generation, "annotations": annotations}
            new = {**_installed(definition, objects), "metadata": meta}
            objects.store.replace(key, new, before=old)


def _installed(definition: Mapping[str, Any], objects: Objects) -> dict[str, Any]:
    """A definition as kube-apiserver stores one that kubectl applied."""
    spec = definition["spec"]
    since = rfc3339(objects.now())
    conditions = [
        {
            "type": type_,
            "status": "True",
            "reason": reason,
            "message": message,
            "lastTransitionTime": since,
        }
        for type_, reason, message in (
            ("NamesAccepted", "NoConflicts", "no conflicts found"),
            ("Established", "InitialNamesAccepted", "the initial names have been accepted"),
        )
    ]
    return {
        **definition,
        "metadata": {**definition["metadata"], "annotations": {_APPLIED: applied(definition)}},
        "spec": {**spec, "conversion": {"strategy": "None"}},
        "status": {
            "conditions": conditions,
            "acceptedNames": spec["names"],
            "storedVersions": [version["name"] for version in spec["versions"]],
        },
    }


def applied(definition: Mapping[str, Any]) -> str:
    """The annotation that `kubectl apply` would leave, so that applying our file changes nothing.

    Letter by letter what Go prints: sorted keys, `<`, `>` and `&` escaped, a newline at the end.
    """
    meta = {"annotations": {}, **definition["metadata"]}
    text = orjson.dumps({**definition, "metadata": meta}, option=orjson.OPT_SORT_KEYS).decode()
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text + "\n"
