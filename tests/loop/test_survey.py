from __future__ import annotations

from pathlib import Path

import pytest

from loop.languages.grammar import Unreadable
from loop.languages.outline import Outline, outline
from loop.repo.errors import GitError
from loop.repo.git import Git, Where
from loop.survey import Outlines, survey
from tests.loop.gates.survey_support import surveyed
from tests.loop.repo.repo_support import Author

FILES = {
    "go.mod": "module example.com/shop\n",
    "tools/go.mod": "module example.com/shop/tools\n",
    "cart/cart.go": "package cart\n\nfunc Total() int { return 1 }\n",
    "main.py": "def run():\n    pass\n",
    "vendor/lib/lib.go": "package lib\n\nfunc Lib() {}\n",
    "web/app.min.js": "function f(){}\n",
    "logo.bin": "\0\1",
    "README.md": "# Shop\n",
}


class Counted(Outlines):
    """Remembers what had to be read."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[str] = []

    def put(self, blob: str, path: str, found: Outline | Unreadable, *, size: int) -> None:
        self.read.append(path)
        super().put(blob, path, found, size=size)


@pytest.fixture(name="author")
def _author(tmp_path: Path) -> Author:
    return Author(tmp_path / "shop.git", tmp_path / "clone")


@pytest.fixture(name="git")
def _git(tmp_path: Path) -> Git:
    return Git(tmp_path / "git-home")


def where(author: Author) -> Where:
    return Where(author.bare)


async def test_all_names_and_what_a_grammar_reads(author: Author, git: Git) -> None:
    sha = author.commit(FILES)

    seen = await survey(git, where(author), sha, Outlines())

    assert seen.paths >= frozenset(FILES)
    assert set(seen.outlines) == {"cart/cart.go", "main.py"}
    assert seen.go_modules == {"": "example.com/shop", "tools": "example.com/shop/tools"}
    assert seen.unread == 0


async def test_a_second_look_reads_what_changed(author: Author, git: Git) -> None:
    outlines = Counted()
    first = author.commit(FILES)
    second = author.commit(
        {"main.py": "def walk():\n    pass\n", "copy/cart.go": FILES["cart/cart.go"]}
    )

    await survey(git, where(author), first, outlines)
    before = list(outlines.read)
    seen = await survey(git, where(author), second, outlines)

    assert sorted(before) == ["cart/cart.go", "main.py"]
    assert outlines.read[len(before) :] == ["main.py"]
    assert [d.name for d in seen.outlines["main.py"].definitions] == ["walk"]
    assert [d.name for d in seen.outlines["copy/cart.go"].definitions] == ["Total"]


async def test_the_same_commit_is_surveyed_once(author: Author, git: Git) -> None:
    outlines = Outlines()
    sha = author.commit(FILES)

    first = await survey(git, where(author), sha, outlines)

    assert await survey(git, where(author), sha, outlines) is first


async def test_a_commit_that_is_not_there_is_an_error(author: Author, git: Git) -> None:
    author.commit(FILES)

    with pytest.raises(GitError):
        await survey(git, where(author), "1" * 40, Outlines())


def test_the_least_used_outlines_go_first() -> None:
    outlines = Outlines(kept_bytes=20)
    for name in ("a", "b"):
        outlines.put(name, "x.py", outline("x.py", b"a = 1\n"), size=10)
    outlines.get("a", "x.py")

    outlines.put("c", "x.py", outline("x.py", b"a = 1\n"), size=10)

    assert outlines.get("b", "x.py") is None
    assert outlines.get("a", "x.py") is not None


def test_the_ending_belongs_to_the_outline() -> None:
    """The same bytes are another thing in another language."""
    outlines = Outlines()
    outlines.put("a", "x.py", outline("x.py", b"a = 1\n"), size=1)

    assert outlines.get("a", "x.ts") is None


def test_links_lead_both_ways_and_not_by_names_that_everybody_has() -> None:
    seen = surveyed(
        {
            "a.py": "from b import total\nrun()\n",
            "b.py": "def total(): pass\ndef run(): pass\n",
            "c.ts": 'import "./d";\n',
            "d.ts": "export const x = 1;\n",
            **{f"e{n}.py": "def run(): pass\n" for n in range(6)},
        }
    )

    assert seen.links["a.py"] == {"b.py"}
    assert seen.links["b.py"] == {"a.py"}
    assert (seen.links["c.ts"], seen.links["d.ts"]) == ({"d.ts"}, {"c.ts"})
    assert seen.links["e1.py"] == frozenset()
