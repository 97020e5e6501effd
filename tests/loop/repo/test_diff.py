from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loop.repo.diff import FileChange, Hunk, parse
from loop.repo.errors import DiffError
from tests.loop.repo.repo_support import ENVIRONMENT

Tree = dict[str, tuple[str, bytes]]  # path → mode, content

_names = st.sampled_from(
    ["a", "b.py", "dir/c", "dir/d e", 'q"uote', "tab\tname", "new\nline", "ü", "-x"]
)
_lines = st.lists(
    st.sampled_from(
        [
            b"x",
            b"",
            b"diff --git a/x b/x",
            b"@@ -1 +1 @@",
            b"--- a/x",
            b"+++ b/x",
            b"-",
            b"+",
            b"\\ No",
            b"y\r",
            b"\xff",
        ]
    ),
    max_size=8,
)
_contents = st.builds(
    lambda lines, end: b"\n".join(lines) + end, _lines, st.sampled_from([b"", b"\n"])
)
_entries = st.tuples(st.sampled_from(["100644", "100755", "120000"]), _contents)
_trees = st.dictionaries(_names, _entries, max_size=6)


@pytest.fixture(name="bare", scope="module")
def _bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("diff") / "bare.git"
    subprocess.run(["git", "init", "-q", "--bare", str(path)], check=True, env=ENVIRONMENT)
    return path


def _call(bare: Path, *arguments: str, stdin: bytes = b"") -> bytes:
    command = ["git", "--git-dir", str(bare), *arguments]
    return subprocess.run(
        command, input=stdin, capture_output=True, check=True, env=ENVIRONMENT
    ).stdout


def _write(bare: Path, tree: Tree) -> str:
    stream = b"commit refs/heads/x\ncommitter A <a@b> 0 +0000\ndata 0\n"
    for name, (mode, content) in tree.items():
        quoted = name.encode().replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n")
        stream += b'M %s inline "%s"\n' % (mode.encode(), quoted)
        stream += b"data %d\n%s\n" % (len(content), content)
    _call(bare, "update-ref", "-d", "refs/heads/x")
    _call(bare, "fast-import", "--quiet", "--force", stdin=stream)
    return _call(bare, "rev-parse", "refs/heads/x").decode().strip()


def _diff(bare: Path, old: str, new: str) -> bytes:
    return _call(
        bare,
        "diff-tree",
        "-r",
        "-z",
        "-M",
        "--no-commit-id",
        "--full-index",
        "--raw",
        "--patch",
        "-U0",
        old,
        new,
    )


def _old_lines(content: bytes) -> list[str]:
    return (
        [line.decode("utf-8", "replace") for line in content.removesuffix(b"\n").split(b"\n")]
        if content
        else []
    )


def _rebuilt(change: FileChange, old: bytes) -> list[str]:
    """The old lines with the hunks applied, back to front."""
    lines = _old_lines(old)
    for hunk in reversed(change.hunks):
        start = hunk.old_start - (1 if hunk.old_count else 0)
        assert tuple(lines[start : start + hunk.old_count]) == hunk.removed
        lines[start : start + hunk.old_count] = list(hunk.added)
    return lines


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(old=_trees, new=_trees)
def test_hunks_turn_the_old_tree_into_the_new_one(bare: Path, old: Tree, new: Tree) -> None:
    changes = parse(_diff(bare, _write(bare, old), _write(bare, new)))

    expected = dict(old)
    for change in changes:
        if change.status in "DR":
            del expected[change.old_path]
        if change.status == "D":
            continue
        source = b"" if change.status in "AT" else old[change.old_path][1]
        hunks = [h for h in change.hunks if not (change.status == "T" and h.new_count == 0)]
        after = FileChange(**{**change.__dict__, "hunks": tuple(hunks)})
        if not change.binary:
            assert _rebuilt(after, source) == _old_lines(new[change.path][1])
        expected[change.path] = new[change.path]
    assert expected == new


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_garbage_is_a_diff_error_or_nothing(data: bytes) -> None:
    for prefix in (
        b"",
        b":",
        b":100644 100644 aaa bbb M\0x\0\0",
        b":100644 100644 aaa bbb M\0x\0\0diff --git a/x b/x\n@@ -1 +1 @@\n",
    ):
        try:
            parse(prefix + data)
        except DiffError:
            continue


def _one(bare: Path, old: Tree, new: Tree) -> FileChange:
    (change,) = parse(_diff(bare, _write(bare, old), _write(bare, new)))
    return change


def test_a_changed_line_has_both_sides(bare: Path) -> None:
    change = _one(bare, {"a": ("100644", b"1\n2\n3\n")}, {"a": ("100644", b"1\ntwo\n3\n")})

    assert (change.status, change.hunks) == ("M", (Hunk(2, 1, 2, 1, ("2",), ("two",)),))
    assert list(change.added()) == [(2, "two")]
    assert (change.added_lines, change.removed_lines) == (1, 1)


def test_a_rename_names_both_paths(bare: Path) -> None:
    content = b"".join(b"line %d\n" % n for n in range(20))
    change = _one(bare, {"a": ("100644", content)}, {"b": ("100644", content + b"more\n")})

    assert (change.status, change.old_path, change.path) == ("R", "a", "b")
    assert change.hunks == (Hunk(20, 0, 21, 1, (), ("more",)),)


def test_a_mode_change_has_no_hunks(bare: Path) -> None:
    change = _one(bare, {"a": ("100644", b"x\n")}, {"a": ("100755", b"x\n")})

    assert change.mode_changed
    assert change.hunks == ()


def test_a_binary_file_is_binary(bare: Path) -> None:
    change = _one(bare, {}, {"a": ("100644", b"\0\1\2")})

    assert change.binary
    assert not change.hunks


def test_a_deletion_keeps_the_removed_lines(bare: Path) -> None:
    change = _one(bare, {"a": ("100644", b"x\ny\n")}, {})

    assert (change.status, change.hunks[0].removed) == ("D", ("x", "y"))


def test_a_submodule_is_an_entry(bare: Path) -> None:
    sha = "1" * 40
    tree = (
        _call(bare, "mktree", "--missing", stdin=f"160000 commit {sha}\tlib\n".encode())
        .decode()
        .strip()
    )
    empty = _call(bare, "mktree").decode().strip()

    (change,) = parse(_diff(bare, empty, tree))

    assert change.is_submodule
    assert (change.path, change.new_sha) == ("lib", sha)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b":100644 100644 a b M\0x", "cut off at byte"),
        (b":100644 100644 a b X\0x\0", "of unknown status"),
        (b":100644 100644 a b M\0x\0garbage", "no end of the raw records"),
        (b":100644 100644 a b M\0x\0\0what\n", "opens no file"),
        (
            b":100644 100644 a b M\0x\0\0diff --git a/x b/x\n@@ -1 +1 @@\n-x",
            "cut off inside a hunk",
        ),
        (
            b":100644 100644 a b M\0x\0\0diff --git a/x b/x\n@@ -1 +1 @@\n-x\n-y\n+z\n",
            "other counts",
        ),
        (b":100644 100644 a b M\0x\0\0diff --git a/x b/x\n@@ -1 +1 @@\n-x\n?\n", "not of a hunk"),
        (
            b":100644 100644 a b M\0x\0\0diff --git a/x b/x\ndiff --git a/y b/y\n",
            "1 sections expected, 2",
        ),
    ],
)
def test_what_is_no_diff_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(DiffError, match=message):
        parse(data)


def test_no_change_is_no_file() -> None:
    assert parse(b"") == ()
