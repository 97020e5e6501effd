from __future__ import annotations

from typing import Any

import pytest

from k8s.embedded.patches import merged, strategically_merged
from k8s.embedded.refusals import Refusal


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        # https://www.rfc-editor.org/rfc/rfc7386#appendix-A
        pytest.param({"a": "b"}, {"a": "c"}, {"a": "c"}, id="replace"),
        pytest.param({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}, id="add"),
        pytest.param({"a": "b"}, {"a": None}, {}, id="remove"),
        pytest.param({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}, id="remove one"),
        pytest.param({"a": ["b"]}, {"a": "c"}, {"a": "c"}, id="list to value"),
        pytest.param({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}, id="value to list"),
        pytest.param({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}, id="deep"),
        pytest.param({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}, id="lists are whole"),
        pytest.param(["a", "b"], ["c", "d"], ["c", "d"], id="list"),
        pytest.param({"a": "foo"}, None, None, id="null"),
        pytest.param({"e": None}, {"a": 1}, {"e": None, "a": 1}, id="null kept"),
        pytest.param([1, 2], {"a": "b", "c": None}, {"a": "b"}, id="list to object"),
        pytest.param({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}, id="no nulls made"),
    ],
)
def test_merge_patch(target: Any, patch: Any, result: Any) -> None:
    assert merged(target, patch) == result


def test_a_patch_changes_neither_of_its_arguments() -> None:
    target, patch = {"a": {"b": 1}}, {"a": {"c": 2}}

    merged(target, patch)

    assert (target, patch) == ({"a": {"b": 1}}, {"a": {"c": 2}})


OWNERS = {"ownerReferences": [{"uid": "1", "name": "a"}, {"uid": "2", "name": "b"}]}


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        pytest.param({"data": {"a": "1"}}, {"data": {"a": None, "b": "2"}}, {"data": {"b": "2"}}, id="maps"),
        pytest.param(
            OWNERS,
            {"ownerReferences": [{"uid": "2", "name": "c"}, {"uid": "3"}]},
            {"ownerReferences": [{"uid": "1", "name": "a"}, {"uid": "2", "name": "c"}, {"uid": "3"}]},
            id="lists by key",
        ),
        pytest.param(
            OWNERS,
            {"ownerReferences": [{"uid": "1", "$patch": "delete"}]},
            {"ownerReferences": [{"uid": "2", "name": "b"}]},
            id="delete of an item",
        ),
        pytest.param(
            OWNERS,
            {"ownerReferences": [{"$patch": "replace"}, {"uid": "9"}]},
            {"ownerReferences": [{"uid": "9"}]},
            id="replace of a list",
        ),
        pytest.param({"finalizers": ["a"]}, {"finalizers": ["b", "a"]}, {"finalizers": ["a", "b"]}, id="sets"),
        pytest.param(
            {"finalizers": ["a", "b"]}, {"$deleteFromPrimitiveList/finalizers": ["a"]}, {"finalizers": ["b"]},
            id="delete from a set",
        ),
        pytest.param({"a": {"b": 1, "c": 2}}, {"a": {"$retainKeys": ["c"], "c": 3}}, {"a": {"c": 3}}, id="retain"),
        pytest.param({"a": {"b": 1}}, {"a": {"$patch": "replace", "c": 2}}, {"a": {"c": 2}}, id="replace"),
        pytest.param({"a": {"b": 1}}, {"a": {"$patch": "delete"}}, {"a": {}}, id="delete"),
        pytest.param({"a": [1]}, {"a": [2], "$setElementOrder/a": [2]}, {"a": [2]}, id="order is ignored"),
    ],
)  # fmt: skip
def test_strategic_merge_patch(target: Any, patch: Any, result: Any) -> None:
    assert strategically_merged(target, patch) == result


@pytest.mark.parametrize(
    "patch",
    [
        pytest.param({"$patch": "upside-down"}, id="directive"),
        pytest.param({"$retainKeys": 1}, id="retain"),
        pytest.param({"$deleteFromPrimitiveList/a": 1, "a": []}, id="delete from"),
        pytest.param({"containers": [1]}, id="item"),
    ],
)
def test_a_patch_that_makes_no_sense_is_refused(patch: Any) -> None:
    with pytest.raises(Refusal):
        strategically_merged({"a": ["x"], "containers": [{"name": "c"}]}, patch)
