"""What is new and public is named by a test that the change brings along.

New is what no file of the change defined before, under this name or another; named is what a changed
test says in code or in a string, or what something it says calls. Frameworks call some functions by
themselves, and languages some methods: those are left to the reviewer.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from loop.gates.check import PASSED, Change, ChangedText, Check, Found
from loop.languages.outline import Definition, Outline, added
from loop.languages.source_text import SourceText

_SHOWN = 12
_TELLING = 8  # characters of a line, from which it is not like any other
_WORD = re.compile(rb"[A-Za-z_$][\w$]*")
_GENERATED = re.compile(rb"(?i)code generated|do not edit|@generated|auto-?generated")
# Code that nobody tests by name.
_ASIDE = re.compile(
    r"(?:^|/)(?:examples?|docs?|bench(?:es|marks?)?|scripts|demos?|migrations|versions|stubs|typings"
    r"|stories)/|\.d\.ts$|\.pyi$|\.stories\.|(?:^|/)(?:conf|setup|manage|noxfile|tasks)\.py$"
)
# Called by the language, its library or a framework, whoever asks for them by name.
_UNASKED = re.compile(
    r"String|GoString|Error|Unwrap|Is|As|Len|Less|Swap|ServeHTTP|(?:Un)?[Mm]arshal(?:JSON|Text|YAML)"
    r"|Scan|Value|Format|DeepCopy\w*|Reconcile|SetupWithManager|GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS"
    r"|getServerSideProps|getStatic(?:Props|Paths)|generate(?:Metadata|StaticParams)|loader|action"
    r"|middleware|render|component(?:Did|Will)\w+|ng[A-Z]\w+|to(?:String|JSON)|hashCode|equals"
    r"|pytest_\w+|visit_\w+|do_[A-Z]+|setUp|tearDown|upgrade|downgrade|fmt|drop|poll"
)
# Before a string that is a test's title, or names a module.
_TITLE = re.compile(
    rb"(?:\b(?:describe|context|suite|it|test|specify|scenario|feature|should|Run|SECTION|SUBCASE"
    rb"|TEST_CASE|SCENARIO|TEST)(?:\.\w+)*(?:\([^()]*\))?[ \t]*[( ]"
    rb"|\b(?:from|import|require|include|require_relative)\b[ \t]*\(?)[ \t]*$"
)
_CALLEE = 200
_ACCESSOR = re.compile(r"(?:get|set|is|has|with)[A-Z_]\w*")
_HOLLOW = re.compile(rb"(?:\.\.\.|pass|raise NotImplementedError[^\n]*|)\s*$")
_REFACTORING = re.compile(
    r"\b(?:refactor\w*|renam\w+|restructur\w+|reorgani[sz]\w+|clean[ -]?up|extract\w*|deduplicat\w+"
    r"|move|split)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class _New:
    path: str
    definition: Definition
    of_new_type: bool


def judge(change: Change) -> Found:
    sources = [f for f in change.files if change.kind(f.path) == "source"]
    sources = [f for f in sources if f.change.status != "D" and not _ASIDE.search(f.path)]
    if not sources:
        return Found("waived", "no code is added or changed, so there is nothing to test")
    readable = [file for file in sources if file.new and file.new.outline]
    if not readable:
        return Found("could not run", _unreadable(sources))
    new = _new(change, readable)
    if not new:
        return Found("waived", "no public definition is new")
    named = _reached(_named(change, readable), readable)
    missing = _unnamed(new, named)
    if not missing:
        return PASSED
    if why := _excuse(change):
        return Found("waived", why)
    return Found("failed", _told(change, missing))


CHECK = Check("test-presence", "block", judge)


def _new(change: Change, sources: Sequence[ChangedText]) -> list[_New]:
    """Public functions and methods that the change brings; a moved or renamed one is not new."""
    before = [pair for file in change.files for pair in _bodies(file.old)]
    known = {definition.name for definition, _ in before}
    now = {d.name for file in change.files for d in _definitions(file.new)}
    moved = _no_more_often(change)
    bodies = {body for definition, body in before if definition.name not in now}
    found = []
    for file in sources:
        if file.new is None or file.new.outline is None:
            continue
        if _GENERATED.search(file.new.content[:1000]):
            continue
        brought = added(file.old.outline if file.old else None, file.new.outline)
        types = {definition.name for definition in brought if definition.kind == "type"}
        texts = dict(_bodies(file.new))
        found += [
            _New(file.path, definition, definition.container in types)
            for definition in brought
            if definition.name not in known
            and _is_asked_for(definition, file.new)
            and texts[definition] not in bodies
            and not _is_taken_out(file.new.lines_of(definition), moved)
        ]
    return found


def _no_more_often(change: Change) -> set[bytes]:
    """Lines that stood there before and now stand there no more often: they stayed, or moved."""
    old: Counter[bytes] = Counter()
    new: Counter[bytes] = Counter()
    for file in change.files:
        for side, count in ((file.old, old), (file.new, new)):
            if side is not None:
                count.update(map(bytes.strip, side.lines))
    return {line for line, number in old.items() if number >= new[line]}


def _is_taken_out(lines: Sequence[bytes], moved: set[bytes]) -> bool:
    """Whether half of a function stood elsewhere before: it was extracted, not written."""
    told = [line for line in map(bytes.strip, lines[1:]) if len(line) >= _TELLING]
    return len(told) > 1 and sum(line in moved for line in told) * 2 >= len(told)


def _is_asked_for(definition: Definition, side: SourceText) -> bool:
    if definition.kind not in ("function", "method") or not definition.is_public:
        return False
    if definition.is_indirect or _UNASKED.fullmatch(definition.name):
        return False
    lines = side.lines_of(definition)
    if len(lines) <= 3 and _ACCESSOR.fullmatch(definition.name):
        return False
    signature, _, rest = b"\n".join(lines).partition(b":\n")
    hollow = bool(rest) and _HOLLOW.fullmatch(rest.strip()) is not None
    return not hollow and not signature.rstrip().endswith(b": ...")


def _definitions(side: SourceText | None) -> tuple[Definition, ...]:
    return side.outline.definitions if side and side.outline else ()


def _bodies(side: SourceText | None) -> Iterable[tuple[Definition, bytes]]:
    """Each definition with its code, its name and layout taken out."""
    if side is None:
        return
    for definition in _definitions(side):
        text = b" ".join(b" ".join(side.lines_of(definition)).split())
        yield definition, re.sub(rb"\b" + re.escape(definition.name.encode()) + rb"\b", b"", text)


def _named(change: Change, sources: Sequence[ChangedText]) -> set[str]:
    """Every word that changed tests say in code or strings, and that examples in docs call."""
    found: set[str] = set()
    for file in change.files:
        if change.kind(file.path) == "test" and file.new is not None:
            found |= _said(file.new)
    for file in sources:
        if file.new is not None and file.new.outline is not None:
            found |= _tested_inside(file, file.new, file.new.outline)
    return found


def _said(side: SourceText) -> set[str]:
    """The names that a test file uses, and the words of its strings.

    What it imports, how it calls its tests and what their titles say proves nothing.
    """
    seen = side.outline
    if seen is None or side.ranges is None:
        return _words(side.code)
    starts = {test.start for test in seen.tests} if seen.language == "cpp" else set()
    found = {name for name, lines in seen.references.items() if not starts.issuperset(lines)}
    found.update(seen.calls)
    for start, end in side.ranges.strings:
        line = side.content[side.content.rfind(b"\n", 0, start) + 1 : start]
        if not _TITLE.search(line[-_CALLEE:]):
            found |= _words(side.content[start:end])
    taken = {name for one in seen.imports for name in one.names}
    return found | {name for name in taken if _is_renamed(name, side.code)}


def _is_renamed(word: str, text: bytes) -> bool:
    """Whether it is imported under another name, which is the one that is used."""
    return bool(re.search(rb"\b" + re.escape(word.encode()) + rb"\s*(?:\bas\b|:)", text))


def _tested_inside(file: ChangedText, side: SourceText, seen: Outline) -> set[str]:
    """What tests in the source file itself say, as Rust has them, and Python's and Rust's examples."""
    touched = [test for test in seen.tests if _is_touched(file, test.start, test.end)]
    found = {
        name
        for test in touched
        for name, lines in seen.references.items()
        if any(test.start <= line <= test.end for line in lines)
    }
    for line in side.content.split(b"\n"):
        if line.lstrip().startswith((b">>> ", b"/// assert", b"/// let", b"//! assert")):
            found |= _words(line)
    return found


def _is_touched(file: ChangedText, start: int, end: int) -> bool:
    return any(
        hunk.new_start <= end and hunk.new_start + hunk.new_count > start
        for hunk in file.change.hunks
    )


def _reached(named: set[str], sources: Sequence[ChangedText]) -> set[str]:
    """*named*, and what the changed code uses inside what is named, and so on from there."""
    uses: dict[str, set[str]] = {}
    for file in sources:
        if file.new is not None and file.new.outline is not None:
            for definition, used in _used_inside(file.new.outline).items():
                uses.setdefault(definition, set()).update(used)
    reached = set(named)
    waiting = list(named & uses.keys())
    while waiting:
        fresh = uses[waiting.pop()] - reached
        reached |= fresh
        waiting += fresh & uses.keys()
    return reached


def _used_inside(seen: Outline) -> Mapping[str, set[str]]:
    by_line: dict[int, set[str]] = {}
    for name, lines in seen.references.items():
        for line in lines:
            by_line.setdefault(line, set()).add(name)
    return {
        definition.name: set().union(*(by_line[n] for n in definition.lines if n in by_line))
        for definition in seen.definitions
        if definition.kind in ("function", "method")
    }


def _unnamed(new: Sequence[_New], named: set[str]) -> list[_New]:
    """Those that *named* lacks. Of a type that is new as a whole, the type and one method will do."""
    tried = {n.definition.container for n in new if n.definition.name in named}
    return [
        n
        for n in new
        if n.definition.name not in named
        and not (n.of_new_type and n.definition.container in tried & named)
    ]


def _words(text: bytes) -> set[str]:
    return {word.decode("ascii", "replace") for word in _WORD.findall(text)}


def _excuse(change: Change) -> str:
    """Why nothing is asked for all the same; "" where something is."""
    if change.issue is not None and _REFACTORING.search(change.issue.title):
        return "the issue asks for a refactoring"
    if change.survey is None:
        return ""
    inside = any(seen.tests for seen in change.survey.outlines.values())
    everything = (*change.survey.paths, *(file.path for file in change.files))
    if inside or any(change.kind(path) == "test" for path in everything):
        return ""
    return "this repository has no tests"


def _unreadable(sources: Sequence[ChangedText]) -> str:
    reasons = (file.new.unreadable for file in sources if file.new is not None)
    return next(reasons, "binary, or too large to be read")


def _told(change: Change, missing: Sequence[_New]) -> str:
    listed = "\n".join(
        f"{n.path}:{n.definition.start}: {n.definition.qualified}" for n in missing[:_SHOWN]
    )
    rest = f"\n… and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
    tests = [f.path for f in change.files if change.kind(f.path) == "test"]
    where = f"the tests you changed ({', '.join(tests[:5])})" if tests else "a test"
    return (
        f"new and public, but named by no test of this change:\n{listed}{rest}\n"
        f"Call each of them in {where} and check what it does, or make private what only its own "
        "file uses."
    )
