"""No bytes break a check: a model writes them, and a run would break with it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loop.gates.check import Change, ChangedText, ask
from loop.gates.checks.order import CHECKS
from loop.gates.summary import unverified_names
from loop.repo.diff import FileChange, Hunk, text
from tests.loop.gates.change_support import PROFILE, issue
from tools.result import Evidence

PATHS = (
    "README.md", "docs/a.rst", "test_a.py", "a.test.ts", "a_test.go", "src/a.rs", "ATest.java",
    "a_test.cpp", "a_spec.rb", "ATest.php", "a.snap", "a.py", "Makefile", "\udcff.md",
)  # fmt: skip
PIECES = (
    "```yaml\n", "```json\n", "~~~\n", "```\n", "a: [", "{{ x", "<b", "| ms |\n", "|---|\n", "| 3 |\n",
    "12 ms", "Llama 4 GB\n", "assert x == 1\n", "def test_a():\n", "# ", "/*", "*/", "\n", "\r\n",
    "expect(x).toBe(1)\n", 'it("a", () => {', "})", "#[test]\n", "fn a() {", "}", "@Test void a()",
    "func TestA(t *testing.T) {", '"', "'", "`", "\\", "\0", "\u2028", "\ud7ff", "\t", "9" * 50,
)  # fmt: skip
content = st.none() | st.lists(st.sampled_from(PIECES), max_size=12).map("".join).map(str.encode)
anything = content | st.binary(max_size=60)


def changed(path: str, before: bytes | None, after: bytes | None) -> ChangedText:
    old, new = ((side or b"").split(b"\n")[:-1] for side in (before, after))
    hunk = Hunk(1, len(old), 1, len(new), tuple(map(text, old)), tuple(map(text, new)))
    status = "A" if before is None else "D" if after is None else "M"
    change = FileChange(status, path, path, "100644", "100644", "a", "b", False, (hunk,))
    return ChangedText(change, before, after)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PATHS), anything, anything), max_size=4), content)
def test_every_check_answers(
    files: list[tuple[str, bytes | None, bytes | None]], body: bytes | None
) -> None:
    change = Change(
        files=tuple(changed(*file) for file in files),
        profile=PROFILE,
        issue=issue((body or b"").decode("utf-8", "replace")) if body is not None else None,
        evidence=(Evidence(claim="", source="README.md:2"),),
        cited={"README.md": body or b""},
    )

    asked = ask(change, CHECKS)

    assert len(asked.runs) == len(CHECKS)
    assert all(said.model_dump_json() for said in (*asked.runs, *asked.unverified))
    unverified_names("`README.md` and `a_b()` in `x/y.z`", change, paths=PATHS)


def test_a_file_name_that_is_no_text_can_be_told() -> None:
    asked = ask(Change((changed("\udcff.md", None, b"It takes 12 ms\n"),), PROFILE), CHECKS)

    [fact] = asked.unverified
    assert fact.why_it_matters.startswith("?.md:1 states it")
    assert fact.model_dump_json()


@pytest.mark.parametrize("path", PATHS)
def test_a_side_that_could_not_be_read_breaks_nothing(path: str) -> None:
    one = changed(path, b"assert x == 1\n", b"It takes 12 ms\n")

    ask(Change((ChangedText(one.change, None, None),), PROFILE), CHECKS)
