from __future__ import annotations

import random

import pytest

from loop.languages.grammar import LINE_LIMIT, SIZE_LIMIT, Unreadable, grammar, parse
from loop.languages.outline import Outline, outline
from loop.languages.source_text import SourceText

ENDINGS = ["py", "js", "ts", "tsx", "go", "rs", "java", "c", "cpp", "rb", "php"]


@pytest.mark.parametrize(
    ("path", "content", "reason"),
    [
        pytest.param("a.zig", b"fn f() {}", "a.zig: no grammar for this kind of file", id="no-grammar"),
        pytest.param("README", b"words", "README: no grammar for this kind of file", id="no-ending"),
        pytest.param("a.py", b"\x7fELF\0\0", "a.py: binary", id="binary"),
        pytest.param("a.py", "x = 1\n".encode("utf-16"), "a.py: binary", id="utf-16"),
        pytest.param("a.js", b"f();" * LINE_LIMIT, "so it is generated", id="minified"),
        pytest.param("a.py", b"x = 1\n" * SIZE_LIMIT, "1048576 are read at most", id="huge"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_why(path: str, content: bytes, reason: str) -> None:
    found = outline(path, content)

    assert isinstance(found, Unreadable)
    assert found.reason.endswith(reason)


def test_a_file_that_takes_too_long_is_given_up() -> None:
    ticks = iter(range(1000))

    found = parse("a.py", b"x = 1\n" * 9000, seconds=3, clock=lambda: next(ticks))

    assert found == Unreadable("a.py: not parsed within 3 s")


def test_a_parser_that_goes_round_for_ever_is_stopped() -> None:
    """Found by noise: the parser of TSX never comes back from this."""
    chance = random.Random(97)
    chance.choice(range(11)), chance.choice(range(3)), chance.choice(range(3))
    noise = bytes(chance.choice(b"(){}[]<>\"'`$#@;:,.=+-*/\\ \nabcxyz019") for _ in range(14_415))

    assert parse("a.tsx", noise, seconds=0.2) == Unreadable("a.tsx: not parsed within 0.2 s")


def test_bytes_that_are_no_utf_8_are_read_on() -> None:
    found = outline("a.py", b'# caf\xe9\ndef f():\n    return "\xff"\n')

    assert isinstance(found, Outline)
    assert [d.name for d in found.definitions] == ["f"]


@pytest.mark.parametrize("ending", ENDINGS)
def test_no_bytes_make_it_fail(ending: str) -> None:
    chance = random.Random(ending)
    noise = bytes(chance.randrange(1, 256) for _ in range(20_000))
    signs = bytes(chance.choice(b"(){}[]<>\"'`$#;:,.=\\ \nab1") for _ in range(20_000))

    for content in (b"", b"\n", noise, signs):
        assert isinstance(outline(f"a.{ending}", content), Outline)
        assert isinstance(SourceText(f"a.{ending}", content).significant, bytes)


@pytest.mark.parametrize(
    ("path", "content"),
    [
        pytest.param("a.js", b"function f(){\n" * 5000, id="functions"),
        pytest.param("a.rs", b"mod a {\n" * 5000, id="modules"),
        pytest.param("a.rs", b"use a::{\n" * 5000, id="imports"),
        pytest.param("a.rb", b"private\ndef a; end\n" * 5000, id="sections"),
        pytest.param("a.py", b"".join(b" " * n + b"class A:\n" for n in range(600)), id="classes"),
    ],
)
def test_depth_and_number_do_no_harm(path: str, content: bytes) -> None:
    assert isinstance(outline(path, content), Outline)


def test_a_grammar_is_loaded_once() -> None:
    assert grammar("python") is grammar("python")
