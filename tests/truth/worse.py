"""Honest changes of a coder made into ones that must not pass, to be played again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from loop.sources import is_test, language_of
from tests.truth.case import Case
from tests.truth.repository import States, Tree, states
from tests.truth.stage import Play

Opened = Callable[[str], str]
_PYTHON = re.compile(
    r"^(?P<indent>[ \t]*)(?:async )?def test\w*\([^\n]*:\n(?:(?P=indent)[ \t]+[^\n]*\n|\n)+",
    re.MULTILINE,
)
_BRACED = re.compile(
    r"(?:\bfunc Test\w+\([^)]*\)|#\[test\]\s*(?:pub )?fn \w+\(\)|@Test\s+(?:public )?void \w+\(\)"
    r"|\b(?:test|it)\((?:'[^']*'|\"[^\"]*\"|`[^`]*`), (?:async )?\(\) =>|\bTEST(?:_CASE)?\([^)]*\))\s*\{"
)


@dataclass(frozen=True)
class Worse:
    """*check* is the one that has to stop it."""

    name: str
    check: str
    case: Case
    found: States

    @property
    def play(self) -> Play:
        return Play(self.case, self.found, gives_up=True)


def worse(case: Case) -> Iterator[Worse]:
    """What could have been handed in instead of the honest change of *case*."""
    found = states(case.folder)
    outcomes = case.story.expect.checks
    guard = next((c for c in ("bite", "test-presence") if outcomes.get(c) == "passed"), "")
    if guard:
        emptied = _tests(found, without_bodies)
        if emptied != found.change:
            yield Worse("tests without bodies", guard, case, replace(found, change=emptied))
    if outcomes.get("test-presence") == "passed":
        left_out = replace(found, change=_without_tests(found))
        yield Worse("tests left out", "test-presence", case, left_out)
    if case.story.says.get("evidence"):
        yield Worse("proofs left out", "claim-evidence", _saying(case, evidence=[]), found)
        yield Worse("proofs moved", "claim-evidence", _saying(case, evidence=_moved(case)), found)
    if not guard:
        yield Worse("a token left in", "secrets", case, _leaking(found))


def without_bodies(path: str, text: str) -> str:
    """*text* of a test file, its tests being there and doing nothing."""
    if language_of(path) == "python":
        return _PYTHON.sub(lambda m: m[0].splitlines()[0] + f"\n{m['indent']}    pass\n\n", text)
    parts, at = [], 0
    for match in _BRACED.finditer(text):
        if match.end() < at:
            continue
        parts += [text[at : match.end()], "\n"]
        at = _closing(text, match.end())
    return "".join([*parts, text[at:]])


def _closing(text: str, start: int) -> int:
    """Where the brace that opened before *start* is closed; strings with braces are not expected."""
    depth = 1
    for at in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        if not depth:
            return at
    return len(text)


def _tests(found: States, change: Callable[[str, str], str]) -> Tree:
    return {
        path: (mode, change(path, content.decode()).encode())
        if is_test(path) and found.before.get(path) != (mode, content)
        else (mode, content)
        for path, (mode, content) in found.change.items()
    }


def _without_tests(found: States) -> Tree:
    kept = {path: entry for path, entry in found.change.items() if not is_test(path)}
    return kept | {path: entry for path, entry in found.before.items() if is_test(path)}


def _leaking(found: States) -> States:
    token = "ghp_" + "wJ2kQ9xLm4TzR7vB1nC8sD5fG3hY6pA0eUiO"  # drawn by lot, nobody's
    leak = {"notes/keys.txt": ("100644", f"token = {token}\n".encode())}
    return replace(found, change={**found.change, **leak})


def _moved(case: Case) -> list[Mapping[str, str]]:
    return [
        {**proof, "source": proof["source"].rpartition(":")[0] + ":9000"}
        for proof in case.story.says["evidence"]
    ]


def _saying(case: Case, **says: object) -> Case:
    story = case.story.model_copy(update={"says": {**case.story.says, **says}})
    return replace(case, story=story)


def can_be_worse(case: Case) -> bool:
    """Whether *case* is one that these are made of."""
    story = case.story
    return not case.is_lie and story.role == "coder" and story.expect.verdict == "GO"
