"""Grammars, loaded when first asked for, and syntax trees within bounds of size and time.

What a repository holds is not ours: a file may be binary, huge, broken or made to be slow. Trees of
broken code are as good as the parser's recovery; anything else is `Unreadable`, with the reason.
"""

from __future__ import annotations

import importlib
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from tree_sitter import Language as Grammar
from tree_sitter import Node, Parser, Query, QueryCursor, Tree

from loop.sources import Language, language_of

SIZE_LIMIT = 1 << 20  # bytes of a file; people write less, generators more
LINE_LIMIT = 32 << 10  # bytes of a line, above which a file is minified
SECONDS = 3.0  # for one tree; honest files take milliseconds
_SLICE = 64 << 10
_HEAD = 8 << 10
_TEXT_LIMIT = 16 << 10  # bytes of one node; in broken code a statement may swallow the file
_FUNCTIONS = {"tsx": "language_tsx", "typescript": "language_typescript", "php": "language_php"}
# A header says nothing in its name; these words are no C.
_CPP_HEADER = re.compile(
    rb"^\s*(?:class|namespace|template|using|public:|private:)\b|\w::\w", re.MULTILINE
)


@dataclass(frozen=True)
class Unreadable:
    """Why a file has no tree, for people."""

    reason: str


@dataclass(frozen=True)
class Syntax:
    """A file's tree; *dialect* names the grammar, *language* the language."""

    language: Language
    dialect: str
    tree: Tree
    content: bytes


def parse(
    path: str,
    content: bytes,
    *,
    seconds: float = SECONDS,
    clock: Callable[[], float] = time.monotonic,
) -> Syntax | Unreadable:
    """The tree of *content* in the grammar that *path* stands for."""
    language = language_of(path)
    if language is None:
        return Unreadable(f"{path}: no grammar for this kind of file")
    if len(content) > SIZE_LIMIT:
        return Unreadable(f"{path}: {len(content)} bytes, {SIZE_LIMIT} are read at most")
    if b"\0" in content[:_HEAD]:
        return Unreadable(f"{path}: binary")
    if len(content) > LINE_LIMIT and max(map(len, content.split(b"\n"))) > LINE_LIMIT:
        return Unreadable(f"{path}: has lines of more than {LINE_LIMIT} bytes, so it is generated")
    if language == "c" and path.lower().endswith(".h") and _CPP_HEADER.search(content):
        language = "cpp"
    dialect = "tsx" if path.lower().endswith(".tsx") else language
    deadline = clock() + seconds

    def read(at: int, _point: object) -> bytes:
        return content[at : at + _SLICE]

    def too_long(_at: int, _has_error: bool) -> bool:  # noqa: FBT001  # the parser's signature
        return clock() >= deadline

    try:
        # A progress callback is heard only by a parser that reads through a callback. Without one
        # it can go round for ever in what is no code.
        tree = Parser(grammar(dialect)).parse(read, progress_callback=too_long)
    except ValueError:
        return Unreadable(f"{path}: not parsed within {seconds:g} s")
    return Syntax(language, dialect, tree, content)


@cache
def grammar(dialect: str) -> Grammar:
    """The grammar of a language, or of `tsx`."""
    module = importlib.import_module(f"tree_sitter_{_module(dialect)}")
    return Grammar(getattr(module, _FUNCTIONS.get(dialect, "language"))())


@cache
def definitions_query(dialect: str) -> Query:
    """The query in `queries/` for *dialect*."""
    path = files(__package__).joinpath(f"queries/{_module(dialect)}.scm")
    return Query(grammar(dialect), path.read_text(encoding="utf-8"))


@cache
def query(dialect: str, text: str) -> Query:
    return Query(grammar(dialect), text)


def captures(syntax: Syntax, text: str) -> dict[str, list[Node]]:
    """All nodes that *text* captures, by name, in the order of the file."""
    return QueryCursor(query(syntax.dialect, text)).captures(syntax.tree.root_node)


def text_of(content: bytes, node: Node) -> str:
    """The beginning of *node*'s text; the node's own `text` would read the file anew each time."""
    end = min(node.end_byte, node.start_byte + _TEXT_LIMIT)
    return content[node.start_byte : end].decode("utf-8", "replace")


def _module(dialect: str) -> str:
    return "typescript" if dialect == "tsx" else dialect
