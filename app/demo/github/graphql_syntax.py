"""GraphQL documents read: operations, selections, arguments. No fragments definitions, no types."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

_TOKEN = re.compile(
    r"""\s+|,|\#[^\n]* | (?P<text>"(?:[^"\\\n]|\\.)*") | (?P<spread>\.\.\.)
    | (?P<name>[_A-Za-z]\w*) | (?P<number>-?\d+(?:\.\d+)?) | (?P<mark>[{}()\[\]:$!=@|])""",
    re.VERBOSE,
)


class SyntaxProblem(Exception):
    """The document is not GraphQL; the text is what GitHub would say."""


@dataclass(frozen=True)
class Variable:
    name: str


@dataclass(frozen=True)
class Enum:
    name: str


@dataclass(frozen=True)
class Selection:
    """A field, or an inline fragment where *condition* names the type."""

    name: str
    alias: str
    arguments: dict[str, Any] = field(default_factory=dict)
    selections: tuple[Selection, ...] = ()
    condition: str | None = None


@dataclass(frozen=True)
class Operation:
    kind: str
    name: str
    defaults: dict[str, Any]
    required: frozenset[str]
    selections: tuple[Selection, ...]


class _Reader:
    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        at = 0
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None:
                raise SyntaxProblem(f'Parse error on "{text[at]}"')
            if match.lastgroup:
                self._tokens.append((match.lastgroup, match[match.lastgroup]))
            at = match.end()
        self._at = 0

    def peek(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def take(self, expected: str | None = None) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise SyntaxProblem("Unexpected end of document")
        kind, text = self._tokens[self._at]
        if expected is not None and text != expected:
            raise SyntaxProblem(f'Expected "{expected}", actual: "{text}"')
        self._at += 1
        return kind, text

    def name(self) -> str:
        kind, text = self.take()
        if kind != "name":
            raise SyntaxProblem(f'Expected a name, actual: "{text}"')
        return text

    def operation(self) -> Operation:
        kind, name = "query", ""
        defaults: dict[str, Any] = {}
        required: set[str] = set()
        if self.peek() != "{":
            kind = self.name()
            if kind not in ("query", "mutation"):
                raise SyntaxProblem(f'Expected one of QUERY, MUTATION, actual: "{kind}"')
            if self.peek() not in ("{", "("):
                name = self.name()
            if self.peek() == "(":
                self._variables(defaults, required)
        operation = Operation(kind, name, defaults, frozenset(required), self.selections())
        if self.peek():
            raise SyntaxProblem(f'Unexpected "{self.peek()}" after the operation')
        return operation

    def _variables(self, defaults: dict[str, Any], required: set[str]) -> None:
        self.take("(")
        while self.peek() != ")":
            self.take("$")
            name = self.name()
            self.take(":")
            must = self._type()
            if self.peek() == "=":
                self.take()
                defaults[name] = self.value()
            elif must:
                required.add(name)
        self.take(")")

    def _type(self) -> bool:
        if self.peek() == "[":
            self.take()
            self._type()
            self.take("]")
        else:
            self.name()
        if self.peek() == "!":
            self.take()
            return True
        return False

    def selections(self) -> tuple[Selection, ...]:
        self.take("{")
        found = []
        while self.peek() != "}":
            found.append(self._selection())
        self.take("}")
        return tuple(found)

    def _selection(self) -> Selection:
        if self.peek() == "...":
            self.take()
            self.take("on")
            return Selection("", "", condition=self.name(), selections=self.selections())
        name = alias = self.name()
        if self.peek() == ":":
            self.take()
            name = self.name()
        arguments = {}
        if self.peek() == "(":
            self.take()
            while self.peek() != ")":
                key = self.name()
                self.take(":")
                arguments[key] = self.value()
            self.take(")")
        inner = self.selections() if self.peek() == "{" else ()
        return Selection(name, alias, arguments, inner)

    def value(self) -> Any:
        kind, text = self.take()
        if text == "$":
            return Variable(self.name())
        if text == "[":
            items = []
            while self.peek() != "]":
                items.append(self.value())
            self.take("]")
            return items
        if text == "{":
            return self._object()
        if kind == "text":
            return json.loads(text)
        if kind == "number":
            return json.loads(text)
        if kind == "name":
            return {"true": True, "false": False, "null": None}.get(text, Enum(text))
        raise SyntaxProblem(f'Unexpected "{text}"')

    def _object(self) -> dict[str, Any]:
        found = {}
        while self.peek() != "}":
            key = self.name()
            self.take(":")
            found[key] = self.value()
        self.take("}")
        return found


def parse(text: str) -> Operation:
    """Raises `SyntaxProblem`."""
    return _Reader(text).operation()


def resolved(value: Any, variables: dict[str, Any]) -> Any:
    """*value* with its variables filled in; an enum becomes its name."""
    if isinstance(value, Variable):
        return variables.get(value.name)
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, list):
        return [resolved(v, variables) for v in value]
    if isinstance(value, dict):
        return {k: resolved(v, variables) for k, v in value.items()}
    return value
