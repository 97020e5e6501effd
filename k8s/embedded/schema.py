"""Structural schemas at work: defaults, unknown fields, pruning, and the words for what is wrong.

A good object costs one call into Rust: the *closed* form of the schema refuses unknown fields, so
whatever passes it needs neither pruning nor a look for typos. Only what fails it takes the slow
path here, which finds out why.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import jsonschema_rs

from k8s.embedded.refusals import Fault, FieldError

_PRESERVE = "x-kubernetes-preserve-unknown-fields"
# kube-apiserver evaluates no rule of an object with such a fault, and says so
_BLOCKING: frozenset[Fault] = frozenset({"Required", "TooLong", "TooMany", "TypeInvalid"})
_UNCHECKED = (
    "some validation rules were not checked because the object was invalid; correct the existing"
    " errors to complete validation"
)
_SILENT_FORMATS = frozenset({"int32", "int64", "double", "byte"})


@dataclass(frozen=True)
class _Defaults:
    """The part of a schema that has defaults below it."""

    values: tuple[tuple[str, Any], ...] = ()
    properties: tuple[tuple[str, _Defaults], ...] = ()
    each: _Defaults | None = None  # of a list's items or a map's values

    def apply(self, node: Any) -> None:
        if isinstance(node, dict):
            for key, value in self.values:
                if node.get(key) is None:
                    node[key] = copy.deepcopy(value) if isinstance(value, dict | list) else value
            for key, child in self.properties:
                if key in node:
                    child.apply(node[key])
            if self.each:
                for child_node in node.values():
                    self.each.apply(child_node)
        elif isinstance(node, list) and self.each:
            for item in node:
                self.each.apply(item)


@dataclass(frozen=True)
class Schema:
    """A structural schema compiled; made by `compiled`."""

    structural: Mapping[str, Any]
    _defaults: _Defaults | None
    _ruled: bool  # has rules in CEL
    _closed: Callable[[Any], bool]
    _errors: Callable[[Any], Iterator[jsonschema_rs.ValidationError]] = field(repr=False)

    def default(self, body: dict[str, Any]) -> None:
        """Set defaults in place; null counts as absent where there is a default."""
        if self._defaults:
            self._defaults.apply(body)

    def accepts(self, body: dict[str, Any]) -> bool:
        """True when *body* is valid and has no unknown field."""
        return self._closed(body)

    def prune(self, body: dict[str, Any]) -> list[str]:
        """Drop unknown fields and nulls in place; the paths of the unknown ones."""
        found: list[str] = []
        _prune(body, self.structural, "", found)
        found.sort(key=lambda path: (not path.startswith("metadata."), path))
        return found

    def errors(self, body: dict[str, Any]) -> list[FieldError]:
        told = [error for found in self._errors(body) for error in _explained(found)]
        if self._ruled and any(error.fault in _BLOCKING for error in told):
            told.append(FieldError("<nil>", "Invalid", _UNCHECKED))
        return told


def compiled(structural: Mapping[str, Any]) -> Schema:
    closed = jsonschema_rs.Draft202012Validator(
        _plain(structural, closed=True), validate_formats=True
    )
    open_ = jsonschema_rs.Draft202012Validator(
        _plain(structural, closed=False), validate_formats=True
    )
    return Schema(
        structural,
        _defaults_of(structural),
        _has_rules(structural),
        closed.is_valid,
        open_.iter_errors,
    )


def _has_rules(node: Mapping[str, Any]) -> bool:
    inner = [
        *node.get("properties", {}).values(),
        node.get("items"),
        node.get("additionalProperties"),
    ]
    return "x-kubernetes-validations" in node or any(
        _has_rules(child) for child in inner if isinstance(child, dict)
    )


def _defaults_of(node: Mapping[str, Any]) -> _Defaults | None:
    values = []
    properties = []
    for key, child in node.get("properties", {}).items():
        if "default" in child:
            values.append((key, child["default"]))
        if below := _defaults_of(child):
            properties.append((key, below))
    inner = node.get("items") or node.get("additionalProperties")
    each = _defaults_of(inner) if isinstance(inner, dict) else None
    if not (values or properties or each):
        return None
    return _Defaults(tuple(values), tuple(properties), each)


def _plain(node: Mapping[str, Any], *, closed: bool) -> dict[str, Any]:
    """A structural schema as JSON schema."""
    body = {
        key: value
        for key, value in node.items()
        if key not in ("description", "default", "properties", "items", "additionalProperties")
        and not key.startswith("x-")
    }
    if body.get("format") in _SILENT_FORMATS:
        del body["format"]
    if node.get("nullable"):
        del body["nullable"]
        body["type"] = [body["type"], "null"]
    if "properties" in node:
        body["properties"] = {
            key: _plain(child, closed=closed) for key, child in node["properties"].items()
        }
    if "items" in node:
        body["items"] = _plain(node["items"], closed=closed)
    if isinstance(node.get("additionalProperties"), dict):
        body["additionalProperties"] = _plain(node["additionalProperties"], closed=closed)
    elif closed and node.get("type") == "object" and not node.get(_PRESERVE):
        body["additionalProperties"] = False
    if node.get("x-kubernetes-int-or-string"):
        body["type"] = ["integer", "string"]
    return body


def _prune(node: Any, schema: Mapping[str, Any], path: str, found: list[str]) -> None:
    if isinstance(node, list):
        for index, item in enumerate(node):
            _prune(item, schema.get("items", {_PRESERVE: True}), f"{path}[{index}]", found)
    elif isinstance(node, dict):
        properties = schema.get("properties", {})
        values = schema.get("additionalProperties")
        keeps = bool(schema.get(_PRESERVE)) or "type" not in schema
        for key in list(node):
            child = properties.get(key, values)
            here = f"{path}.{key}" if path else key
            if child is None:
                if not keeps:
                    found.append(here)
                    del node[key]
            elif node[key] is None and not child.get("nullable") and "type" in child:
                del node[key]
            else:
                _prune(node[key], child, here, found)


_TYPES = {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer"}
_BOUNDS = {
    "minimum": "should be greater than or equal to {}",
    "maximum": "should be less than or equal to {}",
    "minLength": "should be at least {} chars long",
}


def _explained(error: jsonschema_rs.ValidationError) -> Iterator[FieldError]:
    """One JSON schema error in the words of kube-apiserver."""
    path, said, value = _path(error.instance_path), error.kind.as_dict(), error.instance
    here = f"{path} in body"
    match error.kind.name:
        case "required":
            missing = said["property"]
            yield FieldError(f"{path}.{missing}" if path else missing, "Required")
        case "type":
            seen = "null" if value is None else _TYPES.get(type(value), "number")
            detail = f'{here} must be of type {said["types"][0]}: "{seen}"'
            yield FieldError(path, "TypeInvalid", detail, seen)
        case "enum":
            options = ", ".join(f'"{option}"' for option in said["options"])
            yield FieldError(path, "Unsupported", f"supported values: {options}", value)
        case "pattern":
            yield FieldError(path, "Invalid", f"{here} should match '{said['pattern']}'", value)
        case "format":
            detail = f'{here} must be of type {said["format"]}: "{value}"'
            yield FieldError(path, "TypeInvalid", detail, value)
        case "maxLength":
            yield FieldError(path, "TooLong", f"may not be more than {said['limit']} bytes")
        case "minItems":
            detail = f"{here} should have at least {said['limit']} items"
            yield FieldError(path, "Invalid", detail, _length(value))
        case "maxItems":
            detail = f"must have at most {said['limit']} items"
            yield FieldError(path, "TooMany", detail, _length(value))
        case name if name in _BOUNDS:
            yield FieldError(
                path, "Invalid", f"{here} {_BOUNDS[name].format(said['limit'])}", value
            )
        case _:
            yield FieldError(path, "Invalid", error.message, value)


def _length(value: Any) -> int:
    return len(value) if isinstance(value, list) else 0


def _path(parts: list[str | int]) -> str:
    text = ""
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text
