from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.sandbox.output import HeadTail


def fed(limit: int, *pieces: bytes) -> HeadTail:
    output = HeadTail(limit)
    for piece in pieces:
        output.feed(piece)
    return output


def test_what_fits_is_kept_as_it_came() -> None:
    assert fed(10, b"abc\n", b"defghi").text() == "abc\ndefghi"


def test_lines_are_kept_whole() -> None:
    text = fed(20, b"".join(b"line %d\n" % n for n in range(10))).text()

    assert text == "line 0\n[56 bytes cut here]\nline 9\n"


@pytest.mark.parametrize("limit", [0, 1, 2, 7])
def test_tiny_limits_hold(limit: int) -> None:
    assert fed(limit, b"x" * 100).text().count("cut here") == 1


def test_characters_are_not_cut_in_half() -> None:
    assert "\ufffd" not in fed(21, "ééééééééééééééééé".encode()).text()


@given(st.lists(st.binary(max_size=60), max_size=40), st.integers(0, 300))
def test_head_and_tail_are_those_of_the_whole(pieces: list[bytes], limit: int) -> None:
    whole = b"".join(pieces)
    output = fed(limit, *pieces)

    assert output.total == len(whole)
    if len(whole) <= limit:
        assert output.text() == whole.decode(errors="replace")


@given(st.lists(st.text("ab\n", max_size=60), max_size=40), st.integers(0, 300))
def test_the_cut_is_counted_exactly(pieces: list[str], limit: int) -> None:
    whole = "".join(pieces)
    if len(whole) <= limit:
        return

    text = fed(limit, *(piece.encode() for piece in pieces)).text()

    head, count, tail = re.split(r"\[(\d+) bytes cut here\]\n", text)
    head = head if whole.startswith(head) else head.removesuffix("\n")
    assert whole.startswith(head)
    assert whole.endswith(tail)
    assert len(head) + len(tail) <= limit
    assert abs(len(head) + len(tail) + int(count) - len(whole)) <= 1
