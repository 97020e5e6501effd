"""Changes with the survey of their former side, as a coder's gate hands them to the checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from loop.gates.check import Change
from loop.languages.outline import Outline, outline
from loop.languages.places import go_module
from loop.snapshot import Snapshot
from loop.survey import Survey
from tests.loop.gates.change_support import change


def surveyed(files: Mapping[str, str]) -> Survey:
    seen = {path: outline(path, text.encode()) for path, text in files.items()}
    return Survey(
        paths=frozenset(files),
        outlines={path: found for path, found in seen.items() if isinstance(found, Outline)},
        go_modules={"": go_module(files["go.mod"].encode())} if "go.mod" in files else {},
    )


def edit(before: Mapping[str, str], now: Mapping[str, str | None], asked: str = "") -> Change:
    """*before* with *now* laid over it, None deleting; the first line of *asked* is the title."""
    after = {p: t for p, t in {**before, **now}.items() if t is not None}
    title, _, body = asked.partition("\n")
    issue = (
        Snapshot(repository="acme/shop", number=7, title=title, body=body.strip())
        if asked
        else None
    )
    return replace(change(before, after, issue=issue), survey=surveyed(before))
