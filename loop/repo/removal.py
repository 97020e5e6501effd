"""Deleting trees that a build left behind: read-only folders, many files, in the background."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import stat
import uuid
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)


class Trash:
    """Takes folders out of sight at once and deletes them in the background.

    What a killed process left in it goes with `sweep`.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def take(self, path: Path) -> None:
        """*path* is gone when this returns; its bytes go with the next `sweep`.

        It has to lie on the trash's own file system.
        """
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            path.rename(self._directory / uuid.uuid4().hex)

    async def sweep(self) -> None:
        """Delete what is in the trash."""
        if self._directory.is_dir():
            for path in list(self._directory.iterdir()):
                await remove(path)


async def remove(path: Path) -> None:
    """Delete the tree at *path*, read-only folders included; what is gone already is no error."""
    await asyncio.to_thread(_remove, path)


def _remove(path: Path) -> None:
    try:
        shutil.rmtree(path)
    except FileNotFoundError:
        return
    except NotADirectoryError:
        path.unlink(missing_ok=True)
        return
    except OSError:
        _make_writable(path)
        shutil.rmtree(path, ignore_errors=True)
    if path.exists():
        log.warning("repo.tree_not_deleted", path=str(path))


def _make_writable(path: Path) -> None:
    """Owner bits on every folder, top down; links are not followed."""
    os.chmod(path, stat.S_IRWXU)  # noqa: PTH101 - the only chmod that walk's bytes and str share
    for folder, names, _ in os.walk(path):
        for name in names:
            child = Path(folder, name)
            with contextlib.suppress(OSError):
                if not child.is_symlink():
                    child.chmod(stat.S_IRWXU)
