"""The files that a text names. Pure; upstream's extraction, widened by what the repository has.

A name counts if it looks like a file, and it is a path of the repository or could become one: what
stands only in a fenced block, or is a document or setting that the repository does not have, is
more likely a file of the one who writes.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from loop.cleaning import clean
from loop.evidence import Ask, Record
from loop.rails.words import marked_lines
from loop.sources import kind_of, language_of

_EXTENSIONS = frozenset(
    "go md yaml yml sh json mod sum tmpl proto toml mk txt hcl".split()  # noqa: SIM905 - as upstream lists them
)
_NAMES = frozenset({"Containerfile", "Dockerfile", "Earthfile", "Justfile", "Makefile"})
# `node.js` is no file, nor is `self.c`.
_AMBIGUOUS = frozenset({"c", "d", "h", "in", "js", "m", "net", "r", "v"})

_LINK = re.compile(r"\b\w{1,20}://[^\s)>\]\"'`]+")
_BLOB = re.compile(r"/(?:blob|tree|raw|src)/(?:branch/)?[^/]+/(?P<path>[^?#]+)")
_ESCAPED = re.compile(r"\\([`*_{}\[\]()#+.!|<>~-])")
_APART = re.compile(
    r"[`(){}\"',;<>*|=\s\u3000-\u303f\uff00-\uff0f\uff1a-\uff20\u2010-\u203f«»]+|[\[\]]"
)
_PLACE = re.compile(r"(?::\d+(?:[-:]\d+)*|#L\d+(?:-L?\d+)?)$")
_LONGEST = 400  # characters of a name; longer words are data, and slow to look at
_SEGMENT = re.compile(r"[A-Za-z0-9._-]+")
_FOREIGN = re.compile(r"[^\x00-\x7f]+")


@dataclass(frozen=True)
class Ref:
    """A name as the text has it.

    *fenced*: it stands in code blocks only. *placed*: a line of it is named, so it is there already.
    """

    name: str
    fenced: bool
    placed: bool = False

    @property
    def is_bare(self) -> bool:
        return "/" not in self.name.rstrip("/")


def text_of(ask: Ask | None) -> str:
    """What was asked, its title included; "" where nobody wrote it down."""
    return clean(f"{ask.title}\n{ask.body}") if ask and ask.body.strip() else ""


def tokens(text: str) -> dict[str, Ref]:
    """Everything in *text* that could be a path, by name, in order."""
    found: dict[str, Ref] = {}
    for line, is_code in marked_lines(text):
        for name, placed in _names(line):
            if name not in found or found[name].fenced > is_code:
                found[name] = Ref(name, is_code, placed)
    return found


class Paths:
    """Paths to be found by their ends. Those of folders end in a slash."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._by_name: dict[str, list[str]] = {}
        for path in dict.fromkeys(paths):
            self._by_name.setdefault(_base(path), []).append(path)

    def meant(self, name: str) -> list[str]:
        """The paths that *name* is or is the end of, or else that share an end with it.

        Such an end has two segments or more: `proj/src/a.py` may mean `src/a.py`.
        """
        slash = "/" if name.endswith("/") else ""
        named = self._by_name.get(_base(name), ())
        parts = name.strip("/").split("/")
        for start in range(max(1, len(parts) - 1)) if named else ():
            end = "/".join(parts[start:]) + slash
            if found := [path for path in named if _ends(path, end)]:
                return found
        return []


def refs(record: Record) -> list[str]:
    """The files and folders (with a slash at the end) that the ask of *record* names."""
    around = record.surroundings
    own = {e.lstrip(".").lower() for e in around.extensions} if around else None
    changed = [p for f in record.files or [] for p in (f.path, f.old_path) if p]
    there = Paths([*(around.named if around else ()), *changed])
    kept: dict[str, None] = {}
    for ref in tokens(text_of(record.ask)).values():
        folder = f"{ref.name.rstrip('/')}/"
        if "/" in ref.name and there.meant(folder):
            kept[folder] = None
        elif there.meant(ref.name) or (
            _is_file(ref, own) and (own is None or not _is_elsewhere(ref, own))
        ):
            kept[ref.name] = None
    longer = Paths(kept)
    return [name for name in kept if longer.meant(name) == [name]]


def paths_named(text: str, files: Collection[str]) -> list[str]:
    """The *files*, and the folders they are in, that *text* names."""
    there = Paths([*files, *(f"{folder}/" for path in files for folder in _above(path))])
    found: dict[str, None] = {}
    for name in tokens(text):
        if "." in _base(name) or "/" in name or name in _NAMES:
            found |= dict.fromkeys(there.meant(name))
        if "/" in name:
            found |= dict.fromkeys(there.meant(f"{name.rstrip('/')}/"))
    return list(found)


def _base(path: str) -> str:
    """The last segment, with its slash."""
    return path[path.rstrip("/").rfind("/") + 1 :]


def _above(path: str) -> Iterator[str]:
    while path := posixpath.dirname(path):
        yield path


def _names(line: str) -> Iterator[tuple[str, bool]]:
    """Each name in *line*, and whether a line number follows it."""
    line = _LINK.sub(_path_of_link, line)
    line = _ESCAPED.sub(r"\1", line).replace("\\", "/")
    for word in _APART.split(line):
        if len(word) > _LONGEST:
            continue
        name = _trimmed(word)
        yield from [(name, _is_placed(word))] if name else []
        # `parser.pyの` holds a name that no space sets apart.
        for piece in _FOREIGN.split(word):
            if (part := _trimmed(piece)) and part != name:
                yield part, _is_placed(piece)


def _path_of_link(match: re.Match[str]) -> str:
    found = _BLOB.search(match[0])
    return f" {found['path']} " if found else " "


def _is_placed(word: str) -> bool:
    return _PLACE.search(word.rstrip(".:!?")) is not None


def _trimmed(word: str) -> str:
    word = word.rstrip(".:!?").lstrip(":!?")
    word = _PLACE.sub("", word).rstrip(".:!?")
    while word.startswith(("./", "../")):
        word = word.partition("/")[2]
    return word


def _is_file(ref: Ref, own: Collection[str] | None) -> bool:
    """Whether the name has a file's form; *own* are the repository's extensions, if known."""
    name = ref.name
    if not all(_SEGMENT.fullmatch(part) and part.strip(".") for part in name.split("/")):
        return False
    base = posixpath.basename(name)
    stem, dot, extension = base.rpartition(".")
    if base in _NAMES:
        return True
    extension = extension.lower()
    if not dot or not (stem or "/" in name):
        return False
    if ref.is_bare and extension in _AMBIGUOUS:
        return False
    written = language_of(base) is not None if own is None else extension in own
    return written or extension in _EXTENSIONS


def _is_elsewhere(ref: Ref, own: Collection[str]) -> bool:
    """Whether a file that the repository does not have is likely none of its future ones either."""
    soft = kind_of(ref.name, [f".{e}" for e in own]) not in ("source", "test")
    return ref.fenced or ref.placed or (soft and ref.is_bare)


def _ends(path: str, name: str) -> bool:
    return f"/{path}".endswith(f"/{name}")
