from __future__ import annotations

import pytest

from loop.sources import Kind, kind_of, language_of


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("src/parse.py", "source"),
        ("cmd/main.go", "source"),
        ("web/App.vue", "source"),
        ("pkg/store_test.go", "test"),
        ("tests/data/input.json", "test"),
        ("src/parse.spec.ts", "test"),
        ("src/test/java/a/ParseTest.java", "test"),
        ("README.md", "docs"),
        ("LICENSE", "docs"),
        ("requirements-dev.txt", "packaging"),
        ("Cargo.toml", "packaging"),
        ("config/app.yaml", "config"),
        (".editorconfig", "config"),
        (".github/workflows/ci.yml", "ci"),
        (".goreleaser.yml", "release"),
        ("logo.png", "other"),
    ],
)
def test_a_path_says_what_it_is(path: str, kind: Kind) -> None:
    assert kind_of(path) == kind


def test_extensions_of_the_profile_are_source() -> None:
    assert kind_of("rules/a.rego") == "other"
    assert kind_of("rules/a.rego", [".rego"]) == "source"


def test_a_language_without_grammar_has_none() -> None:
    assert language_of("a/b.RS") == "rust"
    assert language_of("a/b.zig") is None
