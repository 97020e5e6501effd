"""Secrets taken out of everything that leaves or is stored: known values first, then known shapes.

A known value is found in plain, JSON-escaped, URL-encoded, in hex and in base64 at any alignment
(broken into lines too), whole or with a few characters cut at either end: its middle is searched
for, and a match is widened as far as the text goes on being the secret. Shapes find what nobody told
us of. Random-looking text is no shape: commits, digests and ids stay.

Searching is linear in the text. It is repeated until nothing is found any more, so that redacting
twice is redacting once.
"""

from __future__ import annotations

import base64
import bisect
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, quote_plus

MARK = "[redacted]"

_SHORTEST = 6  # what is shorter would take words out of prose
_CUT = 4  # characters of a secret that may be missing at either end
_MIDDLE = 12  # … as long as this many are left
_REMEMBERED = 200  # secrets; tokens rotate, the oldest are dead
_LINE = 24  # a line of a multi-line secret is a secret from this length on
_WRAPPED = re.compile(r"(?<=[A-Za-z0-9+/_-]{16})(?:\\n|\\?\r?\n)[ \t]*(?=[A-Za-z0-9+/=_-])")


@dataclass(frozen=True)
class _Needle:
    """*whole* as it may stand in a text; *start* and *end* bound the part that is searched for."""

    whole: str
    start: int
    end: int

    @property
    def middle(self) -> str:
        return self.whole[self.start : self.end]

    def around(self, text: str, at: int) -> tuple[int, int]:
        """The match at *at* widened over what else of the secret stands beside it."""
        left, right = at, at + self.end - self.start
        first, last = self.start, self.end
        while left > 0 and first > 0 and text[left - 1] == self.whole[first - 1]:
            left, first = left - 1, first - 1
        while right < len(text) and last < len(self.whole) and text[right] == self.whole[last]:
            right, last = right + 1, last + 1
        return left, right


