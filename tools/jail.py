"""The workspace as the only tree that file tools can open.

Nothing is opened but regular files and directories, and nothing under a name that git would take
for its own; how links are survived stands in `walk`.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.errors import ToolError
from tools.walk import Walk


@dataclass(frozen=True)
class Content:
    """What was read of a file; *path* is real and relative, *size* is the whole file's."""

    path: str
    data: bytes
    size: int


class Jail:
    """*root* is the workspace; *seen_as* is its path in the sandbox, where that is another."""

    def __init__(self, root: Path, *, seen_as: str = "") -> None:
        self._root = root.resolve()
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
                return Content(walk.path, stream.read(most), status.st_size)

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
