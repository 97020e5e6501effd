from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loop.gates.errors import ProfileError
from loop.gates.verify_file import parse_verify


def test_everything_it_can_say() -> None:
    read = parse_verify(
        b"language: generic\n"
        b"commands:\n  setup: make deps\n  test: |\n    make a\n    make b\n  lint:\n"
        b"sourceExtensions: [.ml, .mli]\n"
    )

    assert read.language == "generic"
    assert read.commands == {"setup": "make deps", "test": "make a\nmake b\n", "lint": ""}
    assert read.source_extensions == (".ml", ".mli")


@pytest.mark.parametrize("content", [b"", b"# nothing\n", b"---\n"])
def test_an_empty_file_says_nothing(content: bytes) -> None:
    read = parse_verify(content)

    assert (read.language, read.commands, read.source_extensions) == (None, {}, None)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"language: python\ncommands: [a\n", r":3: not YAML", id="syntax"),
        pytest.param(b"a: &x 1\nb: *x\n", r":2: aliases", id="alias"),
        pytest.param(
            b"language: cobol\n", r":1: language 'cobol' is unknown; there are go", id="language"
        ),
        pytest.param(b"\n\nlangage: python\n", r":3: 'langage' is no key here", id="key"),
        pytest.param(
            b"commands:\n  tests: x\n", r":2: 'tests' is no key here; there are setup", id="command"
        ),
        pytest.param(b"commands:\n  test: [a]\n", r":2: expected text", id="list"),
        pytest.param(
            b"commands:\n  test: 3\n", r":2: 3 is not text; put it in quotes", id="number"
        ),
        pytest.param(b"commands: make\n", r":1: expected a mapping", id="no-mapping"),
        pytest.param(b"- a\n", r":1: expected a mapping", id="list-on-top"),
        pytest.param(b"language: go\nlanguage: go\n", r":2: 'language' is there twice", id="twice"),
        pytest.param(b"sourceExtensions: py\n", r":1: expected a list", id="extensions"),
        pytest.param(b"sourceExtensions: [py]\n", r":1: 'py' is no extension", id="no-dot"),
        pytest.param(b"network: host\n", r":1: 'network' is no key here", id="network"),
        pytest.param(b"x: \xff\n", r":1: not UTF-8", id="bytes"),
        pytest.param(b"x" * 70_000, r"70000 bytes", id="long"),
        pytest.param(b"? [a]\n: b\n", r":1: '\?' is no key here", id="complex-key"),
    ],
)
def test_faults_name_file_and_line(content: bytes, message: str) -> None:
    with pytest.raises(ProfileError, match=rf"^\.foreman/verify\.yaml.*{message}"):
        parse_verify(content)


@given(st.binary(max_size=200) | st.text("[]{}:-&*!\n ab?|>'\"", max_size=60).map(str.encode))
def test_anything_is_read_or_refused(content: bytes) -> None:
    try:
        parse_verify(content)
    except ProfileError:
        return


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(ProfileError):
        parse_verify(b"[" * 30_000)
