"""Where else a changed or removed definition is called, for the reviewer to look at.

Calls in tests are left out: the gate runs those.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from loop.gates.check import PASSED, Change, ChangedText, Check, Found
from loop.languages.outline import Definition
from loop.languages.source_text import SourceText
from loop.sources import language_of

_SITES = 10  # shown of one definition
_SHOWN = 20  # definitions
_DEFINERS = 3  # a name that more files define says nothing of who is called


def judge(change: Change) -> Found:
    if change.survey is None:
        return Found("could not run", "there is no repository map")
    files = [file for file in change.files if _counts(file, change)]
    if not files:
        return Found("waived", "no source file that was there before is changed")
    readable = [file for file in files if file.old and file.old.outline]
    if not readable:
        return Found("could not run", files[0].old.unreadable if files[0].old else "")
    altered = [(file, definition, how) for file in readable for definition, how in _altered(file)]
    told = _told(change, altered)
    if not told:
        return PASSED
    more = f"\n… and {len(told) - _SHOWN} more definitions" if len(told) > _SHOWN else ""
    listed = "\n".join(told[:_SHOWN])
    return Found("failed", f"called in files that the change leaves as they are:\n{listed}{more}")


CHECK = Check("caller-impact", "advisory", judge)


def _counts(file: ChangedText, change: Change) -> bool:
    is_source = change.kind(file.change.old_path) == "source"
    return is_source and file.before is not None


def _altered(file: ChangedText) -> list[tuple[Definition, str]]:
    """Functions and methods that are gone or whose code is another, and which of the two."""
    kept: dict[str, set[bytes]] = {}
    for definition, text in _each(file.new):
        kept.setdefault(definition.qualified, set()).add(text)
    return [
        (definition, "changed" if definition.qualified in kept else "removed")
        for definition, text in _each(file.old)
        if text not in kept.get(definition.qualified, ())
    ]


def _each(side: SourceText | None) -> Iterable[tuple[Definition, bytes]]:
    """Each function with its code; comments and blank lines do not count."""
    if side is None or side.outline is None:
        return
    for definition in side.outline.definitions:
        if definition.kind in ("function", "method"):
            own = (line.rstrip() for line in side.lines_of(definition))
            yield definition, b"\n".join(line for line in own if line)


def _told(change: Change, altered: Sequence[tuple[ChangedText, Definition, str]]) -> list[str]:
    """A line for each of *altered* that untouched files call."""
    assert change.survey
    touched = {path for file in change.files for path in (file.path, file.change.old_path)}
    names = {definition.name for _, definition, _ in altered}
    definers: Counter[str] = Counter()
    sites: dict[str, list[tuple[str, int]]] = {}
    for path, seen in sorted(change.survey.outlines.items()):
        definers.update({d.name for d in seen.definitions} & names)
        if path not in touched and change.kind(path) != "test":
            for name in names & seen.calls.keys():
                sites.setdefault(name, []).extend((path, line) for line in seen.calls[name])
    told = []
    for file, definition, how in altered:
        language = language_of(file.change.old_path)
        found = [
            f"{path}:{line}"
            for path, line in sites.get(definition.name, ())
            if _same_family(language_of(path), language)
        ]
        if found and definers[definition.name] <= _DEFINERS:
            more = f" and {len(found) - _SITES} more" if len(found) > _SITES else ""
            listed = f"{', '.join(found[:_SITES])}{more}"
            told.append(f"{definition.qualified} ({file.path}, {how}): {listed}")
    return told


def _same_family(one: str | None, other: str | None) -> bool:
    families = ({"typescript", "javascript"}, {"c", "cpp"})
    return one == other or any({one, other} <= family for family in families)
