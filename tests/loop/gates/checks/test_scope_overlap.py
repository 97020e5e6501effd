from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from loop.gates.checks.scope_overlap import CHECK
from tests.loop.gates.survey_support import edit

PYTHON = {
    "billing/invoice.py": "from billing.tax import rate\n\ndef invoice_total(net):\n    return net * rate()\n",
    "billing/tax.py": "def rate():\n    return 2\n",
    "core/rounding.py": "def nearest(x):\n    return x\n",
    "core/money.py": "from core.rounding import nearest\nfrom billing.tax import rate\n\ndef money(x):\n    return nearest(rate())\n",
    "media/cache.py": "from media.thumbs import resize_picture\n\ndef remember(p):\n    return resize_picture(p, 100)\n",
    "media/thumbs.py": "def resize_picture(p, n):\n    return p[:n]\n",
    "tests/test_cache.py": "def test_cache():\n    assert 1\n",
    "docs/cache.md": "# Cache\n",
}
TYPESCRIPT = {
    "src/billing/invoice.ts": "export function invoiceTotal(n: number) { return n; }\n",
    "src/media/cache.ts": "export const remember = (p: string) => p.slice(0, 100);\n",
}
GO = {
    "billing/invoice.go": "package billing\n\nfunc InvoiceTotal(n int) int { return n }\n",
    "media/cache.go": "package media\n\nfunc Remember(n int) int { return 100 }\n",
}
RUST = {
    "src/invoice.rs": "pub fn invoice_total(n: i32) -> i32 { n }\n",
    "media/src/cache.rs": "pub fn remember(n: i32) -> i32 { 100 }\n",
}
JAVA = {
    "billing/Invoice.java": "public class Invoice {\n  public int invoiceTotal(int n) { return n; }\n}\n",
    "media/Cache.java": "public class Cache {\n  public int remember(int n) { return 100; }\n}\n",
}
CPP = {
    "billing/invoice.cc": "int invoice_total(int n) { return n; }\n",
    "media/cache.cc": "int remember(int n) { return 100; }\n",
}
ISSUE = "VAT is wrong on invoices\nThe invoice total adds VAT twice."
LANGUAGES = [
    pytest.param(PYTHON, "media/cache.py", "billing/invoice.py", id="python"),
    pytest.param(TYPESCRIPT, "src/media/cache.ts", "src/billing/invoice.ts", id="typescript"),
    pytest.param(GO, "media/cache.go", "billing/invoice.go", id="go"),
    pytest.param(RUST, "media/src/cache.rs", "src/invoice.rs", id="rust"),
    pytest.param(JAVA, "media/Cache.java", "billing/Invoice.java", id="java"),
    pytest.param(CPP, "media/cache.cc", "billing/invoice.cc", id="cpp"),
]


def changed(before: Mapping[str, str], *paths: str) -> Mapping[str, str]:
    return {
        path: before[path].replace("100", "200").replace("return n", "return 2 * n") + "\n"
        for path in paths
    }


@pytest.mark.parametrize(("before", "wrong", "right"), LANGUAGES)
def test_the_wrong_subsystem_fails_and_the_right_one_passes(
    before: Mapping[str, str], wrong: str, right: str
) -> None:
    astray = CHECK.judge(edit(before, changed(before, wrong), ISSUE))
    there = CHECK.judge(edit(before, changed(before, right), ISSUE))
    both = CHECK.judge(edit(before, changed(before, wrong, right), ISSUE))

    assert astray.outcome == "failed"
    assert f"It touches {wrong}; the issue leads to {right}" in astray.detail
    assert (there.outcome, both.outcome) == ("passed", "passed")


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param("VAT\nSee `billing/invoice.py`.", id="a-path"),
        pytest.param("VAT\nSee billing/invoice.py:3, please", id="a-path-with-a-line"),
        pytest.param("VAT\n`invoice_total` doubles it", id="an-identifier"),
        pytest.param("MwSt. falsch\nDie Funktion invoice_total rechnet doppelt.", id="German"),
        pytest.param("税額が違う\n`invoice_total` を見てください", id="Japanese"),
    ],
)
def test_what_the_issue_names_is_the_centre(asked: str) -> None:
    wrong = CHECK.judge(edit(PYTHON, changed(PYTHON, "media/cache.py"), asked))
    right = CHECK.judge(edit(PYTHON, changed(PYTHON, "billing/invoice.py"), asked))

    assert (wrong.outcome, right.outcome) == ("failed", "passed")


