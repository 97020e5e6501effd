"""Honest verdicts in another dress: what may look different and must be judged the same."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tests.truth.case import Case
from tests.truth.repository import EXECUTABLE, SYMLINK, States, Tree, states
from tests.truth.stage import Play

# Folders whose names mean something to tools.
_SPEAKING = frozenset(
    [
        *("test", "tests", "__tests__", "spec", "specs", "testdata", "fixtures", "e2e"),
        *("doc", "docs", "src", "lib", "include", "vendor", "bench"),
    ]
)
_SAID_ELSEWHERE = "Die Änderung wurde gelesen und geprüft; siehe die einzelnen Punkte."


@dataclass(frozen=True)
class Likeness:
    name: str
    case: Case
    found: States

    @property
    def play(self) -> Play:
        return Play(self.case, self.found)


def likenesses(case: Case) -> Iterator[Likeness]:
    """*case* as it could also have come."""
    found = states(case.folder)
    yield Likeness("carriage returns", *_crlf(case, found))
    if folder := _folder(found):
        yield Likeness("a renamed directory", *_renamed(case, found, folder))
    if case.story.role == "reviewer":
        yield Likeness("prose in another language", _other_prose(case), found)
    if case.story.translated:
        yield Likeness("another language", _translated(case), found)


def _crlf(case: Case, found: States) -> tuple[Case, States]:
    def content(path: str, mode: str, before: bytes) -> bytes:
        is_run = mode in (EXECUTABLE, SYMLINK) or path.endswith((".sh", "Makefile"))
        if is_run or b"\0" in before or b"\r\n" in before:
            return before
        return before.replace(b"\n", b"\r\n")

    def tree(before: Tree) -> Tree:
        return {p: (mode, content(p, mode, text)) for p, (mode, text) in before.items()}

    return replace(case, body=case.body.replace("\n", "\r\n")), _mapped(found, tree)


def _folder(found: States) -> str:
    """The first directory whose name means nothing, and is no file's name either; "" for none."""
    files = {posixpath.basename(path).partition(".")[0] for path in (*found.before, *found.change)}
    for path in found.before:
        for part in path.split("/")[:-1]:
            if part.isidentifier() and part not in files and part.lower() not in _SPEAKING:
                return part
    return ""


def _renamed(case: Case, found: States, folder: str) -> tuple[Case, States]:
    word = re.compile(rf"(?<![\w-]){re.escape(folder)}(?![\w-])")
    fresh = f"{folder}_moved"

    def text(before: str) -> str:
        return word.sub(fresh, before)

    def tree(before: Tree) -> Tree:
        return {
            "/".join(fresh if part == folder else part for part in path.split("/")): (
                mode,
                content if b"\0" in content else _bytes(text, content),
            )
            for path, (mode, content) in before.items()
        }

    story = case.story.model_validate(
        {**_every_text(case.story.model_dump(), text), "about": case.story.about}
    )
    changed = replace(case, story=story, title=text(case.title), body=text(case.body))
    return changed, _mapped(found, tree)


def _bytes(change: Callable[[str], str], content: bytes) -> bytes:
    return change(content.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


def _every_text(value: Any, change: Callable[[str], str]) -> Any:
    match value:
        case str():
            return change(value)
        case Mapping():
            return {key: _every_text(item, change) for key, item in value.items()}
        case list() | tuple():
            return [_every_text(item, change) for item in value]
        case _:
            return value


def _other_prose(case: Case) -> Case:
    says = dict(case.story.says)
    says["summary"] = _SAID_ELSEWHERE
    findings = says.get("findings")
    if findings:
        says["findings"] = [{**finding, "message": _SAID_ELSEWHERE} for finding in findings]
    return replace(case, story=case.story.model_copy(update={"says": says}))


def _translated(case: Case) -> Case:
    other = case.story.translated
    assert other
    says = {**case.story.says}
    if other.issue_ask:
        says["issueAsk"] = other.issue_ask
    if other.summary:
        says["summary"] = other.summary
    expect = case.story.expect
    story = case.story.model_copy(update={"says": says, "expect": expect})
    return replace(case, story=story, title=other.title or case.title, body=other.body)


def _mapped(found: States, tree: Callable[[Tree], Tree]) -> States:
    return States(
        bases=tuple((branch, message, tree(one)) for branch, message, one in found.bases),
        change=tree(found.change),
        moved_main=tree(found.moved_main) if found.moved_main is not None else None,
        branches=tuple((name, message, tree(one)) for name, message, one in found.branches),
    )
