"""Reading the arguments of a tool call, however badly a model wrote them.

Malformed arguments must never go back to the server: several templates parse them again and answer
400 for the rest of the conversation.
"""

from __future__ import annotations

import ast
import json
import re
import warnings
from dataclasses import dataclass
from typing import Any

import orjson

_FENCE = re.compile(r"\A```[a-z]*\s*\n(.*?)\n?```\Z", re.DOTALL)
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_QUOTED_LENGTH = 200
_LITERAL_LIMIT = 100_000  # Python's own parser takes memory many times the text


@dataclass(frozen=True)
class Arguments:
    """*text* is valid JSON of an object, ready to be stored; *value* is None when unreadable."""

    text: str
    value: dict[str, Any] | None
    problem: str = ""
    cut: bool = False


def read_arguments(text: str) -> Arguments:
    """The arguments in *text*: as they are, repaired, or replaced by `{}` with the problem named."""
    if not text.strip():
        return Arguments(text="{}", value={})
    value = _strict(text)
    if isinstance(value, dict):
        return Arguments(text=text, value=value)
    repaired = _repaired(text, value)
    if repaired is not None:
        stored, read = repaired
        problem = "the arguments were not a JSON object and were read as one"
        return Arguments(text=stored, value=read, problem=problem)
    fact, cut = _fault(text)
    shown = text if len(text) <= _QUOTED_LENGTH else text[:_QUOTED_LENGTH] + " …"
    return Arguments(text="{}", value=None, problem=f"{fact}; received: {shown}", cut=cut)


def _strict(text: str) -> Any:
    """The JSON value, or None where there is none."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


def _repaired(text: str, value: Any) -> tuple[str, dict[str, Any]] | None:
    """A JSON object and its text, from what is nearly one."""
    bare = text.strip()
    if fenced := _FENCE.match(bare):
        bare = fenced[1].strip()
    candidates = [value] if isinstance(value, str) else []  # an object encoded twice
    candidates += [_lenient(bare), _lenient(_without_trailing_commas(bare)), _literal(bare)]
    for candidate in candidates:
        found = _lenient(candidate) if isinstance(candidate, str) else candidate
        if not isinstance(found, dict):
            continue
        stored = _stored(found)
        if stored is not None:
            return stored
    return None


def _stored(found: dict[Any, Any]) -> tuple[str, dict[str, Any]] | None:
    """*found* as strict JSON would have it: literals may hold sets, bytes or broken text."""
    try:
        text = orjson.dumps(found)
    except (TypeError, orjson.JSONEncodeError):
        return None
    value = orjson.loads(text)
    return text.decode(), value


def _lenient(text: str) -> Any:
    """JSON with raw line ends inside strings, which models write often."""
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _literal(text: str) -> Any:
    """A Python dict display: single quotes, True, None."""
    if len(text) > _LITERAL_LIMIT or not text.startswith("{"):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about odd escapes: not ours to fix
            return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None


def _without_trailing_commas(text: str) -> str:
    parts: list[str] = []
    at = 0
    for string in _STRING.finditer(text):
        parts += [_TRAILING_COMMA.sub(r"\1", text[at : string.start()]), string[0]]
        at = string.end()
    return "".join([*parts, _TRAILING_COMMA.sub(r"\1", text[at:])])


def _fault(text: str) -> tuple[str, bool]:
    """What is wrong with *text*, and whether it merely ends too early."""
    try:
        value = json.loads(text, strict=False)
    except json.JSONDecodeError as exc:
        return f"the arguments are not valid JSON ({exc.msg} at character {exc.pos})", _is_cut(text)
    except (ValueError, RecursionError):
        return "the arguments are not valid JSON (nested too deeply)", False
    return f"the arguments are a JSON {_json_type(value)}, not an object", False


def _is_cut(text: str) -> bool:
    """True if *text* opens an object that nothing closes."""
    bare = text.strip()
    if not bare.startswith("{"):
        return False
    depth, inside, escaped = 0, False, False
    for character in bare:
        if inside:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                inside = False
        elif character == '"':
            inside = True
        elif character in "{[":
            depth += 1
        elif character in "}]":
            depth -= 1
    return inside or depth > 0


def _json_type(value: Any) -> str:
    match value:
        case bool():
            return "boolean"
        case None:
            return "null"
        case int() | float():
            return "number"
        case str():
            return "string"
        case _:
            return "array"
