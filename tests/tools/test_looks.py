from __future__ import annotations

import pytest

from tools.looks import shown
from tools.tool import Shown

FILES = {"a.py": 10, "src/b.py": 200, "odd name.py": 3}

DIFF = """\
diff --git a/src/b.py b/src/b.py
index 1..2 100644
--- a/src/b.py
+++ b/src/b.py
@@ -10,3 +10,4 @@ def f():
 one
-two
+2
+3
 four
@@ -50 +51,0 @@
-gone
diff --git a/old.py b/old.py
deleted file mode 100644
--- a/old.py
+++ /dev/null
@@ -1,2 +0,0 @@
-x
-y
"""
OF_DIFF = (Shown("src/b.py", 10, 13), Shown("old.py", 1, 2))


def look(command: str, stdout: str) -> tuple[Shown, ...]:
    return shown(command, stdout, workspace="/workspace", lines_of=FILES.get)


def lines(count: int) -> str:
    return "x\n" * count


@pytest.mark.parametrize(
    "command",
    [
        "git diff",
        "git diff main...HEAD",
        "git diff main.. -- src",
        "git --no-pager diff -U10 main src/b.py",
        "git diff main HEAD",
        "git show",
        "git show HEAD",
        "cd src && git diff main",
        "git status; git diff main...HEAD | cat",
        "git diff main | head -n 100",
    ],
)
def test_diffs_up_to_here_are_read(command: str) -> None:
    assert look(command, DIFF) == OF_DIFF


@pytest.mark.parametrize(
    "command",
    [
        "cat fake.diff",
        "printf '%s' \"$x\" ; git diff",
        "git diff && echo x",
        "git diff main~2 main~1",
        "git diff main..other",
        "git show abc123",
        "git diff -R",
        "git diff --no-prefix",
        "git diff | grep x",
        "git diff > /dev/null",
        "git diff $(cat x)",
        "git diff & ",
        "true || git diff",
        "git -c alias.x=y diff",
        "python3 -c 'print(1)'",
        "cd .. && git diff",
        "git diff 'unbalanced",
    ],
)
def test_other_diffs_show_nothing(command: str) -> None:
    assert look(command, DIFF) == ()


def test_a_cut_diff_shows_what_came_through() -> None:
    head, _, tail = DIFF.partition("+3\n")
    stdout = f"{head}[100 bytes cut here]\n{tail}"

    assert look("git diff", stdout) == (Shown("src/b.py", 10, 11), Shown("old.py", 1, 2))


def test_quoted_names_are_read() -> None:
    diff = '--- "a/caf\\303\\251.py"\n+++ "b/caf\\303\\251.py"\n@@ -0,0 +1 @@\n+x\n'

    assert look("git diff", diff) == (Shown("café.py", 1, 1),)


@pytest.mark.parametrize(
    ("command", "stdout", "expected"),
    [
        pytest.param("cat a.py", lines(10), (Shown("a.py", 1, 10),), id="cat"),
        pytest.param("cat /workspace/a.py", lines(10), (Shown("a.py", 1, 10),), id="absolute"),
        pytest.param("cd src && nl b.py", lines(200), (Shown("src/b.py", 1, 200),), id="cd"),
        pytest.param("cat 'odd name.py'", lines(3), (Shown("odd name.py", 1, 3),), id="quoted"),
        pytest.param(
            "cat a.py src/b.py",
            lines(210),
            (Shown("a.py", 1, 10), Shown("src/b.py", 1, 200)),
            id="two",
        ),
        pytest.param("sed -n 5,20p src/b.py", lines(16), (Shown("src/b.py", 5, 20),), id="sed"),
        pytest.param(
            "sed -n '190,$p' src/b.py", lines(11), (Shown("src/b.py", 190, 200),), id="to end"
        ),
        pytest.param("sed -n 7p a.py", lines(1), (Shown("a.py", 7, 7),), id="one line"),
        pytest.param("head src/b.py", lines(10), (Shown("src/b.py", 1, 10),), id="head"),
        pytest.param("head -n 3 src/b.py", lines(3), (Shown("src/b.py", 1, 3),), id="head -n"),
        pytest.param("tail -5 src/b.py", lines(5), (Shown("src/b.py", 196, 200),), id="tail"),
        pytest.param("cat src/b.py | head -20", lines(20), (Shown("src/b.py", 1, 20),), id="piped"),
        pytest.param(
            "cat a.py; sed -n 1,2p src/b.py",
            lines(12),
            (Shown("a.py", 1, 10), Shown("src/b.py", 1, 2)),
            id="list",
        ),
        pytest.param(
            "cat src/b.py",
            f"{lines(20)}[900 bytes cut here]\n{lines(30)}",
            (Shown("src/b.py", 1, 20), Shown("src/b.py", 171, 200)),
            id="cut",
        ),
        pytest.param("cat a.py", "", (), id="nothing printed"),
        pytest.param("cat a.py > x", "", (), id="redirected"),
        pytest.param("cat gone.py", "", (), id="absent"),
        pytest.param("cat ../a.py", lines(10), (), id="outside"),
        pytest.param("sed -i 5d a.py", "", (), id="edit"),
        pytest.param("sed -n '/x/p' a.py", lines(10), (), id="pattern"),
        pytest.param("tail -f a.py", lines(10), (), id="follow"),
        pytest.param("cat a.py | head -c 10", lines(10), (), id="bytes"),
        pytest.param("wc -l a.py", "10 a.py\n", (), id="count"),
        pytest.param("", "", (), id="empty"),
    ],
)
def test_files_are_read_off_commands(
    command: str, stdout: str, expected: tuple[Shown, ...]
) -> None:
    assert look(command, stdout) == expected
