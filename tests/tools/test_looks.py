from __future__ import annotations

import pytest

from tools.looks import Revisions, shown
from tools.patches import Pages
from tools.tool import Shown

FILES = {"a.py": 10, "src/b.py": 200, "odd name.py": 3, "café.py": 1}

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
OF_DIFF = (
    Shown("src/b.py", 10, 13),
    Shown("src/b.py", 10, 12, old=True),
    Shown("src/b.py", 50, 50, old=True),
    Shown("old.py", 1, 2, old=True),
)
HEAD_SHA, BASE_SHA = "ab12" * 10, "cd34" * 10
REVISIONS = Revisions(("HEAD", "@", "mine", HEAD_SHA), ("origin/main", BASE_SHA))


def look(command: str, stdout: str) -> tuple[Shown, ...]:
    return shown(command, stdout, workspace="/workspace", lines_of=FILES.get, revisions=REVISIONS)


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
        "git diff main | sed -n '1,200p'",
        "git diff main | tail -n +1 | cat",
        "git diff main 2>/dev/null",
        "cd /workspace && git diff main 2>&1 | head -500",
        "GIT_PAGER=cat git diff main",
        "git log --oneline -5; echo '=== diff ==='; git diff main...mine",
        f"git diff {BASE_SHA} {HEAD_SHA[:9]}",
        "git diff $(git merge-base origin/main HEAD)",
        'git diff "$(git merge-base HEAD origin/main)"..HEAD',
        "git -C . diff main",
        "cd src && git -C /workspace diff main...HEAD",
    ],
)
def test_diffs_up_to_here_are_read(command: str) -> None:
    assert look(command, DIFF) == OF_DIFF


@pytest.mark.parametrize(
    "command",
    [
        "cat fake.diff",
        "printf '%s' \"$x\" ; git diff",
        "git diff; echo '@@ -1 +1,9 @@'",
        "cat fake.diff; git diff",
        "grep -r x . ; git diff",
        "git diff; grep -rh x .",
        "git diff; cat fake.diff",
        "git diff; cat a.py | head -20",
        "git log -p; git diff",
        "git log --format=%B; git diff",
        "git diff 2> x",
        f"git diff main {BASE_SHA[:9]}",
        "git diff main ab12",
        "git diff && echo +x",
        "git diff main~2 main~1",
        "git diff main..other",
        "git show abc123",
        "git diff -R",
        "git diff --no-prefix",
        "git diff --no-index a.py x",
        "git diff --relative",
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


MESSAGE = "commit {sha}\nAuthor: Ann <ann@example.com>\n\n    Mend it\n\n"
LOG = MESSAGE.format(sha=HEAD_SHA) + DIFF


@pytest.mark.parametrize(
    "command",
    [
        "git log -p origin/main..HEAD",
        "git --no-pager log -p -1",
        "git log --patch --stat origin/main.. -- src",
        "git log -u origin/main..mine",
    ],
)
def test_the_patch_of_the_newest_commit_is_read(command: str) -> None:
    older = MESSAGE.format(sha=BASE_SHA) + DIFF.replace("b.py", "a.py").replace("+10,4", "+90,4")

    assert look(command, LOG) == OF_DIFF
    assert look(command, f"{LOG}\n{older}") == OF_DIFF


@pytest.mark.parametrize(
    "command",
    [
        "git log origin/main..HEAD",
        "git log -p --all",
        "git log -p --format=%B",
        "git log -p --oneline",
        "git log -p --reverse origin/main..HEAD",
        "git log -p origin/main...HEAD",
        "git log -p origin/other",
        "git log -p && cat notes.txt",
        "git diff $(cat a.py)",
        "git diff $(git merge-base --fork-point x HEAD)",
        "git -C /elsewhere diff main",
        "git -C ../other diff",
    ],
)
def test_other_logs_show_nothing(command: str) -> None:
    assert look(command, LOG) == ()


def test_what_a_file_holds_is_no_diff() -> None:
    fake = "--- a/big.py\n+++ b/big.py\n@@ -0,0 +1,7 @@\n" + "+x\n" * 7
    found = look("git diff main; echo '== a'; cat a.py", f"{DIFF}== a\n{fake}")

    assert found == (*OF_DIFF, Shown("a.py", 1, 10))


def test_a_cut_diff_shows_what_came_through() -> None:
    head, _, tail = DIFF.partition("+3\n")
    stdout = f"{head}[100 bytes cut here]\n{tail}"

    assert look("git diff", stdout) == (
        Shown("src/b.py", 10, 11),
        Shown("src/b.py", 10, 11, old=True),
        Shown("old.py", 1, 2, old=True),
    )


def test_the_end_of_a_cut_diff_is_no_empty_line() -> None:
    stdout = "--- a/a.py\n+++ b/a.py\n@@ -1,5 +1,5 @@\n one\n\n+two\n"

    assert look("git diff | head -6", stdout) == (
        Shown("a.py", 1, 3),
        Shown("a.py", 1, 2, old=True),
    )


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        pytest.param("git show origin/main:a.py", (1, 8), id="branch"),
        pytest.param(f"git show {BASE_SHA[:10]}:a.py", (1, 8), id="short name"),
        pytest.param("git --no-pager show origin/main:a.py | head -8", (1, 8), id="head"),
        pytest.param("git show origin/main:a.py | sed -n '11,18p'", (11, 18), id="window"),
    ],
)
def test_a_file_as_it_was_is_read(command: str, expected: tuple[int, int]) -> None:
    assert look(command, lines(8)) == (Shown("a.py", *expected, old=True),)


