"""What of a file is code: comments told from it, and the rest in a form that layout does not change."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tree_sitter import Node

from loop.languages.grammar import Syntax, captures
from loop.sources import Language

_C_LIKE = "(comment) @comment [(string_literal) (char_literal) (raw_string_literal)] @string"
_JS = "(comment) @comment [(string) (template_string) (regex)] @string"
_QUERIES: Mapping[Language, str] = {
    "python": "(comment) @comment (string) @string"
    " (module . (comment)* . (expression_statement . (string) @doc .))"
    " (function_definition body: (block . (expression_statement . (string) @doc .)))"
    " (class_definition body: (block . (expression_statement . (string) @doc .)))",
    "javascript": _JS,
    "typescript": _JS,
    "go": "(comment) @comment"
    " [(interpreted_string_literal) (raw_string_literal) (rune_literal)] @string",
    "rust": "[(line_comment) (block_comment)] @comment"
    " [(string_literal) (raw_string_literal) (char_literal)] @string",
    "java": "[(line_comment) (block_comment)] @comment"
    " [(string_literal) (character_literal)] @string",
    "c": "(comment) @comment [(string_literal) (char_literal)] @string",
    "cpp": _C_LIKE,
    "ruby": "(comment) @comment [(string) (regex) (heredoc_body) (subshell)] @string",
    "php": "(comment) @comment [(encapsed_string) (string) (heredoc) (nowdoc) (text)] @string",
}
# Comments that compilers, interpreters and generators obey.
_DIRECTIVE = re.compile(
    rb"#!|(?://|#|/\*+)[ \t*]*(?:go:|\+build|#cgo|export |extern |line |@ts-|@jsx|@flow|@vitest"
    rb"|@jest|@ORM|@Assert|@Route|frozen_string_literal|encoding:|-\*-|coding[:=]|type:|nosec"
    rb"|<reference|sourceMappingURL|eslint-|istanbul|webpack|@__|#__)"
)
_LAYOUT = re.compile(rb"\s+")
_LITERAL = b'"\1"'
_WORD = frozenset(range(0x80, 0x100)) | frozenset(
    b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$"
)


@dataclass(frozen=True)
class Ranges:
    """First byte and the one after the last; *docs* are Python's docstrings, no part of *strings*."""

    comments: tuple[tuple[int, int], ...]
    docs: tuple[tuple[int, int], ...]
    strings: tuple[tuple[int, int], ...]


def ranges_of(syntax: Syntax) -> Ranges:
    """Where comments, docstrings and string literals are; directives count as code."""
    found = captures(syntax, _QUERIES[syntax.language])
    cgo = syntax.language == "go" and b'import "C"' in syntax.content
    docs = _places(found.get("doc", []))
    known = set(docs)
    return Ranges(
        comments=tuple(
            place
            for place in _places(found.get("comment", []))
            if not (cgo or _DIRECTIVE.match(syntax.content, *place))
        ),
        docs=docs,
        strings=tuple(p for p in _places(found.get("string", [])) if p not in known),
    )


def without_comments(content: bytes, ranges: Ranges) -> bytes:
    """*content* with comments and docstrings blanked, lines and columns kept."""
    blanked = bytearray(content)
    for start, end in (*ranges.comments, *ranges.docs):
        blanked[start:end] = re.sub(rb"[^\r\n]", b" ", content[start:end])
    return bytes(blanked)


def significant(content: bytes, ranges: Ranges, *, indented: bool) -> bytes:
    """What a compiler would make of *content*, roughly: no comments, no layout.

    Two files with the same value do the same. The reverse does not hold: a line that was broken in
    two differs, as line ends mean something in half of the languages. *indented*: so do columns.
    """
    left_out = ((start, end, b" ") for start, end in (*ranges.comments, *ranges.docs))
    kept = ((start, end, _LITERAL) for start, end in ranges.strings)
    text: list[bytes] = []
    literals: list[bytes] = []
    at = 0
    for start, end, stand_in in sorted([*left_out, *kept], key=lambda p: (p[0], -p[1])):
        if start < at:
            continue  # inside the one before
        text += [content[at:start], stand_in]
        if stand_in == _LITERAL:
            literals.append(content[start:end])
        at = end
    text.append(content[at:])
    return b"\0".join([_reduced(b"".join(text), indented=indented), *literals])


def _reduced(text: bytes, *, indented: bool) -> bytes:
    """Blank lines and ends of lines gone; blanks inside a line only where they part two words."""
    text = text.replace(b"\r\n", b"\n")
    if not indented:
        return _LAYOUT.sub(_blank, text.strip())
    text = re.sub(rb"[ \t]+$", b"", text, flags=re.MULTILINE)
    text = re.sub(rb"\n{2,}", b"\n", text).strip(b"\n")
    return re.sub(rb"(?<=\S)[ \t]+", _blank, text)


def _blank(match: re.Match[bytes]) -> bytes:
    if b"\n" in match[0]:
        return b"\n"
    before, after = match.string[match.start() - 1], match.string[match.end()]
    return b" " if (before in _WORD) == (after in _WORD) else b""


def _places(nodes: list[Node]) -> tuple[tuple[int, int], ...]:
    return tuple(sorted((node.start_byte, node.end_byte) for node in nodes))
