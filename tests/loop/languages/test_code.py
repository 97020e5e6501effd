from __future__ import annotations

import pytest

from loop.languages.code import Ranges
from loop.languages.source_text import SourceText

SAME = [
    pytest.param("a.py", b"def f(a, b):\n    return a+b\n", b'"""Doc."""\n# why\n\ndef f(a,b):\n    """Sum."""\n\n    return a + b  # c\n', id="python"),
    pytest.param("a.ts", b"f( a );\n", b"/** doc */\nf(a); // b\n\n", id="typescript"),
    pytest.param("a.go", b"package a\nfunc F() { g() }\n", b"package a\n\n// F does.\nfunc F() { g() } // g\n", id="go"),
    pytest.param("a.rs", b"fn f() { g(); }\n", b"//! Crate.\n/// Doc.\nfn f() { g(); /* c */ }\n", id="rust"),
    pytest.param("A.java", b"class A { int x=1; }\n", b"/* c */\nclass A { int x = 1; }\n", id="java"),
    pytest.param("a.cpp", b"int f() { return 1; }\n", b"// c\nint f() {  return 1;  }\r\n", id="cpp"),
    pytest.param("a.rb", b"def f; 1; end\n", b"# c\ndef f; 1; end\n", id="ruby"),
    pytest.param("a.php", b"<?php f();\n", b"<?php f(); // c\n", id="php"),
]  # fmt: skip
OTHER = [
    pytest.param("a.py", b"if a:\n    b()\nc()\n", b"if a:\n    b()\n    c()\n", id="indentation"),
    pytest.param("a.py", b'x = "a # b"\n', b'x = "a"\n', id="a-string-that-looks-like-a-comment"),
    pytest.param("a.py", b'x = "a  b"\n', b'x = "a b"\n', id="blanks-in-a-string"),
    pytest.param("a.py", b'"""Doc."""\nx = 1\n', b'"""Doc."""\nx = 2\n', id="a-number"),
    pytest.param("a.py", b'f()\n"a"\n', b'f("a")\n', id="a-brace"),
    pytest.param("a.js", b"return x\n", b"return\nx\n", id="a-line-end-that-ends-a-statement"),
    pytest.param("a.js", b"a - -b\n", b"a--b\n", id="an-operator"),
    pytest.param("a.go", b"package a\n", b"//go:build linux\n\npackage a\n", id="a-build-tag"),
    pytest.param("a.go", b'package a\n// int x;\nimport "C"\n', b'package a\n// int y;\nimport "C"\n', id="cgo"),
    pytest.param("a.ts", b"f();\n", b"// @ts-nocheck\nf();\n", id="a-directive"),
    pytest.param("a.py", b"x = 1\n", b"#!/usr/bin/python\nx = 1\n", id="a-shebang"),
    pytest.param("a.php", b"<b>a</b>\n", b"<b>a </b>\n", id="text-of-a-page"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "one", "other"), SAME)
def test_comments_and_layout_change_nothing(path: str, one: bytes, other: bytes) -> None:
    assert SourceText(path, one).significant == SourceText(path, other).significant


@pytest.mark.parametrize(("path", "one", "other"), OTHER)
def test_what_a_machine_obeys_is_code(path: str, one: bytes, other: bytes) -> None:
    assert SourceText(path, one).significant != SourceText(path, other).significant


def test_comments_are_blanked_in_place() -> None:
    content = b'"""Doc."""\nx = "# no"  # yes\ny = 1\n'

    assert SourceText("a.py", content).code == b'          \nx = "# no"       \ny = 1\n'


def test_what_has_no_grammar_is_all_code() -> None:
    text = SourceText("a.zig", b"// c\n")

    assert (text.code, text.outline, text.significant) == (b"// c\n", None, None)
    assert text.unreadable == "a.zig: no grammar for this kind of file"


def test_ranges_tell_comments_docs_and_strings() -> None:
    assert SourceText("a.py", b'"""D"""\nx = "s"  # c\n').ranges == Ranges(
        comments=((17, 20),), docs=((0, 7),), strings=((12, 15),)
    )
