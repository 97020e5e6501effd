"""Names that a change brings, names that errors miss, and whether a test uses them."""

from __future__ import annotations

import pytest

from loop.gates.novelty import brought, named, used
from tests.loop.gates.change_support import change

RUST = "#[cfg(test)]\nmod tests {\n    fn only_in_tests() {}\n}\n"


@pytest.mark.parametrize(
    ("path", "before", "after", "names"),
    [
        pytest.param("cart.py", "def total(): ...\n", "def total(): ...\n\n\ndef mean(): ...\n", {"mean"}, id="a function"),
        pytest.param("cart.py", "def total(a): ...\n", "def total(a, tax): ...\n", {"tax", "total"}, id="another signature"),
        pytest.param("cart.go", "func Total(a int) int {\n", "func Total(a, b int) int {\n", {"Total"}, id="another signature in Go"),
        pytest.param("shop/money.py", None, "x = 1\n", {"shop", "money"}, id="a module"),
        pytest.param("a.rs", "pub fn a() {}\n", "pub fn a() {}\n\n" + RUST, set(), id="tests inside are no news"),
    ],
)  # fmt: skip
def test_what_a_change_brings(path: str, before: str | None, after: str, names: set[str]) -> None:
    files = change({} if before is None else {path: before}, {path: after}).files

    assert brought(files) == names


def test_an_error_names_what_stands_where_it_points() -> None:
    """TypeScript tells the place and the count of arguments, not whose."""
    error = "src/cart.test.ts(2,7): error TS2554: Expected 1 arguments, but got 2."

    assert "total" in named([error], {"src/cart.test.ts": b"//\nequal(total([1], 2), 3);\n"})
    assert "total" not in named([error], {"src/other.test.ts": b"//\nequal(total([1], 2), 3);\n"})
    assert "total" not in named([error], {"src/cart.test.ts": b"total();\n"})


@pytest.mark.parametrize(
    ("path", "text", "is_used"),
    [
        pytest.param("test_a.py", "from cart import mean\n\n\ndef test_mean():\n    assert mean([1]) == 1\n", True, id="a call"),
        pytest.param("test_a.py", "import cart\n\n\ndef test_mean():\n    assert cart.mean([1]) == 1\n", True, id="through its module"),
        pytest.param("test_a.py", "from cart import mean\n\n\ndef test_mean():\n    pass\n", False, id="an empty body"),
        pytest.param("test_a.py", "from cart import mean\n\n\ndef test_mean():\n    assert True\n", False, id="a constant"),
        pytest.param("a_test.go", "package a\n\nfunc TestMean(t *testing.T) {\n\tMean(1)\n}\n", True, id="Go, the same package"),
        pytest.param("a_test.sh", "mean 1\n", True, id="no grammar"),
    ],
)  # fmt: skip
def test_a_name_is_used_where_a_test_says_it(path: str, text: str, *, is_used: bool) -> None:
    names = {"Mean"} if path.endswith(".go") else {"mean"}

    assert used(names, {path: text.encode()}) == is_used
