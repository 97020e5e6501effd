from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tools.errors import ToolError
from tools.jail import Jail
from tools.sandbox.probe import Sandbox
from tools.sandbox.runner import Box, CommandResult
from tools.search import Grep, answer
from tools.tool import Shown


@pytest.fixture
def tree(work: Path) -> Path:
    (work / "src").mkdir()
    (work / "src/a.py").write_text("one needle\ntwo\nthree needle\nfour needle\n")
    (work / "node_modules").mkdir()
    (work / "node_modules/x.js").write_text("needle\n")
    (work / ".gitignore").write_text("node_modules\n")
    (work / "data.bin").write_bytes(b"needle\0")
    (work / "min.js").write_text("x" * 600 + "needle\n")
    (work / "-odd.txt").write_text("needle\n")
    return work


@pytest.fixture
def grep(sandbox: Sandbox, tree: Path) -> Grep:
    runner = sandbox.runner(Box(tree))
    return Grep(runner, Jail(tree, seen_as=runner.workspace))


async def found(grep: Grep, **arguments: Any) -> dict[str, Any]:
    output = (await grep.call(arguments)).output
    assert isinstance(output, dict)
    return output


def places(output: dict[str, Any]) -> list[str]:
    return [f"{match['path']}:{match['line']}" for match in output["matches"]]


async def test_matches_have_place_and_text(grep: Grep) -> None:
    result = await grep.call({"pattern": r"^\w+ needle$"})

    assert isinstance(result.output, dict)
    assert result.output["matches"][0] == {"path": "src/a.py", "line": 1, "text": "one needle"}
    assert result.output["total"] == 3
    assert result.shown == (Shown("src/a.py", 1, 1), Shown("src/a.py", 3, 4))


async def test_ignored_and_binary_files_are_left_out(grep: Grep) -> None:
    output = await found(grep, pattern="needle")

    assert set(places(output)) == {
        *("src/a.py:1", "src/a.py:3", "src/a.py:4", "min.js:1", "-odd.txt:1")
    }


async def test_an_ignored_path_is_searched_when_named(grep: Grep) -> None:
    assert places(await found(grep, pattern="needle", path="node_modules")) == [
        "node_modules/x.js:1"
    ]


async def test_long_lines_are_clipped_and_counted(grep: Grep) -> None:
    result = await grep.call({"pattern": "needle", "path": "min.js", "maxLineChars": 10})

    assert isinstance(result.output, dict)
    assert result.output["matches"][0]["text"] == "x" * 10 + "… [596 more]"
    assert result.output["clipped_lines"] == 1
    assert result.shown == ()


async def test_what_was_cut_is_counted(grep: Grep) -> None:
    output = await found(grep, pattern="needle", path="src", max=2)

    assert (len(output["matches"]), output["truncated"], output["total"]) == (2, True, 3)


async def test_no_match_is_no_error(grep: Grep) -> None:
    assert await found(grep, pattern="absent") == {"matches": [], "truncated": False, "total": 0}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(
            {"pattern": "needle("},
            "pattern: 'needle\\(': missing closing parenthesis",
            id="pattern",
        ),
        pytest.param({"pattern": "x", "path": "gone"}, "gone: not found", id="path"),
        pytest.param({"pattern": "x", "path": "../.."}, "outside the workspace", id="outside"),
        pytest.param({"pattern": "a\nb"}, "line break", id="lines"),
        pytest.param({"pattern": ""}, "pattern: should", id="empty"),
    ],
)
async def test_wrong_calls(grep: Grep, arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ToolError, match=words):
        await grep.call(arguments)


async def test_patterns_are_no_options_and_no_shell(grep: Grep, tree: Path) -> None:
    await found(grep, pattern="--open-files-in-pager=touch pwned")
    await found(grep, pattern="'; touch pwned; '$(touch pwned)`touch pwned`")
    await found(grep, pattern="needle", path="-odd.txt")

    assert not (tree / "pwned").exists()


@pytest.mark.parametrize("place", [".", "sub"])
async def test_a_hostile_repository_runs_nothing(grep: Grep, tree: Path, place: str) -> None:
    """Every setting that makes git run a program, in the workspace's own and a nested .git."""
    (tree / place / ".git").mkdir(parents=True)
    (tree / place / ".git/config").write_text(
        "[core]\n\tfsmonitor = touch pwned\n\tpager = touch pwned\n\tsshCommand = touch pwned\n"
        '[diff "x"]\n\ttextconv = touch pwned;cat\n\tcommand = touch pwned\n'
        '[filter "x"]\n\tclean = touch pwned;cat\n\tsmudge = touch pwned;cat\n'
        "[include]\n\tpath = more\n[alias]\n\tgrep = !touch pwned\n"
    )
    (tree / place / ".git/HEAD").write_text("ref: refs/heads/main\n")
    (tree / place / ".git/objects").mkdir()
    (tree / place / ".git/refs").mkdir()
    (tree / ".gitattributes").write_text("* diff=x filter=x\n")

    output = await found(grep, pattern="needle")

    assert "src/a.py:1" in places(output)
    assert not list(tree.rglob("pwned"))


async def test_a_link_out_is_not_followed(grep: Grep, tree: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("canary\n")
    (tree / "link").symlink_to(tmp_path / "secret")
    (tree / "folder").symlink_to(tmp_path)

    assert (await found(grep, pattern="canary"))["matches"] == []
    with pytest.raises(ToolError, match="leads out"):
        await found(grep, pattern="canary", path="folder")


def test_matches_past_the_output_limit_are_said_to_be_more() -> None:
    stdout = "a\x001\x00x\n[900 bytes cut here]\nb\x002\x00x\n"

    result = answer(CommandResult(0, stdout), most=10, most_characters=10)

    assert isinstance(result.output, dict)
    assert result.output["total"] == "at least 2"


def test_an_answer_stays_within_its_size() -> None:
    stdout = "".join(f"a\x00{n}\x00{'x' * 500}\n" for n in range(1, 200))

    result = answer(CommandResult(0, stdout), most=200, most_characters=512)

    assert isinstance(result.output, dict)
    assert result.output["truncated"] is True
    assert len(result.output["matches"]) < 70
