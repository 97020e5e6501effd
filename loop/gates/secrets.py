"""Secrets in added lines, by the shapes that issuers give them. Pure.

A finding blocks a commit, so a shape counts only when what it holds looks drawn by lot: examples,
placeholders and counting-up strings of documentation and tests do not.
"""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from loop.gates.finding import ContentFinding

_LONGEST_LINE = 20_000

# Group 1, where there is one, is the secret part: that is what has to look random.
_SHAPES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("a GitHub App token", re.compile(r"\bghs_[A-Za-z0-9]*_?(eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,})")),
    ("a GitHub token", re.compile(r"\bgh[pousr]_([A-Za-z0-9]{36,251})\b")),
    ("a GitHub token", re.compile(r"\bgithub_pat_([A-Za-z0-9]{22}_[A-Za-z0-9]{59})\b")),
    ("a GitLab token", re.compile(r"\bgl(?:pat|ptt|dt|rt|cbt|oas)-([\w-]{20,})")),
    ("an AWS access key", re.compile(r"\b(?:AKIA|ASIA|ABIA|ACCA)([A-Z2-7]{16})\b")),
    (
        "an AWS secret key",
        re.compile(
            r"(?i:aws.{0,20}secret.{0,30}|secret_?access_?key.{0,10})"
            r"[\"'=:\s]([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])"
        ),
    ),
    ("a Google API key", re.compile(r"\bAIza([\w-]{35})(?![\w-])")),
    ("a Google OAuth token", re.compile(r"\bya29\.([\w-]{30,})")),
    ("a Google client secret", re.compile(r"\bGOCSPX-([\w-]{28})(?![\w-])")),
    ("a Slack token", re.compile(r"\bxox[abeoprs]-((?:\d+-)*[A-Za-z0-9-]{18,})")),
    ("a Slack app token", re.compile(r"\bxapp-\d-([A-Z0-9]+-\d+-[a-f0-9]{32,})")),
    (
        "a Slack webhook",
        re.compile(r"https://hooks\.slack\.com/(?:services|workflows)/T\w{6,}/[AB]\w{6,}/(\w{20,})"),
    ),
    ("an Anthropic key", re.compile(r"\bsk-ant-(?:api|admin|oat)\d\d-([\w-]{60,})")),
    ("an OpenAI key", re.compile(r"\bsk-(?:proj|svcacct|admin|None)-([\w-]{40,})")),
    ("an OpenAI key", re.compile(r"\bsk-([A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20})\b")),
    ("an API key", re.compile(r"\bsk-([A-Za-z0-9]{40,64})\b")),
    ("a Hugging Face token", re.compile(r"\bhf_([A-Za-z0-9]{34})\b")),
    ("an npm token", re.compile(r"\bnpm_([A-Za-z0-9]{36})\b")),
    ("a PyPI token", re.compile(r"\bpypi-AgE([\w-]{50,})")),
    ("a Stripe key", re.compile(r"\b[rs]k_live_([A-Za-z0-9]{20,})")),
    ("a SendGrid key", re.compile(r"\bSG\.([\w-]{22}\.[\w-]{43})(?![\w-])")),
    ("a DigitalOcean token", re.compile(r"\bdo[opr]_v1_([a-f0-9]{64})\b")),
    ("an Azure storage key", re.compile(r"AccountKey=([A-Za-z0-9+/]{86}==)")),
    ("an authorization header", re.compile(r"(?i)\bauthorization\b[\"']?\s*[:=]\s*[\"']?(?:bearer|token)\s+([\w.~+/=-]{20,})")),
    ("a bearer token", re.compile(r"(?<![\w-])[Bb]earer\s+(eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{20,})")),
    ("a password in a URL", re.compile(r"\b[a-z][a-z0-9+.-]{1,12}://[^\s:/@\"'<>{}$]{1,64}:([^\s/@\"'<>{}$]{12,})@[\w.-]+\.\w{2,}")),
)  # fmt: skip
_PEM = re.compile(r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----")
_PEM_BODY = re.compile(r"^[\s\"'+]*(?:\\n)?[A-Za-z0-9+/]{40,}={0,2}(?:\\[rn])?[\s\"'\\,+]*$")
_PEM_INLINE = re.compile(r"PRIVATE KEY(?: BLOCK)?-----(?:\\+r)?\\+n([A-Za-z0-9+/=\\]{64,})")
_PLACEHOLDER = re.compile(
    r"example|sample|dummy|placeholder|redacted|changeme|change-me|your[-_]|my[-_]?(?:key|token)"
    r"|x{6,}|\*{3,}|\.{3}|0{8,}|1234567|abcdefg|deadbeef|notarealsecret|fake|insert",
    re.IGNORECASE,
)


def find(
    lines: Iterable[tuple[str, int, str]], *, known: Sequence[str] = ()
) -> list[ContentFinding]:
    """Findings in added *lines* (path, 1-based number, text); *known* values count as they stand."""
    found: list[ContentFinding] = []
    header: tuple[str, int] | None = None
    for path, number, text in lines:
        line = text[:_LONGEST_LINE]
        if header == (path, number - 1) and _PEM_BODY.match(line):
            found.append(_finding(path, number - 1, "a private key"))
        header = (path, number) if _PEM.search(line) else None
        found += [_finding(path, number, kind) for kind in _in_line(line, known)]
    return found


def _in_line(line: str, known: Sequence[str]) -> list[str]:
    if any(len(value) >= 8 and value in line for value in known):
        return ["a credential of this very task"]
    if (match := _PEM_INLINE.search(line)) and not _is_made_up(match[1]):
        return ["a private key"]
    for kind, pattern in _SHAPES:
        for match in pattern.finditer(line):
            if not _is_made_up(match[1]):
                return [kind]
    return []


def _finding(path: str, line: int, kind: str) -> ContentFinding:
    return ContentFinding(
        "secrets",
        path,
        f"{kind}; take it out, read it from the environment, and have it revoked if it is real",
        line,
    )


def _is_made_up(value: str) -> bool:
    """True for what a person typed as an example rather than a machine drew."""
    if _PLACEHOLDER.search(value):
        return True
    neighbours = [abs(ord(a) - ord(b)) for a, b in itertools.pairwise(value)]
    if sum(step <= 1 for step in neighbours) > len(neighbours) * 0.4:
        return True
    return _entropy(value) < 2.8


def _entropy(value: str) -> float:
    """Bits per character."""
    counts = Counter(value).values()
    return -sum(n / len(value) * math.log2(n / len(value)) for n in counts)
