from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.errors import ToolError
from tools.files import READ_LIMIT, ReadFile, WriteFile, changed_lines, window
from tools.jail import Content, Jail
from tools.tool import Shown


async def read(jail: Jail, **arguments: Any) -> dict[str, Any]:
    output = (await ReadFile(jail).call(arguments)).output
    assert isinstance(output, dict)
    return output


async def write(jail: Jail, path: str, content: str) -> dict[str, Any]:
    output = (await WriteFile(jail).call({"path": path, "content": content})).output
    assert isinstance(output, dict)
    return output


async def test_a_whole_file_is_shown_as_it_stands(jail: Jail, work: Path) -> None:
    (work / "a.txt").write_text("one\ntwo\n")

    result = await ReadFile(jail).call({"path": "a.txt"})

    assert result.output == {
        "path": "a.txt",
        "content": "one\ntwo\n",
        "bytes": 8,
        "truncated": False,
        "start_line": 1,
        "end_line": 2,
        "total_lines": 2,
    }
    assert result.shown == (Shown("a.txt", 1, 2),)


async def test_a_window_has_line_numbers(jail: Jail, work: Path) -> None:
    (work / "a.txt").write_text("".join(f"line {n}\n" for n in range(1, 21)))

    result = await ReadFile(jail).call({"path": "a.txt", "offset": 9, "limit": 2})

    assert isinstance(result.output, dict)
    assert result.output["content"] == " 9\tline 9\n10\tline 10\n"
    assert result.shown == (Shown("a.txt", 9, 10),)


async def test_limit_zero_reads_to_the_end(jail: Jail, work: Path) -> None:
    (work / "a.txt").write_text("one\ntwo\nthree")

    assert (await read(jail, path="a.txt", offset=2, limit=0))["content"] == "2\ttwo\n3\tthree"


async def test_what_was_cut_is_said(jail: Jail, work: Path) -> None:
    (work / "long").write_text("x" * 99 + "\n" + ("y" * 99 + "\n") * 299)

    result = await ReadFile(jail).call({"path": "long"})

    assert isinstance(result.output, dict)
    assert result.output["truncated"] is True
    assert result.output["content"].endswith(
        "\n[cut: lines 164 to 300 not shown; go on with offset=164]"
    )
    assert result.shown == (Shown("long", 1, 163),)


async def test_a_line_longer_than_the_limit_is_named(jail: Jail, work: Path) -> None:
    (work / "min.js").write_text("x" * 20000 + "\nend\n")

    result = await ReadFile(jail).call({"path": "min.js"})

    assert isinstance(result.output, dict)
    assert "line 1 alone has 20001 bytes" in result.output["content"]
    assert result.shown == ()


async def test_binary_files_are_named_as_such(jail: Jail, work: Path) -> None:
    (work / "a.png").write_bytes(b"\x89PNG\0\0")

    assert await read(jail, path="a.png") == {"path": "a.png", "bytes": 6, "binary": True}


async def test_an_empty_file_is_no_error(jail: Jail, work: Path) -> None:
    (work / "empty").write_bytes(b"")

    output = await read(jail, path="empty")

    assert (output["content"], output["end_line"], output["total_lines"]) == ("", 0, 0)


async def test_bytes_that_are_no_text_are_replaced(jail: Jail, work: Path) -> None:
    (work / "latin").write_bytes(b"caf\xe9\n")

    assert (await read(jail, path="latin"))["content"] == "caf\ufffd\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param({}, "path: missing", id="missing"),
        pytest.param({"path": "a", "ofset": 1}, "ofset: unknown, did you mean offset", id="name"),
        pytest.param({"path": "a", "offset": 0}, "offset: should be greater than", id="range"),
        pytest.param({"path": "a", "limit": "many"}, "limit: should be a valid integer", id="type"),
        pytest.param({"path": ["a"]}, "path: should be a valid string", id="list"),
        pytest.param({"path": "a", "offset": 9}, "has 1 lines; offset 9 is past", id="past"),
        pytest.param({"path": "b"}, r"b: not found; \. has a", id="absent"),
    ],
)
async def test_wrong_calls_are_answered_with_what_is_wrong(
    jail: Jail, work: Path, arguments: dict[str, Any], words: str
) -> None:
    (work / "a").write_text("one\n")

    with pytest.raises(ToolError, match=words):
        await ReadFile(jail).call(arguments)


async def test_numbers_in_strings_are_read(jail: Jail, work: Path) -> None:
    (work / "a").write_text("one\ntwo\n")

    assert (await read(jail, path="a", offset="2"))["content"] == "2\ttwo\n"


async def test_writing_says_how_many_lines_changed(jail: Jail, work: Path) -> None:
    (work / "a").write_text("one\ntwo\nthree\n")

    output = await write(jail, "a", "one\n2\nthree\nfour\n")

    assert (output["lines_added"], output["lines_removed"], output["created"]) == (2, 1, False)
    assert (work / "a").read_text() == "one\n2\nthree\nfour\n"


async def test_writing_the_same_is_no_edit(jail: Jail, work: Path) -> None:
    (work / "a").write_text("one\n")

    result = await WriteFile(jail).call({"path": "a", "content": "one\n"})

    assert not result.edited


async def test_half_a_character_is_refused(jail: Jail, work: Path) -> None:
    with pytest.raises(ToolError, match="half a character"):
        await write(jail, "a", "\ud800")

    assert not (work / "a").exists()


def test_moved_lines_do_not_count() -> None:
    assert changed_lines(b"a\nb\n", b"b\na\n") == (0, 0)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.text(st.characters(codec="utf-8"), max_size=400), max_size=120),
    st.integers(1, 120),
    st.integers(0, 50),
    st.booleans(),
)
def test_windows_show_whole_lines_within_the_limit(
    texts: list[str], offset: int, limit: int, numbered: bool
) -> None:
    data = "\n".join(texts).encode()
    try:
        result = window(
            Content("f", data, len(data)), offset=offset, limit=limit, numbered=numbered
        )
    except ToolError:
        return

    assert isinstance(result.output, dict)
    body = result.output["content"].partition("[cut: ")[0] if result.output["truncated"] else ""
    assert len(body.encode()) <= READ_LIMIT
    for shown in result.shown:
        assert offset <= shown.start <= shown.end <= result.output["total_lines"]
        assert not limit or shown.end < offset + limit
