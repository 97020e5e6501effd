from __future__ import annotations

import itertools
import stat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.edit import StrReplace
from tools.errors import ToolError
from tools.jail import Jail
from tools.replacement import applied, matches, nearest


async def edit(jail: Jail, old: str, new: str, **more: Any) -> dict[str, Any]:
    result = await StrReplace(jail).call(
        {"path": "a.py", "old_string": old, "new_string": new, **more}
    )
    assert result.edited
    assert isinstance(result.output, dict)
    return result.output


@pytest.mark.parametrize(
    ("text", "old", "new", "after", "tier"),
    [
        pytest.param("a = 1\n", "1", "2", "a = 2\n", "exact", id="exact"),
        pytest.param("a = 1  \nb\n", "a = 1\nb", "c", "c\n", "trailing blanks", id="blanks"),
        pytest.param("a\t\nb\n", "a\nb\n", "c\n", "c\n", "trailing blanks", id="with end"),
        pytest.param(
            "if x:\n    a = 1\n    b = 2\n",
            "a = 1\nb = 2",
            "a = 3\nif a:\n  b = 4",
            "if x:\n    a = 3\n    if a:\n      b = 4\n",
            "indentation",
            id="deeper",
        ),
        pytest.param(
            "a = 1\nb = 2\n",
            "  a = 1\n  b = 2",
            "  a = 3",
            "a = 3\n",
            "indentation",
            id="shallower",
        ),
        pytest.param("\tx\n", "    x", "    y", "\ty\n", "indentation", id="tab for spaces"),
        pytest.param(
            "\u2028a = 1\x0c\nb\n", "a = 1\x0c\nb", "c", "\u2028c\n", "exact", id="odd separators"
        ),
        pytest.param("  a\n    b\n", "a\nb", "c", "  a\n    b\n", "", id="no uniform shift"),
        pytest.param("\n\n", " \n ", "x", "\n\n", "", id="blank lines match nothing"),
    ],
)
def test_tiers(text: str, old: str, new: str, after: str, tier: str) -> None:
    found_tier, found = matches(text, old, new)

    assert (found_tier, applied(text, found)) == (tier, after)


@given(st.text("ab \n\t", max_size=40), st.text("ab \n\t", min_size=1, max_size=6))
def test_exact_replacement_is_that_of_strings(text: str, old: str) -> None:
    tier, found = matches(text, old, "X")

    if tier == "exact":
        assert applied(text, found) == text.replace(old, "X")
    assert all(a.end <= b.start for a, b in itertools.pairwise(found))


async def test_a_file_is_changed_and_keeps_its_mode(jail: Jail, work: Path) -> None:
    (work / "a.py").write_text("one\ntwo\n")
    (work / "a.py").chmod(0o755)

    output = await edit(jail, "two", "2")

    assert output == {"path": "a.py", "replacements": 1, "lines": [2]}
    assert (work / "a.py").read_text() == "one\n2\n"
    assert stat.S_IMODE((work / "a.py").stat().st_mode) == 0o755


async def test_the_tier_is_told(jail: Jail, work: Path) -> None:
    (work / "a.py").write_text("    x = 1\n    y = 1\n")

    assert (await edit(jail, "x = 1\ny = 1\n", "x = 2\n"))["matched"] == "ignoring indentation"


async def test_line_ends_stay_as_they_are(jail: Jail, work: Path) -> None:
    (work / "a.py").write_bytes(b"one\r\ntwo\r\nthree\r\n")

    await edit(jail, "one\ntwo", "1\n2")

    assert (work / "a.py").read_bytes() == b"1\r\n2\r\nthree\r\n"


async def test_bytes_that_are_no_text_survive(jail: Jail, work: Path) -> None:
    (work / "a.py").write_bytes(b"caf\xe9 = 1\n")

    await edit(jail, "= 1", "= 2")

    assert (work / "a.py").read_bytes() == b"caf\xe9 = 2\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param({"old_string": "two", "new_string": "two"}, "are the same", id="no-op"),
        pytest.param({"old_string": "", "new_string": "x"}, "old_string: should", id="empty"),
        pytest.param(
            {"old_string": "same", "new_string": "x"},
            r"stands there 2 times \(lines 3, 4\).*set expected_replacements to 2",
            id="twice",
        ),
        pytest.param(
            {"old_string": "one", "new_string": "x", "expected_replacements": 3},
            "1 times",
            id="few",
        ),
        pytest.param(
            {"old_string": "twoo!", "new_string": "x"}, "nearest is at line 2:\ntwo", id="near"
        ),
        pytest.param({"old_string": "@@@@@@@", "new_string": "x"}, "nor anything like", id="far"),
        pytest.param({"old_string": "two ", "new_string": "two"}, "already reads", id="same after"),
        pytest.param({"old_string": "two", "new_string": "\udc80"}, "half a character", id="half"),
    ],
)
async def test_refusals(jail: Jail, work: Path, arguments: dict[str, Any], words: str) -> None:
    (work / "a.py").write_text("one\ntwo\nsame\nsame\n")

    with pytest.raises(ToolError, match=words):
        await StrReplace(jail).call({"path": "a.py", **arguments})

    assert (work / "a.py").read_text() == "one\ntwo\nsame\nsame\n"


async def test_after_two_misses_the_file_is_shown(jail: Jail, work: Path) -> None:
    (work / "a.py").write_text("one\ntwo\n")
    tool = StrReplace(jail)
    call = {"path": "a.py", "old_string": "missing", "new_string": "x"}

    with pytest.raises(ToolError) as first:
        await tool.call(call)
    with pytest.raises(ToolError) as second:
        await tool.call(call)

    assert "whole file" not in str(first.value)
    assert str(second.value).endswith("the whole file, to copy old_string from:\none\ntwo\n")


async def test_a_long_file_is_not_shown(jail: Jail, work: Path) -> None:
    (work / "a.py").write_text("line\n" * 401)
    tool = StrReplace(jail)
    call = {"path": "a.py", "old_string": "missing", "new_string": "x"}

    for _ in range(2):
        with pytest.raises(ToolError) as caught:
            await tool.call(call)

    assert "402 lines; read_file" in str(caught.value)


async def test_binary_files_are_refused(jail: Jail, work: Path) -> None:
    (work / "a.py").write_bytes(b"a\0b")

    with pytest.raises(ToolError, match="binary"):
        await edit(jail, "a", "b")


def test_the_nearest_place_starts_where_the_text_would() -> None:
    text = "def f():\n    a = 1\n    return compute(a, b)\n\nprint()\n"

    assert nearest(text, "a = 2\nreturn compute(a, c)") == (
        2,
        "    a = 1\n    return compute(a, b)",
    )