class Redactor:
    """Takes secrets out of texts and JSON values. `learn` adds values as they become known."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        self._known: dict[str, tuple[_Needle, ...]] = {}
        self.learn(*known)

    def learn(self, *secrets: str) -> None:
        """Redact these too from now on; those too short to be told from words are left alone."""
        for secret in secrets:
            for part in _parts(secret):
                needles = self._known.pop(part, None) or tuple(_needles(part))
                self._known[part] = needles
        while len(self._known) > _REMEMBERED:
            del self._known[next(iter(self._known))]

    @property
    def known(self) -> tuple[str, ...]:
        """The values that were learned, for those who look for them themselves."""
        return tuple(self._known)

    def text(self, text: str) -> str:
        """*text* with `[redacted]` in the place of each secret."""
        while (found := self._pass(text)) != text:
            text = found
        return text

    __call__ = text

    def value(self, value: Any) -> Any:
        """A JSON value with each of its strings redacted, keys included; its shape is kept."""
        match value:
            case str():
                return self.text(value)
            case dict():
                return {self.value(key): self.value(item) for key, item in value.items()}
            case list() | tuple():
                return [self.value(item) for item in value]
            case _:
                return value

    def _pass(self, text: str) -> str:
        spans = list(self._spans(text))
        unwrapped, origin = _unwrapped(text)
        if origin:
            spans += [(origin(a), origin(b - 1) + 1) for a, b in self._spans(unwrapped)]
        text = _marked(text, spans)
        for shape in SHAPES:
            if any(hint in text for hint in shape.hints):
                text = shape.pattern.sub(shape.replacement, text)
        return text

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        for needles in self._known.values():
            for needle in needles:
                middle, at = needle.middle, -1
                while (at := text.find(middle, at + 1)) >= 0:
                    left, right = needle.around(text, at)
                    yield left, right
                    at = right - 1


def _parts(secret: str) -> list[str]:
    """*secret* and, of one with several lines (a key), each long line."""
    whole = secret.strip()
    lines = [line.strip() for line in whole.splitlines()]
    long = [line for line in lines if len(line) >= _LINE and not line.startswith("-----")]
    parts = [whole, *(long if len(lines) > 1 else [])]
    return [part for part in parts if len(part) >= _SHORTEST and part not in MARK]


def _needles(secret: str) -> Iterator[_Needle]:
    raw = secret.encode("utf-8", "surrogatepass")
    cut = max(0, min(_CUT, (len(secret) - _MIDDLE) // 2))
    inner = secret[cut : len(secret) - cut] if cut else secret
    seen: set[str] = set()
    for encode in _TEXT_FORMS:
        whole, middle = encode(secret), encode(inner)
        start = whole.find(middle)
        if whole not in seen and start >= 0:
            seen.add(whole)
            yield _Needle(whole, start, start + len(middle))
    if len(raw) >= _SHORTEST + 2:
        for whole in _base64_forms(raw):
            if whole not in seen:
                seen.add(whole)
                lost = -(-cut * 4 // 3)
                yield _Needle(whole, lost, len(whole) - lost)


_TEXT_FORMS: tuple[Callable[[str], str], ...] = (
    lambda text: text,
    lambda text: json.dumps(text)[1:-1],
    lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    lambda text: text.replace("/", "\\/"),
    lambda text: quote(text, safe="", errors="replace"),
    lambda text: quote(text, errors="replace"),
    lambda text: quote_plus(text, errors="replace"),
    lambda text: re.sub(
        "%..", lambda code: code[0].lower(), quote(text, safe="", errors="replace")
    ),
    lambda text: _bytes(text).hex(),
    lambda text: _bytes(text).hex().upper(),
    lambda text: _bytes(text).hex(" "),
    lambda text: _bytes(text).hex(":"),
    lambda text: "".join(f"\\x{byte:02x}" for byte in _bytes(text)),
    lambda text: "".join(f"%{byte:02x}" for byte in _bytes(text)),
    lambda text: "".join(f"%{byte:02X}" for byte in _bytes(text)),
)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _base64_forms(raw: bytes) -> Iterator[str]:
    """What of *raw* shows in base64 whatever stands before and after it, at each alignment."""
    for offset in range(3):
        padded = base64.b64encode(bytes(offset) + raw + bytes(2)).decode()
        first = -(-offset * 8 // 6)
        last = (offset + len(raw)) * 8 // 6
        plain = padded[first:last]
        yield plain
        yield plain.replace("+", "-").replace("/", "_")


def _unwrapped(text: str) -> tuple[str, Callable[[int], int] | None]:
    """*text* with the line breaks inside long runs taken out, and the way back to its positions."""
    pieces, starts, at, length = [], [(0, 0)], 0, 0
    for gap in _WRAPPED.finditer(text):
        pieces.append(text[at : gap.start()])
        length += gap.start() - at
        at = gap.end()
        starts.append((length, at))
    if not pieces:
        return text, None
    pieces.append(text[at:])

    def origin(position: int) -> int:
        there, here = starts[bisect.bisect_right(starts, (position, len(text) + 1)) - 1]
        return here + position - there

    return "".join(pieces), origin


def _marked(text: str, spans: list[tuple[int, int]]) -> str:
    if not spans:
        return text
    pieces, at = [], 0
    for left, right in sorted(spans):
        if right <= at:
            continue
        if left >= at:
            pieces.append(text[at:left])
            pieces.append(MARK)
        at = right
    pieces.append(text[at:])
    return "".join(pieces)


@dataclass(frozen=True)
class Shape:
    """What a kind of secret looks like. Without one of *hints* in a text it is not looked for."""

    name: str
    hints: tuple[str, ...]
    pattern: re.Pattern[str]
    replacement: str = MARK


_KEY = r"[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
_B64 = r"[A-Za-z0-9+/=]"
_URL64 = r"[A-Za-z0-9_-]"
_DIGIT_SOON = rf"(?={_URL64}{{0,100}}[0-9])"

# Each pattern is linear: what may start often is bounded, what is unbounded is possessive or starts
# once per run.
SHAPES: tuple[Shape, ...] = (
    Shape(
        "private key",
        ("PRIVATE KEY",),
        re.compile(
            rf"-----BEGIN {_KEY}"
            rf"(?:(?:[A-Za-z0-9+/=\s\\:,.;()\"']|-(?!----))*+-----END {_KEY}"
            rf"|(?:(?:\s|\\[nr]|[\"'+,>|])*+{_B64}{{16,}}+)++)"
        ),
    ),
    Shape(
        # Installation tokens are `ghs_<App id>_<JWT>` since 2026, the others 36 letters and digits.
        # https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-an-installation-access-token-for-a-github-app
        "GitHub token",
        ("ghp_", "gho_", "ghu_", "ghs_", "ghr_"),
        re.compile(
            rf"gh[pousr]_(?:[0-9]{{1,20}}_eyJ{_URL64}*+(?:\.{_URL64}*+){{0,2}}|[A-Za-z0-9]{{20,}}+)"
        ),
    ),
    Shape("GitHub token", ("github_pat_",), re.compile(r"github_pat_[A-Za-z0-9_]{20,}+")),
    Shape("GitLab token", ("glpat-",), re.compile(rf"glpat-{_URL64}{{20,}}+")),
    Shape(
        "JWT",
        (".eyJ",),
        re.compile(rf"(?<!{_URL64}){_URL64}{{8,}}+\.eyJ{_URL64}{{8,}}+(?:\.{_URL64}*+)?"),
    ),
    Shape(
        "AWS key id",
        ("AKIA", "ASIA", "ABIA", "ACCA"),
        re.compile(r"(?<![A-Za-z0-9])A(?:KIA|SIA|BIA|CCA)[A-Z2-7]{16}(?![A-Za-z0-9])"),
    ),
    Shape(
        "AWS secret",
        ("secret", "SECRET", "Secret"),
        re.compile(
            r"(?i:(aws_?secret_?(?:access_?)?key[\"']?\s{0,5}[=:]\s{0,5}[\"']?))"
            rf"{_B64}{{40}}(?!{_B64})"
        ),
        rf"\1{MARK}",
    ),
    Shape("Google key", ("AIza",), re.compile(rf"AIza{_URL64}{{35}}")),
    Shape("Google token", ("ya29.",), re.compile(rf"ya29\.{_URL64}{{20,}}+")),
    Shape("Slack token", ("xox", "xapp-"), re.compile(r"(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{10,}+")),
    Shape(
        "Slack hook",
        ("hooks.slack.com/",),
        re.compile(r"(hooks\.slack\.com/(?:services|workflows|triggers)/)[A-Za-z0-9_/+-]{20,}+"),
        rf"\1{MARK}",
    ),
    Shape(
        "model provider's key",
        ("sk-",),
        re.compile(rf"(?<![A-Za-z0-9])sk-{_DIGIT_SOON}{_URL64}{{20,}}+"),
    ),
    Shape("Stripe key", ("k_live_",), re.compile(r"[rs]k_live_[A-Za-z0-9]{16,}+")),
    Shape("Hugging Face token", ("hf_",), re.compile(r"(?<![A-Za-z0-9])hf_[A-Za-z0-9]{30,}+")),
    Shape("npm token", ("npm_",), re.compile(r"(?<![A-Za-z0-9])npm_[A-Za-z0-9]{36,}+")),
    Shape("PyPI token", ("pypi-AgE",), re.compile(rf"pypi-AgE{_URL64}{{50,}}+")),
    Shape(
        "Azure key",
        ("AccountKey=", "SharedAccessKey="),
        re.compile(rf"((?:Account|SharedAccess)Key=){_B64}{{40,}}+"),
        rf"\1{MARK}",
    ),
    Shape(
        "authorization header",
        ("uthorization", "UTHORIZATION"),
        re.compile(
            r"(?i:(authorization[\\\"']{0,4}\s{0,5}[:=]\s{0,5}[\\\"']{0,4}"
            r"(?:bearer|basic|token)\s{1,5}))"
            r"[A-Za-z0-9._~+/=-]{16,}+"
        ),
        rf"\1{MARK}",
    ),
    Shape(
        "bearer token",
        ("earer ", "EARER "),
        re.compile(
            r"(?i:\b(bearer\s{1,5}))(?=[A-Za-z._~+/=-]{0,100}[0-9])[A-Za-z0-9._~+/=-]{20,}+"
        ),
        rf"\1{MARK}",
    ),
    Shape(
        "password in a URL",
        ("://",),
        re.compile(r"(?<=://)([^\s/@:\[\]\"'<>]{0,256}:)[^\s/@\[\]\"'<>]{1,1024}(?=@)"),
        rf"\1{MARK}",
    ),
)
