"""What runners and compilers say is read as what it means."""

from __future__ import annotations

import pytest

from loop.gates.failures import read, together

PYTEST_COVERAGE = """..                                        [100%]
FAIL Required test coverage of 90% not reached. Total coverage: 12.00%
2 passed in 0.05s
"""
PYTEST_FAILED = """=========================== short test summary info ============================
FAILED tests/test_cart.py::test_more - assert 1 == 3
1 failed, 1 passed in 0.03s
"""
PYTEST_COLLECTING = """________ ERROR collecting tests/test_cart.py ________
tests/test_cart.py:1: in <module>
    from cart import mean
E   ImportError: cannot import name 'mean' from 'cart' (/workspace/cart.py)
=========================== short test summary info ============================
ERROR tests/test_cart.py
!!!!!!!!!!!!!!!!!!!! Interrupted: 1 error during collection !!!!!!!!!!!!!!!!!!!!
1 error in 0.63s
"""
UNITTEST_LOADING = """ERROR: test_cart (unittest.loader._FailedTest.test_cart)
ImportError: Failed to import test module: test_cart
ImportError: cannot import name 'mean' from 'cart' (/workspace/cart.py)
Ran 1 test in 0.000s
FAILED (errors=1)
"""
UNITTEST_FAILED = """FAIL: test_more (test_cart.Total.test_more)
AssertionError: 1 != 3
Ran 2 tests in 0.000s
FAILED (failures=1)
"""
GO_BROKEN = """# example.test/cart [example.test/cart.test]
./mean_test.go:6:5: undefined: Mean
FAIL\texample.test/cart [build failed]
FAIL
"""
GO_FAILED = (
    "--- FAIL: TestMore (0.00s)\n    cart_test.go:7: more\nFAIL\texample.test/cart\t0.008s\n"
)
CARGO_BROKEN = """error[E0425]: cannot find function `mean` in crate `cart`
 --> tests/mean.rs:3:22
  |
3 |     assert_eq!(cart::mean(&[2]), 2);
  |                      ^^^^ not found in `cart`

error: could not compile `cart` (test "mean") due to 1 previous error
"""
CARGO_FAILED = "test one ... ok\ntest more ... FAILED\n\nfailures:\n    more\n"
TAP_FAILED = "TAP version 13\nnot ok 1 - more\n  ---\n# fail 1\n"
TAP_FILE = """TAP version 13
# SyntaxError: The requested module './cart.js' does not provide an export named 'mean'
# Node.js v20.20.2
not ok 1 - /workspace/cart.test.js
# fail 1
"""
TAP_SCRIPT = """# AssertionError [ERR_ASSERTION]: 1 == 3
# Node.js v20.20.2
not ok 1 - /workspace/cart.test.js
"""
JEST_COVERAGE = (
    "Jest: coverage threshold for lines (90%) not met: 12%\nTests:       3 passed, 3 total\n"
)
JEST_FAILED = "  ● total \u203a more\n\nTests:       1 failed, 2 passed, 3 total\n"
JEST_SUITE = "  ● Test suite failed to run\n\n    Cannot find module './mean' from 'mean.test.ts'\n"
TSC = (
    "src/mean.test.ts(3,10): error TS2305: Module '\"./cart.js\"' has no exported member 'mean'.\n"
)
JAVAC = (
    "test/CartTest.java:3: error: cannot find symbol\n        assert Cart.mean(2) == 2;\n"
    "  symbol:   method mean(int)\n  location: class Cart\n1 error\nmake: *** [Makefile:6: test] Error 1\n"
)


@pytest.mark.parametrize(
    ("output", "ended", "told"),
    [
        pytest.param(PYTEST_COVERAGE, "passed", "", id="pytest: only the coverage mark is missed"),
        pytest.param(PYTEST_FAILED, "failed", "tests/test_cart.py::test_more", id="pytest: failed"),
        pytest.param(PYTEST_COLLECTING, "broken", "mean", id="pytest: not collected"),
        pytest.param("no tests ran in 0.01s\n", "nothing", "", id="pytest: nothing ran"),
        pytest.param(UNITTEST_LOADING, "broken", "mean", id="unittest: not loaded"),
        pytest.param(UNITTEST_FAILED, "failed", "test_more", id="unittest: failed"),
        pytest.param(GO_BROKEN, "broken", "Mean", id="go: not built"),
        pytest.param(GO_FAILED, "failed", "TestMore", id="go: failed"),
        pytest.param(GO_BROKEN + GO_FAILED, "failed", "TestMore", id="go: one built and failed"),
        pytest.param(CARGO_BROKEN, "broken", "mean", id="cargo: not compiled"),
        pytest.param(CARGO_FAILED, "failed", "more", id="cargo: failed"),
        pytest.param(TAP_FAILED, "failed", "more", id="node: failed"),
        pytest.param(TAP_FILE, "broken", "mean", id="node: a file was not loaded"),
        pytest.param(TAP_SCRIPT, "failed", "", id="node: a script's assertion"),
        pytest.param(JEST_COVERAGE, "passed", "", id="jest: only the coverage mark is missed"),
        pytest.param(JEST_FAILED, "failed", "more", id="jest: failed"),
        pytest.param(JEST_SUITE, "broken", "mean", id="jest: a suite was not loaded"),
        pytest.param(TSC, "broken", "mean", id="tsc"),
        pytest.param(JAVAC, "broken", "mean", id="javac"),
        pytest.param("cart.c:3: undefined reference to `mean'\n", "broken", "mean", id="linker"),
        pytest.param("Assertion failed: 1 == 2\n", "failed", "", id="a runner of one's own"),
        pytest.param("", "failed", "", id="silence"),
    ],
)
def test_a_command_that_failed(output: str, ended: str, told: str) -> None:
    found = read(output, 1)

    assert found.ended == ended
    assert told in "\n".join((*found.tests, *found.errors))


@pytest.mark.parametrize(
    ("output", "ended"),
    [
        pytest.param("2 passed in 0.01s\n", "passed", id="pytest"),
        pytest.param("fine\n", "passed", id="a runner of one's own"),
        pytest.param("ok  \texample.test/cart\t0.1s [no tests to run]\n", "nothing", id="go"),
        pytest.param("?   \texample.test/a\t[no test files]\nok  \texample.test/b\t0.1s\n", "passed", id="go: one of two"),
        pytest.param("running 0 tests\n\nrunning 2 tests\n", "passed", id="cargo"),
        pytest.param("\nRan 0 tests in 0.000s\n\nOK\n", "nothing", id="unittest"),
        pytest.param("TAP version 13\n# tests 0\n# fail 0\n", "nothing", id="node"),
    ],
)  # fmt: skip
def test_a_command_that_passed(output: str, ended: str) -> None:
    assert read(output, 0).ended == ended


def test_one_failing_test_outweighs_what_did_not_compile() -> None:
    found = together([read(GO_BROKEN, 1), read(GO_FAILED, 1), read("", 0)])

    assert (found.ended, found.tests) == ("failed", ("TestMore",))
    assert together([]).ended == "nothing"
