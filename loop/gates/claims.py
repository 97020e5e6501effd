"""Numbers with units, as documents state them: what was measured, and of what. Pure.

A fence that shows output or a table counts, for that is how measurements are shown; one that names
another language holds settings and code, which claim nothing. Nor do addresses, attributes of HTML
tags, and code spans that set something.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from loop.gates.markdown import fences
from loop.rails.words import keywords

_LINE = 4000  # characters; nobody wrote a longer one
_SPELLINGS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "tok/s": ("tok/s", "t/s", "tokens/s", "token/s", "tok/sec", "tokens/sec", "tps",
                  "tokens per second"),
        "req/s": ("req/s", "requests/s", "requests per second", "rps", "qps"),
        "ops/s": ("ops/s",),
        "fps": ("fps",),
        "ms": ("ms", "msec", "millisecond", "milliseconds"),
        "µs": ("µs", "μs", "microseconds"),
        "ns": ("ns", "nanoseconds"),
        "TiB": ("TiB",),
        "TB": ("TB",),
        "GiB": ("GiB",),
        "GB": ("GB",),
        "MiB": ("MiB",),
        "MB": ("MB",),
        "KiB": ("KiB",),
        "kB": ("kB", "KB"),
        "GiB/s": ("GiB/s",),
        "GB/s": ("GB/s",),
        "MiB/s": ("MiB/s",),
        "MB/s": ("MB/s",),
        "kW": ("kW",),
        "W": ("W",),
        "%": ("%", "percent"),
    }
)  # fmt: skip
_UNIT_OF = {spelling: unit for unit, all_ in _SPELLINGS.items() for spelling in all_}
_UNIT = "|".join(re.escape(spelling) for spelling in sorted(_UNIT_OF, key=len, reverse=True))
_NUMBER = r"(?:\d{1,3}(?:[,_'\u202f\u00a0]\d{3})+(?:\.\d+)?|\d+(?:[.,]\d+)?)"
_CLAIM = re.compile(rf"(?<![\w.,/])({_NUMBER})[ \t\u00a0\u202f-]?({_UNIT})(?![\w/%])")
_BARE = re.compile(rf"(?<![\w.,/])({_NUMBER})(?![\w.,]*\w)")
_HEADER_UNIT = re.compile(rf"(?:^|[\s(\[,*_`])({_UNIT})(?=$|[\s)\],*_`])")
_DIGIT = re.compile(r"\d")
_RULE = re.compile(r":?-+:?")

_NOT_SAID = re.compile(r"<[A-Za-z!/][^<>]*>|\b[a-z][a-z+.-]{1,15}://[^\s)>\]]+|\]\([^()\s]*\)")
_SPAN = re.compile(r"`[^`]*`")
_SETS = re.compile(r"=|--|: |[{\"]")
_OUTPUT = frozenset(
    {
        "",
        "text",
        "txt",
        "plain",
        "plaintext",
        "console",
        "output",
        "log",
        "terminal",
        "markdown",
        "md",
    }
)
_PROMPT = re.compile(r"\s*(?:[$>#%]|PS>|>>>)\s")
_WORD = re.compile(r"[^\W\d_][\w+.-]*")
_MARKUP = " \t#>*_-+~|\"'([{`0123456789.)"
# What else begins sentences and heads columns without being a name.
_COMMON = re.compile(
    r"average|base(?:line)?|best|default|latency|max(?:imum)?|mean|median|memory|min(?:imum)?|model"
    r"|name|new|old|results?|size|speed|throughput|total|worst|[a-z]+(?:[^s]es|[a-z]ed|ing)"
)


Amount = tuple[Decimal, str]
"""A number and its unit, both however they were spelled."""


@dataclass(frozen=True)
class Claim:
    """*line* is 1-based; *subjects* are the names on that line, folded."""

    line: int
    number: Decimal
    unit: str
    text: str
    subjects: frozenset[str]

    @property
    def amount(self) -> Amount:
        return self.number, self.unit


def claims(lines: Sequence[str], *, all_fences: bool = False) -> list[Claim]:
    """All of a text's, in order. *all_fences* reads those of code, too: for what is cited."""
    silent = set() if all_fences else _silent(lines)
    units = _column_units(lines)
    found: list[Claim] = []
    for number, line in enumerate(lines, start=1):
        if number not in silent and _DIGIT.search(line):
            found += _in_line(number, line[:_LINE], units.get(number, {}))
    return found


