from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loop.prose import LIMIT, block, code, inline, page, plain, table, title

B = "\u200b"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "thanks @ann and @org/team", f"thanks @{B}ann and @{B}org/team", id="mentions"
        ),
        pytest.param("Fixes #12", f"Fixes{B} #{B}12", id="closing keyword"),
        pytest.param("closes: octo/r#3", f"closes{B}: octo/r#{B}3", id="other repository"),
        pytest.param("resolved GH-4", f"resolved{B} GH-{B}4", id="GH-"),
        pytest.param(
            "fixed https://github.com/o/r/issues/5",
            f"fixed{B} https://github.com/o/r/issues/5",
            id="closing by address",
        ),
        pytest.param("[x](javascript:alert(1))", rf"\[x\](javascript{B}:alert(1))", id="script"),
        pytest.param("![x](http://evil/p.png)", r"!\[x\](http://evil/p.png)", id="image"),
        pytest.param("<img src=x onerror=y>", "&lt;img src=x onerror=y&gt;", id="HTML"),
        pytest.param("a <!-- hidden --> b", "a   b", id="comment"),
        pytest.param("`x` *y* _z_ ~w~ |c|", r"\`x\` \*y\* \_z\_ \~w\~ \|c\|", id="markup"),
        pytest.param("# head", f"{B}# head", id="heading"),
        pytest.param("- item\n1. one", f"{B}- item\n{B}1. one", id="lists"),
        pytest.param("a\n---\nb", f"a\n{B}---\nb", id="rule"),
        pytest.param("&#64;ann", f"&amp;#{B}64;ann", id="entity"),
        pytest.param("mail a@b.c", f"mail a@{B}b.c", id="mail"),
        pytest.param("  plain words, 3 of them.  ", "plain words, 3 of them.", id="plain"),
        pytest.param("x" * 50, "x" * 9 + "…", id="cut"),
    ],
)
def test_a_models_words_are_only_words(text: str, expected: str) -> None:
    assert plain(text, 10 if "…" in expected else 4000) == expected


def test_inline_is_one_line() -> None:
    assert inline("a\n\nb | c\t d") == r"a b \| c d"


@given(st.text(alphabet="`ab \n|<", max_size=30))
def test_inline_code_is_closed_where_it_ends(text: str) -> None:
    shown = code(text)

    assert "\n" not in shown
    if shown:
        ticks = re.match("`+", shown)
        assert ticks
        inside = shown[len(ticks[0]) : -len(ticks[0])]
        assert ticks[0] not in re.findall("`+", inside)


@given(st.text(alphabet="`ab \n<@#/", max_size=60))
def test_no_text_leaves_its_block(text: str) -> None:
    lines = block(text).split("\n")

    fence = lines[0].removesuffix("text")
    assert set(fence) == {"`"}
    assert lines[-1] == fence
    assert fence not in [line.strip() for line in lines[1:-1]]


def test_a_block_keeps_the_end() -> None:
    assert block("a" * 100 + "the end", 7).split("\n")[1:3] == [
        "… 100 characters left out",
        "the end",
    ]


@given(st.text(alphabet="/foreman fix\n `>\t", max_size=80))
def test_no_line_of_a_page_is_a_command(text: str) -> None:
    lines = page([plain(text), block(text), text]).split("\n")

    assert not [line for line in lines if line.strip().lower().startswith("/foreman")]


def test_a_page_fits_into_github() -> None:
    text = page(["start", block("ä" * 90_000, 90_000), "end"])

    assert len(text.encode()) <= LIMIT
    assert text.endswith("```\n\n… cut: too long for GitHub")


def test_tables_have_no_empty_cell() -> None:
    assert table(("a", "b"), [("1", "")]) == "| a | b |\n| --- | --- |\n| 1 |   |"


def test_titles_are_one_short_line() -> None:
    assert title("a\nb\u200b" + "c" * 300) == "a b" + "c" * 246 + "…"
