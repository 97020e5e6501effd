"""Which definition is inside which, and which of them the language lets others use.

Nesting is worked out from byte ranges: asking a node for its parent walks down from the root, which
is slow in files that are nested deeply on purpose.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from tree_sitter import Node

from loop.languages.grammar import text_of
from loop.languages.titles import is_test_macro
from loop.sources import Language

DefinedKind = Literal["function", "type", "constant", "module", "scope"]

_KINDS: Mapping[str, DefinedKind] = {
    "function": "function",
    "member": "function",
    "prototype": "function",
    "type": "type",
    "class": "type",
    "interface": "type",
    "constant": "constant",
    "module": "module",
    "scope": "scope",
    "impl": "scope",
}
# Decorators and annotations after which callers still use the name.
_PLAIN = re.compile(
    r"@(?:\w+\.)*(?:property|staticmethod|classmethod|cache|cached_property|lru_cache|wraps"
    r"|contextmanager|asynccontextmanager|dataclass|total_ordering|final|runtime_checkable"
    r"|deprecated|Deprecated|SuppressWarnings|SafeVarargs|Nullable|NotNull|NonNull|CheckReturnValue"
    r"|FunctionalInterface|Getter|Setter|Data|Value|Builder|VisibleForTesting)\b.*"
    r"|#!?\[\s*(?:inline|must_use|derive|doc|allow|warn|deny|cfg\(feature|deprecated|cold|non_exhaustive"
    r"|track_caller|repr|instrument|tracing::instrument|async_trait)\b.*"
    r"|\#\[(?:Pure|Deprecated|\\?ReturnTypeWillChange)\b.*",
    re.DOTALL,
)
_TEST_MARK = re.compile(
    r"@(?:\w+\.)*\w*Test\b.*|#\[[^\]]*\btest\b.*|#\[(?:rstest|test_case|Test)\b.*", re.DOTALL
)
_TEST_FUNCTION = {
    "python": re.compile(r"test\w*"),
    "go": re.compile(r"(?:Test|Benchmark|Example|Fuzz)(?:[^a-z]\w*)?"),
    "c": re.compile(r"test_\w+"),
    "ruby": re.compile(r"test_\w+"),
    "php": re.compile(r"test\w+"),
}
_SECTIONS = frozenset({"public", "protected", "private", "module_function"})
_NEVER_PUBLIC = frozenset({"main", "constructor", "initialize", "__construct", "__destruct"})


@dataclass
class Defined:
    """One definition or scope as the query found it; *at* is the first byte of its name."""

    name: str
    at: int
    kind: DefinedKind
    first_byte: int
    last_byte: int
    start: int
    end: int
    captures: set[str] = field(default_factory=set)
    modifiers: list[str] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    owner: str = ""  # the type it belongs to, where the text around it does not say
    parent: Defined | None = None
    section: str = ""  # the word that holds for it in its body: `private` and the like
    is_public: bool = False


@dataclass(frozen=True)
class Section:
    """`private:` and the like: a word that holds for what follows in the same body."""

    at: int
    word: str


@dataclass
class Marks:
    """What the matches of a query say of each name, gathered by the place of the name."""

    content: bytes
    is_header: bool = False
    defined: dict[int, Defined] = field(default_factory=dict)
    exported: set[str] = field(default_factory=set)
    defaults: set[str] = field(default_factory=set)
    sections: list[Section] = field(default_factory=list)
    _early: dict[int, list[tuple[str, str]]] = field(default_factory=dict)

    def take(self, found: Mapping[str, list[Node]]) -> None:
        """Sort one match in. What is said of a name may come before its definition."""
        if "section" in found:
            node = found["section"][0]
            if (word := text_of(self.content, node).strip(": \n")) in _SECTIONS:
                self.sections.append(Section(node.start_byte, word))
            return
        if "exported" in found:
            self._export(found)
            return
        kind = next((key for key in found if key in _KINDS), "")
        if kind:
            self._define(kind, found)
        if "name" in found:
            self._remark(found)

    def _export(self, found: Mapping[str, list[Node]]) -> None:
        member = text_of(self.content, found["member"][0]) if "member" in found else "exports"
        if not re.match(r"(?:module\.)?exports\b", member):
            return
        name = text_of(self.content, found["exported"][0])
        self.exported.add(name)
        if "default" in found:
            self.defaults.add(name)

    def _define(self, kind: str, found: Mapping[str, list[Node]]) -> None:
        node = found[kind][0]
        name = found.get("name", [node])[0]
        if kind == "prototype" and not self.is_header:
            return
        text = text_of(self.content, name) if "name" in found else ""
        owner, text = self._split(kind, text, found)
        made = Defined(
            name=text,
            at=name.start_byte,
            kind=_KINDS[kind],
            first_byte=node.start_byte,
            last_byte=node.end_byte,
            start=node.start_point[0] + 1,
            end=node.end_point[0] + 1,
            owner=owner,
        )
        known = self.defined.setdefault(name.start_byte, made)
        if node.start_byte < known.first_byte or node.end_byte > known.last_byte:
            known.first_byte, known.last_byte = node.start_byte, node.end_byte
            known.start, known.end = made.start, made.end
        known.captures.add(kind)
        if known.kind == "constant":
            known.kind = made.kind  # of `const f = () => 1` the function counts
        if "member" in found and re.match(
            r"(?:module\.)?exports\.", text_of(self.content, node)[:40]
        ):
            known.captures.add("public")
        for early, said in self._early.pop(name.start_byte, []):
            _add(known, early, said)

    def _split(self, kind: str, name: str, found: Mapping[str, list[Node]]) -> tuple[str, str]:
        """The owner that the definition itself names, and the bare name."""
        if "receiver" in found:
            bare = re.sub(r"\[.*", "", text_of(self.content, found["receiver"][0]), flags=re.DOTALL)
            return bare.strip("* \n"), name
        if kind == "member" and "::" in name:
            owner, _, name = re.sub(r"<[^<>]*>", "", name).rpartition("::")
            return owner.rpartition("::")[2], name
        if kind in ("scope", "impl"):
            name = re.sub(r"<.*", "", name, flags=re.DOTALL)
        return "", name

    def _remark(self, found: Mapping[str, list[Node]]) -> None:
        at = found["name"][0].start_byte
        said = [
            (key, text_of(self.content, nodes[0]))
            for key, nodes in found.items()
            if key in ("modifier", "mark", "public", "trait")
        ]
        for key, text in said:
            if at in self.defined:
                _add(self.defined[at], key, text)
            else:
                self._early.setdefault(at, []).append((key, text))


class Scopes:
    """The definitions of a file in order, each knowing the innermost one around it."""

    def __init__(self, defined: Iterable[Defined], sections: Iterable[Section]) -> None:
        self.ordered = sorted(defined, key=lambda d: (d.first_byte, -d.last_byte))
        self._sections = tuple(sections)
        self._nest()

    def _nest(self) -> None:
        stack: list[Defined] = []
        words: dict[int | None, str] = {}  # by the first byte of the body's name
        places: list[tuple[int, Defined | Section]] = [(d.first_byte, d) for d in self.ordered]
        places += [(s.at, s) for s in self._sections]
        for at, place in sorted(places, key=lambda pair: pair[0]):
            while stack and (stack[-1].last_byte <= at or _same_place(stack[-1], place)):
                stack.pop()
            parent = stack[-1] if stack else None
            body = parent.at if parent else None
            if isinstance(place, Section):
                words[body] = place.word
            else:
                place.parent, place.section = parent, words.get(body, "")
                stack.append(place)

    def container_name(self, found: Defined) -> str:
        if found.owner:
            return found.owner
        parent = found.parent
        while parent is not None and (parent.kind == "function" or not parent.name):
            parent = parent.parent
        return parent.name if parent else ""

    def is_member(self, found: Defined) -> bool:
        """Whether *found* belongs to a type."""
        if found.owner:
            return True
        parent = found.parent
        return parent is not None and (parent.kind == "type" or "impl" in parent.captures)

    def is_test(self, language: Language, found: Defined) -> bool:
        if found.kind != "function":
            return False
        if any(_TEST_MARK.fullmatch(mark) for mark in found.marks):
            return True
        pattern = _TEST_FUNCTION.get(language)
        return bool(pattern and pattern.fullmatch(found.name))


def _same_place(one: Defined, other: Defined | Section) -> bool:
    """`var a, b = 1, 2`: neither is inside the other."""
    return isinstance(other, Defined) and (one.first_byte, one.last_byte) == (
        other.first_byte,
        other.last_byte,
    )


def is_indirect(language: Language, found: Defined) -> bool:
    """Whether callers reach *found* otherwise than by its name."""
    if "default" in found.captures:
        return True
    if language == "rust" and found.parent is not None and "trait" in found.parent.captures:
        return True
    return any(not _PLAIN.fullmatch(mark) for mark in found.marks)


def judge_public(language: Language, scopes: Scopes, marks: Marks) -> None:
    """Say of each definition whether others may use it; from the outside in, without recursion."""
    for found in scopes.ordered:
        found.is_public = _is_public(language, found, marks)


def _is_public(language: Language, found: Defined, marks: Marks) -> bool:
    """Under the rules and habits of *language*; what is around *found* was judged before."""
    parent = found.parent
    if found.name in _NEVER_PUBLIC or (parent is not None and parent.kind == "function"):
        return False
    inside = parent is None or parent.kind == "scope" or parent.is_public
    match language:
        case "python":
            return inside and not found.name.startswith("_")
        case "javascript" | "typescript":
            return _exported(found, marks) if parent is None else inside and _open(found)
        case "go":
            return _capital(found.name) and (not found.owner or _capital(found.owner))
        case "rust":
            return inside and "pub" in found.modifiers
        case "java":
            declared = any(re.search(r"\bpublic\b", m) for m in found.modifiers)
            by_interface = parent is not None and "interface" in parent.captures
            return inside and (declared or (by_interface and _open(found)))
        case "c":
            return found.kind != "function" or "static" not in found.modifiers
        case "cpp":
            return inside and _public_cpp(found)
        case "ruby":
            return inside and _open(found) and found.section not in ("private", "protected")
        case "php":
            return inside and _open(found) and not found.name.startswith("__")


def _exported(found: Defined, marks: Marks) -> bool:
    if found.name in marks.defaults:
        found.captures.add("default")
    return "public" in found.captures or found.name in marks.exported


def _open(found: Defined) -> bool:
    closed = any(re.search(r"\b(?:private|protected)", m) for m in found.modifiers)
    return not closed and not found.name.startswith(("#", "_"))


def _public_cpp(found: Defined) -> bool:
    if "static" in found.modifiers or "member" in found.captures or is_test_macro(found.name):
        return False
    parent = found.parent
    if parent is None:
        return True
    if parent.kind == "scope":
        return bool(parent.name)
    if found.name == parent.name:
        return False  # a constructor
    default = "private" if "class" in parent.captures else "public"
    return (found.section or default) == "public"


def _capital(name: str) -> bool:
    return name[:1].isupper()


def _add(known: Defined, key: str, text: str) -> None:
    if key == "modifier":
        known.modifiers.append(text)
    elif key == "mark" and text == "default":
        known.captures.add("default")
    elif key == "mark":
        known.marks.append(text)
    else:
        known.captures.add(key)
