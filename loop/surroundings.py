"""What the rails need of the repository beside the diff, read off names and texts. Pure."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable, Sequence

from loop.evidence import Ask, Covers, Surroundings
from loop.rails.named import paths_named, text_of
from loop.repo.diff import FileChange
from loop.sources import Kind, kind_of
from loop.tested import Sources, TestLayout

_IN_CODE = re.compile(r"`([^`\n]+)`|\b(\w+)(?=\()|\b(\w+_\w+|\w*[a-z0-9][A-Z]\w*)\b")
_WORD = re.compile(r"[^\W\d]\w{3,}")


def surroundings(
    changes: Sequence[FileChange],
    *,
    tree: Collection[str],
    ask: Ask | None,
    extensions: Sequence[str] = (),
    layout: TestLayout | None = None,
) -> Surroundings:
    """*tree* are the files before and after; *extensions* and *layout* the gate profile's."""
    text = text_of(ask)
    named = paths_named(text, tree)
    changed = [path for c in changes for path in dict.fromkeys((c.path, c.old_path))]
    kinds = {
        path: _kind(path, extensions, layout)
        for path in (*changed, *named)
        if not path.endswith("/")
    }
    sources = Sources(tree, extensions)
    tests = {
        path: Covers(by_name=sources.tested_by(path, layout))
        for path, kind in kinds.items()
        if kind == "test"
    }
    return Surroundings(
        kinds=kinds,
        tests=tests,
        named=named,
        extensions=_extensions(tree, extensions),
        identifiers=_identifiers(text, changes),
    )


def _kind(path: str, extensions: Sequence[str], layout: TestLayout | None) -> Kind:
    found = kind_of(path, extensions)
    below = layout and path.startswith(f"{layout.test_root.strip('/')}/")
    return "test" if below and found == "source" else found


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
