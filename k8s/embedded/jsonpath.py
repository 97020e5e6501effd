"""The JSON paths of printer columns: fields, indices, `[*]`, and filters on equality.

https://kubernetes.io/docs/reference/kubectl/jsonpath/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

_STEP = re.compile(
    r"""\.(?P<field>(?:\\.|[^.\[\]\\])+)
      | \[\?\(\s*@(?P<path>[^=!]+?)\s*(?P<operator>==|!=)\s*(?P<quote>["'])(?P<wanted>.*?)(?P=quote)\s*\)\]
      | \[(?P<all>\*)\]
      | \[(?P<index>-?\d+)\]
      | \[(?P<mark>["'])(?P<name>.*?)(?P=mark)\]""",
    re.VERBOSE,
)
_Step = Callable[[Any], Iterator[Any]]


def compiled(path: str) -> Callable[[Any], list[Any]]:
    """A function from an object to all values at *path*; raises ValueError when it is no path."""
    steps = tuple(_steps(path))

    def find(node: Any) -> list[Any]:
        found = [node]
        for step in steps:
            found = [value for one in found for value in step(one)]
        return found

    return find


def _steps(path: str) -> Iterator[_Step]:
    position = 0
    while position < len(path):
        match = _STEP.match(path, position)
        if match is None:
            raise ValueError(f"{path}: not a JSON path we know, at {path[position:]!r}")
        yield _step(match)
        position = match.end()


def _step(match: re.Match[str]) -> _Step:
    if match["operator"]:
        return _filter(compiled(match["path"]), match["wanted"], equal=match["operator"] == "==")
    if match["all"]:
        return _each
    if match["index"]:
        return _item(int(match["index"]))
    return _field(match["name"] or re.sub(r"\\(.)", r"\1", match["field"]))


def _field(name: str) -> _Step:
    def step(node: Any) -> Iterator[Any]:
        if isinstance(node, dict) and name in node:
            yield node[name]

    return step


def _item(index: int) -> _Step:
    def step(node: Any) -> Iterator[Any]:
        if isinstance(node, list) and -len(node) <= index < len(node):
            yield node[index]

    return step


def _each(node: Any) -> Iterator[Any]:
    if isinstance(node, list):
        yield from node
    elif isinstance(node, dict):
        yield from node.values()


def _filter(find: Callable[[Any], Sequence[Any]], wanted: str, *, equal: bool) -> _Step:
    def step(node: Any) -> Iterator[Any]:
        for item in node if isinstance(node, list) else ():
            if any((value == wanted) == equal for value in find(item)):
                yield item

    return step
