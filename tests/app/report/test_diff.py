from __future__ import annotations

import pytest

from app.report.diff import located, places, right_lines

PATCH = """@@ -1,4 +1,5 @@ def f():
 one
-two
+zwei
+drei
 three

@@ -20,2 +21 @@
-gone
 kept
\\ No newline at end of file"""


def test_the_lines_that_take_comments() -> None:
    assert list(right_lines(PATCH)) == [1, 2, 3, 4, 5, 21]


def test_a_patch_of_deletions_has_no_place() -> None:
    assert list(right_lines("@@ -1,2 +0,0 @@\n-a\n-b")) == []


def test_files_without_a_patch_have_no_place() -> None:
    files = [{"filename": "a.py", "patch": PATCH}, {"filename": "b.png"}]

    assert places(files) == {"a.py": frozenset({1, 2, 3, 4, 5, 21})}


@pytest.mark.parametrize(
    ("path", "line", "expected"),
    [
        pytest.param("src/a.py", 2, ("src/a.py", 2), id="there"),
        pytest.param("./src/a.py", 2, ("src/a.py", 2), id="spelt otherwise"),
        pytest.param("a.py", 2, ("src/a.py", 2), id="unique end"),
        pytest.param("c.py", 2, None, id="two such ends"),
        pytest.param("src/a.py", 9, None, id="no such line"),
        pytest.param("src/a.py", None, None, id="no line"),
        pytest.param("src/a.py", 0, None, id="line 0"),
        pytest.param(None, 2, None, id="no file"),
        pytest.param("z.py", 2, None, id="other file"),
    ],
)
def test_where_a_comment_may_stand(
    path: str | None, line: int | None, expected: tuple[str, int] | None
) -> None:
    there = {name: frozenset({2}) for name in ("src/a.py", "x/c.py", "y/c.py")}

    assert located(path, line, there) == expected
