"""CustomResourceDefinitions, printed from the pydantic models.

A structural schema is a small part of JSON schema: no `$ref`, no `const`, no exclusive bounds, no
type inside `anyOf`. So references are put in place, `X | None` becomes `X`, a constant becomes an
enum of one, and what is left keeps its keys in one fixed order.
https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from k8s.admission import validations
from k8s.meta import Resource
from k8s.resources.kinds import KINDS

_PRESERVE = "x-kubernetes-preserve-unknown-fields"
_KEPT = (
    "pattern",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "format",
)
_INTRODUCTIONS = {
    "apiVersion": "The versioned schema of this representation of an object.",
    "kind": "The REST resource this object represents.",
}


def crds() -> list[dict[str, Any]]:
    """One CustomResourceDefinition (`apiextensions.k8s.io/v1`) per kind of ours."""
    return [crd(kind) for kind in KINDS]


def yaml_files() -> dict[str, str]:
    """File name to text, as kept in `config/crd/bases`."""
    return {
        f"{body['spec']['group']}_{body['spec']['names']['plural']}.yaml": yaml_text(body)
        for body in crds()
    }


def yaml_text(body: Mapping[str, Any]) -> str:
    text: str = yaml.safe_dump(dict(body), sort_keys=False, width=100, allow_unicode=True)
    return "---\n" + text


def crd(kind: type[Resource]) -> dict[str, Any]:
    """The definition of one kind; a kind with a `status` field gets the status subresource."""
    group, _, version = kind.API_VERSION.partition("/")
    names: dict[str, Any] = {
        "kind": kind.KIND,
        "listKind": f"{kind.KIND}List",
        "plural": kind.PLURAL,
        "singular": kind.KIND.lower(),
    }
    if kind.SHORT:
        names["shortNames"] = [kind.SHORT]
    served: dict[str, Any] = {"name": version}
    if kind.COLUMNS:
        served["additionalPrinterColumns"] = [_column(*column) for column in kind.COLUMNS]
    served["schema"] = {"openAPIV3Schema": schema(kind)}
    served |= {"served": True, "storage": True}
    if "status" in kind.model_fields:
        served["subresources"] = {"status": {}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{kind.PLURAL}.{group}"},
        "spec": {
            "group": group,
            "names": names,
            "scope": "Namespaced" if kind.NAMESPACED else "Cluster",
            "versions": [served],
        },
    }


def schema(kind: type[Resource]) -> dict[str, Any]:
    """The structural schema of a whole object; defaults stand in `spec`, never in `status`."""
    printed = kind.model_json_schema(by_alias=True, mode="validation")
    definitions = printed.get("$defs", {})
    properties: dict[str, Any] = {
        name: {"description": text, "type": "string"} for name, text in _INTRODUCTIONS.items()
    }
    properties["metadata"] = {"type": "object"}
    for name, node in printed["properties"].items():
        if name != "metadata":
            properties[name] = _structural(node, definitions, defaults=name != "status")
    if rules := validations(kind.KIND):
        properties["spec"]["x-kubernetes-validations"] = rules
    body: dict[str, Any] = {}
    if kind.__doc__:
        body["description"] = _sentence(kind.__doc__)
    body |= {"type": "object", "properties": properties}
    required = [name for name in printed.get("required", []) if name != "metadata"]
    return body | ({"required": required} if required else {})


def _column(name: str, path: str, type_: str, priority: int) -> dict[str, Any]:
    column: dict[str, Any] = {"jsonPath": path, "name": name}
    if priority:
        column["priority"] = priority
    return column | {"type": type_}


def _structural(
    node: Mapping[str, Any], definitions: Mapping[str, Any], *, defaults: bool
) -> dict[str, Any]:
    node = _collapsed(node, definitions)
    body: dict[str, Any] = {}
    if text := node.get("description"):
        body["description"] = _sentence(text)
    # "" and null say no more than absence does
    if defaults and node.get("default") not in (None, ""):
        body["default"] = node["default"]
    if "type" not in node and "enum" not in node and "const" not in node:
        return body | {_PRESERVE: True}  # Any
    body["type"] = node.get("type", "string")
    if "const" in node:
        body["enum"] = [node["const"]]
    elif "enum" in node:
        body["enum"] = list(node["enum"])
    body |= {key: node[key] for key in _KEPT if key in node}
    if body["type"] == "integer":
        body["format"] = "int64"
    if body["type"] == "array":
        body["items"] = _structural(node.get("items", {}), definitions, defaults=defaults)
    if body["type"] == "object":
        body |= _object(node, definitions, defaults=defaults)
    return body


def _object(
    node: Mapping[str, Any], definitions: Mapping[str, Any], *, defaults: bool
) -> dict[str, Any]:
    body: dict[str, Any] = {}
    if properties := node.get("properties"):
        body["properties"] = {
            name: _structural(child, definitions, defaults=defaults)
            for name, child in properties.items()
        }
        if required := node.get("required"):
            body["required"] = list(required)
    match node.get("additionalProperties"):
        case dict() as values if values and not properties:
            body["additionalProperties"] = _structural(values, definitions, defaults=defaults)
        case False:
            pass  # unknown keys are pruned, or refused where the client asks for it
        case None if properties:
            pass
        case _:
            body[_PRESERVE] = True
    return body


def _collapsed(node: Mapping[str, Any], definitions: Mapping[str, Any]) -> dict[str, Any]:
    """*node* with its reference in place and its `None` alternative gone; outer words win."""
    outer = {key: value for key, value in node.items() if key not in ("$ref", "anyOf", "allOf")}
    if "$ref" in node:
        inner = definitions[node["$ref"].rpartition("/")[2]]
    elif "anyOf" in node:
        kept = [choice for choice in node["anyOf"] if choice.get("type") != "null"]
        if len(kept) != 1:
            message = f"{node.get('title', node)}: a union of {len(kept)} types has no structural schema; use one type"
            raise TypeError(message)
        inner = kept[0]
    else:
        return outer
    return {**_collapsed(inner, definitions), **outer}


def _sentence(text: str) -> str:
    """A docstring on one line, as `kubectl explain` shows it."""
    return " ".join(text.split())
