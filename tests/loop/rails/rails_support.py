from __future__ import annotations

from typing import Any

from loop.evidence import (
    Ask,
    Call,
    ChangedFile,
    Claims,
    Covers,
    Hunk,
    Record,
    ShownLines,
    Surroundings,
)
from loop.rails.named import paths_named, text_of
from loop.sources import kind_of
from loop.tested import Sources
from tools.result import Extra, Finding, Verdict


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
    touched = [file("a.py", 3)] if files is None else files
    return Record(
        repository="o/r",
        files=touched,
        calls=[diff_of(touched)],
        ask=None if body is None else Ask(number=1, title="t", body=body),
        claims=Claims(verdict=verdict, summary=summary, extra=Extra(**extra)),
    )


def diff_of(files: list[ChangedFile]) -> Call:
    """A look at the diff of *files*."""
    shown: list[ShownLines] = []
    for one in files:
        for hunk in one.hunks:
            if hunk.new_count:
                shown.append(lines(one.path, hunk.new_start, hunk.new_count))
            if hunk.old_count:
                path = one.old_path or one.path
                shown.append(lines(path, hunk.old_start, hunk.old_count, side="old"))
    return Call(turn=1, tool="bash", succeeded=True, shown=shown)


def lines(path: str, start: int, count: int, *, side: Any = None) -> ShownLines:
    return ShownLines(path=path, start=start, end=start + count - 1, side=side)


def read(*shown: ShownLines) -> list[Call]:
    return [Call(turn=1, tool="read_file", succeeded=True, shown=list(shown))]


def inside(found: Record, tree: list[str], *extensions: str, **fields: Any) -> Record:
    """*found* in a repository of these files."""
    paths = [*tree, *(f.path for f in found.files or [])]
    named = paths_named(text_of(found.ask), paths)
    kinds = {p: kind_of(p, extensions) for p in (*paths, *named) if not p.endswith("/")}
    sources = Sources(paths, extensions)
    around = Surroundings(
        kinds=kinds,
        named=named,
        tests={p: Covers(by_name=sources.tested_by(p)) for p in kinds if kinds[p] == "test"},
        extensions=[".py", *extensions],
    )
    return found.replace(surroundings=around.replace(**fields))


def finding(severity: str = "major", area: str = "other", **fields: Any) -> Finding:
    return Finding.model_validate({"severity": severity, "area": area, "message": "m", **fields})
