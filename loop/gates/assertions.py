"""How tests of each language assert, skip and expect, line by line. Pure.

Lines and not syntax trees: what counts is whether an edit leaves less said than there was, and a
habit that is not listed here is missed on both sides alike.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from loop.sources import Language

_QUOTES = re.compile(r"(?<!\\)[\"'`]")
_SAME = r"\(\s*(?:t,\s*)?(?P<same>[\w.\"']+)\s*,\s*(?P=same)\s*[,)]"


@dataclass(frozen=True)
class Habits:
    """*exact* are those assertions that name the value they want; *empty* ones always hold."""

    assertion: re.Pattern[str]
    exact: re.Pattern[str]
    empty: re.Pattern[str]
    skip: re.Pattern[str]

    def asserts(self, line: str) -> bool:
        return self.assertion.search(line) is not None and not self.is_empty(line)

    def is_empty(self, line: str) -> bool:
        return _in_code(self.empty, line)

    def skips(self, line: str) -> bool:
        return _in_code(self.skip, line)

    def is_exact(self, line: str) -> bool:
        """A line that goes on may name its value on the next."""
        return self.exact.search(line) is not None or line.rstrip().endswith(("(", ",", "[", "{"))


def _in_code(pattern: re.Pattern[str], line: str) -> bool:
    """Whether it is found where no string is open: tests of tests quote them."""
    match = pattern.search(line)
    return match is not None and not _opens_string(line[: match.start()])


def _opens_string(text: str) -> bool:
    quote = ""
    for letter in _QUOTES.findall(text):
        if not quote:
            quote = letter
        elif letter == quote:
            quote = ""
    return bool(quote)


def _habits(*, assertion: str, exact: str, empty: str, skip: str) -> Habits:
    return Habits(*(re.compile(text) for text in (assertion, exact, empty, skip)))


_PYTHON = _habits(
    assertion=r"^\s*assert\b|\bself\.(?:assert\w+|fail)\(|\bpytest\.(?:raises|warns|fail)\b"
    r"|\.assert_\w+\(|\bassert_\w+\(",
    exact=r"^\s*assert\b(?!.*(?:!=|is not) None\b).*(?:[=!<>]=|[<>]|\bis (?:True|False|None)\b)"
    r"|\bself\.assert(?!True|False|IsNot|IsNone|In\b|NotIn\b|IsInstance)\w+\("
    r"|\bpytest\.(?:raises|warns)\b|\.assert_(?:called_(?:once_)?with|has_calls|awaited\w*_with)"
    r"|\bassert_(?:array_)?(?:equal|allclose|frame_equal|series_equal)\w*\(",
    empty=r"^\s*assert\s+(?:True|1|not False|not None)\s*(?:,.*)?$"
    rf"|^\s*assert\s+(\w+)\s*==\s*\1\s*(?:,.*)?$|\bassertTrue\(\s*True\b|\bassertEqual{_SAME}"
    r"|^\s*assert\b.*\bor True\b",
    skip=r"\bmark\.(?:skip|skipif|xfail)\b|@(?:unittest\.)?(?:skip|skipIf|skipUnless)\b"
    r"|@(?:unittest\.)?expectedFailure\b|\bpytest\.(?:skip|xfail|importorskip)\("
    r"|\bself\.skipTest\(|\bSkipTest\(|\b__test__\s*=\s*False",
)
_JAVASCRIPT = _habits(
    assertion=r"\.to(?:[A-Z]\w*|\.\w[\w.]*)\b|\bassert(?:\.\w+)?\s*\(|\.should\b"
    r"|\bt\.(?:is|not|deepEqual|like|true|false|truthy|falsy|throws\w*|regex|snapshot|equal|same)\(",
    exact=r"\.to(?:Be|Equal|StrictEqual|MatchObject|Throw\w*|HaveLength|HaveProperty|Contain\w*"
    r"|Match\w*|HaveBeenCalledWith|HaveBeenNthCalledWith|HaveBeenCalledTimes|BeCloseTo|BeGreater\w*"
    r"|BeLess\w*|Resolve\w*|Reject\w*)\(|\.(?:equal|eql|deep|include|throw|length\w*|match)\b\w*\("
    r"|\bassert\.(?:equal|strictEqual|deepEqual|deepStrictEqual|throws|rejects|match)\("
    r"|\bt\.(?:is|deepEqual|like|throws\w*|regex|equal|same)\(",
    empty=r"\bexpect\(\s*(true|false|1)\s*\)\.to(?:Be|Equal)\(\s*\1\s*\)"
    r"|\bexpect\(\s*true\s*\)\.toBeTruthy|\bassert(?:\.ok)?\(\s*true\s*[,)]",
    skip=r"\b(?:it|test|describe|suite|context|bench)\.(?:skip\w*|only|todo|fails|failing)\b"
    r"|\b[xf](?:it|describe|test|context)\s*\(|\bthis\.skip\(|\bt\.skip\(",
)
_GO = _habits(
    assertion=r"\bt\.(?:Error|Errorf|Fatal|Fatalf|Fail|FailNow)\(|\b(?:assert|require)\.[A-Z]\w*\("
    r"|\b(?:is|qt|c)\.[A-Z]\w*\(|\bExpect\(",
    exact=r"\bt\.(?:Error|Errorf|Fatal|Fatalf|Fail|FailNow)\("
    r"|\b(?:assert|require)\.(?:\w*Equal\w*|ElementsMatch|Len|Contains|ErrorIs|ErrorContains"
    r"|EqualError|JSONEq|InDelta|Exactly|Same|Panics\w*|Greater\w*|Less\w*)\(|\bEqual\(",
    empty=rf"\b(?:assert|require)\.True\(t,\s*true\b|\b(?:assert|require)\.Equal{_SAME}",
    skip=r"\b[tbf]\.Skip(?:f|Now)?\(|^\s*//\s*\+build ignore|^//go:build ignore",
)
_RUST = _habits(
    assertion=r"\b(?:debug_)?assert(?:_\w+)?!|\bpanic!|\.unwrap_err\(|#\[should_panic",
    exact=r"\b(?:debug_)?assert_\w+!|\bassert!\(.*(?:[=!<>]=|[<>]|matches!)|#\[should_panic\(expected",
    empty=rf"\bassert!\(\s*true\s*[,)]|\bassert_eq!{_SAME}",
    skip=r"#\[(?:cfg_attr\(.*,\s*)?ignore\b",
)
_JAVA = _habits(
    assertion=r"\bassert\w*\s*\(|^\s*assert\s|\bverify\s*\(|\bfail\s*\(",
    exact=r"\bassert(?:Equals|ArrayEquals|IterableEquals|LinesMatch|Same|Throws\w*|NotEquals)\s*\("
    r"|\.(?:isEqualTo|isSameAs|contains\w*|hasSize|hasMessage\w*|isGreater\w*|isLess\w*|is)\("
    r"|^\s*assert\s.*(?:[=!<>]=|[<>])|\bassertTrue\(.*(?:[=!<>]=|[<>]|equals\()|\bverify\s*\(",
    empty=rf"\bassertTrue\(\s*true\b|\bassertEquals{_SAME}|^\s*assert\s+true\b",
    skip=r"@(?:Disabled|Ignore)\w*\b|\bassume(?:True|False|That)\(|\benabled\s*=\s*false",
)
_CPP = _habits(
    assertion=r"\b(?:EXPECT|ASSERT|STATIC_CHECK|STATIC_REQUIRE|CHECK|REQUIRE|WARN)(?:_\w+)?\s*\("
    r"|\bBOOST_(?:CHECK|TEST|REQUIRE)\w*\s*\(|\b(?:static_)?assert\s*\(|\bTEST_ASSERT\w*\s*\("
    r"|\b(?:ck|g|cr)_assert\w*\s*\(|\bassert_(?:int|string|true|ptr)\w*\s*\(",
    exact=r"_(?:EQ|NE|LT|LE|GT|GE|STREQ|STRNE|NEAR|EQUAL\w*|THROW\w*|THROWS\w*|DEATH|FLOAT_EQ"
    r"|DOUBLE_EQ|THAT|int_eq\w*|string_equal|str_eq)\s*\("
    r"|\b(?:CHECK|REQUIRE|EXPECT_TRUE|ASSERT_TRUE|assert|BOOST_TEST|BOOST_CHECK)\s*\(.*(?:[=!<>]=|[<>])",
    empty=rf"\b(?:EXPECT|ASSERT)_TRUE\(\s*true\s*\)|\b(?:CHECK|REQUIRE|assert)\(\s*(?:true|1)\s*\)"
    rf"|\b(?:EXPECT|ASSERT)_EQ{_SAME}",
    skip=r"\bGTEST_SKIP\b|\bDISABLED_\w+|\bSKIP\(|\"[^\"]*\[(?:\.\w*|!mayfail|!shouldfail)\]"
    r"|doctest::(?:skip|may_fail|should_fail)|\bTEST_IGNORE",
)
_RUBY = _habits(
    assertion=r"\bexpect\b.*\.(?:to|not_to|to_not)\b|^\s*(?:assert|refute)\w*\b|\.must_\w+|\.should\b",
    exact=r"\b(?:eq|eql|equal|be|match_array|contain_exactly|include|raise_error|match)\b\s*[(\s]"
    r"|\bassert_(?:equal|in_delta|includes|raises|match|same)\b|\.must_equal\b",
    empty=r"\bassert\s+true\b|\bexpect\(\s*true\s*\)\.to\s+(?:be|eq)\s*\(?\s*true",
    skip=r"^\s*(?:skip|pending)\b|\b[xf](?:it|describe|context|specify)\b|,\s*(?:skip|pending):",
)
_PHP = _habits(
    assertion=r"(?:\$this->|self::|static::)(?:assert|expect)\w+\(|\bexpect\(",
    exact=r"(?:assert(?:Same|Equals\w*|Count|Contains\w*|StringContains\w*|Matches\w*)"
    r"|expectException\w*)\(|->to(?:Be|Equal|HaveCount|Contain|Throw)\(",
    empty=rf"assertTrue\(\s*true\b|assert(?:Same|Equals){_SAME}",
    skip=r"markTest(?:Skipped|Incomplete)\(|->(?:skip|todo|only)\(|#\[(?:Requires\w+|Ignore)",
)

HABITS: Mapping[Language, Habits] = {
    "python": _PYTHON,
    "javascript": _JAVASCRIPT,
    "typescript": _JAVASCRIPT,
    "go": _GO,
    "rust": _RUST,
    "java": _JAVA,
    "c": _CPP,
    "cpp": _CPP,
    "ruby": _RUBY,
    "php": _PHP,
}

_LITERAL = re.compile(
    r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`|(?<![\w.])\d[\w.]*"
    r"|\b(?:True|False|None|true|false|null|nil|undefined)\b"
)
_STRING = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'")
_CASE_NAME = re.compile(r"\b(?:id|name|title|desc(?:ription)?)\s*[=:]\s*(?:\"[^\"]*\"|'[^']*')")
# What turns an assertion into its contrary, and what it reads without.
_DENIALS = tuple(
    (re.compile(denied), affirmed)
    for denied, affirmed in (
        (r"\bis not\b", "is"),
        (r"\bnot in\b", "in"),
        (r"\bnot\s+", ""),
        (r"!==?", "=="),
        (r"(?<!\w)!(?=[\w(])", ""),
        (r"\.not(?=\.)", ""),
        (r"\.(?:not_to|to_not)\b", ".to"),
        (r"\b(assert\.?|require\.|to_be_)(?:False|false|falsy|falsey)\b", r"\1True"),
        (r"\btoBeFals(?:e|y)\b", "toBeTruthy"),
        (r"_FALSE\b", "_TRUE"),
        (r"\bassertNot(?=[A-Z])", "assert"),
        (r"\b(assert|require)\.Not(?=[A-Z])", r"\1."),
        (r"\bassert_ne!", "assert_eq!"),
        (r"_NE\(", "_EQ("),
        (r"^(\s*)refute", r"\1assert"),
    )
)
_MAY_DENY = re.compile(r"[Nn]ot|_NE|!|[Ff]als|FALSE|refute|assert_ne")
# A row of a table of cases, or a value that is named for what is wanted.
_EXPECTATION = re.compile(
    r"^\s*@pytest\.mark\.parametrize\(|^\s*(?:pytest\.param\(|[\[({]).*[\])}],?\s*$|\b_?(?:want|expect|expected|golden)\w*\b",
    re.IGNORECASE,
)


def expects(line: str, habits: Habits) -> bool:
    """Whether a value that a test wants may stand on *line*."""
    return habits.asserts(line) or _EXPECTATION.search(_STRING.sub('""', line)) is not None


def masked(line: str) -> tuple[str, tuple[str, ...]]:
    """*line* without its literals and layout, and the literals. A denial is a literal, too."""
    text, denials = _CASE_NAME.sub("", line), 0
    for pattern, affirmed in _DENIALS if _MAY_DENY.search(line) else ():
        text, count = pattern.subn(affirmed, text)
        denials += count
    literals = tuple(match[0] for match in _LITERAL.finditer(text))
    shape = "".join(_LITERAL.sub("\0", text).split())
    return shape, (("false" if denials % 2 else "true"), *literals)
