from __future__ import annotations

from typing import Any

from loop.evidence import Ask, ChangedFile, Claims, Hunk, Record
from tools.result import Extra, Verdict


def file(path: str, *lines: int, old: str | None = None) -> ChangedFile:
    """A file with one changed line at each of *lines*."""
    return ChangedFile(
        path=path,
        old_path=old,
        status="renamed" if old else "modified",
        added=len(lines),
        removed=len(lines),
        hunks=[Hunk(old_start=n, old_count=1, new_start=n, new_count=1) for n in lines],
    )


def record(
    *,
    verdict: Verdict = "GO",
    summary: str = "",
    files: list[ChangedFile] | None = None,
    body: str | None = None,
    **extra: Any,
) -> Record:
    return Record(
        repository="o/r",
        files=[file("a.py", 3)] if files is None else files,
        ask=None if body is None else Ask(number=1, title="t", body=body),
        claims=Claims(verdict=verdict, summary=summary, extra=Extra(**extra)),
    )
