from __future__ import annotations

from typing import Any

import pytest

from loop.evidence import Covers
from loop.rails.named import refs, tokens
from loop.rails.order import reconcile
from loop.rails.scope import RAIL
from tests.loop.rails.rails_support import file, inside, record

TREE = [
    "src/app/parser.py",
    "src/app/lexer.py",
    "src/web/utils.py",
    "src/store/utils.py",
    "tests/test_parser.py",
    "docs/usage.md",
    "config.yaml",
    "web/index.js",
    "web/index.d.ts",
    "include/ring/ring.hpp",
    "src/ring.cc",
    "src/ring_buffer.cc",
]


def ruled(body: str, *changed: str, verdict: Any = "GO", **fields: Any) -> Any:
    found = record(verdict=verdict, body=body, files=[file(path, 1) for path in changed])
    return reconcile(inside(found, TREE, ".js", **fields), [RAIL])


# What upstream documents of its extraction, without a repository to ask.
@pytest.mark.parametrize(
    ("body", "names"),
    [
        pytest.param("Fix `internal/cli/run.go`.", ["internal/cli/run.go"], id="backticks"),
        pytest.param("See main.go:12 and util.go:12-30!", ["main.go", "util.go"], id="lines"),
        pytest.param("(a.go, b.yaml; 'c.json')", ["a.go", "b.yaml", "c.json"], id="marks"),
        pytest.param("Dockerfile and Makefile", ["Dockerfile", "Makefile"], id="names"),
        pytest.param("a.go a.go", ["a.go"], id="once"),
        pytest.param("run.go of cmd/run.go", ["cmd/run.go"], id="the longer"),
        pytest.param("/etc//x.go, a b, v1.2, e.g. this", [], id="no names"),
        pytest.param("escaped \\`a\\_b.go\\`", ["a_b.go"], id="escaped"),
        pytest.param("**a.go**, <b.go>, x=c.go", ["a.go", "b.go", "c.go"], id="more marks"),
        pytest.param("`parser.go`の修正、lexer.goを", ["parser.go", "lexer.go"], id="no spaces"),
        pytest.param("src\\cli\\run.go", ["src/cli/run.go"], id="backslashes"),
        pytest.param("./a.go and ../lib/b.go.", ["a.go", "lib/b.go"], id="relative"),
        pytest.param("Since node.js and self.c", [], id="no files"),
        pytest.param(
            "https://host/o/r/blob/main/cmd/run.go#L3-L9 https://host/x.go",
            ["cmd/run.go"],
            id="links",
        ),
    ],
)
def test_names_are_taken_from_the_issue(body: str, names: list[str]) -> None:
    assert refs(record(body=body)) == names


@pytest.mark.parametrize(
    ("body", "names"),
    [
        pytest.param("`lexer.py` is slow", ["lexer.py"], id="known"),
        pytest.param("all of `src/app` and tests/", ["src/app/", "tests/"], id="folders"),
        pytest.param("and/or, input/output, app", [], id="no folders"),
        pytest.param("add `cache.py`", ["cache.py"], id="to be made"),
        pytest.param("my `settings.yaml` and notes.txt", [], id="the writer's own settings"),
        pytest.param("```\n$ python app.py\n```", [], id="the writer's own code"),
        pytest.param("```\nFile src/app/lexer.py:3\n```", ["src/app/lexer.py"], id="a trace"),
        pytest.param(
            "/home/u/proj/src/app/lexer.py", ["/home/u/proj/src/app/lexer.py"], id="whole"
        ),
        pytest.param("at org.Pool.get(pool.py:155)", [], id="a trace of others"),
        pytest.param("at app.Lexer(lexer.py:5)", ["lexer.py"], id="a trace of ours"),
        pytest.param("index.js, node.js", ["index.js"], id="only what is there"),
        pytest.param("x.kt", [], id="no language of this repository"),
    ],
)
def test_the_repository_says_what_is_a_name(body: str, names: list[str]) -> None:
    assert refs(inside(record(body=body, files=[]), TREE, ".js")) == names


@pytest.mark.parametrize(
    ("body", "changed"),
    [
        pytest.param("`src/app/parser.py` crashes", "src/app/parser.py", id="path"),
        pytest.param("`parser.py` crashes", "src/app/parser.py", id="name"),
        pytest.param("`parser.py` and `lexer.py`", "src/app/lexer.py", id="one of them"),
        pytest.param("all of src/app/", "src/app/new.py", id="folder"),
        pytest.param("add tests for parser.py", "tests/test_parser.py", id="its test"),
        pytest.param("tests/test_parser.py fails", "src/app/parser.py", id="what it tests"),
        pytest.param("`ring.hpp` leaks", "src/ring.cc", id="a header's source"),
        pytest.param("web/index.js is wrong", "web/index.d.ts", id="a module's stub"),
        pytest.param("old/parser.py crashes", "src/app/parser.py", id="moved since"),
        pytest.param("`cache.py` please", "src/app/cache.py", id="made"),
    ],
)
def test_a_change_of_what_is_named_is_in_scope(body: str, changed: str) -> None:
    found = ruled(body, changed)

    assert (found.verdict, found.rulings[0].ruling) == ("GO", "kept")
    assert found.extra.scope_drift_detected is None
    assert found.extra.scope_matched
    assert found.extra.scope_matched_via_content is None


