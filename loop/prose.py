"""Text for GitHub: a model's words shown as words, our own limits kept. Pure.

What a model writes is escaped as a whole: no markup, link, image, HTML, mention, reference or closing
keyword of its works. It is plain text that people read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from loop.cleaning import clean

LIMIT = 65_000  # GitHub takes 65,536 characters; its check runs count bytes
TITLE_LIMIT = 250
_BREAK = "\u200b"  # shows nothing, and parts a mark from what it would act on

_MARKUP = re.compile(r"[\\`*_~\[\]<>|{}$&]")
_MENTION = re.compile(r"@(?=[\w-])")
_REFERENCE = re.compile(r"(?<=#)(?=\d)|(?<=\bGH-)(?=\d)", re.IGNORECASE)
# https://docs.github.com/en/issues/tracking-your-work-with-issues/using-issues/linking-a-pull-request-to-an-issue
_CLOSING = re.compile(
    r"\b(close[sd]?|fix(?:e[sd])?|resolve[sd]?)(?=:?\s+\S*(?:#|://|GH-))", re.IGNORECASE
)
_SCHEME = re.compile(r"\b(javascript|vbscript|data)(?=\s*:)", re.IGNORECASE)
_LINE_START = re.compile(
    r"^([ \t]*)(#{1,6}(?=\s)|[-+=](?=[\s\-+=]|$)|\d{1,9}(?=[.)]))", re.MULTILINE
)
_COMMAND = re.compile(r"^([ \t]*)(?=/foreman\b)", re.MULTILINE | re.IGNORECASE)
_BACKTICKS = re.compile(r"`+")


def plain(text: str, limit: int = 4000) -> str:
    """*text* as GitHub shows it letter by letter; at most *limit* characters of it."""
    text = shortened(clean(text).strip(), limit)
    text = _CLOSING.sub(rf"\1{_BREAK}", text)
    text = _SCHEME.sub(rf"\1{_BREAK}", text)
    text = _REFERENCE.sub(_BREAK, _MENTION.sub(f"@{_BREAK}", text))
    text = _MARKUP.sub(lambda mark: _ENTITIES.get(mark[0], f"\\{mark[0]}"), text)
    return _LINE_START.sub(rf"\1{_BREAK}\2", text)


_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}


def inline(text: str, limit: int = 300) -> str:
    """`plain`, on one line: for cells of tables and titles of lists."""
    return plain(" ".join(clean(text).split()), limit)


def code(text: str, limit: int = 120) -> str:
    """*text* as inline code on one line; "" stays."""
    shown = shortened(" ".join(clean(text).split()), limit).replace("|", "\\|")
    if not shown:
        return ""
    ticks = "`" * (max((len(run) for run in _BACKTICKS.findall(shown)), default=0) + 1)
    pad = " " if len(ticks) > 1 else ""
    return f"{ticks}{pad}{shown}{pad}{ticks}"


def block(text: str, limit: int = 8000) -> str:
    """The end of *text* in a fence that it cannot close."""
    shown = clean(text).strip("\n")
    if len(shown) > limit:
        shown = f"… {len(shown) - limit} characters left out\n" + shown[-limit:]
    longest = max((len(run) for run in _BACKTICKS.findall(shown)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{shown}\n{fence}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; cells are ready text."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell or ' ' for cell in line)} |" for line in lines)


def shortened(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def title(text: str) -> str:
    """One line for a check run, which shows titles as they are."""
    return shortened(" ".join(clean(text).split()), TITLE_LIMIT)


def page(parts: Iterable[str]) -> str:
    """The whole of a post: *parts* with blank lines between; no line of it is a command."""
    text = "\n\n".join(part for part in parts if part)
    text = _COMMAND.sub(rf"\1{_BREAK}", text)
    if len(text.encode()) <= LIMIT:
        return text
    note = "\n\n… cut: too long for GitHub"
    cut = text.encode()[: LIMIT - len(note.encode()) - 40].decode(errors="ignore")
    fence = _open_fence(cut)
    return cut + (f"\n{fence}" if fence else "") + note


def _open_fence(text: str) -> str:
    """The fence that is still open at the end of *text*; "" where none is."""
    fence = ""
    for line in text.split("\n"):
        run = _BACKTICKS.match(line)
        if run and len(run[0]) >= 3 and (not fence or line == fence):
            fence = "" if fence else run[0]
    return fence
