"""Rail 3: nobody may turn a change down, or wave it through, for being empty while there is a diff."""

from __future__ import annotations

import re
from collections.abc import Iterator

from loop.evidence import Record
from loop.rails.grounding import fault_of
from loop.rails.places import file_of, is_placed
from loop.rails.rail import Outcome, Rail, SoFar, could_not_run
from tools.result import Finding, Ruling

NAME = "emptyClaim"

_CHANGE = r"(?:diff|patch|change ?set|branch|pull request|pr|head)"
_SCOPE = rf"(?:(?:in|on|to|for|from) (?:the|this|that|its|head|our) ?(?:\w+ )?{_CHANGE}\b)"
_STOP = r"(?=\s*(?:$|[.,;:!)\n]|so\b|to (?:review|judge|look)\b|because\b|since\b))"
_FULLY = r"(?:completely|entirely|totally|actually|simply|just|also|still|currently)"
_SEEMS = r"(?:is|was|are|appears?(?: to be)?|seems?(?: to be)?|looks?|came back|turned out)"

_NO_CHANGES = (
    r"\bno (?:actual |real )?(?:code )?(?:changes?|commits?|diff|modifications?)"
    r"(?: at all| whatsoever)?"
)
_FOUND = (
    r"(?: (?:were|was|are|is|have been|has been|could be))? (?:found|made|present|there|committed"
    r"|pushed|submitted|visible|detected|included|provided|available)"
)
_COULD_NOT = (
    r"(?:could not|couldn't|cannot|can't|can not|unable to|failed to|was not able to|not able to)"
    r" (?:read|see|find|access|fetch|clone|open|load|view|retrieve|obtain|check ?out|get)"
    r" (?:the |this |any |a )?(?:git |feature |head |full )?"
    rf"(?:diff|branch|repository|repo|pull request|history|commits?|patch){_STOP}"
)
# The branch as a whole is called empty or unreadable. What is said of one of its parts, of an empty
# list or of a branch of an `if`, is none of this rail's business.
_CLAIMS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        (
            rf"\b(?:the|this|its|git|feature|head|submitted|pr'?s?) {_CHANGE}"
            rf"(?: (?:itself|output|content))? {_SEEMS} (?:{_FULLY} )?(?:empty|blank|unreadable)\b"
            rf"(?! (?:in|on|for|of|at|when|if)\b)"
        ),
        rf"^\W*(?:an? )?empty {_CHANGE}{_STOP}",
        rf"\b(?:there (?:is|was)|got) (?:only )?(?:an? )?(?:completely )?empty {_CHANGE}{_STOP}",
        rf"{_NO_CHANGES}(?:{_FOUND})? {_SCOPE}{_STOP}",
        (
            r"(?:\b(?:there (?:is|was)|has|had|have|found|see)|^\W*) ?nothing (?:here )?to review"
            rf"(?: (?:here|yet|at all|{_SCOPE}))?{_STOP}"
        ),
        rf"\bthere (?:is|was) no diff{_STOP}",
        rf"^\W*{_CHANGE} {_SEEMS} (?:{_FULLY} )?(?:empty|blank|unreadable){_STOP}",
        (
            rf"\b(?:{_CHANGE}) (?:does not|doesn't|did not|didn't) (?:contain|have|include|show)"
            rf" any (?:code )?(?:changes?|commits?|modifications?){_STOP}"
        ),
        (
            rf"\b{_CHANGE} (?:contains|contained|has|had|includes|shows|showed) no"
            rf" (?:actual |code )?(?:changes?|commits?|modifications?|content|files?){_STOP}"
        ),
        rf"(?:^\W*|\bI (?:was )?)(?:{_COULD_NOT})",
        r"\b(?:git )?history (?:is|was) (?:unreadable|empty|not (?:readable|available))\b",
        rf"\b{_CHANGE} (?:is|was) (?:identical to|the same as) (?:the )?(?:base|main|master)\b",
    )
)
# Who approves says the like of what the code does, or of what a tool answered.
_LOOSE = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        (
            rf"\b(?:it is|returned|returns|shows?|showed|has|had|an?)"
            rf" (?:only )?(?:an? )?(?:completely )?empty {_CHANGE}{_STOP}"
        ),
        rf"{_NO_CHANGES}(?:{_FOUND})?{_STOP}",
        rf"\b(?:{_COULD_NOT})",
    )
)
# "Returns early if the diff is empty" tells what the code does.
_CONDITION = re.compile(
    r"\b(?:if|when|whenever|where|whether|unless|until|while|once|in case)(?: (?:the|this|a))?\W*$",
    re.IGNORECASE,
)
_NOT_CODE = (".md", ".rst", ".txt", ".adoc", ".markdown")
_MEANS_CODE = re.compile(r"\bcode (?:changes?|modifications?)", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")


def judge(record: Record, so_far: SoFar) -> Outcome:
    claim = _claim(record, so_far)
    if record.files is None:
        return could_not_run(NAME, record.fault or "there is no diff", claimed=claim)
    if so_far.verdict not in ("GO", "NO-GO") or not claim:
        return _kept("no such claim")
    count = len(record.files) + record.files_omitted
    if not count:
        return _kept("there is no diff indeed", claimed=claim)
    if any(_points_into(record, finding) for finding in so_far.extra.findings or []):
        return _kept("a finding points into the diff", claimed=claim)
    lines = sum(file.added + file.removed for file in record.files)
    found = f"{count} changed {'file' if count == 1 else 'files'}, {lines} changed lines"
    reason = "the branch was called empty or unreadable, and there is a diff"
    return Outcome(
        Ruling(rail=NAME, ruling="demoted", claimed=claim, found=found, reason=reason),
        {"empty_claim_reason": claim},
        demoted_to="INCOMPLETE",
        failure_reason="ModelReportedError",
    )


def _points_into(record: Record, finding: Finding) -> bool:
    """Whether *finding* shows that the change was seen; what is missing from a file has no line."""
    blocks = finding.severity != "minor" and file_of(record, finding.file) is not None
    return is_placed(record, finding) or (blocks and not fault_of(record, finding, asked=None))


def _kept(reason: str, *, claimed: str = "") -> Outcome:
    return Outcome(Ruling(rail=NAME, ruling="kept", claimed=claimed, reason=reason))


def _claim(record: Record, so_far: SoFar) -> str:
    """The first sentence that calls the branch empty; "" where none does."""
    files = record.files or []
    only_words = bool(files) and all(f.path.lower().endswith(_NOT_CODE) for f in files)
    for sentence in _sentences(record, so_far):
        if only_words and _MEANS_CODE.search(sentence):
            continue  # true of a change to documents
        patterns = (*_CLAIMS, *_LOOSE) if so_far.verdict == "NO-GO" else _CLAIMS
        matches = (match for pattern in patterns for match in pattern.finditer(sentence))
        if any(not _CONDITION.search(sentence[: match.start()]) for match in matches):
            return sentence[:300]
    return ""


def _sentences(record: Record, so_far: SoFar) -> Iterator[str]:
    # A finding with a file speaks of that file.
    messages = [f.message for f in so_far.extra.findings or [] if not f.file]
    for text in (record.claims.summary, *messages):
        yield from (" ".join(s.split()) for s in _SENTENCE.split(text[:8000]) if s.strip())


RAIL = Rail(NAME, judge)
