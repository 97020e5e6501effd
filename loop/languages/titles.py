"""Tests that are written as calls with a title: `it("adds", …)`, `t.Run("empty", …)`, `TEST(A, b)`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from tree_sitter import Node

from loop.languages.grammar import Syntax, text_of

_RUNNERS: Mapping[str, re.Pattern[str]] = {
    "javascript": re.compile(
        r"(?:it|test|specify|Deno\.test|t\.test)(?:\.\w+)*(?:\(.*\))?", re.DOTALL
    ),
    "go": re.compile(r"Run"),
    "cpp": re.compile(r"(?:TYPED_)?TEST(?:_F|_P|_CASE|_CASE_METHOD)?|SCENARIO|SECTION|SUBCASE"),
    "ruby": re.compile(r"it|specify|test|should|scenario"),
}


_CALLEE = 1000  # characters of what is called; `it.each` carries a table


class Titled(NamedTuple):
    name: str
    start: int
    end: int


def test_of(syntax: Syntax, found: Mapping[str, list[Node]]) -> Titled | None:
    """The test that a match with @test, @runner and @title stands for; None: no test runner's."""
    runner = _RUNNERS.get("javascript" if syntax.language == "typescript" else syntax.language)
    if runner is None or not runner.fullmatch(
        text_of(syntax.content, found["runner"][0])[:_CALLEE]
    ):
        return None
    node, title = found["test"][0], text_of(syntax.content, found["title"][0])
    return Titled(title.strip("\"'`()"), node.start_point[0] + 1, node.end_point[0] + 1)


def is_test_macro(name: str) -> bool:
    """Whether a C++ "function" is a test framework's macro, its title being its parameters."""
    return bool(_RUNNERS["cpp"].fullmatch(name))
