from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loop.arguments import read_arguments


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param('{"a": 1}', {"a": 1}, id="strict"),
        pytest.param("", {}, id="empty"),
        pytest.param("  \n", {}, id="blank"),
        pytest.param('{"a": "x\ny"}', {"a": "x\ny"}, id="raw line end"),
        pytest.param('```json\n{"a": 1}\n```', {"a": 1}, id="fenced"),
        pytest.param('"{\\"a\\": 1}"', {"a": 1}, id="encoded twice"),
        pytest.param('{"a": [1, 2,], }', {"a": [1, 2]}, id="trailing commas"),
        pytest.param('{"a": "b,}",}', {"a": "b,}"}, id="comma inside a string stays"),
        pytest.param("{'a': True, 'b': None}", {"a": True, "b": None}, id="python literal"),
        pytest.param(r"{'a': '\d'}", {"a": r"\d"}, id="odd escape"),
    ],
)
def test_what_is_nearly_json_is_read(text: str, value: dict[str, Any]) -> None:
    assert read_arguments(text).value == value


@pytest.mark.parametrize(
    ("text", "problem", "cut"),
    [
        pytest.param('{"a": "b', "not valid JSON", True, id="cut in a string"),
        pytest.param('{"a": {"b": 1}', "not valid JSON", True, id="cut after an object"),
        pytest.param("[1]", "a JSON array, not an object", False, id="array"),
        pytest.param("12", "a JSON number, not an object", False, id="number"),
        pytest.param("true", "a JSON boolean, not an object", False, id="boolean"),
        pytest.param("null", "a JSON null, not an object", False, id="null"),
        pytest.param("make it so", "not valid JSON", False, id="prose"),
        pytest.param('{"a": "\\ud800"}', "", False, id="half a surrogate pair"),
        pytest.param("[" * 100_000, "not valid JSON", False, id="too deep"),
        pytest.param("{1: {2}}", "not valid JSON", False, id="a set"),
    ],
)
def test_what_cannot_be_read_is_replaced_and_named(text: str, problem: str, *, cut: bool) -> None:
    read = read_arguments(text)

    assert (read.text, read.value, read.cut) == ("{}", None, cut)
    assert problem in read.problem


@given(st.text() | st.recursive(st.none() | st.floats() | st.text(), st.lists).map(json.dumps))
def test_what_is_stored_is_always_a_json_object(text: str) -> None:
    read = read_arguments(text)

    assert isinstance(json.loads(read.text), dict)
    assert read.value is None or json.loads(read.text) == read.value


@given(st.dictionaries(st.text(), st.text(), min_size=1).map(json.dumps), st.data())
def test_every_prefix_of_an_object_reads_as_cut(text: str, data: st.DataObject) -> None:
    end = data.draw(st.integers(min_value=1, max_value=len(text) - 1))

    read = read_arguments(text[:end])

    assert (read.value, read.cut) == (None, True)
