from __future__ import annotations

import pytest

from loop.gates.summary import unverified_names
from tests.loop.gates.change_support import change

BEFORE = {
    "shop/cart.py": (
        "class Cart:\n    size = 0\n\n    def total(self, prices):\n        first = 1\n"
        "        second = 2\n        third = 3\n        fourth = 4\n        return sum(prices)\n"
    ),
    "docs/old_name.md": "# Old words of some length\n\nAnd more of them.\n",
    "gone.py": "LIMIT_BYTES = 3\n",
}
AFTER = {
    "shop/cart.py": BEFORE["shop/cart.py"].replace("sum(prices)", "sum(prices, tax_rate)")
    + '\n\n@route("GET", "/api/v1/carts")\ndef carts(): ...\n',
    "docs/new_name.md": BEFORE["docs/old_name.md"],
}
PATHS = frozenset({"shop/cart.py", "docs/new_name.md", "Makefile", "shop/web/server.go"})
CHANGE = change(BEFORE, AFTER)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Adds `tax_rate` to `Cart.total()`", [], id="what is in the diff"),
        pytest.param("Mends `cart.total`", [], id="a module by its file"),
        pytest.param("Mends `Cart`, which is above the hunk", [], id="what the hunk stands in"),
        pytest.param("Removes `LIMIT_BYTES` and `gone.py`", [], id="what is gone"),
        pytest.param("`docs/old_name.md` is `docs/new_name.md` now", [], id="both names"),
        pytest.param("`GET /api/v1/carts` answers", [], id="route"),
        pytest.param("Leaves `shop/web/server.go` alone", [], id="path of the work tree"),
        pytest.param("Leaves `server.go`, `shop/web/` and `./Makefile`", [], id="short paths"),
        pytest.param("Uses `shop.web`", ["shop.web"], id="not a part of the diff"),
        pytest.param("The `cart` and `some words` and `2 > 1`", [], id="no names"),
        pytest.param("Adds RetryPolicy without marks", [], id="prose"),
        pytest.param("```\n`Retry_Policy`\n```", [], id="in a fence"),
        pytest.param("", [], id="nothing"),
        pytest.param("Adds `RetryPolicy`", ["RetryPolicy"], id="identifier"),
        pytest.param("Adds `--dry-run`", ["--dry-run"], id="option"),
        pytest.param("Adds `Cart.refund()`", ["Cart.refund()"], id="method"),
        pytest.param("Adds `shop/refund.py`", ["shop/refund.py"], id="path"),
        pytest.param(
            "Adds `DELETE /api/v1/refunds`", ["DELETE /api/v1/refunds"], id="route made up"
        ),
        pytest.param("Adds ``tests/test_refund.py``", ["tests/test_refund.py"], id="two marks"),
        pytest.param("`retry_a` `retry_a` `retry_b`", ["retry_a", "retry_b"], id="once each"),
        pytest.param(
            " ".join(f"`made_up_{n}`" for n in range(9)),
            [f"made_up_{n}" for n in range(5)],
            id="at most five",
        ),
    ],
)
def test_names(text: str, expected: list[str]) -> None:
    assert unverified_names(text, CHANGE, paths=PATHS) == expected


def test_a_name_far_from_the_change_does_not_count() -> None:
    far = "import os\nX_FACTOR = 1\n" + "\n" * 20 + "def f():\n    return 1\n"
    seen = change({"a.py": far}, {"a.py": far.replace("return 1", "return 2")})

    assert unverified_names("Doubles `X_FACTOR`", seen, paths=["a.py"]) == ["X_FACTOR"]
