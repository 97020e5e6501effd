"""What the rails need of the repository beside the diff, read off names and texts. Pure."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from loop.evidence import Ask, Covers, Surroundings, printable
from loop.languages.grammar import Unreadable
from loop.languages.imports import Import
from loop.languages.outline import Outline, outline
from loop.languages.places import Places, go_module
from loop.rails.named import paths_named, text_of
from loop.repo.diff import FileChange
from loop.sources import Kind, kind_of
from loop.tested import Sources, TestLayout

_IN_CODE = re.compile(r"`([^`\n]+)`|\b(\w+)(?=\()|\b(\w+_\w+|\w*[a-z0-9][A-Z]\w*)\b")
TESTS_READ = 300
MODULES_READ = 30
NAMESAKES = 20  # of a test, where many files are called alike
_WORD = re.compile(r"[^\W\d]\w{3,}")


def surroundings(
    changes: Sequence[FileChange],
    *,
    tree: Collection[str],
    ask: Ask | None,
    texts: Mapping[str, bytes],
    extensions: Sequence[str] = (),
    layout: TestLayout | None = None,
) -> Surroundings:
    """*tree* are the files before and after, *texts* those of `wanted` that are there now.

    *extensions* and *layout* are the gate profile's.
    """
    text = text_of(ask)
    named = paths_named(text, tree)
    kinds = _kinds(changes, named, extensions=extensions, layout=layout)
    sources = Sources(tree, extensions)
    places = Places(frozenset(tree), _go_modules(texts))
    by_path = {change.path: change for change in changes}
    matters = {*by_path, *named, *(change.old_path for change in changes)}
    tests = {
        path: Covers(
            by_name=list(map(printable, sources.tested_by(path, layout)[:NAMESAKES])),
            by_import=[
                printable(source)
                for source in _imported(path, texts.get(path), by_path.get(path), places)
                if source in matters
            ],
        )
        for path, kind in kinds.items()
        if kind == "test"
    }
    return Surroundings(
        kinds={printable(path): kind for path, kind in kinds.items()},
        tests={printable(path): covers for path, covers in tests.items()},
        named=list(map(printable, named)),
        extensions=_extensions(tree, extensions),
        identifiers=_identifiers(text, changes),
    )


def wanted(
    changes: Sequence[FileChange],
    *,
    tree: Collection[str],
    ask: Ask | None,
    layout: TestLayout | None = None,
) -> list[str]:
    """The files whose text `surroundings` reads: tests, and what names Go's modules."""
    named = paths_named(text_of(ask), tree)
    kinds = _kinds(changes, named, extensions=(), layout=layout)
    tests = [path for path, kind in kinds.items() if kind == "test"]
    modules = [path for path in tree if posixpath.basename(path) == "go.mod"]
    return [*tests[:TESTS_READ], *sorted(modules)[:MODULES_READ]]


def _kinds(
    changes: Sequence[FileChange],
    named: Sequence[str],
    *,
    extensions: Sequence[str],
    layout: TestLayout | None,
) -> dict[str, Kind]:
    changed = [path for c in changes for path in dict.fromkeys((c.path, c.old_path))]
    return {
        path: _kind(path, extensions, layout)
        for path in (*changed, *named)
        if not path.endswith("/")
    }


def _kind(path: str, extensions: Sequence[str], layout: TestLayout | None) -> Kind:
    found = kind_of(path, extensions)
    below = layout and path.startswith(f"{layout.test_root.strip('/')}/")
    return "test" if below and found == "source" else found


def _go_modules(texts: Mapping[str, bytes]) -> dict[str, str]:
    """The folder of each `go.mod`, "" for the root, and the module that it declares."""
    return {
        posixpath.dirname(path): module
        for path, content in texts.items()
        if posixpath.basename(path) == "go.mod" and (module := go_module(content))
    }


def _imported(
    path: str, content: bytes | None, change: FileChange | None, places: Places
) -> list[str]:
    """The files of the repository that a test imports; of a changed one, those its new lines use."""
    seen = outline(path, content) if content is not None else Unreadable("gone")
    if isinstance(seen, Unreadable):
        return []
    imports = seen.imports
    if change and change.status not in ("A", "C"):
        fresh = {number for number, _ in change.added()}
        imports = tuple(one for one in imports if fresh & set(_used(seen, one)))
    return list(dict.fromkeys(p for one in imports for p in places.resolve(path, one)))


def _used(seen: Outline, one: Import) -> Iterator[int]:
    """The lines that import or use what *one* brings in; of a whole module, all that hold code."""
    yield one.line
    names = one.names or (re.split(r"[./:\\ ]+", one.module.rstrip("/"))[-1],)
    for name, lines in seen.references.items():
        if "*" in names or name in names:
            yield from lines


def _extensions(tree: Iterable[str], own: Sequence[str]) -> list[str]:
    found = {posixpath.splitext(path)[1].lower() for path in tree if kind_of(path, own) == "source"}
    return sorted({*found, *own} - {""})


def _identifiers(text: str, changes: Sequence[FileChange]) -> list[str]:
    """Names in code that *text* mentions and that changed lines of code hold, in its order."""
    spoken = dict.fromkeys(
        word for parts in _IN_CODE.findall(text) for part in parts for word in _WORD.findall(part)
    )
    if not spoken:
        return []
    held: set[str] = set()
    for change in changes:
        if kind_of(change.path) in ("source", "test"):
            for hunk in change.hunks:
                for line in (*hunk.added, *hunk.removed):
                    held.update(_WORD.findall(line))
    return [word for word in spoken if word in held]
