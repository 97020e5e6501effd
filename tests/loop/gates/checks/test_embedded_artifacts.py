from __future__ import annotations

import time
from dataclasses import replace

import pytest

from loop.gates.checks.embedded_artifacts import CHECK
from tests.loop.gates.change_support import change


def fenced(language: str, *lines: str, marks: str = "```") -> str:
    return "\n".join(["# Use", "", f"{marks}{language}", *lines, marks, "", "That is all.", ""])


def outcome(text: str | bytes, *, before: str = "# Use\n", path: str = "docs/use.md") -> str:
    return CHECK.judge(change({path: before}, {path: text})).outcome


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(fenced("yaml", "a: 1", "b: [x, y]"), id="yaml"),
        pytest.param(fenced("yaml", "---", "a: 1", "---", "b: 2"), id="yaml documents"),
        pytest.param(fenced("yaml", "a: !Ref x", "b: *elsewhere"), id="tags and anchors"),
        pytest.param(fenced("yaml", "a: 1", "...", "b: 2"), id="yaml abridged"),
        pytest.param(fenced("yaml", "spec:", "  # ...", "  a: {{ .Values.a }}"), id="helm value"),
        pytest.param(
            fenced("yaml", "a:", "  {{- toYaml .Values | nindent 2 }}", "{{- if .x }}", "b: 1"),
            id="helm lines",
        ),
        pytest.param(fenced("yml", "- run: ${{ matrix.os }}", "- {os: ${{ x }}}"), id="workflow"),
        pytest.param(fenced("yaml", "- name: <your name>", "  port: <port>"), id="placeholders"),
        pytest.param(fenced('yaml title="a.yaml" {2}', "a: 1"), id="info string"),
        pytest.param(fenced("json", '{"a": [1, 2], "b": null}'), id="json"),
        pytest.param(fenced("json", "{", "  // which one", '  "a": 1', "}"), id="json comment"),
        pytest.param(fenced("json", '{"u": "https://x.y/a//b"}'), id="slashes in a string"),
        pytest.param(fenced("json", '{"a": 1,', "  ...", "}"), id="json abridged"),
        pytest.param(fenced("json", '{"a": [1, 2, ...], "b": {...}}'), id="json abridged inside"),
        pytest.param(fenced("json", "[", '  {"a": "["},', "  ..."), id="json without its end"),
        pytest.param(fenced("json", '{"port": <port>, "host": "<host>"}'), id="json placeholder"),
        pytest.param(fenced("json", '"scripts": {', '  "test": "x"', "},"), id="json members"),
        pytest.param(fenced("json", '{"a": 1}', '{"a": 2}'), id="json lines"),
        pytest.param(fenced("json5", "{a: 1,}"), id="another language"),
        pytest.param(fenced("toml", "[tool.x]", "a = 1", "..."), id="toml"),
        pytest.param(fenced("toml", "a = <number>"), id="toml placeholder"),
        pytest.param(fenced("", "a: b: c"), id="no language"),
        pytest.param(fenced("text", "{"), id="text"),
        pytest.param(fenced("python", "x = {"), id="python"),
        pytest.param("- a list\n  ```yaml\n  a: 1\n  b: 2\n  ```\n", id="indented"),
        pytest.param("> ```yaml\n> a:\n>   b: 1\n> ```\n", id="quoted"),
        pytest.param("1. ```json\n   {}\n   ```\n", id="in an item"),
        pytest.param(fenced("yaml", "a: 1").replace("\n", "\r\n"), id="line endings of Windows"),
    ],
)
def test_what_parses_passes(text: str) -> None:
    assert outcome(text) == "passed"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(fenced("yaml", "a: b: c"), id="yaml"),
        pytest.param(fenced("yaml", "a: 1", "---", "b: [1"), id="second document"),
        pytest.param(fenced("yaml", "a: {{ x }}", "b: [1"), id="beside a template"),
        pytest.param(fenced("yaml", "a:", "\t- 1"), id="tab"),
        pytest.param(fenced("json", '{"a": 1,}'), id="trailing comma"),
        pytest.param(fenced("json", "{'a': 1}"), id="quotes"),
        pytest.param(fenced("json", '{"a": 1}}'), id="brace too many"),
        pytest.param(fenced("json", '{"a": "...",}'), id="dots in a string are no ellipsis"),
        pytest.param(fenced("json", "[", '  {"a": 1},'), id="end missing without a word"),
        pytest.param(fenced("toml", "a = 1", "a = 2"), id="toml"),
        pytest.param(fenced("toml", "a = "), id="toml without a value"),
        pytest.param(fenced("JSON", "{", marks="~~~~"), id="tildes"),
        pytest.param(fenced("json", "[" * 100_000), id="nested without end"),
        pytest.param("> ```yaml\n> a: b: c\n> ```\n", id="quoted"),
        pytest.param("```json\n{", id="never closed"),
    ],
)
def test_what_does_not_parse_blocks(text: str) -> None:
    assert outcome(text) == "failed"


def test_the_place_and_the_fault_are_told() -> None:
    found = CHECK.judge(change({}, {"a.md": fenced("json", '{"a": 1', '"b": 2}')}))

    assert found.detail.startswith("a.md:3: json does not parse: Expecting ',' delimiter: line 2")


def test_a_broken_fence_that_was_there_is_not_the_coders() -> None:
    broken = fenced("json", "{")

    assert outcome(f"{broken}\nMore words.\n", before=broken) == "passed"
    assert outcome(f"# Above\n\n{broken}", before=broken) == "passed"


def test_one_that_moves_to_another_file_is_not_the_coders() -> None:
    broken = fenced("json", "{")

    found = CHECK.judge(
        change({"a.md": f"Words\n{broken}" * 2}, {"a.md": "Words\n", "b.md": f"x\n\n\n{broken}"})
    )

    assert found.outcome == "passed"


def test_an_edit_within_a_fence_counts() -> None:
    assert outcome(fenced("json", '{"a": 1,}'), before=fenced("json", '{"a": 1}')) == "failed"
    two, one = fenced("json", "{", '"a": 1', "}"), fenced("json", "{", '"a": 1')
    assert outcome(one, before=two) == "failed"


def test_other_files_are_not_looked_at() -> None:
    assert outcome(fenced("json", "{"), path="docs/use.rst") == "passed"


def test_a_document_that_cannot_be_read_is_told() -> None:
    seen = change({}, {"a.md": "x\n"})
    unread = replace(seen, files=(replace(seen.files[0], after=None),))

    assert CHECK.judge(unread).outcome == "could not run"


def test_hostile_fences_take_no_time() -> None:
    began = time.process_time()

    for body in ("/*" * 30_000, "{{" * 30_000, "<a" * 30_000, "{%" * 30_000, '"' * 60_001):
        for language in ("json", "yaml", "toml"):
            outcome(fenced(language, "{", body))

    assert time.process_time() - began < 5
