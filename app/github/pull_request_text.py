"""Title and body of our pull requests: pure.

Whatever a model wrote must close no issue but the one it was given, so closing keywords lose their
grip: `fixes #7` becomes `fixes issue #7`, which GitHub reads as prose and still links.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from loop.work.pull_request import END, START

BODY_LENGTH = 65_536
TITLE_LENGTH = 256
CUT = "\n\n… cut: GitHub takes no more."
WIP = "[WIP] "

# https://docs.github.com/en/issues/tracking-your-work-with-issues/using-issues/linking-a-pull-request-to-an-issue
_CLOSING = re.compile(
    r"\b(close[sd]?|fix(?:e[sd])?|resolve[sd]?)\b(:?\s+)"
    r"(?=(?:[\w.-]+/[\w.-]+)?#\d|gh-\d|https?://[^\s/]+/[\w.-]+/[\w.-]+/(?:issues|pull)/\d)",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_PART = re.compile(re.escape(START) + r".*?" + re.escape(END), re.DOTALL)
_FOLDERS = (".github", "", "docs")  # in GitHub's order
_NAMES = re.compile(r"pull_request_template(?:\.(?:md|txt))?", re.IGNORECASE)


def defused(text: str) -> str:
    """*text* without closing keywords that GitHub would act on."""
    return _CLOSING.sub(r"\1\2issue ", text)


def title(text: str, *, draft_refused: bool = False) -> str:
    """One line; `[WIP]` where GitHub takes no drafts. A squash merge makes it a commit message."""
    line = " ".join(defused(text).split())
    line = f"{WIP}{line}" if draft_refused else line
    return line if len(line) <= TITLE_LENGTH else line[: TITLE_LENGTH - 1] + "…"


def body(text: str, *, template: str = "", issue: int | None = None) -> str:
    """What changed and why, the repository's template below, and the one issue it closes."""
    asked = _COMMENT.sub("", template).strip()
    parts = [defused(text).strip(), *([defused(asked)] if asked else [])]
    closing = f"\n\nFixes #{issue}" if issue else ""
    room = BODY_LENGTH - len(closing)
    whole = "\n\n".join(part for part in parts if part)
    if len(whole) > room:
        whole = whole[: room - len(CUT)] + CUT
    return (whole + closing).strip()


def holds_part(body: str) -> bool:
    """Whether *body* has a part of ours."""
    return _PART.search(body) is not None


def refreshed(body: str, part: str, *, issue: int | None) -> str:
    """*body* with *part* in its place and a closing reference to *issue*; as it was if too long."""
    rest = _PART.sub("", body)
    if issue and not re.search(
        rf"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):? #{issue}\b", rest, re.IGNORECASE
    ):
        part = part.removesuffix(END) + f"Fixes #{issue}\n\n{END}"
    if _PART.search(body):
        text = _PART.sub(lambda _: part, body, count=1)
    else:
        text = f"{body.rstrip()}\n\n{part}" if body.strip() else part
    return text if len(text) <= BODY_LENGTH else body


def template_folders() -> Sequence[str]:
    """Where a template may lie, the likeliest first; "" is the root."""
    return _FOLDERS


def template_among(names: Iterable[str]) -> str | None:
    """The file of a folder that is a template, whatever its case. None: none is."""
    return next((name for name in sorted(names) if _NAMES.fullmatch(name)), None)
