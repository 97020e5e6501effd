"""A repository's test command, cut down to the test files that a change touches. Pure.

Only where it is plain how: a simple command of a runner we know. Else the whole command runs.
"""

from __future__ import annotations

import json
import posixpath
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from loop.sources import Language, language_of

_SHELL = re.compile(r"[;&|<>$`\n(){}*?#\\~]")
_PYTHON_TEST = re.compile(r"(?:.*/)?(?:test_[^/]*|[^/]*_test)\.py")
_RUST_TARGET = re.compile(r"(?:.*/)?tests/(?:([^/]+)\.rs|([^/]+)/main\.rs)")
_NPM_TEST = re.compile(r"(?:npm|pnpm|yarn)(?: run)?(?: --silent| -s)? (?:test|t)(?: --silent| -s)?")
_TAKES_A_VALUE = frozenset(
    {"-c", "-k", "-m", "-n", "-o", "-p", "-W", "--confcutdir", "--cov", "--deselect", "--ignore"}
    | {"--rootdir", "--timeout"}
)
_JAVASCRIPT: tuple[Language, ...] = ("javascript", "typescript")


@dataclass(frozen=True)
class Narrowed:
    """*commands* to run in turn. *left_out* are test files that no command here runs."""

    commands: tuple[str, ...]
    left_out: tuple[str, ...] = ()


def narrowed(command: str, tests: Sequence[str], *, package: str = "") -> Narrowed:
    """*command* for the changed *tests* alone; *package* is the text of package.json."""
    words = [] if _SHELL.search(command) else _split(command)
    called = _called(words)
    if called == "pytest":
        return _pytest(words, command, tests)
    if called == "unittest":
        return _unittest(words, command, tests)
    if called == "go":
        return _go(words, command, tests)
    if called == "cargo":
        return _cargo(words, command, tests)
    script = _script(package) if _NPM_TEST.fullmatch(command.strip()) else command
    if _takes_files(script, tests):
        files, others = _own(tests, _JAVASCRIPT)
        start = command if script == command else f"{command} --"
        return _of(command, start, files, others=others, tests=tests)
    return Narrowed((command,))


def _split(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:
        return []


def _called(words: Sequence[str]) -> str:
    """The runner that *words* call, behind launchers such as `uv run`."""
    names = [posixpath.basename(word) for word in words]
    for name in ("pytest", "unittest"):
        if name in names:
            return name
    for tool in ("go", "cargo"):
        if tool in names and "test" in names[names.index(tool) :][1:3]:
            return tool
    return ""


def _pytest(words: Sequence[str], command: str, tests: Sequence[str]) -> Narrowed:
    files, others = _own(tests, ("python",))
    files = [path for path in files if _PYTHON_TEST.fullmatch(path)]
    start = [posixpath.basename(word) for word in words].index("pytest") + 1
    kept = list(words[:start])
    for word in words[start:]:
        is_value = kept[-1] in _TAKES_A_VALUE
        if is_value or word.startswith("-") or not _is_place(word, tests):
            kept.append(word)
    return _of(command, shlex.join(kept), files, others=others, tests=tests)


def _is_place(word: str, tests: Sequence[str]) -> bool:
    folder = posixpath.normpath(word)
    inside = folder == "." or any(path.startswith(f"{folder}/") for path in tests)
    return inside or word.endswith(".py") or "::" in word


def _unittest(words: Sequence[str], command: str, tests: Sequence[str]) -> Narrowed:
    files, others = _own(tests, ("python",))
    names = {posixpath.basename(path) for path in files if _PYTHON_TEST.fullmatch(path)}
    if not names:
        return _of(command, command, [], others=others, tests=tests)
    if "discover" not in words or {"-p", "--pattern"} & set(words):
        return Narrowed((command,))
    return Narrowed(tuple(f"{command} -p {shlex.quote(name)}" for name in sorted(names)))


def _go(words: Sequence[str], command: str, tests: Sequence[str]) -> Narrowed:
    files, others = _own(tests, ("go",))
    if "./..." not in words:
        return _of(command, command, [], others=others, tests=tests)
    packages = {posixpath.dirname(path) for path in files if path.endswith("_test.go")}
    places = [f"./{folder}" if folder else "." for folder in sorted(packages)]
    rest = shlex.join(word for word in words if word != "./...")
    return _of(command, rest, places, others=others, tests=tests)


def _cargo(words: Sequence[str], command: str, tests: Sequence[str]) -> Narrowed:
    files, others = _own(tests, ("rust",))
    targets = [_RUST_TARGET.fullmatch(path) for path in files]
    plain = list(words[-2:]) == ["cargo", "test"] or {"--workspace", "--all"} & set(words)
    if not files or not plain or not all(targets):
        return _of(command, command, [], others=others, tests=tests)
    names = sorted({match[1] or match[2] for match in targets if match})
    return Narrowed((shlex.join([*words, *(w for name in names for w in ("--test", name))]),))


def _script(package: str) -> str:
    """The last command of the test script; "" where it is more than commands in a row."""
    try:
        script = json.loads(package)["scripts"]["test"]
    except (ValueError, KeyError, TypeError):
        return ""
    last = str(script).rpartition("&&")[2].strip()
    return "" if _SHELL.search(last) else last


def _takes_files(script: str, tests: Sequence[str]) -> bool:
    """Whether test files can be named after *script*."""
    words = [word for word in _split(script) if word not in ("npx", "--no-install", "pnpm", "exec")]
    if not words or _SHELL.search(script):
        return False
    if words[0] in ("vitest", "jest", "ava"):
        return not any(_is_place(word, tests) for word in words[1:] if not word.startswith("-"))
    if words[0] == "node" and "--test" in words:
        files, _ = _own(tests, _JAVASCRIPT)
        plain = all(path.endswith((".js", ".mjs", ".cjs")) for path in files)
        return plain and all(word.startswith("-") for word in words[1:])
    return False


def _own(tests: Sequence[str], languages: Sequence[Language]) -> tuple[list[str], list[str]]:
    """Those of *tests* that are code of *languages*, and those of another language."""
    of = {path: language_of(path) for path in tests}
    own = [path for path, language in of.items() if language in languages]
    return own, [path for path, language in of.items() if language and language not in languages]


def _of(
    command: str, start: str, files: Sequence[str], *, others: Sequence[str], tests: Sequence[str]
) -> Narrowed:
    """*start* with *files*; the whole where none can be named, nothing where all are *others*."""
    if files:
        return Narrowed((f"{start} {shlex.join(files)}",), tuple(others))
    return Narrowed((), tuple(others)) if len(others) == len(tests) else Narrowed((command,))