@pytest.mark.parametrize("revision", ["HEAD", "@", "mine", HEAD_SHA[:9]])
def test_a_file_of_the_commit_is_read(revision: str) -> None:
    assert look(f"git show {revision}:a.py", lines(10)) == (Shown("a.py", 1, 10),)


def test_a_diff_that_a_file_holds_is_no_diff() -> None:
    assert set(look("git show HEAD:a.py", DIFF)) == {Shown("a.py", 1, DIFF.count("\n"))}


@pytest.mark.parametrize(
    "command",
    [
        "git show other:a.py",
        "git show origin/main",
        "git show origin/main:../a.py",
        "git show origin/main:a.py | tail -8",
        "git show origin/main:a.py; echo x",
        "git show a.py",
    ],
)
def test_other_versions_show_nothing(command: str) -> None:
    assert look(command, lines(8)) == ()


LONG = "--- a/src/b.py\n+++ b/src/b.py\n@@ -1,0 +1,100 @@\n" + "".join(
    f"+line {n}\n" for n in range(1, 101)
)


def paged(*looks: tuple[str, int, int]) -> set[tuple[str, int, int]]:
    """What is seen of `LONG` by commands that print these rows of it."""
    pages, rows = Pages(), LONG.splitlines(keepends=True)
    found: list[Shown] = []
    for command, first, last in looks:
        found += shown(
            command,
            "".join(rows[first - 1 : last]),
            workspace="/workspace",
            lines_of=FILES.get,
            revisions=REVISIONS,
            pages=pages,
        )
    return {(one.path, one.start, one.end) for one in found}


@pytest.mark.parametrize(
    ("looks", "last"),
    [
        pytest.param([("git diff main | head -50", 1, 50)], 47, id="one"),
        pytest.param(
            [("git diff main | head -50", 1, 50), ("git diff main | sed -n '51,103p'", 51, 103)],
            100,
            id="two",
        ),
        pytest.param(
            [("git diff main | tail -n +51", 51, 103), ("git diff main | head -50", 1, 50)],
            100,
            id="backwards",
        ),
        pytest.param(
            [
                ("git diff main | head -40", 1, 40),
                ("git diff main | tail -n +31 | head -40", 31, 70),
            ],
            67,
            id="overlapping",
        ),
        pytest.param(
            [("git diff main | head -50", 1, 50), ("git diff main | sed -n '60,103p'", 60, 103)],
            47,
            id="with a gap",
        ),
        pytest.param(
            [("git diff main | head -50", 1, 50), ("git diff other | sed -n '51,103p'", 51, 103)],
            47,
            id="of another diff",
        ),
        pytest.param(
            [("git diff main | head -50", 1, 50), ("git diff main | tail -53", 51, 103)],
            47,
            id="from the end",
        ),
    ],
)
def test_a_long_diff_is_read_in_pages(looks: list[tuple[str, int, int]], last: int) -> None:
    found = paged(*looks)

    assert max(end for _, _, end in found) == last
    assert {path for path, _, _ in found} == {"src/b.py"}


def test_rows_behind_a_cut_are_no_page() -> None:
    pages = Pages()

    assert pages.around("git diff", 1, "a\n[9 bytes cut here]\nz\n") == "a\n"
    assert pages.around("git diff", 2, "b\n") == "a\nb\n"


