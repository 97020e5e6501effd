"""What of /proc a node's user may write, and a sandbox that it started must not.

A sandbox's processes have no capability, but under a node that runs as root they are the node's
uid 0, and the kernel lets that uid write whatever /proc shows it as owner of: 700 files of
/proc/sys, `kernel.core_pattern` among them. bubblewrap covers only folders that are writable
themselves, which /proc/sys is not.

Another user owns the limits of the name spaces that bubblewrap makes for it (shared memory, message
queues, process ids). They are the sandbox's own, but nothing in there has to set them.
"""

from __future__ import annotations

import functools
import os
from pathlib import Path


@functools.cache
def writable() -> tuple[Path, ...]:
    """Entries of /proc, besides processes, in which this user may write inside a sandbox."""
    if os.geteuid() != 0:
        return (Path("/proc/sys"),)
    entries = (p for p in Path("/proc").iterdir() if not p.name.isdigit() and not p.is_symlink())
    return tuple(sorted(entry for entry in entries if _writable(entry)))


def _writable(path: Path) -> bool:
    try:
        if path.is_symlink():
            return False
        if path.is_dir():
            return any(_writable(below) for below in path.iterdir())
        return bool(path.lstat().st_mode & 0o222)
    except OSError:
        return False
