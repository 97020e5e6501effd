from __future__ import annotations

import os
from pathlib import Path

import pytest

from loop.gates.facts import gather
from loop.repo.errors import GitError, RefError
from loop.repo.git import Git
from loop.repo.history import History, trailers
from loop.repo.mirror import Mirror
from loop.repo.remote import Remote
from tests.loop.repo.repo_support import Author, sh_git

MAIN = "refs/heads/main"


@pytest.fixture(name="history")
def _history(git: Git, mirror: Mirror) -> History:
    return History(git, mirror.path)


async def _fetched(mirror: Mirror, remote: Remote, *branches: str) -> dict[str, str]:
    return await mirror.refresh(remote, [f"refs/heads/{branch}" for branch in branches])


async def test_a_change_is_judged_from_where_it_left_the_base(
    history: History, mirror: Mirror, remote: Remote, author: Author
) -> None:
    """The base branch went on meanwhile; its own changes are not the branch's."""
    left = author.tip("main")
    head = author.commit({"shop/cart.py": "def total(prices):\n    return 0\n"}, branch="work")
    author.switch("main")
    base = author.commit({"other.txt": "meanwhile\n"})
    await _fetched(mirror, remote, "main", "work")

    seen = await history.compare(base, head)

    assert (seen.base, seen.head, seen.paths) == (left, head, ("shop/cart.py",))
    (hunk,) = seen.files[0].hunks
    assert (hunk.old_start, hunk.removed, hunk.added) == (
        2,
        ("    return sum(prices)",),
        ("    return 0",),
    )


async def test_the_file_list_is_gits_own(
    history: History, mirror: Mirror, remote: Remote, author: Author
) -> None:
    long = "".join(f"line {n}\n" for n in range(30))
    base = author.commit({"old name.txt": long, "bin": b"\0\1"})
    head = author.commit(
        {
            "old name.txt": None,
            "neu/ümlaut.txt": long,
            "bin": b"\0\2",
            "README.md": None,
            "-x": "x",
        },
        branch="work",
    )
    await _fetched(mirror, remote, "main", "work")

    seen = await history.compare(base, head)

    listed = sh_git(author.clone, "diff", "-z", "--name-only", "main...work")
    assert sorted(seen.paths) == sorted(listed.strip("\0").split("\0"))
    by_path = {change.path: change for change in seen.files}
    assert by_path["neu/ümlaut.txt"].old_path == "old name.txt"
    assert by_path["bin"].binary


async def test_attributes_of_the_branch_hide_nothing(
    history: History, mirror: Mirror, remote: Remote, author: Author
) -> None:
    base = author.tip("main") or ""
    head = author.commit({".gitattributes": "* -diff\n", "x.py": "evil()\n"}, branch="work")
    await _fetched(mirror, remote, "main", "work")

    seen = await history.compare(base, head)

    assert {c.path: [h.added for h in c.hunks] for c in seen.files}["x.py"] == [("evil()",)]


async def test_branches_without_common_history_are_an_error(
    history: History, mirror: Mirror, remote: Remote, author: Author
) -> None:
    base = author.tip("main") or ""
    sh_git(author.clone, "checkout", "-q", "--orphan", "work")
    head = author.commit({"x": "x"})
    await _fetched(mirror, remote, "main", "work")

    with pytest.raises(GitError):
        await history.compare(base, head)


async def test_files_of_a_commit(
    history: History, mirror: Mirror, remote: Remote, author: Author
) -> None:
    head = author.commit({"big": "x" * 100, "-x": "dash\n"})
    (author.clone / "link").symlink_to("README.md")
    await _fetched(mirror, remote, "main")

    assert (
        await history.blob(head, "shop/cart.py") == b"def total(prices):\n    return sum(prices)\n"
    )
    assert await history.blob(head, "-x") == b"dash\n"
    assert await history.blob(head, "none") is None
    assert await history.blob(head, "shop") is None
    assert await history.blob(head, "shop/cart.py/x") is None
    assert await history.blob(head, "big", limit=99) is None
    assert await history.blobs(head, ["README.md", "none"]) == {"README.md": b"# Shop\n"}
    assert await history.paths(head) == frozenset(sh_git(author.clone, "ls-files").split("\n"))


