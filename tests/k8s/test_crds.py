from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from k8s.crds import crd, crds, schema, yaml_files
from k8s.meta import Resource
from k8s.resources.agent import Agent, ModelProfile
from k8s.resources.kinds import KINDS
from k8s.resources.task import AgenticTask
from tools.wire import Wire

BASES = Path(__file__).parents[2] / "config" / "crd" / "bases"


def nodes(node: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    yield path, node
    for name, child in node.get("properties", {}).items():
        yield from nodes(child, f"{path}.{name}")
    for key in ("items", "additionalProperties"):
        if isinstance(node.get(key), dict):
            yield from nodes(node[key], f"{path}[]")


def at(node: dict[str, Any], path: str) -> dict[str, Any]:
    for name in path.split("."):
        node = node["properties"][name]
    return node


def test_the_printed_files_are_what_the_models_say() -> None:
    kept = {path.name: path.read_text() for path in BASES.glob("*.yaml")}

    assert kept == yaml_files(), "run: foreman crds --output config/crd/bases"


def test_yaml_reads_back_as_the_definitions() -> None:
    assert [yaml.safe_load(text) for text in yaml_files().values()] == crds()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.KIND)
def test_schemas_are_structural(kind: type[Resource]) -> None:
    allowed = {
        "additionalProperties",
        "default",
        "description",
        "enum",
        "format",
        "items",
        "maxItems",
        "maxLength",
        "maximum",
        "minItems",
        "minLength",
        "minimum",
        "pattern",
        "properties",
        "required",
        "type",
        "x-kubernetes-preserve-unknown-fields",
        "x-kubernetes-validations",
    }

    for path, node in nodes(schema(kind)):
        assert set(node) <= allowed, path
        assert "type" in node or node.get("x-kubernetes-preserve-unknown-fields"), path
        assert not ("properties" in node and "additionalProperties" in node), path
        assert node.get("additionalProperties") is not False, path
        assert (node.get("type") == "array") == ("items" in node), path
        assert set(node.get("required", [])) <= set(node.get("properties", {})), path


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.KIND)
def test_status_has_no_defaults(kind: type[Resource]) -> None:
    status = schema(kind)["properties"].get("status", {})

    assert [path for path, node in nodes(status) if "default" in node] == []


def test_fields_print_as_kubernetes_types() -> None:
    agent, task = schema(Agent), schema(AgenticTask)

    assert at(agent, "spec.maxTurns") == {
        "default": 50,
        "type": "integer",
        "minimum": 1,
        "maximum": 500,
        "format": "int64",
    }
    assert at(agent, "spec.provider") == {
        "default": "local",
        "type": "string",
        "enum": ["local", "cloud-proxy"],
    }
    assert at(agent, "spec.chatTemplateKwargs") == {
        "type": "object",
        "x-kubernetes-preserve-unknown-fields": True,
    }
    assert at(task, "status.claimedAt") == {"type": "string", "format": "date-time"}
    assert at(task, "status")["x-kubernetes-preserve-unknown-fields"] is True
    assert at(task, "status.result.schemaVersion")["enum"] == ["foreman.v1"]
    assert at(task, "spec.requiredCapability.nodeSelector")["additionalProperties"] == {
        "type": "string"
    }
    assert agent["required"] == ["spec"]


def test_only_a_kind_with_status_has_the_subresource() -> None:
    assert crd(Agent)["spec"]["versions"][0]["subresources"] == {"status": {}}
    assert "subresources" not in crd(ModelProfile)["spec"]["versions"][0]


def test_columns_keep_their_priority() -> None:
    columns = crd(AgenticTask)["spec"]["versions"][0]["additionalPrinterColumns"]

    assert [(c["name"], c.get("priority", 0)) for c in columns][-3:] == [
        ("Age", 0),
        ("Prompt", 1),
        ("Output", 1),
    ]


def test_a_union_of_two_types_is_refused() -> None:
    class Two(Wire):
        value: int | str

    class Odd(Resource):
        KIND = "Odd"
        PLURAL = "odds"
        spec: Two

    with pytest.raises(TypeError, match="a union of 2 types has no structural schema"):
        schema(Odd)