def test_a_renamed_file_is_known_by_its_old_name() -> None:
    found = record(
        body="src/app/parser.py", files=[file("src/app/reader.py", 1, old="src/app/parser.py")]
    )

    assert reconcile(inside(found, TREE), [RAIL]).extra.scope_matched == ["src/app/parser.py"]


def test_drift_turns_a_go_down() -> None:
    found = ruled("`parser.py` crashes", "src/app/lexer.py")

    assert (found.verdict, found.extra.verdict_claimed) == ("NO-GO", "GO")
    assert found.extra.scope_refs == ["parser.py"]
    assert found.extra.scope_matched is None
    assert found.extra.scope_drift_detected is True
    assert found.extra.scope_drift_not_demoted is None
    assert found.extra.demotion_reason == (
        "scope: the change touches none of the files that the issue names"
    )


@pytest.mark.parametrize(
    ("body", "changed"),
    [
        pytest.param("src/web/utils.py", "src/store/utils.py", id="the same name elsewhere"),
        pytest.param("all of src/app/", "src/web/utils.py", id="another folder"),
        pytest.param("`parser.py`", "tests/test_lexer.py src/app/lexer.py", id="another test"),
        pytest.param("add `cache.py`", "src/app/lexer.py", id="not made"),
        pytest.param("`ring.hpp` leaks", "src/ring_buffer.cc", id="another source"),
        pytest.param("`ring.hpp` leaks", "src/ring.py", id="another language"),
        pytest.param("`config.yaml` is wrong", "config.py", id="settings and code"),
        pytest.param("web/index.js is wrong", "app/index.ts", id="another folder's index"),
    ],
)
def test_these_are_drift(body: str, changed: str) -> None:
    assert ruled(body, *changed.split()).verdict == "NO-GO"


@pytest.mark.parametrize(
    ("verdict", "changed", "why"),
    [
        ("GO", "docs/usage.md", "diff-has-no-source-file"),
        ("NO-GO", "docs/usage.md", "diff-has-no-source-file"),
        ("GO", "tests/test_lexer.py", "diff-has-no-source-file"),
        ("NO-GO", "src/app/lexer.py", "verdict-already-non-go"),
        ("INCOMPLETE", "src/app/lexer.py", "verdict-already-non-go"),
    ],
)
def test_drift_that_demotes_nothing_says_why(verdict: str, changed: str, why: str) -> None:
    found = ruled("`parser.py`", changed, verdict=verdict)

    assert (found.verdict, found.rulings[0].ruling) == (verdict, "annotated")
    assert found.extra.scope_drift_not_demoted == why
    assert found.extra.scope_drift_detected is True


def test_an_import_vouches_by_content() -> None:
    tests = {"tests/test_all.py": Covers(by_import=["src/app/parser.py"])}
    found = ruled("more tests for `parser.py`", "tests/test_all.py", tests=tests)

    assert found.extra.scope_matched is None
    assert found.extra.scope_matched_via_content == ["parser.py"]
    assert found.rulings[0].ruling == "kept"


def test_where_only_documents_are_named_the_code_they_speak_of_vouches() -> None:
    body = "docs/usage.md says that `read_all` closes the file; it does not"

    assert ruled(body, "src/app/lexer.py").verdict == "NO-GO"
    vouched = ruled(body, "src/app/lexer.py", identifiers=["read_all"])
    assert (vouched.verdict, vouched.rulings[0].ruling) == ("GO", "annotated")
    assert vouched.extra.scope_drift_detected is None
    named = ruled(f"{body}, see parser.py", "src/app/lexer.py", identifiers=["read_all"])
    assert named.verdict == "NO-GO"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        pytest.param({"body": "Names no file"}, "the issue names no file", id="no names"),
        pytest.param({"body": ""}, "the issue has no text", id="no text"),
        pytest.param({}, "the issue has no text", id="no issue"),
        pytest.param({"body": "a.py", "files": []}, "the diff is empty", id="no files"),
    ],
)
def test_without_names_it_only_observes(fields: Any, reason: str) -> None:
    found = reconcile(record(**fields), [RAIL])

    assert found.verdict == "GO"
    assert found.extra.rails_skipped == [f"scope: {reason}"]
    assert found.extra.scope_refs is None


def test_a_cut_record_is_no_drift() -> None:
    found = record(body="b.py").replace(files_omitted=3)

    assert reconcile(found, [RAIL]).extra.rails_skipped == [
        "scope: the change is too large to be kept whole"
    ]


@pytest.mark.parametrize("word", [":1" * 30_000, "./" * 30_000, "a_" * 30_000, "\\" * 60_000])
@pytest.mark.timeout(20)
def test_no_word_takes_for_ever(word: str) -> None:
    assert refs(record(body=f"{word} and a.go")) == ["a.go"]


def test_a_long_issue_is_read_quickly() -> None:
    body = " ".join(f"word{n}/x{n}.py" for n in range(5000))

    assert len(tokens(body)) == 5000
    assert reconcile(record(body=body), [RAIL]).verdict == "NO-GO"
