from __future__ import annotations

import pytest

from loop.tested import Sources, TestLayout, subject

TREE = [
    "src/app/parser.py",
    "src/app/lexer.py",
    "src/app/__init__.py",
    "src/store/utils.py",
    "src/web/utils.py",
    "pkg/cart/cart.go",
    "pkg/cart/cart_test.go",
    "web/src/price.ts",
    "web/src/basket/index.tsx",
    "core/src/main/java/shop/Cart.java",
    "engine/ring.cc",
    "engine/ring.h",
    "crate/src/tokens.rs",
    "lib/user.rb",
    "docs/parser.md",
]
SOURCES = Sources(TREE)


@pytest.mark.parametrize(
    ("test", "tested"),
    [
        pytest.param("tests/test_parser.py", ["src/app/parser.py"], id="python"),
        pytest.param("src/app/parser_test.py", ["src/app/parser.py"], id="python, beside"),
        pytest.param("tests/parser/test_edge_cases.py", ["src/app/parser.py"], id="python, folder"),
        pytest.param("tests/test_printer.py", ["printer.py"], id="nothing so called"),
        pytest.param("tests/test_parser_edge_cases.py", ["src/app/parser.py"], id="longer name"),
        pytest.param("tests/web/test_utils.py", ["src/web/utils.py"], id="the nearest"),
        pytest.param(
            "tests/test_utils.py", ["src/store/utils.py", "src/web/utils.py"], id="either"
        ),
        pytest.param("tests/test_app.py", ["src/app/__init__.py"], id="package"),
        pytest.param("pkg/cart/cart_test.go", ["pkg/cart/cart.go"], id="go"),
        pytest.param("pkg/cart/cart_internal_test.go", ["pkg/cart/cart.go"], id="go, longer"),
        pytest.param("web/src/price.test.tsx", ["web/src/price.ts"], id="test.tsx"),
        pytest.param("web/src/__tests__/price.js", ["web/src/price.ts"], id="folder"),
        pytest.param("web/src/price.spec.ts", ["web/src/price.ts"], id="spec.ts"),
        pytest.param("web/src/basket.test.tsx", ["web/src/basket/index.tsx"], id="index"),
        pytest.param(
            "core/src/test/java/shop/CartTest.java",
            ["core/src/main/java/shop/Cart.java"],
            id="java",
        ),
        pytest.param("engine/ring_test.cc", ["engine/ring.cc", "engine/ring.h"], id="c++"),
        pytest.param("crate/tests/tokens.rs", ["crate/src/tokens.rs"], id="rust"),
        pytest.param("spec/user_spec.rb", ["lib/user.rb"], id="ruby"),
        pytest.param("tests/conftest.py", [], id="conftest"),
        pytest.param("tests/__init__.py", [], id="package of tests"),
    ],
)
def test_a_test_is_of_what_it_is_named_after(test: str, tested: list[str]) -> None:
    assert SOURCES.tested_by(test) == tested


def test_a_layout_says_where_to_look() -> None:
    layout = TestLayout("checks", "src")

    assert SOURCES.tested_by("checks/app/lexer.py", layout) == ["src/app/lexer.py"]
    assert SOURCES.tested_by("checks/store/check_utils.py", layout) == ["check_utils.py"]
    assert subject("checks/parser.py") == ""
    assert subject("checks/parser.py", layout) == "parser"
