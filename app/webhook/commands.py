"""`/foreman …` in a comment: what is a command, and what only looks like one.

A command stands alone on a line of the visible text, from its first column. Nothing in code
(fenced, indented or in backticks), in a quotation (its lazily continued lines too) or in an HTML
comment counts. https://spec.commonmark.org/0.31.2/
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

Verb = Literal["fix", "review", "status", "cancel", "help"]
VERBS: tuple[Verb, ...] = get_args(Verb)


@dataclass(frozen=True)
class Usage:
    """How a command documents itself."""

    form: str
    where: str
    does: str


USAGE: dict[Verb, Usage] = {
    "fix": Usage("fix [hint]", "issue", "start work on this issue; the hint goes to the coder"),
    "review": Usage("review", "pull request", "review the head of this pull request"),
    "status": Usage("status", "both", "say where the work stands"),
    "cancel": Usage("cancel", "both", "end the running work"),
    "help": Usage("help", "both", "show this list"),
}


@dataclass(frozen=True)
class Command:
    """*verb* is None for a word that is no command; *word* is what was written."""

    verb: Verb | None
    word: str
    argument: str = ""
    line: str = ""


_COMMAND = re.compile(r"/foreman(?:[ \t]+(\S+)(?:[ \t]+(.*))?)?[ \t]*", re.IGNORECASE | re.ASCII)


def parse(text: str) -> list[Command]:
    """The commands of a comment, in order."""
    if "/foreman" not in text.lower():
        return []
    return [
        command
        for line in visible_lines(text)
        if (found := _COMMAND.fullmatch(line)) and (command := _command(found))
    ]


def _command(found: re.Match[str]) -> Command:
    word = found[1] or "help"
    verb = next((verb for verb in VERBS if verb == word.lower()), None)
    return Command(verb, word, (found[2] or "").strip(), found[0].strip())


_OPEN_FENCE = re.compile(r"[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(`{3,}(?=[^`]*$)|~{3,})")
_RAW_HTML = re.compile(r" {0,3}<(pre|script|style|textarea|code|blockquote)\b", re.IGNORECASE)
_QUOTE = re.compile(r"(?:[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+)*[ \t]{0,3}>")
_INLINE = re.compile(r"`+|<!--|<code\b", re.IGNORECASE)


def visible_lines(text: str) -> Iterator[str]:
    """The lines that a reader sees as the commenter's own words; others come out empty."""
    paragraph: list[str] = []
    until: re.Pattern[str] | None = None  # None: not inside something hidden
    quoted = False
    for line in re.split(r"\r\n|\n|\r", text):
        if until is not None:
            until = None if until.search(line) else until
            yield ""
            continue
        opens_quote = bool(_QUOTE.match(line))
        until = None if opens_quote else _hides(line)
        quoted = opens_quote or (quoted and bool(line.strip()) and until is None)
        if until is None and not quoted and line.strip():
            paragraph.append(line)
            continue
        yield from _words(paragraph)
        paragraph = []
        yield ""
    yield from _words(paragraph)


def _hides(line: str) -> re.Pattern[str] | None:
    """What ends the hidden block that *line* opens. None: it opens none, or ends it itself."""
    if fence := _OPEN_FENCE.match(line):
        mark = fence[1]
        return re.compile(rf"^[ \t]*{re.escape(mark[0])}{{{len(mark)},}}[ \t]*$")
    stripped = line.lstrip(" ")
    if stripped.startswith("<!--"):
        return None if "-->" in stripped else re.compile("-->")
    if html := _RAW_HTML.match(line):
        end = re.compile(rf"</{html[1]}\s*>", re.IGNORECASE)
        return None if end.search(line) else end
    return None


def _words(paragraph: list[str]) -> Iterator[str]:
    """A paragraph's lines with inline code and comments blanked, so that none starts a line."""
    if not paragraph:
        return
    text = "\n".join(paragraph)
    shown, at = [], 0
    for start, end in _hidden_spans(text):
        shown += [text[at:start], re.sub(r"[^\n]", "\0", text[start:end])]
        at = end
    yield from "".join([*shown, text[at:]]).split("\n")


def _hidden_spans(text: str) -> Iterator[tuple[int, int]]:
    """Inline code and comments, from left to right, in time linear in *text*."""
    runs: dict[int, list[int]] = {}
    for run in re.finditer("`+", text):
        runs.setdefault(len(run[0]), []).append(run.start())
    folded, at, absent = text.lower(), 0, set[str]()
    while found := _INLINE.search(text, at):
        at, end = found.end(), -1
        if (mark := found[0].lower()).startswith("`"):
            later = runs[len(mark)]
            index = bisect(later, found.start())
            end = later[index] + len(mark) if index < len(later) else -1
        elif mark not in absent:
            closing = "-->" if mark == "<!--" else "</code"
            end = folded.find(closing, at)
            end = end + len(closing) if end >= 0 else -1
            absent |= {mark} if end < 0 else set()
        if end >= 0:
            yield found.start(), end
            at = end


def help_text() -> str:
    """The list of commands, none of them at a line's start, so that it triggers nothing."""
    rows = [f"| `/foreman {u.form}` | {u.where} | {u.does} |" for u in USAGE.values()]
    head = ["| command | on | does |", "| --- | --- | --- |"]
    foot = "One command a line, by people with write access; edited comments start nothing."
    return "\n".join([*head, *rows, "", foot])
