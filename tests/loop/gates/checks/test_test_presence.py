from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from loop.gates.checks.test_presence import CHECK
from loop.tested import TestLayout
from tests.loop.gates.survey_support import edit

PYTHON = {
    "shop/cart.py": "def total(xs):\n    return sum(xs)\n",
    "tests/test_cart.py": "from shop.cart import total\n\ndef test_total():\n    assert total([1]) == 1\n",
}
PY_NEW = PYTHON["shop/cart.py"] + "\n\ndef median(xs):\n    return sorted(xs)[len(xs) // 2]\n"
PY_TEST = PYTHON["tests/test_cart.py"] + "\ndef test_median():\n    assert median([1]) == 1\n"
TYPESCRIPT = {
    "src/cart.ts": "export const last = (xs: number[]) => xs[0];\n",
    "src/cart.test.ts": "import { last } from './cart';\ntest('last', () => expect(last([1])).toBe(1));\n",
}
TS_NEW = TYPESCRIPT["src/cart.ts"] + "export function chunk(n: number) {\n  return last([n]);\n}\n"
TS_TEST = TYPESCRIPT["src/cart.test.ts"] + "test('chunk', () => expect(chunk(1)).toBe(1));\n"
GO = {
    "go.mod": "module example.com/shop\n",
    "cart/cart.go": "package cart\n\nfunc Mean(x int) int { return x }\n",
    "cart/cart_test.go": 'package cart\n\nimport "testing"\n\nfunc TestMean(t *testing.T) { Mean(1) }\n',
}
GO_NEW = GO["cart/cart.go"] + "\nfunc Median(x int) int {\n\ty := x\n\treturn y\n}\n"
GO_TEST = GO["cart/cart_test.go"] + "\nfunc TestMedian(t *testing.T) { Median(1) }\n"
RUST = {
    "src/lib.rs": "pub fn mean(x: i32) -> i32 { x }\n",
    "tests/mean.rs": "use shop::mean;\n#[test]\nfn adds() { assert_eq!(mean(1), 1); }\n",
}
RS_NEW = RUST["src/lib.rs"] + "\npub fn median(x: i32) -> i32 {\n    x + 0\n}\n"
RS_TEST = RUST["tests/mean.rs"] + "#[test]\nfn halves() { assert_eq!(shop::median(1), 1); }\n"
RS_INSIDE = (
    RS_NEW
    + "\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn m() { assert_eq!(super::median(1), 1); }\n}\n"
)
JAVA = {
    "src/main/java/shop/Cart.java": "package shop;\npublic class Cart {\n  public int mean(int x) { return x; }\n}\n",
    "src/test/java/shop/CartTest.java": "package shop;\nclass CartTest {\n  @Test void mean() { new Cart().mean(1); }\n}\n",
}
JAVA_NEW = "package shop;\npublic class Cart {\n  public int mean(int x) { return x; }\n  public int median(int x) {\n    int y = x;\n    return y;\n  }\n}\n"
JAVA_TEST = "package shop;\nclass CartTest {\n  @Test void mean() { new Cart().mean(1); }\n  @Test void m() { new Cart().median(1); }\n}\n"
CPP = {
    "src/cart.h": "int mean(int x);\n",
    "src/cart.cc": '#include "cart.h"\nint mean(int x) { return x; }\n',
    "tests/cart_test.cc": '#include "cart.h"\nTEST(Cart, Mean) { EXPECT_EQ(mean(1), 1); }\n',
}
CPP_NEW = {
    "src/cart.h": "int mean(int x);\nint median(int x);\n",
    "src/cart.cc": CPP["src/cart.cc"] + "int median(int x) { return x + 0; }\n",
}
CPP_TEST = CPP["tests/cart_test.cc"] + "TEST(Cart, Median) { EXPECT_EQ(median(1), 1); }\n"

