"""Examples of configuration in documents can be read: fenced yaml, json and toml parse.

Only fences that the change adds or edits. An abridged example is none that is broken: ellipses,
comments, templates and `<placeholders>` are put aside, then what is left has to parse.
"""

from __future__ import annotations

import json
import posixpath
import re
import tomllib
from collections.abc import Callable, Collection, Mapping

import yaml

from loop.gates.check import PASSED, Change, ChangedText, Check, Found
from loop.gates.markdown import MARKDOWN, Fence, fences
from loop.repo.diff import FileChange

_SHOWN = 10
_EXAMPLE = 64 * 1024  # characters; placeholders are put aside in no longer one
_BROKEN = '"{'  # in every language
_LINE = 2000
_DEEPEST = 500
_BRACKET = re.compile(r"[\[\]{}]")
_SPACE = re.compile(r"\s*")

_TEMPLATE_LINE = re.compile(r"^\s*(?:-\s+)?(?:\{\{.*\}\}|\{%.*%\})\s*,?\s*$")
_ELLIPSIS_LINE = re.compile(r"^\s*(?:(?:#|//|;)\s*)?(?:\.{3,}|…)(?:\s.*|,)?$")
_STRING = r'"(?:[^"\\\n]|\\.)*"'
_TOKENS = re.compile(
    rf"(?P<string>{_STRING})|(?P<comment>/\*.{{0,2000}}?\*/|(?<![:\w])//[^\n]*|#[^\n]*)"
    r"|(?P<inside>,?\s*(?:\.{3,}|…))"
    r"|(?P<place>\{\{[^{}\n]*\}\}|\$\{[^{}\n]*\}|\$\([^()\n]*\)|<[A-Za-z][^<>\n]*>|@\w+@|%\w+%)",
    re.DOTALL,
)
_PLACES = re.compile(
    r"\{\{[^{}\n]*\}\}|\{%[^\n%]{0,500}%\}|\$\{\{?[^{}\n]*\}?\}|<[A-Za-z][^<>\n]*>|@\w+@"
)
_TRAILING_COMMA = re.compile(r",(\s*(?:[\]}]|$))")


def judge(change: Change) -> Found:
    known = {fence.lines for file in change.files for fence in fences(file.old_lines)}
    faults: list[str] = []
    unread: list[str] = []
    for file in change.files:
        if posixpath.splitext(file.path)[1].lower() not in MARKDOWN or file.change.status == "D":
            continue
        if file.after is None:
            unread.append(file.path)
        faults += _faults(file, known)
    if faults:
        rest = f"\n… and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
        told = "\n".join(faults[:_SHOWN])
        return Found("failed", f"{told}{rest}\nMend the example, or call its language `text`.")
    if unread:
        return Found("could not run", f"too large or no text: {', '.join(unread[:5])}")
    return PASSED


CHECK = Check("embedded-artifacts", "block", judge)


def _faults(file: ChangedText, known: Collection[tuple[str, ...]]) -> list[str]:
    found = []
    for fence in fences(file.new_lines):
        parse = _PARSERS.get(fence.language)
        if parse is None or fence.lines in known or not _touched(file.change, fence):
            continue
        if fault := parse(fence):
            found.append(f"{file.path}:{fence.first}: {fence.language} does not parse: {fault}")
    return found


def _touched(change: FileChange, fence: Fence) -> bool:
    """Whether a line of it came, or one went from between its marks."""
    return any(
        hunk.new_start <= fence.last and hunk.new_start + max(hunk.new_count, 1) > fence.first
        for hunk in change.hunks
    )


def _yaml_fault(fence: Fence) -> str:
    """Syntax alone: tags and anchors may be somebody else's."""
    return _fault(_read_yaml, fence.text, _PLACES.sub("x", _without_marks(fence)))


def _json_fault(fence: Fence) -> str:
    """One value, or several; members without their braces are what a document often quotes."""
    text = _without_marks(fence)
    plain = _TOKENS.sub(_json_aside, text)
    shortened = text.count("\n") + 1 < len(fence.lines)
    if shortened or any(match["inside"] for match in _TOKENS.finditer(text)):
        plain = _TRAILING_COMMA.sub(r"\1", plain)  # what followed it was left out
    if _ELLIPSIS_LINE.match(next((x for x in reversed(fence.lines) if x.strip()), "")):
        plain += _closers(plain)  # so were its ends
    return _fault(_read_json, fence.text, plain, f"{{{plain.rstrip().rstrip(',')}}}")


def _closers(text: str) -> str:
    """The brackets that *text* leaves open, closed."""
    left: list[str] = []
    for mark in _BRACKET.finditer(re.sub(_STRING, "", text)):
        if mark[0] in "[{":
            left.append("]" if mark[0] == "[" else "}")
        elif left:
            left.pop()
    return "".join(reversed(left))


def _toml_fault(fence: Fence) -> str:
    return _fault(tomllib.loads, fence.text, _TOKENS.sub(_toml_aside, _without_marks(fence)))


def _fault(read: Callable[[str], object], text: str, *put_aside: str) -> str:
    """Why neither *text* can be read nor any form of it with its placeholders put aside."""
    said = ""
    for candidate in (text, *put_aside):
        try:
            read(candidate)
        except (yaml.YAMLError, ValueError, RecursionError) as exc:
            said = said or " ".join(str(exc).split())[:200]
        else:
            return ""
    return said


def _read_yaml(text: str) -> None:
    depth = 0  # libyaml's time grows with its square
    for mark in _BRACKET.finditer(text):
        depth += 1 if mark[0] in "[{" else -1
        if depth > _DEEPEST:
            raise ValueError(f"nested deeper than {_DEEPEST}")
    for _ in yaml.parse(text, Loader=yaml.CSafeLoader):
        pass


def _read_json(text: str) -> None:
    decoder = json.JSONDecoder()
    at = _end_of_space(text, 0)
    while at < len(text):
        _, at = decoder.raw_decode(text, at)
        at = _end_of_space(text, at)


def _end_of_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _without_marks(fence: Fence) -> str:
    """Its text without the lines that stand for others."""
    text = "\n".join(
        line
        for line in fence.lines
        if len(line) > _LINE or not (_ELLIPSIS_LINE.match(line) or _TEMPLATE_LINE.match(line))
    )
    return text if len(text) <= _EXAMPLE else _BROKEN


def _json_aside(match: re.Match[str]) -> str:
    if match["string"]:
        return match["string"]
    return "0" if match["place"] else ""


def _toml_aside(match: re.Match[str]) -> str:
    return "0" if match["place"] else "" if match["inside"] else match[0]


_PARSERS: Mapping[str, Callable[[Fence], str]] = {
    "yaml": _yaml_fault,
    "yml": _yaml_fault,
    "json": _json_fault,
    "toml": _toml_fault,
}
