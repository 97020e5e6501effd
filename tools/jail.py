"""The workspace as the only tree that file tools can open.

Nothing is opened but regular files and directories, and nothing under a name that git would take
for its own; how links are survived stands in `walk`.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.errors import ToolError
from tools.walk import Walk

DIGESTED = 8 * 2**20  # bytes


@dataclass(frozen=True)
class Content:
    """What was read of a file; *path* is real and relative, *size* is the whole file's.

    *altered*: it is not what was checked out.
    """

    path: str
    data: bytes
    size: int
    altered: bool = False


def digest(data: bytes) -> str:
    """Of its first 8 MiB; who asks whether a file was altered reads as much of it."""
    return hashlib.sha256(data[:DIGESTED]).hexdigest()


class Jail:
    """*root* is the workspace; *seen_as* is its path in the sandbox, where that is another.

    *digests* are of files that may not change unnoticed, by path.
    """

    def __init__(
        self, root: Path, *, seen_as: str = "", digests: Mapping[str, str] | None = None
    ) -> None:
        self._root = root.resolve()
        self._digests = digests or {}
        self._prefixes = (str(self._root), str(root), seen_as or str(root))

    def locate(self, path: str) -> tuple[str, bool]:
        """The real path relative to the root, and whether it is a directory. Raises ToolError."""
        with self._walk(path) as walk:
            kind = os.fstat(walk.existing()).st_mode
            return walk.path, stat.S_ISDIR(kind)

    def read(self, path: str, *, most: int) -> Content:
        """The first *most* bytes of a regular file. Raises ToolError."""
        with self._walk(path) as walk:
            descriptor = walk.existing()
            status = os.fstat(descriptor)
            if stat.S_ISDIR(status.st_mode):
                raise ToolError(f"{path}: is a directory; `ls` in bash or grep shows what is in it")
            with os.fdopen(os.dup(descriptor), "rb") as stream:
                data = stream.read(most)
                known = self._digests.get(walk.path)
                altered = (known is not None and known != digest(data)) or (
                    path in self._digests and path != walk.path  # a link now
                )
                return Content(walk.path, data, status.st_size, altered)

    def write(self, path: str, data: bytes) -> tuple[str, bool]:
        """The real path, and whether the file is new. Folders are made, an old mode is kept.

        Raises ToolError.
        """
        with self._walk(path) as walk:
            descriptor, created = walk.writable()
            os.ftruncate(descriptor, 0)
            with os.fdopen(os.dup(descriptor), "wb") as stream:
                stream.write(data)
            return walk.path, created

    @contextlib.contextmanager
    def _walk(self, path: str) -> Iterator[Walk]:
        walk = Walk(path, root=self._root, split=self._split)
        try:
            yield walk
        except OSError as exc:
            raise ToolError(f"{path}: {exc.strerror or exc}") from exc
        except UnicodeEncodeError as exc:
            raise ToolError(f"{path!r}: no path; it holds half of a character") from exc
        finally:
            walk.close()

    def _split(self, path: str) -> list[str] | None:
        for prefix in self._prefixes:
            if path == prefix or path.startswith(prefix.rstrip("/") + "/"):
                return path[len(prefix) :].split("/")
        return None


def digests(jail: Jail, paths: Iterable[str]) -> dict[str, str]:
    """Of those of *paths* that are files, links left out."""
    found = {}
    for path in paths:
        with contextlib.suppress(ToolError):
            content = jail.read(path, most=DIGESTED)
            if content.path == path:
                found[path] = digest(content.data)
    return found