LANGUAGES = [
    pytest.param(PYTHON, {"shop/cart.py": PY_NEW}, {"tests/test_cart.py": PY_TEST}, "shop/cart.py:5: median", id="python"),
    pytest.param(TYPESCRIPT, {"src/cart.ts": TS_NEW}, {"src/cart.test.ts": TS_TEST}, "src/cart.ts:2: chunk", id="typescript"),
    pytest.param(GO, {"cart/cart.go": GO_NEW}, {"cart/cart_test.go": GO_TEST}, "cart/cart.go:5: Median", id="go"),
    pytest.param(RUST, {"src/lib.rs": RS_NEW}, {"tests/mean.rs": RS_TEST}, "src/lib.rs:3: median", id="rust"),
    pytest.param(RUST, {"src/lib.rs": RS_NEW}, {"src/lib.rs": RS_INSIDE}, "src/lib.rs:3: median", id="rust-inside"),
    pytest.param(JAVA, {"src/main/java/shop/Cart.java": JAVA_NEW}, {"src/test/java/shop/CartTest.java": JAVA_TEST}, "Cart.java:4: Cart.median", id="java"),
    pytest.param(CPP, CPP_NEW, {"tests/cart_test.cc": CPP_TEST}, "src/cart.h:2: median", id="cpp"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "code", "tests", "told"), LANGUAGES)
def test_what_is_new_and_public_needs_a_test_that_names_it(
    before: Mapping[str, str], code: Mapping[str, str], tests: Mapping[str, str], told: str
) -> None:
    bare = CHECK.judge(edit(before, code))
    tested = CHECK.judge(edit(before, {**code, **tests}))

    assert bare.outcome == "failed"
    assert told in bare.detail
    assert tested.outcome == "passed"


@pytest.mark.parametrize(
    ("before", "now", "why"),
    [
        pytest.param(PYTHON, {"README.md": "New.\n", "pyproject.toml": "[project]\n"}, "no code is added", id="docs-and-packaging"),
        pytest.param(PYTHON, {"shop/cart.py": "def total(xs):\n    return sum(xs) + 0\n"}, "no public definition is new", id="a-fix"),
        pytest.param(PYTHON, {"shop/cart.py": "def whole(xs):\n    return sum(xs)\n"}, "no public definition is new", id="a-rename"),
        pytest.param(PYTHON, {"shop/sums.py": PYTHON["shop/cart.py"], "shop/cart.py": None}, "no public definition is new", id="a-move"),
        pytest.param(PYTHON, {"shop/cart.py": None}, "no code is added", id="a-deletion"),
        pytest.param(PYTHON, {"shop/cart.py": PYTHON["shop/cart.py"] + "\ndef _half(x):\n    return x / 2\n"}, "no public definition is new", id="private"),
        pytest.param(PYTHON, {"shop/cart.py": PYTHON["shop/cart.py"] + "\n@app.get('/x')\ndef index():\n    return 1\n"}, "no public definition is new", id="a-route"),
        pytest.param(PYTHON, {"shop/cart.py": PYTHON["shop/cart.py"] + "\nclass Shape(Protocol):\n    def area(self) -> int: ...\n    def side(self):\n        raise NotImplementedError\n"}, "no public definition is new", id="hollow"),
        pytest.param(PYTHON, {"shop/api_pb.py": "# Code generated by protoc. DO NOT EDIT.\ndef send(x):\n    return x\n"}, "no public definition is new", id="generated"),
        pytest.param(PYTHON, {"examples/a.py": "def run(x):\n    return x\n"}, "no code is added", id="an-example"),
        pytest.param(GO, {"cart/cart.go": GO["cart/cart.go"] + "\nfunc (c Cart) String() string { return x }\nfunc main() {}\n"}, "no public definition is new", id="a-standard-method"),
        pytest.param(JAVA, {"src/main/java/shop/Cart.java": JAVA_NEW.replace("median(int x) {\n    int y = x;\n    return y;\n  }", "getMean() { return 1; }\n  @Override public String toString() { return null; }")}, "no public definition is new", id="accessors-and-overrides"),
        pytest.param({"a.py": "x = 1\n"}, {"a.py": "def f(x):\n    return x\n"}, "this repository has no tests", id="no-tests-anywhere"),
    ],
)  # fmt: skip
def test_waived_where_nothing_has_to_be_tested(
    before: Mapping[str, str], now: Mapping[str, str | None], why: str
) -> None:
    found = CHECK.judge(edit(before, now))

    assert found.outcome == "waived"
    assert why in found.detail


def test_a_refactoring_is_waived_by_the_issue() -> None:
    found = CHECK.judge(edit(PYTHON, {"shop/cart.py": PY_NEW}, "Extract the median\nPlease."))

    assert (found.outcome, found.detail) == ("waived", "the issue asks for a refactoring")


