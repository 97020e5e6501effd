"""Where a finding points: a file of the diff, a line of a hunk. Pure."""

from __future__ import annotations

import posixpath

from loop.evidence import ChangedFile, Record
from loop.sources import Kind, kind_of
from tools.result import Finding

NEAR = 3  # lines beside a hunk that still count as inside


def kind(record: Record, path: str) -> Kind:
    """What *path* is, as the harness found it, else by its name."""
    around = record.surroundings
    return (around.kinds.get(path) if around else None) or kind_of(path)


def file_of(record: Record, name: str | None) -> ChangedFile | None:
    """The one file of the diff that *name* means, by path or by unique suffix; old names count.

    So do names as a diff writes them, `b/src/a.py`, and those of the checkout, `/workspace/src/a.py`.
    """
    if not name:
        return None
    whole = posixpath.normpath(name.strip())
    path = whole.lstrip("/")
    files = record.files or []
    for form in (path, path[2:] if path.startswith(("a/", "b/")) else path):
        for file in files:
            if form in (file.path, file.old_path):
                return file
    ends = [f for f in files if f"/{f.path}".endswith(f"/{path}")]
    if whole.startswith("/"):  # the place of the checkout before it
        ends += [f for f in files if whole.endswith(f"/{f.path}")]
    return ends[0] if len(ends) == 1 else None


def is_inside(file: ChangedFile, line: int | None) -> bool:
    """Whether *line* lies in a hunk of *file*, on either side, give or take three."""
    if not line:
        return False
    return any(
        start - NEAR <= line <= start + max(count, 1) - 1 + NEAR
        for hunk in file.hunks
        for start, count in (
            (hunk.old_start, hunk.old_count),
            (hunk.new_start, hunk.new_count),
        )
    )


def is_placed(record: Record, finding: Finding) -> bool:
    """Whether *finding* names a file of the diff and a line that the diff touches."""
    file = file_of(record, finding.file)
    return file is not None and is_inside(file, finding.line)
