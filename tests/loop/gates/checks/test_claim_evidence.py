from __future__ import annotations

import time
from dataclasses import replace

import pytest

from loop.gates.checks.claim_evidence import CHECK
from tests.loop.gates.change_support import change, issue
from tools.result import Evidence

START = "# Engine\n\nIt is fast. See the table of results that follows.\n"
LOG = "run 7\nmodel: Llama 8B\nthroughput: 41.5 tok/s\npeak 6 GiB\n\n\n\nRTX: 300 W\n"
TABLE = "| Card | tok/s |\n| --- | ---: |\n| RTX 4090 | 120 |\n| M3 | 41.5 |\n"


def outcome(*lines: str, cites: tuple[str, ...] = (), body: str = "", **files: str) -> str:
    before = {"docs/a.md": START, "bench.log": LOG, "bench.md": TABLE}
    after = before | {"docs/a.md": START + "\n".join(["", *lines, ""])} | files
    proofs = [Evidence(claim="", source=source) for source in cites]
    asked = issue(body) if body else None
    return CHECK.judge(change(before, after, issue=asked, evidence=proofs)).outcome


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("Llama runs at 41.5 tok/s.", id="tokens"),
        pytest.param("Start takes 12ms", id="no space"),
        pytest.param("It needs 6 GiB", id="memory"),
        pytest.param("saves 30 % of memory", id="share"),
        pytest.param("draws 300W", id="power"),
        pytest.param("1,200 req/s", id="thousands"),
        pytest.param("braucht 12,5 ms", id="decimal comma"),
        pytest.param("a 30-MB file", id="hyphen"),
        pytest.param("from 3 to 5 ms", id="range"),
        pytest.param("`12 ms` on **M3**", id="code span"),
        pytest.param("```\nM3: 12 ms\n```", id="output"),
        pytest.param("```console\n$ bench\nM3: 12 ms\n```", id="console"),
        pytest.param("| Card | Speed (tok/s) |\n|---|---|\n| M3 | 44 |", id="unit in the head"),
        pytest.param("> It takes 12 ms", id="quotation"),
    ],
)
def test_a_number_without_proof_blocks(line: str) -> None:
    assert outcome(line) == "failed"


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("It has 3 parts, version 1.2 of 2024", id="no unit"),
        pytest.param("Wait 30 s, then go on", id="seconds are how long to wait"),
        pytest.param("Tell 5 us and 3 Mbs", id="words"),
        pytest.param("See https://x.org/a%20b?p=50%", id="address"),
        pytest.param("[it](a%2050%.md)", id="link"),
        pytest.param('<img width="50%" src="a.png">', id="attribute"),
        pytest.param("Set `timeout=500ms` or `--max 10MB`", id="setting"),
        pytest.param("```yaml\nmemory: 6 GiB\n```", id="configuration"),
        pytest.param("```sh\nrun --max 10MB\n```", id="script"),
        pytest.param("```console\n$ run --max 10MB\n```", id="command"),
        pytest.param("| Card | Name (W) |\n|---|---|\n| M3 | small |", id="no number in the cell"),
        pytest.param("%d ms", id="format"),
    ],
)
def test_what_claims_nothing_passes(line: str) -> None:
    assert outcome(line) == "passed"


@pytest.mark.parametrize(
    ("line", "source", "expected"),
    [
        pytest.param("Llama: 41.5 tok/s", "bench.log:3", "passed", id="the line"),
        pytest.param("Llama: 41.50 tokens/s", "bench.log:1", "passed", id="two lines off"),
        pytest.param("Llama: 41.5 tok/s", "bench.log:6", "failed", id="three lines off"),
        pytest.param("Qwen: 41.5 tok/s", "bench.log:3", "failed", id="another name"),
        pytest.param("Reaches 41.5 tok/s", "bench.log:3", "passed", id="no name to match"),
        pytest.param("Llama: 42 tok/s", "bench.log:3", "failed", id="another number"),
        pytest.param("Llama: 41.5 ms", "bench.log:3", "failed", id="another unit"),
        pytest.param("M3: 41.5 tok/s", "bench.md:4", "passed", id="a table's column"),
        pytest.param("M3: 41.5 tok/s", "`./bench.md#L4`", "passed", id="as GitHub links"),
        pytest.param("Llama: 41.5 tok/s", "bench.log", "failed", id="no line"),
        pytest.param("Llama: 41.5 tok/s", "bench.log:900", "failed", id="past the end"),
        pytest.param("Llama: 41.5 tok/s", "gone.log:3", "failed", id="no such file"),
        pytest.param("Llama: 41.5 tok/s", "docs/a.md:5", "failed", id="cites itself"),
    ],
)
def test_a_proof_is_looked_up(line: str, source: str, expected: str) -> None:
    assert outcome(line, cites=(source,)) == expected