@pytest.mark.parametrize(
    "test",
    [
        pytest.param("def test_m():\n    assert call('median', [1]) == 1\n", id="in-a-string"),
        pytest.param("import shop.cart as c\n\ndef test_m():\n    assert c.median([1])\n", id="as-an-attribute"),
    ],
)  # fmt: skip
def test_naming_has_many_forms(test: str) -> None:
    now = {"shop/cart.py": PY_NEW, "tests/test_cart.py": test}

    assert CHECK.judge(edit(PYTHON, now)).outcome == "passed"


def test_tests_may_have_a_place_of_their_own() -> None:
    test = "from shop.cart import median\n\ndef check():\n    assert median([1]) == 1\n"
    change = edit(PYTHON, {"shop/cart.py": PY_NEW, "checks/cart.py": test})
    laid_out = replace(change.profile, test_layout=TestLayout("checks/", "shop"))

    assert CHECK.judge(change).outcome == "failed"
    assert CHECK.judge(replace(change, profile=laid_out)).outcome == "passed"


def test_tests_inside_the_source_are_tests_of_the_repository() -> None:
    before = {"src/a.rs": RS_INSIDE.replace("median", "mean")}

    found = CHECK.judge(edit(before, {"src/a.rs": before["src/a.rs"] + "pub fn mode(x: i32) -> i32 {\n    x\n}\n"}))  # fmt: skip

    assert found.outcome == "failed"
    assert "mode" in found.detail


@pytest.mark.parametrize(
    ("before", "code", "test"),
    [
        pytest.param(PYTHON, {"shop/cart.py": PY_NEW}, {"tests/test_cart.py": "from shop.cart import (\n    median,\n)\n\ndef median():\n    pass\n\ndef test_m():\n    pass\n"}, id="python"),
        pytest.param(TYPESCRIPT, {"src/cart.ts": TS_NEW}, {"src/cart.test.ts": "import { chunk } from './chunk';\ndescribe('chunk', () => {\n  test('chunk', () => {\n  });\n  it.each([1])('chunk', () => {});\n});\n"}, id="typescript"),
        pytest.param(GO, {"cart/cart.go": GO_NEW}, {"cart/cart_test.go": GO["cart/cart_test.go"] + 'func TestMedian(t *testing.T) { t.Run("Median", func(t *testing.T) {}) }\n'}, id="go"),
        pytest.param(RUST, {"src/lib.rs": RS_NEW}, {"src/lib.rs": RS_NEW + "\n#[cfg(test)]\nmod tests {\n    use super::median;\n    #[test]\n    fn median() {\n    }\n}\n"}, id="rust"),
        pytest.param(CPP, {"src/cart.cc": CPP["src/cart.cc"] + "int Median(int x) { return x + 0; }\n"}, {"tests/cart_test.cc": CPP["tests/cart_test.cc"] + "TEST(Cart, Median) {\n}\n"}, id="cpp"),
    ],
)  # fmt: skip
def test_imports_titles_and_empty_tests_name_nothing(
    before: Mapping[str, str], code: Mapping[str, str], test: Mapping[str, str]
) -> None:
    assert CHECK.judge(edit(before, {**code, **test})).outcome == "failed"


def test_a_comment_names_nothing() -> None:
    test = PYTHON["tests/test_cart.py"] + "# median is tested elsewhere\n"
    now = {"shop/cart.py": PY_NEW, "tests/test_cart.py": test}

    found = CHECK.judge(edit(PYTHON, now))

    assert found.outcome == "failed"
    assert "in the tests you changed (tests/test_cart.py)" in found.detail


def test_a_test_that_was_there_before_does_not_count() -> None:
    before = {**PYTHON, "tests/test_other.py": "def test_x():\n    median = 1\n"}

    assert CHECK.judge(edit(before, {"shop/cart.py": PY_NEW})).outcome == "failed"


def test_what_a_tested_function_calls_is_tested() -> None:
    code = PY_NEW + "\n\ndef middle(xs):\n    return median(xs)\n"
    test = PYTHON["tests/test_cart.py"] + "\ndef test_middle():\n    assert middle([1]) == 1\n"

    assert (
        CHECK.judge(edit(PYTHON, {"shop/cart.py": code, "tests/test_cart.py": test})).outcome
        == "passed"
    )


