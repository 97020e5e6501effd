"""Tests that live inside the file they test, as in Rust: taken out, and put into another version."""

from __future__ import annotations

import re

from loop.languages.grammar import Syntax, Unreadable, parse

_TEST_ONLY = re.compile(rb"#\s*\[\s*(?:cfg\s*\((?!\s*not\b)[^\]]*\btest\b|(?:\w+::)*test\s*[\](])")


def without_tests(path: str, content: bytes) -> bytes:
    """*content* without its inline tests; as it is where there are none, or no tree."""
    spans = _spans(path, content)
    for start, end in reversed(spans):
        content = content[:start] + content[end:]
    return content


def inline_tests(path: str, content: bytes) -> bytes:
    """The inline tests alone, one after the other; b"" where there are none."""
    return b"\n".join(content[start:end] for start, end in _spans(path, content))


def grafted(path: str, before: bytes, after: bytes) -> bytes | None:
    """*before* with the inline tests of *after* in place of its own.

    None where *after* has none, or just those of *before*.
    """
    tests = inline_tests(path, after)
    if not tests or tests == inline_tests(path, before):
        return None
    return without_tests(path, before).rstrip() + b"\n\n" + tests + b"\n"


def _spans(path: str, content: bytes) -> list[tuple[int, int]]:
    """Bytes of each top-level item that only a test build compiles, its attributes included."""
    if not path.endswith(".rs"):
        return []
    syntax = parse(path, content)
    return [] if isinstance(syntax, Unreadable) else list(_items(syntax))


def _items(syntax: Syntax) -> list[tuple[int, int]]:
    found = []
    start: int | None = None
    is_test = False
    for node in syntax.tree.root_node.children:
        if node.type == "attribute_item":
            start = node.start_byte if start is None else start
            text = syntax.content[node.start_byte : node.end_byte]
            is_test = is_test or bool(_TEST_ONLY.match(text))
            continue
        if node.type in ("line_comment", "block_comment") and start is not None:
            continue
        if is_test and start is not None:
            found.append((start, node.end_byte))
        start, is_test = None, False
    return found
