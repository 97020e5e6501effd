from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loop.encoding import clean, dump


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param({"a": "ü🥊"}, {"a": "ü🥊"}, id="plain"),
        pytest.param({"a": "\ud83e"}, {"a": "\N{REPLACEMENT CHARACTER}"}, id="half a pair"),
        pytest.param({"a": "\udcff.py"}, {"a": "\N{REPLACEMENT CHARACTER}.py"}, id="a file name"),
        pytest.param({"a": 2**70}, {"a": 2**70}, id="a large number"),
        pytest.param({1: Path("/x")}, {"1": "/x"}, id="other types"),
    ],
)
def test_anything_becomes_json_that_servers_take(value: Any, expected: Any) -> None:
    assert json.loads(dump(value).decode()) == expected


@given(st.text(st.characters(exclude_categories=())))
def test_clean_text_can_be_sent(text: str) -> None:
    clean(text).encode()


@given(st.text())
def test_good_text_stays(text: str) -> None:
    assert clean(text) == text
