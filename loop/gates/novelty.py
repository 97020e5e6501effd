"""Names that a change brings: what a test that does not compile without it may be missing. Pure."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable, Mapping

from loop.gates.check import ChangedText
from loop.languages.grammar import Unreadable
from loop.languages.inline_tests import without_tests
from loop.languages.outline import outline

_NAME = re.compile(r"[^\W\d]\w+")
# A definition on a line that the change wrote: another signature breaks callers as a new name does.
_DEFINED = re.compile(
    r"\b(?:class|const|def|enum|fn|func|function|impl|interface|let|mod|struct|trait|type|var)\s+"
    r"(?:\([^)]*\)\s*)?([^\W\d]\w+)|([^\W\d]\w+)\s*(?:<[^<>]*>\s*)?\("
)
_PLACE = re.compile(r"([\w./@-]+\.\w+)(?::(\d+)|\((\d+),\d+\))")
_TOLD_WORDS = (
    "argument arguments cannot could error expected export exported exist file find for found from"
    " function given has have import imported in lib load member method missing module name named"
    " no not of package property provide requested required resolve such symbol test tests the this"
    " to type undefined unresolved use value variable was with"
)
_TOLD = frozenset(_TOLD_WORDS.split())  # what messages are made of


def brought(files: Iterable[ChangedText]) -> frozenset[str]:
    """Names in the new side of *files* that the old side does not have, or defines otherwise."""
    found: set[str] = set()
    for file in files:
        code = without_tests(file.path, file.after or b"").decode("utf-8", "replace")
        found |= set(_NAME.findall(code)) - _names(file.before)
        if file.change.status in ("A", "C", "R"):
            found |= set(_NAME.findall(posixpath.splitext(file.path)[0]))
        kept = set(code.splitlines())
        for line in (line for _, line in file.change.added() if line in kept):
            found |= {name for pair in _DEFINED.findall(line) for name in pair if name}
    return frozenset(found - _TOLD)


def named(errors: Iterable[str], sources: Mapping[str, bytes]) -> frozenset[str]:
    """Names in *errors*, and in the lines of *sources* (path to content) that they point at."""
    found: set[str] = set()
    for error in errors:
        found |= set(_NAME.findall(error))
        for path, line, other in _PLACE.findall(error):
            found |= set(_NAME.findall(_line(sources, path, int(line or other))))
    return frozenset(found)


def used(names: Collection[str], sources: Mapping[str, bytes]) -> bool:
    """Whether a test in *sources* (path to content) uses one of *names*, or what it imports.

    A file without grammar, or in which no test is seen, is given the benefit of the doubt.
    """
    return any(_uses(path, content, names) for path, content in sources.items())


def _uses(path: str, content: bytes, names: Collection[str]) -> bool:
    found = outline(path, content)
    if isinstance(found, Unreadable) or not found.tests:
        return True
    imported = {
        name for taken in found.imports for name in (*taken.names, *_NAME.findall(taken.module))
    }
    lines = {n for name in (*names, *imported) for n in found.references.get(name, ())}
    return any(test.start <= line <= test.end for test in found.tests for line in lines)


def _line(sources: Mapping[str, bytes], path: str, number: int) -> str:
    wanted = posixpath.normpath(path)
    for known, content in sources.items():
        if wanted == known or wanted.endswith(f"/{known}") or known.endswith(f"/{wanted}"):
            lines = content.decode("utf-8", "replace").splitlines()
            return lines[number - 1] if 0 < number <= len(lines) else ""
    return ""


def _names(content: bytes | None) -> set[str]:
    return set(_NAME.findall(content.decode("utf-8", "replace"))) if content else set()