def test_files_without_lines_are_seen_too() -> None:
    stdout = """\
diff --git a/x/old.py b/y/new.py
similarity index 100%
rename from x/old.py
rename to y/new.py
diff --git a/run me.sh b/run me.sh
old mode 100644
new mode 100755
diff --git a/logo.png b/logo.png
index 1..2 100644
Binary files a/logo.png and b/logo.png differ
diff --git a/a.py b/a.py
index 1..2 100644
--- a/a.py
+++ b/a.py
@@ -1 +1 @@
-x
+y
"""

    assert look("git diff", stdout) == (
        Shown("y/new.py", 0, 0),
        Shown("run me.sh", 0, 0),
        Shown("logo.png", 0, 0),
        Shown("a.py", 1, 1),
        Shown("a.py", 1, 1, old=True),
    )


@pytest.mark.parametrize(
    ("command", "stdout", "paths"),
    [
        pytest.param(
            "git diff --name-status main...HEAD",
            "R100\tsrc/old.py\tsrc/deep/new.py\nM\ta b.py\n",
            ["src/deep/new.py", "a b.py"],
            id="name-status",
        ),
        pytest.param("git diff --name-only main", "a.py\nb/c.py\n", ["a.py", "b/c.py"], id="names"),
        pytest.param(
            "git diff --stat main",
            " src/{old.py => deep/new.py} | 0\n x => y.py  |  2 +-\n lib/{a => }/b.py | 4 ++\n"
            " logo.png | Bin 0 -> 9 bytes\n 3 files changed, 4 insertions(+)\n",
            ["src/deep/new.py", "y.py", "lib/b.py", "logo.png"],
            id="stat",
        ),
    ],
)
def test_a_list_of_files_shows_that_they_are_there(
    command: str, stdout: str, paths: list[str]
) -> None:
    found = look(command, stdout)

    assert set(paths) <= {one.path for one in found}
    assert all((one.start, one.end) == (0, 0) for one in found)


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
        pytest.param(
            "cat -n src/b.py 2>/dev/null | sed -n '100,120p'",
            lines(21),
            (Shown("src/b.py", 100, 120),),
            id="piped into sed",
        ),
        pytest.param(
            "nl -ba src/b.py | tail -n +150 | head -20",
            lines(20),
            (Shown("src/b.py", 150, 169),),
            id="piped twice",
        ),
        pytest.param("cat a.py | tail -3", lines(3), (Shown("a.py", 8, 10),), id="piped tail"),
        pytest.param("cat a.py | sed -n 5p", lines(1), (Shown("a.py", 5, 5),), id="piped line"),
        pytest.param("cat a.py | sed -n 5q", lines(1), (), id="piped, another filter"),
        pytest.param("echo '== a'; cat a.py", lines(11), (Shown("a.py", 1, 10),), id="heading"),
        pytest.param("echo '== a'; cat a.py", lines(10), (), id="heading and too little"),
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


@pytest.mark.parametrize(
    "command",
    [
        "git show -s --format='--- a/src/b.py%n+++ b/src/b.py%n@@ -1 +1,9 @@%n+x' HEAD",
        "git show --no-patch --pretty=format:%B HEAD",
        "git show HEAD:made.diff HEAD",
        "git show HEAD:made.diff mine",
    ],
)
def test_a_diff_of_somebodys_making_is_not_gits(command: str) -> None:
    assert look(command, DIFF) == ()


@pytest.mark.parametrize("head", ["--format=%h", "--pretty=oneline", "--format=", "--pretty"])
def test_how_the_head_of_a_commit_is_printed_does_not_matter(head: str) -> None:
    assert look(f"git show {head} HEAD", DIFF) == OF_DIFF


def test_a_diff_against_an_altered_file_shows_what_was_there_alone() -> None:
    seen = shown("git diff main", DIFF, workspace="/workspace", lines_of=lambda _: None)

    assert seen == tuple(one for one in OF_DIFF if one.old)


def test_a_file_behind_a_command_that_failed_was_not_printed() -> None:
    assert look("grep -q nothing a.py && cat a.py; ls -R", lines(40)) == ()


@pytest.mark.parametrize(
    "command",
    [
        "git log --oneline && cat a.py",
        "grep -n x src/b.py && cat a.py && git status",
        "cat a.py && ls; git status",
        "ls; cat a.py",
    ],
)
def test_a_file_among_other_answers_was_printed(command: str) -> None:
    assert look(command, lines(40)) == (Shown("a.py", 1, 10),)
