"""One walk from the root of a jail to a file, component by component.

Each component is opened relative to the descriptor of the one before and never through a link. A
link is read, and its target walked like words the model wrote: inside, it is followed, outside, it
is refused. What a name is gets asked first only to choose how to open it; what counts is what was
opened. So whoever swaps a name for a link between two steps meets another try, never a way out.
"""

from __future__ import annotations

import difflib
import errno
import os
import stat
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path

from tools.errors import ToolError

_MOST_STEPS = 256  # components, links and second tries, before a path is given up
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
# a fifo or terminal that slips in must neither block nor become ours
_FILE = os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY
_SWAPPED = frozenset(
    {errno.ELOOP, errno.ENOTDIR, errno.EINVAL, errno.ENXIO, errno.EISDIR, errno.ENOENT}
)


def is_git_name(name: str) -> bool:
    """Whether some file system takes *name* for `.git`: case, HFS's ignorables, NTFS's aliases."""
    plain = "".join(c for c in name if unicodedata.category(c) != "Cf").casefold()
    return plain.split(":")[0].rstrip(". ") in {".git", "git~1"}


class Walk:
    """Holds a descriptor for each directory on the way; `close` it.

    *split* gives the components of an absolute path below the root, or None outside it.
    """

    def __init__(
        self, asked: str, *, root: Path, split: Callable[[str], Sequence[str] | None]
    ) -> None:
        self._asked = asked
        self._split = split
        self._steps = 0
        self._names: list[str] = []
        self._todo = list(reversed(self._parts(asked)))
        self._descriptors = [os.open(root, _DIRECTORY)]

    @property
    def path(self) -> str:
        """Where the walk stands, relative to the root; links are resolved in it."""
        return "/".join(self._names) or "."

    def close(self) -> None:
        for descriptor in self._descriptors:
            os.close(descriptor)

    def existing(self) -> int:
        """A descriptor of what is there, a file or a directory; the walk owns it."""
        while self._todo:
            self._step(os.O_RDONLY, create=False)
        return self._descriptors[-1]

    def writable(self) -> tuple[int, bool]:
        """A descriptor of the file to write, and whether it is new; folders are made on the way."""
        if self._asked.endswith("/"):
            raise ToolError(f"{self._asked}: names a folder; give the path of a file")
        created = False
        while self._todo:
            created = self._step(os.O_WRONLY, create=True)
        status = os.fstat(self._descriptors[-1])
        if stat.S_ISDIR(status.st_mode):
            raise ToolError(f"{self._asked}: is a directory; give the path of a file")
        if status.st_nlink > 1:
            raise ToolError(f"{self._asked}: has {status.st_nlink} hard links; delete it first")
        return self._descriptors[-1], created

    def _parts(self, path: str) -> Sequence[str]:
        if not path or "\0" in path:
            raise ToolError("path: empty or no path; give one relative to the workspace, like '.'")
        if not path.startswith("/"):
            return path.split("/")
        parts = self._split(path)
        if parts is None:
            raise self._refused("outside the workspace; paths are relative to it")
        return parts

    def _refused(self, fact: str) -> ToolError:
        return ToolError(f"{self._asked}: {fact}")

    def _step(self, mode: int, *, create: bool) -> bool:
        """Take one component; true when it made a file."""
        self._steps += 1
        if self._steps > _MOST_STEPS:
            raise self._refused("too many links or parts; give the path of the file itself")
        name = self._todo.pop()
        if name in ("", "."):
            return False
        if name == "..":
            self._up()
            return False
        if is_git_name(name):
            raise self._refused(
                "git's own files are out of reach; use `git log`, `git diff` in bash"
            )
        try:
            return self._enter(name, mode, create=create)
        except OSError as exc:
            if exc.errno not in _SWAPPED:
                raise
            self._todo.append(name)  # it changed while we looked: look again
            return False

    def _up(self) -> None:
        if not self._names:
            raise self._refused("outside the workspace; `..` leads out of it")
        self._names.pop()
        os.close(self._descriptors.pop())

    def _enter(self, name: str, mode: int, *, create: bool) -> bool:
        here = self._descriptors[-1]
        last = all(part in ("", ".") for part in self._todo)
        try:
            kind = os.stat(name, dir_fd=here, follow_symlinks=False).st_mode
        except FileNotFoundError:
            if not create:
                raise self._refused(f"not found; {_names_near(name, here, self.path)}") from None
            return self._make(name, last=last)
        if stat.S_ISLNK(kind):
            self._follow(os.readlink(name, dir_fd=here))
        elif stat.S_ISDIR(kind):
            self._hold(name, os.open(name, _DIRECTORY | os.O_NOFOLLOW, dir_fd=here))
        elif not stat.S_ISREG(kind):
            raise self._refused("no regular file; devices, pipes and sockets are not opened")
        elif not last:
            raise self._refused(f"{name} is a file, not a folder")
        else:
            self._hold(name, os.open(name, _FILE | mode, dir_fd=here))
            if not stat.S_ISREG(os.fstat(self._descriptors[-1]).st_mode):
                raise self._refused("no regular file; devices, pipes and sockets are not opened")
        return False

    def _make(self, name: str, *, last: bool) -> bool:
        here = self._descriptors[-1]
        try:
            if last:
                made = os.open(
                    name, _FILE | os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644, dir_fd=here
                )
                self._hold(name, made)
                return True
            os.mkdir(name, 0o755, dir_fd=here)
        except FileExistsError:
            pass
        self._todo.append(name)
        return False

    def _follow(self, target: str) -> None:
        if target.startswith("/"):
            parts = self._split(target)
            if parts is None:
                raise self._refused("a link that leads out of the workspace")
            while self._names:
                self._up()
        else:
            parts = target.split("/")
        self._todo.extend(reversed(parts))

    def _hold(self, name: str, descriptor: int) -> None:
        self._descriptors.append(descriptor)
        self._names.append(name)


def _names_near(name: str, directory: int, path: str) -> str:
    names = sorted(n for n in os.listdir(directory) if not is_git_name(n))
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.6) or names[:12]
    more = f" and {len(names) - len(near)} more" if len(names) > len(near) else ""
    return f"{path} has {', '.join(near)}{more}" if names else f"{path} is empty"
