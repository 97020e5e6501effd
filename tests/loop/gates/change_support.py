"""Changes as a check is given them, made from the texts of both sides by git itself."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from loop.gates.check import Change, ChangedText
from loop.gates.profile import GateProfile
from loop.repo.diff import parse
from loop.snapshot import Snapshot
from tests.loop.repo.repo_support import ENVIRONMENT
from tools.result import Evidence

PROFILE = GateProfile("generic", {})


def issue(body: str, title: str = "Something is wrong") -> Snapshot:
    return Snapshot(repository="acme/sum", number=1, title=title, body=body)


def change(
    before: Mapping[str, str | bytes],
    after: Mapping[str, str | bytes],
    *,
    issue: Snapshot | None = None,
    evidence: Sequence[Evidence] = (),
    profile: GateProfile = PROFILE,
) -> Change:
    """From *before* to *after*, path to content; what *evidence* cites is read from *before*."""
    old, new = _content(before), _content(after)
    return Change(
        files=tuple(
            ChangedText(file, before=old.get(file.old_path), after=new.get(file.path))
            for file in parse(_diff(old, new))
        ),
        profile=profile,
        issue=issue,
        evidence=tuple(evidence),
        cited=old,
    )


def _content(files: Mapping[str, str | bytes]) -> dict[str, bytes]:
    return {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}


def _diff(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        _git(root, "init", "-q")
        trees = [_tree(root, files) for files in (old, new)]
        shape = ("-r", "-z", "-M", "--full-index", "--raw", "--patch", "--unified=0")
        return _git(root, "diff-tree", *shape, *trees)


def _tree(root: Path, files: Mapping[str, bytes]) -> str:
    _git(root, "rm", "-r", "-q", "--cached", "--ignore-unmatch", ".")
    lines = []
    for path, content in files.items():
        sha = _git(root, "hash-object", "-w", "--stdin", stdin=content).decode().strip()
        lines.append(f"100644 {sha}\t{path}\n")
    _git(root, "update-index", "--index-info", stdin="".join(lines).encode())
    return _git(root, "write-tree").decode().strip()


def _git(root: Path, *arguments: str, stdin: bytes = b"") -> bytes:
    done = subprocess.run(
        ["git", *arguments],
        cwd=root,
        env=ENVIRONMENT,
        input=stdin,
        capture_output=True,
        check=True,
    )
    return done.stdout
