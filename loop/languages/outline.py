"""What a file holds: definitions, references, imports, tests. Pure, and safe on any bytes."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from tree_sitter import Node, QueryCursor

from loop.languages.grammar import (
    Syntax,
    Unreadable,
    captures,
    definitions_query,
    parse,
    text_of,
)
from loop.languages.imports import Import, statement
from loop.languages.naming import parts
from loop.languages.scopes import Defined, Marks, Scopes, is_indirect, judge_public
from loop.languages.titles import Titled, is_test_macro, test_of
from loop.sources import Language

LONGEST = 3000  # lines of a definition that anybody compares; nesting makes it square
Kind = Literal["function", "method", "type", "constant", "module"]

_NAMES: Mapping[str, str] = {
    "python": "(identifier) @n",
    "javascript": "[(identifier) (property_identifier) (private_property_identifier)"
    " (shorthand_property_identifier)] @n",
    "typescript": "[(identifier) (property_identifier) (private_property_identifier)"
    " (shorthand_property_identifier) (type_identifier)] @n",
    "go": "[(identifier) (field_identifier) (type_identifier)] @n",
    "rust": "[(identifier) (field_identifier) (type_identifier)] @n",
    "java": "[(identifier) (type_identifier)] @n",
    "c": "[(identifier) (field_identifier) (type_identifier)] @n",
    "cpp": "[(identifier) (field_identifier) (type_identifier) (namespace_identifier)] @n",
    "ruby": "[(identifier) (constant)] @n",
    "php": "(name) @n",
}


@dataclass(frozen=True)
class Definition:
    """A name that the file gives to something. *start* and *end* are 1-based lines.

    *is_public*: other files may use it. *is_indirect*: others reach it under another name, or a
    framework calls it (a route, an override, a default export). *container* is the type, trait,
    namespace or module it is in.
    """

    name: str
    kind: Kind
    start: int
    end: int
    is_public: bool
    is_indirect: bool = False
    container: str = ""

    @property
    def lines(self) -> range:
        """The first *LONGEST* of its lines; nothing that people write has more."""
        return range(self.start, min(self.end, self.start + LONGEST) + 1)

    @property
    def qualified(self) -> str:
        return f"{self.container}.{self.name}" if self.container else self.name


@dataclass(frozen=True)
class TestCase:
    """A test function or case; *name* is its title where it has no other."""

    __test__ = False  # pytest looks at names

    name: str
    start: int
    end: int


@dataclass(frozen=True)
class Outline:
    """*references* and *calls* map a name to the 1-based lines that use it.

    Definitions' own names and those in import statements are no references.
    """

    language: Language
    definitions: tuple[Definition, ...]
    imports: tuple[Import, ...]
    tests: tuple[TestCase, ...]
    references: Mapping[str, tuple[int, ...]]
    calls: Mapping[str, tuple[int, ...]]

    @cached_property
    def words(self) -> frozenset[str]:
        """What the names of its definitions are made of."""
        return frozenset(part for d in self.definitions for part in parts(d.name))


def outline(path: str, content: bytes) -> Outline | Unreadable:
    """What is in *content*, read as the language that *path* stands for."""
    syntax = parse(path, content)
    return syntax if isinstance(syntax, Unreadable) else outline_of(syntax, path)


def outline_of(syntax: Syntax, path: str) -> Outline:
    """As `outline`, of a tree that is there already."""
    marks, titled, imports, called = _matches(syntax, path)
    scopes = Scopes(marks.defined.values(), marks.sections)
    judge_public(syntax.language, scopes, marks)
    definitions = [
        Definition(
            name=found.name,
            kind=_kind(found, scopes),
            start=found.start,
            end=found.end,
            is_public=found.is_public,
            is_indirect=is_indirect(syntax.language, found),
            container=scopes.container_name(found),
        )
        for found in scopes.ordered
        if found.kind != "scope" and not is_test_macro(found.name)
    ]
    own = {found.at for found in marks.defined.values()}
    statements = [(i.first_byte, i.last_byte) for i in imports]
    return Outline(
        language=syntax.language,
        definitions=tuple(definitions),
        imports=tuple(imported for found in imports for imported in found.imports),
        tests=_tests(syntax.language, scopes, titled),
        references=_lines(syntax, _references(syntax, own, statements)),
        calls=_lines(syntax, (node for node in called if node.start_byte not in own)),
    )


def added(before: Outline | None, after: Outline) -> tuple[Definition, ...]:
    """The definitions of *after* whose qualified name *before* does not have."""
    known = {d.qualified for d in before.definitions} if before else set()
    return tuple(d for d in after.definitions if d.qualified not in known)


@dataclass(frozen=True)
class _Imported:
    first_byte: int
    last_byte: int
    imports: tuple[Import, ...]


def _matches(syntax: Syntax, path: str) -> tuple[Marks, list[Titled], list[_Imported], list[Node]]:
    """One walk over the tree; every match of the language's query is sorted into its pile."""
    marks = Marks(syntax.content, is_header=path.lower().endswith((".h", ".hh", ".hpp", ".hxx")))
    titled: list[Titled] = []
    imports: list[_Imported] = []
    called: list[Node] = []
    cursor = QueryCursor(definitions_query(syntax.dialect))
    for _, found in cursor.matches(syntax.tree.root_node):
        if "call" in found:
            called += found["call"]
        elif "import" in found or "source" in found:
            node = found["import" if "import" in found else "source"][0]
            loader = text_of(syntax.content, found["loader"][0]) if "loader" in found else ""
            read = tuple(statement(syntax, node, loader=loader))
            if read:
                imports.append(_Imported(node.start_byte, node.end_byte, read))
        elif "test" in found:
            if case := test_of(syntax, found):
                titled.append(case)
        else:
            marks.take(found)
    return marks, titled, sorted(imports, key=lambda i: i.first_byte), called


def _kind(found: Defined, scopes: Scopes) -> Kind:
    if found.kind == "function":
        return "method" if scopes.is_member(found) else "function"
    assert found.kind != "scope"
    return found.kind


def _references(syntax: Syntax, own: set[int], statements: list[tuple[int, int]]) -> Iterable[Node]:
    """Every name but those of definitions and of import statements, in the order of the file."""
    at = 0
    names = captures(syntax, _NAMES[syntax.language]).get("n", [])
    for start, node in sorted(((n.start_byte, n) for n in names), key=lambda pair: pair[0]):
        while at < len(statements) and statements[at][1] <= start:
            at += 1
        if start not in own and not (at < len(statements) and statements[at][0] <= start):
            yield node


def _lines(syntax: Syntax, nodes: Iterable[Node]) -> Mapping[str, tuple[int, ...]]:
    lines: dict[str, list[int]] = {}
    for node in nodes:
        lines.setdefault(text_of(syntax.content, node), []).append(node.start_point[0] + 1)
    return {sys.intern(name): tuple(dict.fromkeys(found)) for name, found in lines.items()}


def _tests(language: Language, scopes: Scopes, titled: list[Titled]) -> tuple[TestCase, ...]:
    named = [
        TestCase(found.name, found.start, found.end)
        for found in scopes.ordered
        if scopes.is_test(language, found)
    ]
    return tuple(sorted([*named, *(TestCase(*case) for case in titled)], key=lambda t: t.start))
