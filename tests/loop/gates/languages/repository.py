"""A small real repository for each language, and what can be done to it.

*fix* changes the code and has a test that the old code fails. *toothless* changes both, and its test
passes without the change. *weak* has a test that does not compile or load without it. *faults* make
one command of the gate fail each. *tools* are what the gate cannot do without.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Files = Mapping[str, str]


@dataclass(frozen=True)
class Repository:
    name: str
    tools: tuple[str, ...]
    files: Files
    fix: Files
    toothless: Files
    weak: Files
    wanted: str  # the name that `weak` brings
    faults: Mapping[str, Files] = field(default_factory=dict)


def edited(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new)
