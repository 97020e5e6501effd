"""Files that do not belong into a commit: huge ones, and binaries that a build made. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from loop.gates.finding import ContentFinding

HEAD_BYTES = 512  # what `StoredFile.head` has to hold

_ARTEFACTS: tuple[tuple[bytes, str], ...] = (
    (b"\x7fELF", "a compiled program or library"),
    (b"MZ", "a Windows program"),
    (b"\xcf\xfa\xed\xfe", "a compiled program or library"),
    (b"\xce\xfa\xed\xfe", "a compiled program or library"),
    (b"\xca\xfe\xba\xbe", "compiled classes or a fat binary"),
    (b"!<arch>\n", "a static library"),
    (b"\0asm", "compiled WebAssembly"),
    (b"dex\n", "compiled Android classes"),
    (b"SQLite format 3\0", "a database"),
)
_ARTEFACT_NAMES = (".pyc", ".pyo", ".o", ".obj", ".class", ".core", ".swp", ".sqlite", ".db")
_CACHES = frozenset({"__pycache__", "node_modules", ".pytest_cache", ".mypy_cache", ".ruff_cache"})
# What people keep in repositories on purpose: pictures, fonts, documents, sounds.
_MEDIA = (
    b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"BM", b"\0\0\1\0", b"%PDF", b"wOFF", b"wOF2",
    b"\0\1\0\0", b"OTTO", b"ID3", b"OggS", b"\x1a\x45\xdf\xa3",
)  # fmt: skip


@dataclass(frozen=True)
class SizeLimits:
    """In bytes. A file that was there may keep its size, whatever it is."""

    text: int = 1 << 20
    media: int = 1 << 20
    binary: int = 64 << 10
    total: int = 8 << 20


@dataclass(frozen=True)
class StoredFile:
    """A new or changed file; *head* are its first bytes. *old_size* None: it is new."""

    path: str
    size: int
    head: bytes
    old_size: int | None = None

    @property
    def is_binary(self) -> bool:
        return b"\0" in self.head or self.head.startswith(_MEDIA[:2])


def find(files: Iterable[StoredFile], limits: SizeLimits) -> list[ContentFinding]:
    """What is too big, or a build's product, one finding a file; and the sum when it is too big."""
    found: list[ContentFinding] = []
    total = 0
    for file in files:
        total += max(0, file.size - (file.old_size or 0))
        if message := _objection(file, limits):
            found.append(ContentFinding("sizes", file.path, message))
    if total > limits.total:
        found.append(
            ContentFinding(
                "sizes", ".", f"{total} bytes are added in all, {limits.total} are allowed"
            )
        )
    return found


def _objection(file: StoredFile, limits: SizeLimits) -> str:
    if file.old_size is None and (kind := _artefact(file)):
        return f"{kind}, made by a tool; delete it or add it to .gitignore"
    limit = _limit(file, limits)
    if file.size > max(limit, file.old_size or 0):
        return f"{file.size} bytes, {limit} are allowed; leave it out, or say why a human should add it"
    return ""


def _artefact(file: StoredFile) -> str:
    parts = file.path.split("/")
    if cache := _CACHES.intersection(parts):
        return f"part of {min(cache)}"
    if not file.is_binary:
        return ""
    if file.path.casefold().endswith(_ARTEFACT_NAMES):
        return "a build's or editor's file"
    return next((kind for magic, kind in _ARTEFACTS if file.head.startswith(magic)), "")


def _limit(file: StoredFile, limits: SizeLimits) -> int:
    if not file.is_binary:
        return limits.text
    return limits.media if file.head.startswith(_MEDIA) else limits.binary
