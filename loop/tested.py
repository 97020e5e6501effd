"""What a test file tests, as far as its name and its place tell. Pure."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from loop.sources import is_source, is_test, language_of

_DECORATED = (
    re.compile(r"(?P<stem>.+)[._-](?:test|spec|tests|specs)(?:\.d)?"),
    re.compile(r"tests?[_-](?P<stem>.+)"),
    re.compile(r"(?P<stem>.+?)(?:Tests?|Spec|IT|TestCase)"),
    re.compile(r"Test(?P<stem>[A-Z].*)"),
)
# A folder's own file: what tests the folder tests it.
_INDEXES = frozenset({"__init__", "index", "lib", "main", "mod"})
_SETTING = frozenset({"conftest", "fixtures", "helpers", "setup", "support", "testdata", "utils"})
_TEST_FOLDERS = frozenset({"__tests__", "e2e", "spec", "specs", "test", "tests"})
_PARTS = re.compile(r"[_-]|(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True)
class TestLayout:
    """Tests below *test_root* test what lies in the same place below *source_root*."""

    __test__ = False  # pytest looks at names

    test_root: str
    source_root: str


class Sources:
    """The source files of a repository, to be found by what they are called."""

    def __init__(self, paths: Iterable[str], extensions: Sequence[str] = ()) -> None:
        self._by_stem: dict[str, list[str]] = {}
        for path in sorted(paths):
            if is_source(path, extensions):
                self._by_stem.setdefault(_stem(path), []).append(path)
                stem, folder = _stem(path), posixpath.basename(posixpath.dirname(path))
                if stem in _INDEXES and folder:
                    self._by_stem.setdefault(folder, []).append(path)

    def tested_by(self, path: str, layout: TestLayout | None = None) -> list[str]:
        """The files that the test *path* is named after; a bare name where none is there."""
        stem = subject(path, layout)
        if not stem:
            return []
        place = _place(path, layout)
        for name in (*_shorter(stem), *place[-1:]):
            if found := [p for p in self._by_stem.get(name, ()) if _same_kind(p, path)]:
                return _nearest(found, place)
        return [stem + posixpath.splitext(path)[1]]


def subject(path: str, layout: TestLayout | None = None) -> str:
    """The stem of what the test *path* is about; "" where its name tells nothing."""
    stem = _stem(path)
    if stem in _INDEXES or stem in _SETTING:
        return ""
    for pattern in _DECORATED:
        if match := pattern.fullmatch(stem):
            return match["stem"]
    inside = layout and path.startswith(f"{layout.test_root.strip('/')}/")
    return stem if inside or is_test(path) else ""


def _stem(path: str) -> str:
    return posixpath.splitext(posixpath.basename(path))[0]


def _same_kind(path: str, test: str) -> bool:
    """Whether a test of this language can be a test of that file."""
    families = ({"typescript", "javascript"}, {"c", "cpp"})
    one, other = language_of(path), language_of(test)
    return one == other or any({one, other} <= family for family in families)


def _shorter(stem: str) -> Iterator[str]:
    """*stem*, then without its last words: `parser_edge_cases` is about `parser`."""
    yield stem
    ends = [match.span() for match in _PARTS.finditer(stem)]
    for start, _ in reversed(ends):
        yield stem[:start]


def _place(path: str, layout: TestLayout | None) -> list[str]:
    """The folders where what *path* tests should be."""
    folder = posixpath.dirname(path)
    root = layout.test_root.strip("/") if layout else ""
    if layout and f"{folder}/".startswith(f"{root}/"):
        folder = posixpath.join(layout.source_root.strip("/"), folder[len(root) + 1 :])
    return [part for part in folder.split("/") if part and part not in _TEST_FOLDERS]


def _nearest(found: list[str], place: list[str]) -> list[str]:
    """Those of *found* whose folders have most in common with *place*."""

    def common(path: str) -> int:
        return len(set(posixpath.dirname(path).split("/")) & set(place))

    most = max(map(common, found))
    return [path for path in found if common(path) == most]
