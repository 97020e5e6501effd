"""The files that a box is furnished with: scratch folders, a little of /etc, the view of git."""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from tools.sandbox.runner import Box

USER = "agent"
HOME = f"/home/{USER}"
# certificates and what the loader and the alternatives system need; no keys, no configuration
_COPIED = ("ssl/openssl.cnf", "ld.so.cache", "ld.so.conf", "localtime")
_MOUNTED = (
    *("alternatives", "ssl/certs", "ca-certificates/extracted", "pki/tls/certs"),
    *("pki/ca-trust/extracted", "crypto-policies", "ld.so.conf.d"),
)
# where Debian puts what Java does not start without; its `management` may hold passwords
_PATTERNS = ("java-*-openjdk/security",)
_FILES = {
    "passwd": f"{USER}:x:1000:1000::{HOME}:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n",
    "group": f"{USER}:x:1000:\nnogroup:x:65534:\n",
    "hosts": "127.0.0.1\tlocalhost\n::1\tlocalhost\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
    "resolv.conf": "",
    "gitdir": "gitdir: /run/git\n",
}
_VIEWED = ("HEAD", "config", "index", "packed-refs", "shallow")


@dataclass(frozen=True)
class Scratch:
    """*temporary* and *home* are hostile; *etc* and *git* are only written by the harness."""

    temporary: Path
    home: Path
    etc: Path
    git: Path


def scratch(box: Box) -> Scratch:
    """Where the scratch folders of *box* are."""
    top = box.scratch_directory
    return Scratch(top / "tmp", top / "home", top / "etc", top / "git")


def furnish(box: Box) -> Scratch:
    """The scratch folders of *box*, made and filled where they are missing."""
    made = scratch(box)
    if made.etc.is_dir():
        return made
    for folder in (made.temporary, made.home):
        folder.mkdir(parents=True, exist_ok=True)
    box.scratch_directory.chmod(0o700)
    building = made.etc.with_name("etc.building")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir()
    for name in _COPIED:
        (building / name).parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(OSError):
            shutil.copyfile(Path("/etc", name), building / name)
    for folder in mounted():
        (building / folder.relative_to("/etc")).mkdir(parents=True, exist_ok=True)
    for name, text in _FILES.items():
        (building / name).write_text(text)
    building.rename(made.etc)
    return made


@functools.cache
def mounted() -> tuple[Path, ...]:
    """Folders of the node's /etc that the sandbox sees, those that are here."""
    folders = [Path("/etc", name) for name in _MOUNTED]
    folders += [path for pattern in _PATTERNS for path in sorted(Path("/etc").glob(pattern))]
    return tuple(folder for folder in folders if os.access(folder, os.R_OK | os.X_OK))


def foreign_git(box: Box) -> str:
    """Why `.git` of the workspace cannot be the view of *box*; "" where it can."""
    if box.control is None:
        return ""
    try:
        status = (box.workspace / ".git").lstat()
    except FileNotFoundError:
        return ""
    if stat.S_ISREG(status.st_mode):
        left = (box.workspace / ".git").read_text(errors="replace")
        if left in ("", f"gitdir: {scratch(box).git}\n"):
            return ""  # ours, from before the harness was killed
    return f"{box.workspace}/.git: there already, so git's view has no place; remove it"


def forget_git(box: Box) -> None:
    """Delete what stands for git's view in the workspace, whatever a command made of it."""
    path = box.workspace / ".git"
    try:
        path.unlink()
    except FileNotFoundError:
        return
    except OSError:
        shutil.rmtree(path, ignore_errors=True)


def copied_git(box: Box, folder: Path) -> None:
    """Make *folder* a throw-away git directory that reads as `box.control` does.

    Where nothing can be mounted read-only, a copy is what a command may spoil.
    """
    assert box.control is not None
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "objects/info").mkdir(parents=True)
    for name in _VIEWED:
        with contextlib.suppress(FileNotFoundError):
            shutil.copyfile(box.control / name, folder / name)
    shutil.copytree(box.control / "refs", folder / "refs")
    stores = [box.control / "objects", *box.objects]
    (folder / "objects/info/alternates").write_text("".join(f"{store}\n" for store in stores))
