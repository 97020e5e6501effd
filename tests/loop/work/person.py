"""A person with a clone of the workshop's repository."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.loop.work.workshop import Workshop


def commit(
    workshop: Workshop,
    branch: str,
    files: Mapping[str, str],
    *,
    message: str,
    gone: Sequence[str] = (),
) -> str:
    """Write *files* on *branch*, delete those that are *gone*, commit and push."""
    clone = _on(workshop, branch)
    for name, text in files.items():
        path = clone / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for name in gone:
        (clone / name).unlink()
    _git(clone, "add", "-A")
    _git(clone, "commit", "-q", "-m", message)
    return _push(clone, branch)


def merge(workshop: Workshop, branch: str, *, message: str) -> str:
    """Merge *branch* into main, as the button on GitHub does."""
    clone = _on(workshop, "main")
    _git(clone, "merge", "-q", "--no-ff", "-m", message, f"origin/{branch}")
    return _push(clone, "main")


def _on(workshop: Workshop, branch: str) -> Path:
    clone = workshop.folder / "person"
    if not clone.exists():
        _git(workshop.folder, "clone", "-q", str(workshop.bare), str(clone))
    _git(clone, "fetch", "-q", "origin")
    _git(clone, "checkout", "-q", "-B", "work", f"origin/{branch}")
    return clone


def _push(clone: Path, branch: str) -> str:
    _git(clone, "push", "-q", "origin", f"HEAD:refs/heads/{branch}")
    return _git(clone, "rev-parse", "HEAD")


def _git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=Ann", "-c", "user.email=ann@example.com")
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()
