"""OpenAPI v3 of what is served.

`kubectl explain` reads the schemas; `kubectl apply` looks whether a PATCH of the kind knows
`fieldValidation` before it leaves validation to the server.
"""

from __future__ import annotations

import hashlib
from typing import Any

import orjson

from k8s.embedded.types import METADATA, ResourceType, Types

_META_NAME = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
_META_REF = {"allOf": [{"$ref": f"#/components/schemas/{_META_NAME}"}], "default": {}}


class OpenAPI:
    """The documents, made once; the answer to a path is bytes."""

    def __init__(self, types: Types) -> None:
        self._documents: dict[str, bytes] = {}
        for (group, version), served in types.groups().items():
            path = f"apis/{group}/{version}" if group else f"api/{version}"
            self._documents[path] = orjson.dumps(_document(path, served))
        self.index = orjson.dumps(
            {
                "paths": {
                    path: {"serverRelativeURL": f"/openapi/v3/{path}?hash={_digest(text)}"}
                    for path, text in self._documents.items()
                }
            }
        )

    def document(self, path: str) -> bytes | None:
        """The document of `apis/GROUP/VERSION` or `api/v1`; None when it is not served."""
        return self._documents.get(path)


def _digest(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()[:32].upper()


def _document(path: str, served: list[ResourceType]) -> dict[str, Any]:
    schemas: dict[str, Any] = {_META_NAME: METADATA}
    paths: dict[str, Any] = {}
    for type_ in served:
        schemas[_component(type_)] = _schema(type_)
        middle = "/namespaces/{namespace}" if type_.namespaced else ""
        collection = f"/{path}{middle}/{type_.plural}"
        paths[collection] = {
            "get": _operation(type_, "list"),
            "post": _operation(type_, "post"),
        }
        paths[f"{collection}/{{name}}"] = {
            "get": _operation(type_, "get"),
            "put": _operation(type_, "put"),
            "patch": _operation(type_, "patch"),
            "delete": _operation(type_, "delete"),
        }
    return {
        "openapi": "3.0.0",
        "info": {"title": "Foreman", "version": "v1"},
        "paths": paths,
        "components": {"schemas": schemas},
    }


def _component(type_: ResourceType) -> str:
    group = type_.group or "core"
    return f"{'.'.join(reversed(group.split('.')))}.{type_.version}.{type_.kind}"


def _kind(type_: ResourceType) -> dict[str, str]:
    return {"group": type_.group, "kind": type_.kind, "version": type_.version}


def _schema(type_: ResourceType) -> dict[str, Any]:
    structural = type_.schema.structural
    properties = {**structural["properties"], "metadata": _META_REF}
    return {
        **structural,
        "properties": properties,
        "x-kubernetes-group-version-kind": [_kind(type_)],
    }


def _operation(type_: ResourceType, action: str) -> dict[str, Any]:
    parameters = []
    if action in ("post", "put", "patch"):
        parameters.append(
            {
                "name": "fieldValidation",
                "in": "query",
                "description": "What to do about unknown fields: Ignore, Warn or Strict.",
                "schema": {"type": "string", "uniqueItems": True},
            }
        )
    reference = {"$ref": f"#/components/schemas/{_component(type_)}"}
    return {
        "operationId": f"{action}{type_.kind}",
        "parameters": parameters,
        "responses": {
            "200": {
                "description": "OK",
                "content": {"application/json": {"schema": reference}},
            }
        },
        "x-kubernetes-action": action,
        "x-kubernetes-group-version-kind": _kind(type_),
    }
