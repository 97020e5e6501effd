from __future__ import annotations

import pytest

from loop.languages.outline import Outline, outline
from loop.languages.places import Places, go_module

PATHS = frozenset(
    [
        "shop/cart.py",
        "shop/__init__.py",
        "shop/prices/__init__.py",
        "src/pay/card.py",
        "tests/test_cart.py",
        "tests/support.py",
        "web/src/cart.ts",
        "web/src/view/index.tsx",
        "web/src/a.test.ts",
        "web/src/old.js",
        "app/x.ts",
        "go.mod",
        "pkg/prices/prices.go",
        "pkg/prices/prices_test.go",
        "cmd/main.go",
        "fmt/fmt.go",
        "src/lib.rs",
        "src/cart.rs",
        "src/cart/line.rs",
        "src/pay/mod.rs",
        "tests/total.rs",
        "java/src/main/java/org/shop/Cart.java",
        "java/src/main/java/org/shop/Line.java",
        "include/shop/cart.h",
        "native/cart.cc",
        "native/cart.h",
        "lib/shop/cart.rb",
        "spec/cart_spec.rb",
        "src/Shop/Cart.php",
    ]
)
PLACES = Places(PATHS, {"": "example.com/shop"})


@pytest.mark.parametrize(
    ("path", "content", "files"),
    [
        pytest.param("tests/test_cart.py", b"import shop.cart", ["shop/cart.py"], id="python-module"),
        pytest.param("tests/test_cart.py", b"from shop import cart, prices", ["shop/cart.py", "shop/prices/__init__.py", "shop/__init__.py"], id="python-names"),
        pytest.param("tests/test_cart.py", b"from pay.card import Card", ["src/pay/card.py"], id="python-src"),
        pytest.param("tests/test_cart.py", b"import support", ["tests/support.py"], id="python-beside"),
        pytest.param("shop/prices/__init__.py", b"from ..cart import Cart", ["shop/cart.py"], id="python-relative"),
        pytest.param("shop/cart.py", b"from . import prices", ["shop/prices/__init__.py", "shop/__init__.py"], id="python-dot"),
        pytest.param("shop/cart.py", b"import json, os.path", [], id="python-library"),
        pytest.param("web/src/a.test.ts", b'import { Cart } from "./cart.js"', ["web/src/cart.ts"], id="typescript-js"),
        pytest.param("web/src/a.test.ts", b'import v from "./view"', ["web/src/view/index.tsx"], id="typescript-folder"),
        pytest.param("web/src/a.test.ts", b'const v = require("./old"); await import("./cart")', ["web/src/old.js", "web/src/cart.ts"], id="javascript-calls"),
        pytest.param("web/src/a.test.ts", b'import x from "@/x"; export * from "react"', ["app/x.ts"], id="typescript-alias"),
        pytest.param("cmd/main.go", b'package main\nimport (\n"fmt"\np "example.com/shop/pkg/prices"\n)', ["pkg/prices/prices.go", "pkg/prices/prices_test.go"], id="go"),
        pytest.param("src/lib.rs", b"mod cart;\npub mod pay;", ["src/cart.rs", "src/pay/mod.rs"], id="rust-mod"),
        pytest.param("src/cart.rs", b"mod line;\nuse crate::pay::Card;\nuse super::pay;", ["src/cart/line.rs", "src/pay/mod.rs"], id="rust-use"),
        pytest.param("tests/total.rs", b"use shop::cart::{Cart, line};\nuse std::fmt;\n", ["src/cart.rs", "src/cart/line.rs"], id="rust-tests"),
        pytest.param("tests/total.rs", b"use shop::total;\n", ["src/lib.rs"], id="rust-root"),
        pytest.param("X.java", b"import org.shop.Cart; import static org.shop.Line.of; import java.util.List;", ["java/src/main/java/org/shop/Cart.java", "java/src/main/java/org/shop/Line.java"], id="java"),
        pytest.param("X.java", b"import org.shop.*;", ["java/src/main/java/org/shop/Cart.java", "java/src/main/java/org/shop/Line.java"], id="java-all"),
        pytest.param("native/cart.cc", b'#include "cart.h"\n#include <shop/cart.h>\n#include <vector>\n', ["native/cart.h", "include/shop/cart.h"], id="cpp"),
        pytest.param("spec/cart_spec.rb", b'require "shop/cart"\nrequire "json"\n', ["lib/shop/cart.rb"], id="ruby"),
        pytest.param("spec/cart_spec.rb", b'require_relative "../lib/shop/cart"\n', ["lib/shop/cart.rb"], id="ruby-relative"),
        pytest.param("tests/CartTest.php", b"<?php use Acme\\Shop\\Cart;", ["src/Shop/Cart.php"], id="php"),
    ],
)  # fmt: skip
def test_imports_lead_to_files(path: str, content: bytes, files: list[str]) -> None:
    found = outline(path, content)
    assert isinstance(found, Outline)

    reached = [file for i in found.imports for file in PLACES.resolve(path, i)]

    assert list(dict.fromkeys(reached)) == files


def test_without_go_mod_the_end_of_the_path_decides() -> None:
    found = outline(
        "cmd/main.go", b'package main\nimport (\n"fmt"\n"github.com/a/shop/pkg/prices"\n)'
    )
    assert isinstance(found, Outline)

    reached = [Places(PATHS).resolve("cmd/main.go", i) for i in found.imports]

    assert reached == [(), ("pkg/prices/prices.go", "pkg/prices/prices_test.go")]


@pytest.mark.parametrize(
    ("content", "names"),
    [
        pytest.param(b"from a import (b as c,\n  d,  # why\n)", ("b", "d"), id="as-and-comments"),
        pytest.param(b"from a import *", ("*",), id="all"),
    ],
)
def test_names_taken_are_known_by_their_own_name(content: bytes, names: tuple[str, ...]) -> None:
    found = outline("a.py", content)
    assert isinstance(found, Outline)

    assert found.imports[0].names == names


def test_a_module_is_read_from_go_mod() -> None:
    assert go_module(b"// c\nmodule example.com/shop\n\ngo 1.22\n") == "example.com/shop"
    assert go_module(b"go 1.22\n") == ""