def test_of_a_new_type_one_method_will_do_and_of_an_old_one_not() -> None:
    cart = "class Cart:\n    def add(self, x):\n        return x\n\n    def drop_all(self):\n        return 1\n"
    test = "from shop.kart import Cart\n\ndef test_add():\n    assert Cart().add(1) == 1\n"
    started = {**PYTHON, "shop/kart.py": "class Cart:\n    pass\n"}

    new = CHECK.judge(edit(PYTHON, {"shop/kart.py": cart, "tests/test_kart.py": test}))
    old = CHECK.judge(edit(started, {"shop/kart.py": cart, "tests/test_kart.py": test}))

    assert new.outcome == "passed"
    assert old.outcome == "failed"
    assert "Cart.drop_all" in old.detail


def test_what_was_taken_out_of_another_function_is_not_new() -> None:
    long = "def total(xs):\n    kept = [x for x in xs if x]\n    doubled = [2 * x for x in kept]\n    return doubled\n"
    short = "def total(xs):\n    return doubles(xs)\n\n\ndef doubles(items):\n    kept = [x for x in items if x]\n    doubled = [2 * x for x in kept]\n    return doubled\n"

    found = CHECK.judge(edit({**PYTHON, "shop/cart.py": long}, {"shop/cart.py": short}))

    assert (found.outcome, found.detail) == ("waived", "no public definition is new")


def test_a_property_is_reached_where_it_is_read() -> None:
    before = {**PYTHON, "shop/cart.py": "class Cart:\n    pass\n"}
    code = "class Cart:\n    @property\n    def lines(self):\n        return [1]\n\n    def total(self):\n        return sum(self.lines)\n"
    test = "def test_total():\n    assert Cart().total() == 1\n"

    found = CHECK.judge(edit(before, {"shop/cart.py": code, "tests/test_cart.py": test}))

    assert found.outcome == "passed"


def test_an_example_in_a_docstring_is_a_test() -> None:
    code = PY_NEW.replace("    return sorted", '    """Middle.\n\n    >>> median([1])\n    1\n    """\n    return sorted')  # fmt: skip

    assert CHECK.judge(edit(PYTHON, {"shop/cart.py": code})).outcome == "passed"


@pytest.mark.parametrize(
    ("path", "text", "why"),
    [
        pytest.param("src/a.zig", "fn f() {}\n", "no grammar", id="no-grammar"),
        pytest.param("src/a.js", "f();" * 20000, "generated", id="minified"),
    ],
)
def test_without_a_tree_it_could_not_run(path: str, text: str, why: str) -> None:
    found = CHECK.judge(edit(PYTHON, {path: text}))

    assert found.outcome == "could not run"
    assert why in found.detail


def test_a_file_without_text_could_not_be_read() -> None:
    change = edit(PYTHON, {"shop/cart.py": PY_NEW})
    blank = replace(change, files=tuple(replace(f, after=None) for f in change.files))

    assert CHECK.judge(blank).detail == "binary, or too large to be read"


@pytest.mark.parametrize(
    ("before", "changed"),
    [
        pytest.param(
            PYTHON,
            {
                "shop/cart.py": PY_NEW,
                "tests/test_cart.py": "from shop.cart import median, total\n\n"
                "def test_median():\n    pass\n\ndef test_total():\n    assert total([1]) == 1\n",
            },
            id="imported-only",
        ),
        pytest.param(
            TYPESCRIPT,
            {
                "src/cart.ts": TS_NEW,
                "src/cart.test.ts": "import { chunk, last } from './cart';\n"
                "test('last', () => expect(last([1])).toBe(1));\ntest('chunk', () => {\n});\n",
            },
            id="title-of-an-idle-test",
        ),
        pytest.param(
            RUST,
            {
                "src/lib.rs": RS_NEW,
                "tests/mean.rs": "use shop::{mean, median};\n#[test]\nfn adds() { assert_eq!(mean(1), 1); }\n"
                "#[test]\nfn halves() {\n}\n",
            },
            id="used-nowhere",
        ),
    ],
)
def test_an_import_and_a_title_test_nothing(
    before: Mapping[str, str], changed: Mapping[str, str]
) -> None:
    assert CHECK.judge(edit(before, changed)).outcome == "failed"


def test_a_name_imported_under_another_is_named() -> None:
    test = "from shop.cart import median as middle\n\ndef test_it():\n    assert middle([1]) == 1\n"

    found = CHECK.judge(edit(PYTHON, {"shop/cart.py": PY_NEW, "tests/test_cart.py": test}))

    assert found.outcome == "passed"
