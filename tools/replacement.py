"""Finding the text that a model wants replaced, strictly first, then forgiving blanks.

Tiers: exact; ignoring blanks at line ends; ignoring one uniform shift of indentation, in which case
the replacement is shifted the same way. The first tier with a match decides.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_LONGEST_COMPARED = 5000  # lines of a file in which the nearest match is looked for


@dataclass(frozen=True)
class Match:
    """*text* from character *start* to *end*, to be replaced by *replacement*; *line* from 1."""

    start: int
    end: int
    line: int
    replacement: str


def matches(text: str, old: str, new: str) -> tuple[str, list[Match]]:
    """The tier that fits ("" if none) and its matches, in order, without overlaps."""
    exact = _exact(text, old, new)
    if exact:
        return "exact", exact
    blanks = _by_line(text, old, new, key=str.rstrip, shift=False)
    if blanks:
        return "trailing blanks", blanks
    shifted = _by_line(text, old, new, key=str.strip, shift=True)
    return ("indentation", shifted) if shifted else ("", [])


def applied(text: str, found: Sequence[Match]) -> str:
    """*text* with all of *found* replaced."""
    pieces, position = [], 0
    for match in found:
        pieces += [text[position : match.start], match.replacement]
        position = match.end
    return "".join([*pieces, text[position:]])


def _exact(text: str, old: str, new: str) -> list[Match]:
    found: list[Match] = []
    at = text.find(old)
    while at >= 0:
        found.append(Match(at, at + len(old), text.count("\n", 0, at) + 1, new))
        at = text.find(old, at + len(old))
    return found


def _by_line(
    text: str, old: str, new: str, *, key: Callable[[str], str], shift: bool
) -> list[Match]:
    lines = _LINE.findall(text)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    wanted = [line.rstrip("\r\n") for line in _LINE.findall(old)]
    keys = [key(line) for line in wanted]
    if not any(keys):
        return []
    have = [key(line) for line in lines]
    found: list[Match] = []
    at = 0
    while at + len(keys) <= len(have):
        if have[at : at + len(keys)] == keys:
            here = [line.rstrip("\r\n") for line in lines[at : at + len(keys)]]
            moved = _moved(wanted, here) if shift else ("", "")
            if moved is not None:
                end = starts[at + len(keys)]
                replacement = _ending(_shifted(new, *moved), old, text[starts[at] : end])
                found.append(Match(starts[at], end, at + 1, replacement))
                at += len(keys)
                continue
        at += 1
    return found


def _moved(wanted: Sequence[str], here: Sequence[str]) -> tuple[str, str] | None:
    """(take, give): the indentation to take off and to put on; None: not one uniform shift."""
    shifts = {
        _between(_indentation(w), _indentation(h))
        for w, h in zip(wanted, here, strict=True)
        if w.strip()
    }
    return shifts.pop() if len(shifts) == 1 else None


def _between(written: str, real: str) -> tuple[str, str]:
    """What differs before the common rest of two indentations."""
    common = 0
    while common < min(len(written), len(real)) and written[-1 - common] == real[-1 - common]:
        common += 1
    return written[: len(written) - common], real[: len(real) - common]


def _indentation(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]


def _shifted(text: str, take: str, give: str) -> str:
    lines = _LINE.findall(text)
    return "".join(give + line.removeprefix(take) if line.strip() else line for line in lines)


def _ending(replacement: str, old: str, replaced: str) -> str:
    """Whole lines were matched: give the last one the end it had, when *old* left it open."""
    if old.endswith("\n") or not replacement:
        return replacement
    end = replaced[len(replaced.rstrip("\r\n")) :]
    return replacement + end


def nearest(text: str, old: str) -> tuple[int, str] | None:
    """1-based line and lines of the place most like *old*; None: nothing is like it."""
    lines = text.split("\n")[:_LONGEST_COMPARED]
    wanted = [line.strip() for line in old.split("\n") if line.strip()]
    if not wanted or not lines:
        return None
    anchor = max(wanted, key=len)
    matcher = difflib.SequenceMatcher(b=anchor, autojunk=False)
    best, line_number = 0.0, 0
    for number, line in enumerate(lines, 1):
        matcher.set_seq1(line.strip())
        if matcher.real_quick_ratio() > best and matcher.quick_ratio() > best:
            ratio = matcher.ratio()
            if ratio > best:
                best, line_number = ratio, number
    if best < 0.5:
        return None
    first = max(1, line_number - wanted.index(anchor))
    last = min(len(lines), first + len(wanted) - 1)
    return first, "\n".join(lines[first - 1 : last])