def may_claim(line: str) -> bool:
    """False for a line that holds no claim wherever it stands: most need no further look."""
    return _DIGIT.search(line) is not None and (
        "|" in line or _CLAIM.search(line[:_LINE]) is not None
    )


def amounts(line: str) -> set[Decimal]:
    """The numbers on *line*, whatever they count."""
    return {_value(match[1]) for match in re.finditer(_BARE, line[:_LINE])}


def spells(line: str, unit: str) -> bool:
    """Whether *line* names *unit* anywhere, as keys of JSON and CSV do: `p50_ms`, `tok_s`."""
    folded = line[:_LINE].replace("_per_", "/").replace("_", "/")
    return any(
        re.search(rf"(?<![A-Za-z]){re.escape(spelling)}(?![A-Za-z])", folded)
        for spelling in _SPELLINGS[unit]
    )


def subjects(line: str) -> frozenset[str]:
    """Names on *line*: capitalised words but for common ones that only begin a sentence."""
    found = set()
    for match in _WORD.finditer(line):
        word = match[0].rstrip(".-+")
        if not word[0].isupper() or word in _UNIT_OF or len(word) < 2:
            continue
        name = word.casefold()
        marked = any(letter.isupper() or letter.isdigit() for letter in word[1:])
        if marked or not (_begins(line, match.start()) and _is_common(name)):
            found.add(name)
    return frozenset(found)


def _begins(line: str, at: int) -> bool:
    """Whether a sentence, an item or a cell begins at *at*."""
    before = line[:at].rstrip()
    return not before.strip(_MARKUP) or before[-1] in ".!?:;|"


def _is_common(word: str) -> bool:
    return _COMMON.fullmatch(word) is not None or not keywords(word)


def _in_line(number: int, line: str, columns: Mapping[int, str]) -> Iterator[Claim]:
    said = _SPAN.sub(lambda span: "" if _SETS.search(span[0]) else span[0], line)
    said = _NOT_SAID.sub(" ", said)
    names = subjects(said)
    for match in _CLAIM.finditer(said):
        yield Claim(number, _value(match[1]), _UNIT_OF[match[2]], match[0], names)
    if not columns:
        return
    for column, cell in enumerate(_cells(said)):
        bare = _BARE.search(cell)
        if column in columns and bare and not _CLAIM.search(cell):
            unit = columns[column]
            yield Claim(number, _value(bare[1]), unit, f"{bare[1]} {unit}", names)


def _value(text: str) -> Decimal:
    plain = re.sub(r"['_\u202f\u00a0]", "", text)
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", plain):
        plain = plain.replace(",", "")
    return Decimal(plain.replace(",", ".")).normalize()


def _silent(lines: Sequence[str]) -> set[int]:
    """Lines in fences of other languages, and the commands that stand among output."""
    silent: set[int] = set()
    for fence in fences(lines):
        inside = range(fence.first, fence.last + 1)
        code = fence.language not in _OUTPUT
        silent |= {n for n in inside if code or _PROMPT.match(lines[n - 1])}
    return silent


def _column_units(lines: Sequence[str]) -> dict[int, Mapping[int, str]]:
    """For each row of a table, the units that the head of the table gives to columns."""
    found: dict[int, Mapping[int, str]] = {}
    current: Mapping[int, str] = {}
    for number, line in enumerate(lines, start=1):
        if "|" not in line:
            current = {}
        elif number > 1 and all(_RULE.fullmatch(cell.strip()) for cell in _cells(line[:_LINE])):
            heads = (_HEADER_UNIT.search(cell) for cell in _cells(lines[number - 2][:_LINE]))
            current = {column: _UNIT_OF[head[1]] for column, head in enumerate(heads) if head}
        elif current:
            found[number] = current
    return found


def _cells(line: str) -> list[str]:
    return line.strip().strip(">").strip().removeprefix("|").removesuffix("|").split("|")
