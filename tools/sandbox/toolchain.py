"""What of the node's programs a sandbox may see, and the PATH that leads to them.

`/usr` and its like as a whole. Elsewhere only the parts of an installation that programs consist
of, next to a folder of the node's PATH: `~/.nvm/versions/node/v20/{bin,lib,…}`, never a home, a
configuration or a data folder, because that is where credentials live. `~/.cargo` gives its `bin`
alone for that reason. What is missing then, the operator adds by name.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_SYSTEM = ("/usr", "/nix/store", "/run/current-system/sw")
_ROOT_FOLDERS = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
_PARTS = (
    *("bin", "sbin", "lib", "lib64", "libexec", "include", "share", "jmods", "conf"),
    *("pkg", "src", "go.env", "VERSION", "release"),
)
_LAST = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
# where a folder `bin` says nothing about its neighbours
_NO_PREFIX = frozenset(
    Path("/", name)
    for name in ("", "etc", "home", "media", "mnt", "opt", "root", "run", "srv", "tmp", "var")
)


@dataclass(frozen=True)
class Toolchain:
    """*binds* appear read-only under their own paths, *links* are the root's symbolic links."""

    binds: tuple[Path, ...]
    links: tuple[tuple[str, str], ...]  # (target, name)
    search_path: str
    environment: Mapping[str, str] = field(default_factory=dict)


def toolchain(*, search_path: Sequence[str], home: Path, more: Sequence[Path] = ()) -> Toolchain:
    """What *search_path*, this interpreter and *more* need; only what can be read here."""
    folders: list[Path] = []
    for entry in map(Path, search_path):
        if entry.is_absolute() and not home.is_relative_to(entry):
            folders += _instead(entry)
    folders += [folder for prefix in more for folder in _bin_or_itself(prefix)]
    folders += [Path(prefix) / "bin" for prefix in (sys.prefix, sys.base_prefix)]
    folders += map(Path, _LAST)
    folders = [f for f in dict.fromkeys(folders) if _readable(f)]
    binds = [Path(p) for p in _SYSTEM]
    binds += [Path("/", name) for name in _ROOT_FOLDERS if not Path("/", name).is_symlink()]
    binds += [part for folder in folders for part in _installation(folder, home)]
    binds += more
    environment = {}
    if home / ".cargo/bin" in folders and _readable(home / ".rustup"):
        binds.append(home / ".rustup")
        environment["RUSTUP_HOME"] = str(home / ".rustup")
    return Toolchain(
        binds=_outermost(p for p in binds if _readable(p)),
        links=tuple(
            (str(Path("/", name).readlink()), f"/{name}")
            for name in _ROOT_FOLDERS
            if Path("/", name).is_symlink()
        ),
        search_path=":".join(map(str, folders)),
        environment=environment,
    )


def _bin_or_itself(prefix: Path) -> list[Path]:
    return [prefix / "bin"] if _is_folder(prefix / "bin") else [prefix]


def _instead(folder: Path) -> list[Path]:
    """*folder*, but for pyenv's shims the versions behind them: the shims need pyenv's own state.

    Other version managers' shims are left out for the same reason.
    """
    if folder.name != "shims":
        return [] if _is_folder(folder.parent / "shims") else [folder]
    versions = folder.parent / "versions"
    if not _is_folder(versions):
        return []
    chosen: list[str] = []
    if (folder.parent / "version").is_file():
        chosen = (folder.parent / "version").read_text(errors="replace").split()
    rest = sorted((p.name for p in versions.iterdir()), reverse=True)
    return [versions / name / "bin" for name in dict.fromkeys([*chosen, *rest])]


def _installation(folder: Path, home: Path) -> list[Path]:
    """*folder* and its neighbours that belong to the same installation."""
    prefix = folder.parent
    if prefix == Path("/"):
        return []  # a root folder: there already
    if prefix.parent.name == "versions" and _is_folder(prefix.parent.parent / "shims"):
        return [prefix.parent]  # pyenv keeps nothing but interpreters there
    if (prefix / "pyvenv.cfg").is_file():
        return [prefix]
    if folder.name not in ("bin", "sbin") or prefix in _NO_PREFIX or home.is_relative_to(prefix):
        return [folder]
    if prefix == home / ".cargo":
        return [folder]
    if prefix == home / ".local":  # its `share` holds keyrings and histories beside programs
        own = ("lib", "share/pipx", "share/uv/tools", "share/uv/python")
        return [folder, *(prefix / name for name in own)]
    if prefix.parent in (home, Path("/home")):  # ~/x/bin: a project as well as an installation
        return [folder, *(prefix / name for name in ("lib", "libexec", "pkg"))]
    return [prefix / name for name in _PARTS]


def _readable(path: Path) -> bool:
    mode = os.R_OK | (os.X_OK if _is_folder(path) else 0)
    return os.access(path, mode, effective_ids=True)


def _is_folder(path: Path) -> bool:
    """False where a folder above may not be entered, too."""
    try:
        return path.is_dir()
    except PermissionError:
        return False


def _outermost(paths: Iterable[Path]) -> tuple[Path, ...]:
    """*paths* sorted, without those that lie in another."""
    kept: list[Path] = []
    for path in sorted(set(paths)):
        if not kept or not path.is_relative_to(kept[-1]):
            kept.append(path)
    return tuple(kept)
