"""A `Change` is what would be committed, against the merge base."""

from __future__ import annotations

from pathlib import Path

import pytest

from loop.gates.change import SIDE_BYTES, cited_place, gather_change
from loop.gates.check import Change
from loop.repo.git import Git
from loop.repo.mirror import Mirror
from loop.repo.remote import Remote
from loop.repo.workspace import Start, Workspace, Workspaces
from tests.loop.gates.change_support import PROFILE
from tests.loop.repo.repo_support import Author
from tools.result import Evidence

MAIN, BRANCH = "refs/heads/main", "refs/heads/work"
CART = "def total(prices):\n    return sum(prices)\n"


@pytest.fixture(name="workspace")
async def _workspace(
    tmp_path: Path, workspaces: Workspaces, mirror: Mirror, remote: Remote
) -> Workspace:
    sha = (await mirror.refresh(remote, [MAIN]))[MAIN]
    return await workspaces.create(tmp_path / "run", mirror, Start("work", sha, "main", sha))


async def gathered(git: Git, workspace: Workspace, *sources: str) -> Change:
    proofs = [Evidence(claim="", source=source) for source in sources]
    return await gather_change(git, workspace, profile=PROFILE, issue=None, evidence=proofs)


async def test_files_that_git_does_not_know_yet_count(git: Git, workspace: Workspace) -> None:
    (workspace.path / "new.py").write_text("x = 1\n")
    (workspace.path / "shop" / "cart.py").write_text(CART + "\n\ny = 2\n")
    (workspace.path / "README.md").unlink()
    index = (workspace.control / "index").read_bytes()

    change = await gathered(git, workspace)

    assert [(f.path, f.before, f.after) for f in change.files] == [
        ("README.md", b"# Shop\n", None),
        ("new.py", None, b"x = 1\n"),
        ("shop/cart.py", CART.encode(), f"{CART}\n\ny = 2\n".encode()),
    ]
    assert (workspace.control / "index").read_bytes() == index


async def test_the_other_side_is_the_merge_base(
    git: Git,
    workspaces: Workspaces,
    mirror: Mirror,
    remote: Remote,
    *,
    author: Author,
    tmp_path: Path,
) -> None:
    """A branch that is revised shows all it changes, and nothing that the base did meanwhile."""
    author.commit({"mine.py": "x = 1\n"}, branch="work")
    author.switch("main")
    author.commit({"theirs.py": "y = 2\n"})
    found = await mirror.refresh(remote, [MAIN], optional=[BRANCH])
    start = Start("work", found[BRANCH], "main", found[MAIN])
    workspace = await workspaces.create(tmp_path / "run", mirror, start)

    change = await gathered(git, workspace)

    assert [file.path for file in change.files] == ["mine.py"]


async def test_what_is_no_text_or_too_large_has_no_side(git: Git, workspace: Workspace) -> None:
    (workspace.path / "blob").write_bytes(b"a\0b")
    (workspace.path / "huge.txt").write_bytes(b"a\n" * SIDE_BYTES)
    (workspace.path / "link").symlink_to("README.md")

    change = await gathered(git, workspace)

    assert {file.path: file.after for file in change.files} == dict.fromkeys(
        ("blob", "huge.txt", "link")
    )


async def test_cited_files_are_those_of_the_base(git: Git, workspace: Workspace) -> None:
    (workspace.path / "README.md").write_text("12 ms\n")
    (workspace.path / "bench.txt").write_text("12 ms\n")

    change = await gathered(git, workspace, "README.md:1", "bench.txt:1", "../README.md:1", "lot")

    assert change.cited == {"README.md": b"# Shop\n"}


async def test_no_place_can_be_cited_that_breaks_the_run(git: Git, workspace: Workspace) -> None:
    strange = ["/etc/passwd", "README.md/x", "shop", "shop/", ".", "/", "a//b", "~", "\udcff", "é"]

    change = await gathered(git, workspace, *[f"{path}:1" for path in [*strange, "README.md"]])

    assert change.cited == {"README.md": b"# Shop\n"}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("a/b.md:12", ("a/b.md", 12), id="plain"),
        pytest.param("./a/b.md:12", ("a/b.md", 12), id="dot"),
        pytest.param("`a b.md:12`", ("a b.md", 12), id="backticks"),
        pytest.param("a.md#L12-L14", ("a.md", 12), id="as GitHub links"),
        pytest.param("a.md:12-14", ("a.md", 12), id="range"),
        pytest.param("a.md:12:3", ("a.md", 12), id="column"),
        pytest.param("a.md", None, id="no line"),
        pytest.param("measured it myself", None, id="prose"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_places(source: str, expected: tuple[str, int] | None) -> None:
    assert cited_place(source) == expected
