"""A reviewer's findings as models write them, made findings as the rails read them.

Words that mean a severity or an area are taken for it, unknown ones become `major` and `other`,
and a field of the wrong type loses that field, never the finding, and one finding never the list.
A line behind the file, as in `a.py:12`, is the line.
What was lost is told.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, get_args

from tools.result import Area, Finding, Severity

_SEVERITIES: Mapping[str, Severity] = {
    **dict.fromkeys(("blocker", "blocking", "critical", "crit", "fatal", "severe"), "blocker"),
    **dict.fromkeys(("major", "high", "error"), "major"),
    **dict.fromkeys(("minor", "warning", "warn", "low", "info", "nit", "trivial"), "minor"),
}
_AREAS: Mapping[str, Area] = {
    **{word: word for word in get_args(Area)},
    **dict.fromkeys(("test", "testing", "missing-tests"), "tests"),
    **dict.fromkeys(("doc", "documentation"), "docs"),
    **dict.fromkeys(("regressions", "bug", "correctness"), "regression"),
    **dict.fromkeys(("side-effect",), "side-effects"),
    **dict.fromkeys(("wiring", "missing-wiring", "wired"), "wired-up"),
    **dict.fromkeys(("constant", "magic-numbers", "magic-number"), "constants"),
}
_PLACE = re.compile(r"(.+?)(?::|#L)(\d{1,7})(?:[:-]L?\d+)?")
_MARKS = " `\"'"  # around a name, as people write it in prose
_KEYS = ("severity", "area", "message", "file", "line", "suggestion")


def findings(raw: Any) -> tuple[list[Finding], list[str]]:
    """What of *raw* reads as findings, and what was lost, each with its place."""
    if raw is None:
        return [], []
    if not isinstance(raw, list):
        return [], [f"findings: should be a list, got {type(raw).__name__}"]
    found: list[Finding] = []
    lost: list[str] = []
    for index, item in enumerate(raw):
        finding, faults = _finding(item)
        lost += [f"findings[{index}]{fault}" for fault in faults]
        if finding:
            found.append(finding)
    return found, lost


def _finding(item: Any) -> tuple[Finding | None, list[str]]:
    if isinstance(item, Finding):
        return item, []
    if isinstance(item, str) and item.strip():
        item = {"message": item}
    if not isinstance(item, dict):
        return None, [f": should be an object with {', '.join(_KEYS)}"]
    faults = [f".{key}: unknown; there are {', '.join(_KEYS)}" for key in item if key not in _KEYS]
    message = item.get("message")
    if not isinstance(message, str) or not message.strip():
        return None, [*faults, ".message: missing; say what is wrong"]
    texts: dict[str, str | None] = {}
    for key in ("file", "suggestion"):
        value = item.get(key)
        texts[key] = value if isinstance(value, str) and value else None
        if value is not None and not isinstance(value, str):
            faults.append(f".{key}: should be text, got {value!r:.60}")
    line, fault = _line(item.get("line"))
    texts["file"] = (texts["file"] or "").strip(_MARKS) or None
    if place := _PLACE.fullmatch(texts["file"] or ""):
        texts["file"], line = place[1], int(place[2]) if line is None else line
    return Finding(
        severity=_word(item.get("severity"), _SEVERITIES, "major"),
        area=_word(item.get("area"), _AREAS, "other"),
        message=message,
        file=texts["file"],
        line=line,
        suggestion=texts["suggestion"],
    ), faults + fault


def _word(value: Any, known: Mapping[str, Any], otherwise: str) -> Any:
    if not isinstance(value, str):
        return otherwise
    return known.get(value.strip().lower().replace("_", "-").replace(" ", "-"), otherwise)


def _line(value: Any) -> tuple[int | None, list[str]]:
    if isinstance(value, str) and value.strip().isdecimal():
        value = int(value)
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= 0):
        return value, []
    return None, [f".line: should be one line number, got {value!r:.60}"]
