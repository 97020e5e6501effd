"""Rail 2: what a reviewer says was asked must stand in the issue, or be its own words for it."""

from __future__ import annotations

import math
import re

from loop.cleaning import clean
from loop.evidence import Record
from loop.rails.rail import Outcome, Rail, SoFar, could_not_run
from loop.rails.words import folded, keywords, marked_lines, prose
from tools.result import Ruling

NAME = "issueAsk"
PARAGRAPH = 200  # characters

# A short text is measured whole. Of a long one, whose every word no sentence could cover, the opening
# counts: it says what is wanted.
OPENING_WORDS = 25
OPENING_GRAMS = 75
SHARE = 0.4
FEWEST = 2
STEM = 4  # letters from which a keyword also counts inside a longer word

_HEADING = re.compile(r"[ \t>]*#{1,6}(\s|$)|[ \t]*(\*\*|__)[^*_]+\2:?[ \t]*$")
_RULE = re.compile(r"[ \t]*(?:[-=*_][ \t]*){3,}$")
_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})")


def judge(record: Record, so_far: SoFar) -> Outcome:
    claim = (so_far.extra.issue_ask or "").strip()
    body = clean(record.ask.body).strip() if record.ask else ""
    if not body:
        return could_not_run(NAME, "the issue has no text to check against", claimed=claim)
    kept = Ruling(rail=NAME, ruling="kept", claimed=claim)
    if _is_quote(claim, body):
        return Outcome(
            kept.replace(found="these words stand in the issue", reason="quote"),
            {"issue_ask_verified": True, "issue_ask_method": "quote"},
        )
    wanted, covered = _coverage(claim, body)
    if claim and wanted and len(covered) >= max(FEWEST, math.ceil(SHARE * len(wanted))):
        return Outcome(
            kept.replace(
                found=f"{len(covered)} of {len(wanted)} keywords of the issue: "
                + ", ".join(covered[:12]),
                reason="semantic",
            ),
            {"issue_ask_verified": True, "issue_ask_method": "semantic"},
        )
    return _rewritten(claim, body)


def _rewritten(claim: str, body: str) -> Outcome:
    found = first_paragraph(body)
    reason = "not in the issue" if claim else "nothing was claimed"
    changes = {
        "issue_ask": found,
        "issue_ask_verified": False,
        "issue_ask_method": "rewritten",
        **({"issue_ask_claimed": claim} if claim else {}),
    }
    ruling = Ruling(rail=NAME, ruling="overridden", claimed=claim, found=found, reason=reason)
    return Outcome(ruling, changes)


def _is_quote(claim: str, body: str) -> bool:
    """Whether *claim* is a piece of *body* that says something."""
    words = folded(claim).strip('"').removesuffix("...").strip()
    whole = folded(body)
    if not words or words not in whole:
        return False
    return words == whole or len(keywords(words)) >= min(FEWEST, len(keywords(whole)))


def _coverage(claim: str, body: str) -> tuple[list[str], list[str]]:
    """The keywords to cover, and those that *claim* does."""
    text = prose(body)
    wanted = keywords(text, words=OPENING_WORDS, grams=OPENING_GRAMS)
    said, words = folded(claim), set(keywords(claim))
    return wanted, [k for k in wanted if k in words or (len(k) >= STEM and k in said)]


def first_paragraph(body: str) -> str:
    """The first that is no heading, rule or code; at most 200 characters, cut at a word."""
    text = _first(body, skip_code=True) or _first(body, skip_code=False)
    if not text:
        text = " ".join(line.strip("#*_ \t") for line in body.splitlines()).strip()
    if len(text) <= PARAGRAPH:
        return text
    head = text[:PARAGRAPH]
    if text[PARAGRAPH].isspace() or head[-1].isspace() or " " not in head:
        return head.rstrip()
    return head.rsplit(None, 1)[0]


def _first(body: str, *, skip_code: bool) -> str:
    lines: list[str] = []
    for line, is_code in marked_lines(body):
        if is_code and not skip_code and not _FENCE.match(line):
            lines.append(line.strip())
        elif is_code or not line.strip() or _HEADING.match(line) or _RULE.match(line):
            if lines:
                break
        else:
            lines.append(line.strip())
    return " ".join(lines)


RAIL = Rail(NAME, judge)