def test_a_folder_that_all_share_leads_nowhere() -> None:
    before = {f"packages/{path}": text for path, text in TYPESCRIPT.items()}
    asked = "Gaps\n`invoiceTotal` in packages/src/billing/invoice.ts has gaps"

    found = CHECK.judge(edit(before, changed(before, "packages/src/media/cache.ts"), asked))

    assert found.outcome == "failed"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        pytest.param("billing/tax.py", "def rate():\n    return 1\n", id="what-it-imports"),
        pytest.param("core/money.py", PYTHON["core/money.py"] + "X = 1\n", id="a-neighbour-of-that"),
        pytest.param("media/cache.py", PYTHON["media/cache.py"] + "\ndef invoice_cache():\n    return 1\n", id="a-new-name-out-of-the-issue"),
    ],
)  # fmt: skip
def test_in_doubt_it_is_in_scope(path: str, text: str) -> None:
    assert CHECK.judge(edit(PYTHON, {path: text}, ISSUE)).outcome == "passed"


@pytest.mark.parametrize(
    "now",
    [
        pytest.param({"docs/cache.md": "# Pictures\n"}, id="documents"),
        pytest.param({"tests/test_cache.py": "def test_cache():\n    assert 2\n"}, id="tests"),
        pytest.param({"media/vat.py": "X = 1\n"}, id="a-new-file"),
        pytest.param({"pyproject.toml": "[project]\n"}, id="packaging"),
    ],
)
def test_only_source_that_was_there_has_a_scope(now: Mapping[str, str]) -> None:
    assert CHECK.judge(edit(PYTHON, now, ISSUE)).outcome == "waived"


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param("Bitte alles schneller machen", id="no-word-of-it"),
        pytest.param("It does not work", id="ordinary-words"),
        pytest.param("Wrong total", id="one-word"),
        pytest.param("", id="no-issue"),
    ],
)
def test_an_issue_that_names_nothing_says_nothing(asked: str) -> None:
    found = CHECK.judge(edit(PYTHON, changed(PYTHON, "media/cache.py"), asked))

    assert found.outcome == "could not run"


def test_without_a_survey_it_could_not_run() -> None:
    change = edit(PYTHON, changed(PYTHON, "media/cache.py"), ISSUE)

    assert CHECK.judge(replace(change, survey=None)).outcome == "could not run"


def test_where_everything_is_linked_a_name_still_leads_somewhere() -> None:
    """Two links away is everywhere in a repository that grew together."""
    parts = {f"part/p{n}.py": f"from core.hub import hub\n\ndef part_{n}():\n    return hub({n})\n" for n in range(60)}  # fmt: skip
    before = {**parts, "core/hub.py": "def hub(n):\n    return n\n", "mail/send.py": "from core.hub import hub\n\ndef send():\n    return 100\n", "bill/sums.py": "from core.hub import hub\n\ndef add_up():\n    return hub(1)\n"}  # fmt: skip
    asked = "Sums are wrong\n`add_up` in bill/sums.py forgets the VAT"

    astray = CHECK.judge(edit(before, changed(before, "mail/send.py"), asked))
    below = CHECK.judge(edit(before, changed(before, "core/hub.py"), asked))

    assert (astray.outcome, below.outcome) == ("failed", "passed")


def test_a_large_repository_has_no_rank_below_which_a_file_is_out() -> None:
    """Upstream drew a line below the best fifty and lost the fifty-first."""
    many = {f"billing/invoice_{n}.py": f"def i{n}(x):\n    return {n}\n" for n in range(80)}
    others = {f"other/o{n}.py": f"def o{n}(x):\n    return {n}\n" for n in range(240)}
    before = {**PYTHON, **many, **others}

    found = CHECK.judge(edit(before, changed(before, "billing/invoice_79.py"), ISSUE))

    assert found.outcome == "passed"
