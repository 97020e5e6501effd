"""The repository of a case: its script run once, the states of its tree written into git."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

PRELUDE = Path(__file__).parent / "prelude.sh"
REGULAR, EXECUTABLE, SYMLINK = "100644", "100755", "120000"

Tree = Mapping[str, tuple[str, bytes]]
"""Path to mode and content."""


@dataclass(frozen=True)
class States:
    """What the script left: commits of main, what else there is, and the change on top of them."""

    bases: tuple[tuple[str, str, Tree], ...]  # branch, message, tree
    change: Tree
    moved_main: Tree | None = None
    branches: tuple[tuple[str, str, Tree], ...] = ()  # name, message, tree

    @property
    def before(self) -> Tree:
        return self.bases[-1][2]


@lru_cache(maxsize=256)
def states(folder: Path) -> States:
    """What `repository.sh` of *folder* makes."""
    with tempfile.TemporaryDirectory() as place:
        work, kept = Path(place) / "work", Path(place) / "states"
        work.mkdir()
        script = f". '{PRELUDE}'; . '{folder / 'repository.sh'}'"
        environment = {"PATH": os.environ["PATH"], "STATES": str(kept), "LC_ALL": "C.UTF-8"}
        ran = subprocess.run(
            ["bash", "-c", script],
            cwd=work,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if ran.returncode:
            raise AssertionError(f"{folder.name}/repository.sh: {ran.stderr}")
        return _read(work, kept)


def _read(work: Path, kept: Path) -> States:
    names = sorted(path.name for path in kept.iterdir() if path.is_dir())
    message = {name: (kept / f"{name}.message").read_text() for name in names}
    bases = [f"base{n}" for n in range(1, len(names) + 1) if f"base{n}" in names]
    return States(
        bases=tuple(
            ((kept / f"{name}.branch").read_text(), message[name], tree_of(kept / name))
            for name in bases
        ),
        change=tree_of(work),
        moved_main=tree_of(kept / "main") if "main" in names else None,
        branches=tuple(
            (name.partition("=")[2].replace("%", "/"), message[name], tree_of(kept / name))
            for name in names
            if name.startswith("branch=")
        ),
    )


def tree_of(folder: Path) -> Tree:
    return dict(sorted(_entries(folder)))


def _entries(folder: Path) -> Iterator[tuple[str, tuple[str, bytes]]]:
    for path in folder.rglob("*"):
        name = str(path.relative_to(folder))
        if path.is_symlink():
            yield name, (SYMLINK, os.fsencode(path.readlink()))
        elif path.is_file():
            mode = (
                EXECUTABLE if os.access(path, os.X_OK) and path.stat().st_mode & 0o100 else REGULAR
            )
            yield name, (mode, path.read_bytes())


def write(bare: Path, found: States, *, change_on: str = "") -> dict[str, str]:
    """*found* as a bare repository; names of its commits (`base1`, `main`, a branch) to SHAs.

    *change_on* is the branch that carries the change; "" leaves it for somebody to make.
    """
    bare.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(bare)], check=True)
    stream, names = _stream(found, change_on)
    marks = bare / "marks"
    subprocess.run(
        ["git", "-C", str(bare), "fast-import", "--quiet", f"--export-marks={marks}"],
        input=stream,
        check=True,
    )
    shas = dict(line.split(" ") for line in marks.read_text().splitlines())
    return {name: shas[f":{number}"] for number, name in enumerate(names, start=1)}


def _stream(found: States, change_on: str) -> tuple[bytes, list[str]]:
    parts: list[bytes] = []
    names: list[str] = []

    def commit(name: str, ref: str, message: str, tree: Tree, *, parent: int) -> int:
        names.append(name)
        parts.append(_commit(ref, message, tree, number=len(names), parent=parent))
        return len(names)

    base = 0
    for number, (branch, message, tree) in enumerate(found.bases, start=1):
        base = commit(f"base{number}", f"refs/heads/{branch}", message, tree, parent=base)
    if found.moved_main is not None:
        commit("main", "refs/heads/main", "Go on", found.moved_main, parent=base)
    for name, message, tree in found.branches:
        commit(name, f"refs/heads/{name}", message, tree, parent=base)
    if change_on:
        commit("change", f"refs/heads/{change_on}", "Change", found.change, parent=base)
    return b"".join(parts), names


def _commit(ref: str, message: str, tree: Tree, *, number: int, parent: int) -> bytes:
    told = message.encode()
    head = (
        f"commit {ref}\nmark :{number}\n"
        f"committer Ann <ann@example.com> {1_700_000_000 + number} +0000\n"
        f"data {len(told)}\n"
    ).encode()
    origin = f"from :{parent}\n".encode() if parent else b""
    files = [
        f"M {mode} inline {_quoted(path)}\ndata {len(content)}\n".encode() + content + b"\n"
        for path, (mode, content) in tree.items()
    ]
    return head + told + b"\n" + origin + b"deleteall\n" + b"".join(files) + b"\n"


def _quoted(path: str) -> str:
    escaped = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
