"""What test runners and compilers say, read: did a test fail, or did nothing get so far? Pure.

An exit code alone does not tell a failing test from a file that could not be loaded, nor from a
coverage that fell below its mark while all tests passed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

Ended = Literal["passed", "failed", "broken", "nothing"]

_SHOWN = 10
_FILE = r"\S*\.[cm]?[jt]sx?"

# Each names a test that failed, but for those of a whole file, which is judged by what it says.
_FAILED = tuple(
    re.compile(pattern, re.MULTILINE)
    for pattern in (
        r"^(?:FAILED|ERROR) (\S+?::.*?)(?: - .*)?$",  # pytest
        r"^(?:FAIL|ERROR): (?![\w.]+ \(unittest\.loader\._FailedTest)(.+ \(.+\))$",  # unittest
        r"^\s*--- FAIL: (\S+)",  # go
        r"^test (.+?) \.\.\. FAILED$",  # cargo
        rf"^\s*not ok \d+ - (?!{_FILE}$)(?!.*# (?:TODO|SKIP))(.+)$",  # TAP
        rf"^\s*\u2716 (?!{_FILE} \()(.+?) \(\d[\d.]*ms\)",  # node
        r"^\s*\u25cf (?!Test suite failed)(.+)$",  # jest
        r"^\s*(?:FAIL|\u00d7)\s+\S+ > (.+)$",  # vitest
    )
)
_COUNTED = re.compile(
    r"^=* ?(?:.*, )?([1-9]\d*) failed\b.* in [\d.]+s|^\s*Tests:?\s+([1-9]\d*) failed"
    r"|^\s+([1-9]\d*) failing$|\bTests run: \d+, Failures: ([1-9]\d*)",
    re.MULTILINE,
)
_ALL_PASSED = re.compile(
    r"^=* ?[1-9]\d* passed\b(?!.*(?:failed|error)).* in [\d.]+s|^\s*Tests:?\s+[1-9]\d* passed"
    r"|^\s+[1-9]\d* passing\b|^OK(?: \(.*\))?$|^(?:# |\u2139 )fail 0$",
    re.MULTILINE,
)
_NOTHING = re.compile(
    r"^=* ?no tests ran\b|^Ran 0 tests|^NO TESTS RAN|^(?:# |\u2139 )tests 0$|^\s*No test files found"
    r"|^No tests found|\[no test files\]|\[no tests to run\]|^running 0 tests$",
    re.MULTILINE,
)
_SOME = re.compile(
    r"^=* ?(?:.*, )?[1-9]\d* (?:passed|failed)\b|^Ran [1-9]\d* test|^running [1-9]\d* test"
    r"|^ok\s+\S+\s+(?:\(cached\)|[\d.]+s)(?!.*\[no tests to run\])|^(?:# |\u2139 )tests [1-9]",
    re.MULTILINE,
)
# What stops a file from being compiled or loaded, a line or a paragraph each.
_ERRORS = tuple(
    re.compile(pattern, re.MULTILINE)
    for pattern in (
        r"^E\s+(\w*(?:Error|Exception)\b.*)$",  # pytest while collecting
        (
            r"^(?:# )?(?:Uncaught )?((?:ImportError|ModuleNotFoundError|NameError|AttributeError"
            r"|SyntaxError|ReferenceError|TypeError|Error \[ERR_\w+\])\b.*)$"
        ),
        r"^\s*((?:Error: )?(?:Cannot find module|Failed to resolve import|Cannot find package)\b.*)$",
        r"^(\S+\.go:\d+:\d+: .*)$",
        r"^(error(?:\[E\d+\])?: (?:.*\n)(?:.+\n)*)",  # rustc: to the blank line
        r"^(.*\berror TS\d+: .*)$",
        r"^(.*:\d+:(?:\d+:)? (?:fatal )?error: .*)$",  # gcc, clang, javac
        r"^(\s+symbol: .*)$",  # javac
        r"^(.*\bundefined reference to .*)$",
    )
)
_LOADING = re.compile(
    r"^ERROR collecting|ERROR collecting |errors? during collection|ImportError while loading conftest"
    r"|unittest\.loader\._FailedTest|\[(?:build|setup) failed\]|^error: could not compile"
    r"|Test suite failed to run|\berror TS\d+: |undefined reference to |^(?:.*\n)?# Node\.js v\d"
    r"|^.*:\d+:(?:\d+:)? (?:fatal )?error: |ERR_MODULE_NOT_FOUND|^make(?:\[\d+\])?: \*\*\* No rule to"
    r"|^(?:ImportError|ModuleNotFoundError|SyntaxError): |^Node\.js v\d",
    re.MULTILINE,
)
_ASSERTED = re.compile(r"^(?:# )?(?:Uncaught )?AssertionError\b", re.MULTILINE)


@dataclass(frozen=True)
class Reading:
    """How one command ended. *tests* failed; *errors* say what was not compiled or loaded."""

    ended: Ended
    tests: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()


def read(output: str, exit_code: int) -> Reading:
    """What *output* of a test or build command says. An unknown runner's word is its exit code."""
    if exit_code == 0:
        empty = _NOTHING.search(output) and not _SOME.search(output)
        return Reading("nothing" if empty else "passed")
    tests = tuple(_each(_FAILED, output))
    if tests or _COUNTED.search(output):
        return Reading("failed", tests=tests[:_SHOWN])
    if _LOADING.search(output) and not _ASSERTED.search(output):
        return Reading("broken", errors=tuple(_each(_ERRORS, output))[:_SHOWN])
    if _NOTHING.search(output) and not _SOME.search(output):
        return Reading("nothing")
    return Reading("passed" if _ALL_PASSED.search(output) else "failed")


def together(readings: Sequence[Reading]) -> Reading:
    """One reading of several commands: a test that failed anywhere is one."""
    order: tuple[Ended, ...] = ("failed", "broken", "passed", "nothing")
    ended = min((reading.ended for reading in readings), key=order.index, default=order[-1])
    return Reading(
        ended,
        tests=tuple(test for reading in readings for test in reading.tests)[:_SHOWN],
        errors=tuple(error for reading in readings for error in reading.errors)[:_SHOWN],
    )


def _each(patterns: Iterable[re.Pattern[str]], text: str) -> Iterable[str]:
    found = (match[1].strip() for pattern in patterns for match in pattern.finditer(text))
    return dict.fromkeys(found)