async def test_a_commit_with_its_trailers(
    history: History, mirror: Mirror, remote: Remote, author: Author
) -> None:
    message = (
        "fix: It\n\nBody: not a trailer\n\nForeman-Task: uid-1\nSigned-off-by: A <a@b>\nFixes #1\n"
    )
    head = author.commit({"x": "x"}, message)
    await _fetched(mirror, remote, "main")

    seen = await history.commit(head)

    assert seen.subject == "fix: It"
    assert seen.trailers == (("Foreman-Task", "uid-1"), ("Signed-off-by", "A <a@b>"))
    assert (seen.author_name, seen.committer_email) == ("Ann", "ann@example.org")
    assert seen.committed_at.isoformat() == "2026-01-02T03:04:05+00:00"
    assert seen.parents == (sh_git(author.clone, "rev-parse", "HEAD^"),)
    assert seen.tree == sh_git(author.clone, "rev-parse", "HEAD^{tree}")


async def test_commits_that_are_not_here(
    history: History, mirror: Mirror, remote: Remote, author: Author
) -> None:
    head = (await _fetched(mirror, remote, "main"))[MAIN]

    assert await history.has_commit(head)
    assert not await history.has_commit("1" * 40)
    with pytest.raises(GitError, match="no such commit"):
        await history.commit("1" * 40)
    with pytest.raises(GitError, match="no such commit"):
        await history.blob("1" * 40, "x")
    with pytest.raises(RefError):
        await history.blob("HEAD", "x")


async def test_ancestors(history: History, mirror: Mirror, remote: Remote, author: Author) -> None:
    first = author.tip("main") or ""
    second = author.commit({"x": "x"})
    await _fetched(mirror, remote, "main")

    assert await history.is_ancestor(first, second)
    assert not await history.is_ancestor(second, first)


async def test_reading_ignores_git_variables_and_leaves_nothing_open(
    history: History,
    mirror: Mirror,
    remote: Remote,
    author: Author,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    head = (await _fetched(mirror, remote, "main"))[MAIN]
    await history.commit(head)
    before = len(list(Path("/proc/self/fd").iterdir()))
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"):
        monkeypatch.setenv(name, str(tmp_path / "elsewhere"))

    assert (await history.commit(head)).sha == head
    assert len(list(Path("/proc/self/fd").iterdir())) <= before


async def test_gate_facts_come_from_the_merge_base(
    history: History, mirror: Mirror, remote: Remote, author: Author
) -> None:
    base = author.commit({"pyproject.toml": "[tool.ruff]\n"})
    author.commit({"pyproject.toml": "", "tests/test_new.py": ""}, branch="work")
    await _fetched(mirror, remote, "main", "work")

    facts = await gather(history, base, also=["tests/test_new.py"])

    assert facts.files["pyproject.toml"] == b"[tool.ruff]\n"
    assert facts.python_tests == ["tests/test_cart.py", "tests/test_new.py"]
    assert "tests/test_cart.py" in facts.files
    assert os.environ.get("GIT_DIR") is None


async def test_what_is_no_repository_is_an_error(git: Git, tmp_path: Path) -> None:
    with pytest.raises(GitError, match="cannot be read"):
        await History(git, tmp_path).commit("1" * 40)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("subject", ()),
        ("Foreman-Task: x", ()),
        ("s\n\nForeman-Task: x\n\nmore text\n", ()),
        ("s\n\nA: 1\nB: 2\nFixes #1", (("A", "1"), ("B", "2"))),
        ("s\n\n  Foreman-Task: x", ()),
    ],
)
def test_trailers_are_the_last_paragraph(
    message: str, expected: tuple[tuple[str, str], ...]
) -> None:
    assert trailers(message) == expected
