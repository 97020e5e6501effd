from __future__ import annotations

from typing import Any

import pytest

from k8s.embedded.schema import compiled

SCHEMA = compiled(
    {
        "type": "object",
        "properties": {
            "text": {"type": "string", "maxLength": 3, "minLength": 1},
            "count": {"type": "integer", "format": "int64", "default": 5},
            "tags": {"type": "array", "items": {"type": "string"}, "default": ["x"], "maxItems": 2},
            "maybe": {"type": "string", "nullable": True},
            "inner": {
                "type": "object",
                "required": ["name"],
                "properties": {"name": {"type": "string"}, "mode": {"type": "string", "default": "m"}},
            },
            "open": {"type": "object", "x-kubernetes-preserve-unknown-fields": True,
                     "properties": {"known": {"type": "object", "properties": {}}}},
            "any": {"x-kubernetes-preserve-unknown-fields": True},
            "each": {"type": "object", "additionalProperties": {
                "type": "object", "properties": {"n": {"type": "integer", "default": 1}}}},
            "list": {"type": "array", "items": {
                "type": "object", "properties": {"n": {"type": "integer", "default": 2}}}},
            "mixed": {"x-kubernetes-int-or-string": True},
        },
    }
)  # fmt: skip


def test_defaults_go_where_their_parent_is() -> None:
    body: dict[str, Any] = {"count": None, "inner": {"name": "a"}, "each": {"k": {}}, "list": [{}]}

    SCHEMA.default(body)

    assert body == {
        "count": 5,
        "tags": ["x"],
        "inner": {"name": "a", "mode": "m"},
        "each": {"k": {"n": 1}},
        "list": [{"n": 2}],
    }


def test_objects_do_not_share_their_defaults() -> None:
    first: dict[str, Any] = {}
    second: dict[str, Any] = {}
    SCHEMA.default(first)
    SCHEMA.default(second)

    first["tags"].append("y")

    assert second["tags"] == ["x"]


@pytest.mark.parametrize(
    ("body", "unknown", "left"),
    [
        ({"odd": 1, "text": "a"}, ["odd"], {"text": "a"}),
        ({"inner": {"odd": 1, "name": "a"}}, ["inner.odd"], {"inner": {"name": "a"}}),
        ({"list": [{}, {"odd": 1}]}, ["list[1].odd"], {"list": [{}, {}]}),
        ({"each": {"k": {"odd": 1}}}, ["each.k.odd"], {"each": {"k": {}}}),
        ({"open": {"odd": {"deep": None}}}, [], {"open": {"odd": {"deep": None}}}),
        ({"open": {"known": {"odd": 1}}}, ["open.known.odd"], {"open": {"known": {}}}),
        ({"any": {"odd": None}}, [], {"any": {"odd": None}}),
        ({"text": None, "maybe": None}, [], {"maybe": None}),
        ({"z": 1, "metadata": 2, "a": 3}, ["a", "metadata", "z"], {}),
    ],
)
def test_unknown_fields_and_nulls_are_pruned(
    body: dict[str, Any], unknown: list[str], left: dict[str, Any]
) -> None:
    assert SCHEMA.prune(body) == unknown
    assert body == left


@pytest.mark.parametrize(
    "body",
    [{}, {"maybe": None}, {"any": [1, {}]}, {"open": {"x": 1}}, {"mixed": 1}, {"mixed": "1"}],
)
def test_good_objects_pass_at_once(body: dict[str, Any]) -> None:
    assert SCHEMA.accepts(body)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"text": 1}, 'text: Invalid value: "integer": text in body must be of type string: "integer"'),
        ({"text": None}, 'text: Invalid value: "null": text in body must be of type string: "null"'),
        ({"text": 1.5}, 'text: Invalid value: "number": text in body must be of type string: "number"'),
        ({"text": "abcd"}, "text: Too long: may not be more than 3 bytes"),
        ({"text": ""}, 'text: Invalid value: "": text in body should be at least 1 chars long'),
        ({"tags": ["a"] * 3}, "tags: Too many: 3: must have at most 2 items"),
        ({"inner": {}}, "inner.name: Required value"),
        ({"list": [{"n": "x"}]}, 'list[0].n: Invalid value: "string": list[0].n in body must be of type integer: "string"'),
    ],
)  # fmt: skip
def test_errors_are_in_kubernetes_words(body: dict[str, Any], error: str) -> None:
    assert not SCHEMA.accepts(body)
    assert [str(found) for found in SCHEMA.errors(body)] == [error]


def test_rules_that_were_not_asked_are_told_of() -> None:
    inner = {"type": "object", "x-kubernetes-validations": [{"rule": "true"}], "required": ["a"],
             "properties": {"a": {"type": "string"}, "b": {"type": "string", "enum": ["x"]}}}  # fmt: skip
    ruled = compiled({"type": "object", "properties": {"spec": inner}})

    assert [error.field for error in ruled.errors({"spec": {}})] == ["spec.a", "<nil>"]
    assert [error.field for error in ruled.errors({"spec": {"a": "1", "b": "y"}})] == ["spec.b"]