def test_a_file_that_the_change_writes_proves_nothing() -> None:
    new = {"new.log": "Llama 44 tok/s\n"}

    assert outcome("Llama: 44 tok/s", cites=("new.log:1",), **new) == "failed"


def test_keys_of_a_log_spell_units_too() -> None:
    before = {"a.md": START, "r.json": '{"model": "Llama", "p50_ms": 12, "tok_s": 41.5}\n'}
    after = {**before, "a.md": f"{START}\nLlama: 12 ms, 41.5 tok/s\n"}
    proof = [Evidence(claim="", source="r.json:1")]

    assert CHECK.judge(change(before, after, evidence=proof)).outcome == "passed"


def test_what_the_issue_asks_for_needs_no_proof() -> None:
    assert outcome("The default is 500 ms.", body="Make the default `500ms`.") == "passed"
    assert outcome("The default is 400 ms.", body="Make the default 500 ms.") == "failed"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param("Llama does 12 ms.", "Now Llama does 12 ms at best.", "passed", id="reworded"),
        pytest.param("Llama does 12 ms.", "Qwen does 12 ms.", "failed", id="another name"),
        pytest.param("Llama does 12 ms.", "Llama does 11 ms.", "failed", id="another number"),
        pytest.param("Llama does\n12 ms.", "Llama does 12 ms.", "passed", id="wrapped anew"),
        pytest.param("Llama does 12 ms.", "Llama does it.", "passed", id="taken out"),
    ],
)
def test_what_stood_there_before(before: str, after: str, expected: str) -> None:
    found = CHECK.judge(change({"a.md": f"{before}\n"}, {"a.md": f"{after}\n"}))

    assert found.outcome == expected


def test_a_section_may_move_to_another_document() -> None:
    section = "\n## Speed\n\nLlama does 12 ms.\n"

    found = CHECK.judge(
        change({"a.md": START + section, "b.md": START}, {"a.md": START, "b.md": START + section})
    )

    assert found.outcome == "passed"


@pytest.mark.parametrize(
    "path", ["src/a.py", "tests/data/a.md", "CMakeLists.txt", "config.yaml", "requirements.txt"]
)
def test_only_documents_are_read(path: str) -> None:
    assert CHECK.judge(change({}, {path: "it takes 12 ms\n"})).outcome == "passed"


@pytest.mark.parametrize("path", ["README.md", "docs/a.rst", "examples/a.txt", "a/NOTES.adoc"])
def test_all_sorts_of_documents_are(path: str) -> None:
    assert CHECK.judge(change({}, {path: "it takes 12 ms\n"})).outcome == "failed"


def test_the_coder_and_a_person_are_told_what_is_missing() -> None:
    seen = change({"a.md": START}, {"a.md": f"{START}\nLlama does 12 ms.\n"})
    found = CHECK.judge(replace(seen, evidence=(Evidence(claim="fast", source="I ran it"),)))

    lines = found.detail.splitlines()
    assert lines[0] == "a.md:5: 12 ms (llama): no proof"
    assert lines[1] == "evidence 'I ran it': not of the form path:line"
    [unverified] = found.unverified
    assert unverified.fact == "12 ms: Llama does 12 ms."
    assert unverified.why_it_matters.startswith("a.md:5 ")


def test_a_document_that_cannot_be_read_is_told() -> None:
    seen = change({}, {"a.md": "x\n"})

    unread = replace(seen, files=(replace(seen.files[0], after=None),))

    assert CHECK.judge(unread).outcome == "could not run"


def test_hostile_lines_take_no_time() -> None:
    bodies = ("`=" * 2000, "1" * 4000, "1,000" * 800, "---|" + " " * 400 + "|" * 400 + "x")
    began = time.process_time()

    for body in bodies:
        outcome(*[body] * 200)

    assert time.process_time() - began < 5
