"""The commit message: what the model wrote, made honest, and the trailers that the harness adds.

A model may not sign for a person, close another issue, or claim one of our trailers. Pure.
"""

from __future__ import annotations

import re
import textwrap

SUBJECT_CHARACTERS = 72
BODY_CHARACTERS = 20_000

TASK_TRAILER = "Foreman-Task"
MODEL_TRAILER = "Foreman-Model"

# https://docs.github.com/issues/tracking-your-work-with-issues/using-issues/linking-a-pull-request-to-an-issue
_CLOSING = r"(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?)"
_ISSUE = r"(?:[\w.-]+/[\w.-]+)?#\d+|GH-\d+|https?://[^\s/]+/[\w.-]+/[\w.-]+/issues/\d+"
_CLOSING_LINE = re.compile(
    rf"^\W*{_CLOSING}:?\s+(?:{_ISSUE})(?:\s*(?:,|and)?\s*(?:{_ISSUE}))*\W*$", re.IGNORECASE
)
_CLOSING_TEXT = re.compile(rf"\b({_CLOSING}:?\s+)({_ISSUE})", re.IGNORECASE)
_NOT_THE_MODELS = re.compile(
    r"^\s*(?:signed-off-by|co-authored-by|acked-by|reviewed-by|tested-by|approved-by"
    r"|on-behalf-of|foreman-[\w-]+)\s*:",
    re.IGNORECASE,
)
_ADVERTISEMENT = re.compile(
    r"^\W*(?:generated|created|written|made|assisted) (?:with|by|using)\b.{0,40}"
    r"\b(?:ai|llm|gpt|chatgpt|claude|copilot|codex|gemini|cursor|aider|foreman|model)\b.{0,80}$",
    re.IGNORECASE,
)
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff"
    "\U000e0000-\U000e007f]"
)


def compose(
    proposed: str,
    *,
    task_uid: str,
    signed_off_by: str,
    model: str = "",
    issue: int | None = None,
    summary: str = "",
    gate_failed: bool = False,
) -> str:
    """The whole commit message. *summary* helps where the model proposed nothing.

    *issue* None closes none. An attempt that failed its gate says so in subject and body and closes
    no issue either.
    """
    subject, body = _split(cleaned(proposed, issue=issue))
    if not subject:
        subject, body = _synthesised(issue, summary)
    if gate_failed:
        subject = _shortened(f"wip(gate-failed): {subject}")[0]
        body = f"{body}\n\nThe gate failed on this attempt. Do not merge it as it is.".strip()
    trailers = [f"{TASK_TRAILER}: {_one_line(task_uid)}"]
    if model:
        trailers.append(f"{MODEL_TRAILER}: {_one_line(model)}")
    trailers.append(f"Signed-off-by: {signed_off_by}")
    if issue is not None:
        trailers.append(f"{'Refs' if gate_failed else 'Fixes'} #{issue}")
    return "\n\n".join(part for part in (subject, body, "\n".join(trailers)) if part) + "\n"


def cleaned(proposed: str, *, issue: int | None = None) -> str:
    """A model's message without signatures, closing lines, invisible characters and fences.

    `Fixes #N` of the own issue goes too: it is added last. In running text a closing word before
    another issue's number loses its effect, the number stays readable.
    """
    text = _INVISIBLE.sub("", proposed[:BODY_CHARACTERS].replace("\r\n", "\n").replace("\r", "\n"))
    lines = [line.rstrip() for line in text.strip().split("\n")]
    if len(lines) > 1 and lines[0].startswith("```") and lines[-1] == "```":
        lines = lines[1:-1]
    kept = [
        line
        for line in lines
        if not _NOT_THE_MODELS.match(line)
        and not _CLOSING_LINE.match(line)
        and not _ADVERTISEMENT.match(line)
    ]
    joined = _CLOSING_TEXT.sub(lambda match: _defused(match, issue), "\n".join(kept))
    return re.sub(r"\n{3,}", "\n\n", joined).strip()


def _defused(match: re.Match[str], issue: int | None) -> str:
    word, reference = match.groups()
    if reference == f"#{issue}":
        return match[0]
    return f"{word}issue {reference.lstrip('#')}"


def _split(text: str) -> tuple[str, str]:
    first, _, rest = text.partition("\n")
    subject, overflow = _shortened(first.strip().lstrip("# ").strip())
    return subject, "\n\n".join(part for part in (overflow, rest.strip()) if part)


def _shortened(line: str) -> tuple[str, str]:
    """A subject of at most 72 characters, cut at a word, and what did not fit."""
    if len(line) <= SUBJECT_CHARACTERS:
        return line, ""
    cut = line.rfind(" ", 0, SUBJECT_CHARACTERS)
    cut = cut if cut > SUBJECT_CHARACTERS // 2 else SUBJECT_CHARACTERS - 1
    return f"{line[:cut].rstrip()}…", f"…{line[cut:].strip()}"


def _synthesised(issue: int | None, summary: str) -> tuple[str, str]:
    text = cleaned(summary, issue=issue)
    if issue is not None:
        return f"fix: Resolve issue {issue}", textwrap.fill(text, SUBJECT_CHARACTERS)
    return (_split(text)[0] or "Apply the task's changes"), ""


def _one_line(value: str) -> str:
    return " ".join(_INVISIBLE.sub("", value).split())[:200]
