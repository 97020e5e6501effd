"""A small real repository for each language, and what can be done to it.

*fix* changes the code and has a test that the old code fails. *toothless* changes both, and its test
passes without the change. *weak* has a test that does not compile or load without it. *faults* make
one command of the gate fail each. *tools* are what the gate cannot do without.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Files = Mapping[str, str]


@dataclass(frozen=True)
class Repository:
    name: str
    tools: tuple[str, ...]
    files: Files
    fix: Files
    toothless: Files
    weak: Files
    wanted: str  # the name that `weak` brings
    faults: Mapping[str, Files] = field(default_factory=dict)


def _with(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new)


_PY = '''"""Prices."""


def total(prices: list[int]) -> int:
    """The sum."""
    return prices[0]
'''
_PY_FIXED = _with(_PY, "prices[0]", "sum(prices)")
_PY_MORE = (
    _PY
    + '''

def mean(prices: list[int]) -> float:
    """The average."""
    return sum(prices) / len(prices)
'''
)
_PYTEST = '''"""Tests of prices."""

from cart import total


def test_one() -> None:
    assert total([1]) == 1
'''
_PYTEST_ADDED = "\n\ndef test_more() -> None:\n    assert total([{given}]) == {wanted}\n"
PYTHON = Repository(
    name="python",
    tools=("ruff", "python3"),
    files={
        "pyproject.toml": (
            '[project]\nname = "cart"\nversion = "1"\n\n[tool.pytest.ini_options]\n'
            'pythonpath = ["."]\n\n[tool.ruff]\nline-length = 90\n\n[tool.ruff.format]\n'
        ),
        "cart.py": _PY,
        "tests/test_cart.py": _PYTEST,
    },
    fix={
        "cart.py": _PY_FIXED,
        "tests/test_cart.py": _PYTEST + _PYTEST_ADDED.format(given="1, 2", wanted=3),
    },
    toothless={
        "cart.py": _PY_FIXED,
        "tests/test_cart.py": _PYTEST + _PYTEST_ADDED.format(given="2", wanted=2),
    },
    weak={
        "cart.py": _PY_MORE,
        "tests/test_mean.py": (
            '"""Tests of means."""\n\nfrom cart import mean\n\n\n'
            "def test_mean() -> None:\n    assert mean([1, 2]) == 1.5\n"
        ),
    },
    wanted="mean",
    faults={
        "format": {"cart.py": _with(_PY, "return ", "return  ")},
        "lint": {"cart.py": _with(_PY, "\n\n\ndef", "\n\nimport os\n\n\ndef")},
        "build": {"broken.py": "import cart\n\n\ndef total(:\n"},
        "test": {"cart.py": _with(_PY, "prices[0]", "0")},
    },
)

_UNITTEST = """import unittest

from cart import total


class Total(unittest.TestCase):
    def test_one(self):
        self.assertEqual(total([1]), 1)
"""
_UNITTEST_ADDED = (
    "\n    def test_more(self):\n        self.assertEqual(total([{given}]), {wanted})\n"
)
UNITTEST = Repository(
    name="unittest",
    tools=("python3",),
    files={"cart.py": _PY, "tests/__init__.py": "", "tests/test_cart.py": _UNITTEST},
    fix={
        "cart.py": _PY_FIXED,
        "tests/test_cart.py": _UNITTEST + _UNITTEST_ADDED.format(given="1, 2", wanted=3),
    },
    toothless={
        "cart.py": _PY_FIXED,
        "tests/test_cart.py": _UNITTEST + _UNITTEST_ADDED.format(given="2", wanted=2),
    },
    weak={
        "cart.py": _PY_MORE,
        "tests/test_mean.py": (
            "import unittest\n\nfrom cart import mean\n\n\nclass Mean(unittest.TestCase):\n"
            "    def test_mean(self):\n        self.assertEqual(mean([1, 2]), 1.5)\n"
        ),
    },
    wanted="mean",
    faults={
        "build": {"cart.py": "def total(:\n"},
        "test": {"cart.py": _with(_PY, "prices[0]", "0")},
    },
)

_TS = """export function total(prices: number[]): number {
  return prices[0] ?? 0;
}
"""
_TS_FIXED = _with(_TS, "prices[0] ?? 0", "prices.reduce((sum, price) => sum + price, 0)")
_TS_TEST = """import { equal } from "node:assert/strict";
import { test } from "node:test";
import { total } from "./cart.js";

test("one price", () => equal(total([1]), 1));
"""
_TS_ADDED = 'test("more", () => equal(total([{given}]), {wanted}));\n'
_TS_FORMAT = """import { readdirSync, readFileSync } from "node:fs";

for (const name of readdirSync("src")) {
  if (/[ \\t]$/m.test(readFileSync(`src/${name}`, "utf8"))) {
    console.error(`src/${name}: blanks at the end of a line`);
    process.exitCode = 1;
  }
}
"""
TYPESCRIPT = Repository(
    name="typescript",
    tools=("node", "npm"),
    files={
        "package.json": (
            '{\n  "name": "cart",\n  "private": true,\n  "type": "module",\n  "scripts": {\n'
            '    "format:check": "node scripts/format.js",\n'
            '    "lint": "tsc --noEmit --noUnusedLocals",\n'
            '    "build": "tsc",\n'
            '    "test": "node --test dist/*.test.js"\n  },\n'
            '  "devDependencies": { "typescript": "5.9.3" }\n}\n'
        ),
        "tsconfig.json": (
            '{\n  "compilerOptions": {\n    "strict": true,\n    "target": "es2022",\n'
            '    "module": "nodenext",\n    "types": [],\n    "outDir": "dist"\n  },\n'
            '  "include": ["src"]\n}\n'
        ),
        ".gitignore": "dist/\nnode_modules/\n",
        "scripts/format.js": _TS_FORMAT,
        "src/node.d.ts": (
            'declare module "node:test" {\n'
            "  export function test(name: string, body: () => void): void;\n}\n"
            'declare module "node:assert/strict" {\n'
            "  export function equal(actual: unknown, expected: unknown): void;\n}\n"
        ),
        "src/cart.ts": _TS,
        "src/cart.test.ts": _TS_TEST,
    },
    fix={
        "src/cart.ts": _TS_FIXED,
        "src/cart.test.ts": _TS_TEST + _TS_ADDED.format(given="1, 2", wanted=3),
    },
    toothless={
        "src/cart.ts": _TS_FIXED,
        "src/cart.test.ts": _TS_TEST + _TS_ADDED.format(given="2", wanted=2),
    },
    weak={
        "src/mean.ts": (
            "export const mean = (prices: number[]): number =>\n"
            "  prices.reduce((sum, price) => sum + price, 0) / prices.length;\n"
        ),
        "src/mean.test.ts": (
            'import { equal } from "node:assert/strict";\nimport { test } from "node:test";\n'
            'import { mean } from "./mean.js";\n\ntest("mean", () => equal(mean([1, 2]), 1.5));\n'
        ),
    },
    wanted="mean",
    faults={
        "format": {"src/cart.ts": _with(_TS, "{\n", "{ \n")},
        "lint": {"src/cart.ts": _with(_TS, "return", "const left = 1;\n  return")},
        "test": {"src/cart.ts": _with(_TS, "prices[0] ?? 0", "0 * prices.length")},
    },
)

_JS = "export const total = (prices) => prices[0];\n"
_JS_FIXED = _with(_JS, "prices[0]", "prices.reduce((sum, price) => sum + price, 0)")
_JS_TEST = """import { equal } from "node:assert/strict";
import { test } from "node:test";
import { total } from "../cart.js";

test("one price", () => equal(total([1]), 1));
"""
JAVASCRIPT = Repository(
    name="javascript",
    tools=("node", "npm"),
    files={
        "package.json": '{\n  "type": "module",\n  "scripts": { "test": "node --test" }\n}\n',
        "cart.js": _JS,
        "test/cart.test.js": _JS_TEST,
    },
    fix={
        "cart.js": _JS_FIXED,
        "test/cart.test.js": _JS_TEST + _TS_ADDED.format(given="1, 2", wanted=3),
    },
    toothless={
        "cart.js": _JS_FIXED,
        "test/cart.test.js": _JS_TEST + _TS_ADDED.format(given="2", wanted=2),
    },
    weak={
        "cart.js": _JS + "export const mean = (prices) => total(prices) / prices.length;\n",
        "test/mean.test.js": _with(
            _with(_JS_TEST, "total } from", "mean } from"), "total([1]), 1", "mean([2]), 2"
        ),
    },
    wanted="mean",
    faults={"test": {"cart.js": _with(_JS, "prices[0]", "0")}},
)

_GO = """package cart

// Total is the sum.
func Total(prices []int) int {
	return prices[0]
}
"""
_GO_FIXED = _with(
    _GO,
    "\treturn prices[0]\n",
    "\tsum := 0\n\tfor _, price := range prices {\n\t\tsum += price\n\t}\n\treturn sum\n",
)
_GO_TEST = """package cart

import "testing"

func TestOne(t *testing.T) {
	if Total([]int{1}) != 1 {
		t.Fatal("one")
	}
}
"""
_GO_ADDED = """
func TestMore(t *testing.T) {{
	if Total([]int{{{given}}}) != {wanted} {{
		t.Fatal("more")
	}}
}}
"""
GO = Repository(
    name="go",
    tools=("go", "gofmt"),
    files={
        "go.mod": "module example.test/cart\n\ngo 1.19\n",
        "cart.go": _GO,
        "cart_test.go": _GO_TEST,
    },
    fix={
        "cart.go": _GO_FIXED,
        "cart_test.go": _GO_TEST + _GO_ADDED.format(given="1, 2", wanted=3),
    },
    toothless={
        "cart.go": _GO_FIXED,
        "cart_test.go": _GO_TEST + _GO_ADDED.format(given="2", wanted=2),
    },
    weak={
        "mean.go": (
            "package cart\n\n// Mean is the average.\nfunc Mean(prices []int) int {\n"
            "\treturn Total(prices) / len(prices)\n}\n"
        ),
        "mean_test.go": (
            'package cart\n\nimport "testing"\n\nfunc TestMean(t *testing.T) {\n'
            '\tif Mean([]int{2}) != 2 {\n\t\tt.Fatal("mean")\n\t}\n}\n'
        ),
    },
    wanted="Mean",
    faults={
        "format": {"cart.go": _with(_GO, "\treturn", "  return")},
        "lint": {
            "cart.go": _with(
                _GO, "// Total", 'import "fmt"\n\nfunc say() { fmt.Printf("%d\\n") }\n\n// Total'
            )
        },
        "build": {"cart.go": _with(_GO, "prices[0]", "nothing")},
        "test": {"cart.go": _with(_GO, "prices[0]", "0")},
    },
)

_RS = """/// The sum.
pub fn total(prices: &[i32]) -> i32 {
    prices[0]
}
"""
_RS_FIXED = _with(_RS, "prices[0]", "prices.iter().sum()")
_RS_TEST = """use cart::total;

#[test]
fn one() {
    assert_eq!(total(&[1]), 1);
}
"""
_RS_ADDED = "\n#[test]\nfn more() {{\n    assert_eq!(total(&[{given}]), {wanted});\n}}\n"
_RS_INLINE = """
#[cfg(test)]
mod tests {{
    use super::*;

    #[test]
    fn more() {{
        assert_eq!(total(&[{given}]), {wanted});
    }}
}}
"""
RUST = Repository(
    name="rust",
    tools=("cargo", "rustfmt", "clippy-driver"),
    files={
        "Cargo.toml": '[package]\nname = "cart"\nversion = "0.1.0"\nedition = "2021"\n',
        "Cargo.lock": 'version = 3\n\n[[package]]\nname = "cart"\nversion = "0.1.0"\n',
        ".gitignore": "target/\n",
        "src/lib.rs": _RS,
        "tests/cart.rs": _RS_TEST,
    },
    fix={
        "src/lib.rs": _RS_FIXED,
        "tests/cart.rs": _RS_TEST + _RS_ADDED.format(given="1, 2", wanted=3),
    },
    toothless={
        "src/lib.rs": _RS_FIXED,
        "tests/cart.rs": _RS_TEST + _RS_ADDED.format(given="2", wanted=2),
    },
    weak={
        "src/lib.rs": _RS
        + (
            "\n/// The average.\npub fn mean(prices: &[i32]) -> i32 {\n"
            "    total(prices) / prices.len() as i32\n}\n"
        ),
        "tests/mean.rs": "#[test]\nfn mean() {\n    assert_eq!(cart::mean(&[2]), 2);\n}\n",
    },
    wanted="mean",
    faults={
        "format": {"src/lib.rs": _with(_RS, "    prices", "  prices")},
        "lint": {"src/lib.rs": _with(_RS, "    prices", "    let left = 1;\n    prices")},
        "build": {"src/lib.rs": _with(_RS, "prices[0]", "nothing")},
        "test": {"src/lib.rs": _with(_RS, "prices[0]", "prices.len() as i32 - 1")},
    },
)
RUST_INLINE_FIX = {"src/lib.rs": _RS_FIXED + _RS_INLINE.format(given="1, 2", wanted=3)}
RUST_INLINE_TOOTHLESS = {"src/lib.rs": _RS_FIXED + _RS_INLINE.format(given="2", wanted=2)}

_C = '#include "cart.h"\n\nint total(const int *prices, int count) {\n    return count ? prices[0] : 0;\n}\n'
_C_FIXED = _with(
    _C,
    "    return count ? prices[0] : 0;\n",
    "    int sum = 0;\n    for (int i = 0; i < count; i++) {\n        sum += prices[i];\n    }\n"
    "    return sum;\n",
)
_C_HEADER = "int total(const int *prices, int count);\n"
_C_TEST = """#include "../cart.h"
#include <stdio.h>

static int check(const char *what, int found, int wanted) {
    if (found != wanted) {
        printf("%s: %d, not %d\\n", what, found, wanted);
    }
    return found != wanted;
}

int main(void) {
    int prices[] = {1, 2};
    return check("one", total(prices, 1), 1);
}
"""
MAKE = Repository(
    name="make",
    tools=("make", "cc"),
    files={
        "Makefile": (
            "CFLAGS = -Wall -Wextra\n\n.PHONY: build check-format lint test\n\n"
            "build: cart.o\n\n"
            "check-format:\n\t! grep -n '[[:blank:]]$$' *.c *.h tests/*.c\n\n"
            "lint:\n\t$(CC) $(CFLAGS) -Werror -fsyntax-only cart.c\n\n"
            "test: cart.o\n\t$(CC) $(CFLAGS) -o test_cart tests/test_*.c cart.o\n\t./test_cart\n"
        ),
        ".gitignore": "*.o\ntest_cart\n",
        "cart.h": _C_HEADER,
        "cart.c": _C,
        "tests/test_cart.c": _C_TEST,
    },
    fix={
        "cart.c": _C_FIXED,
        "tests/test_cart.c": _with(
            _C_TEST, "1), 1);", '1), 1) || check("two", total(prices, 2), 3);'
        ),
    },
    toothless={
        "cart.c": _C_FIXED,
        "tests/test_cart.c": _with(
            _C_TEST, "1), 1);", '1), 1) || check("none", total(prices, 0), 0);'
        ),
    },
    weak={
        "cart.h": _C_HEADER + "int mean(const int *prices, int count);\n",
        "cart.c": _C
        + "\nint mean(const int *prices, int count) {\n    return total(prices, count) / count;\n}\n",
        "tests/test_cart.c": _with(
            _C_TEST, "1), 1);", '1), 1) || check("mean", mean(prices, 1), 1);'
        ),
    },
    wanted="mean",
    faults={
        "format": {"cart.c": _with(_C, ";\n", "; \n")},
        "lint": {"cart.c": _with(_C, "    return", "    int left = 1;\n    return")},
        "test": {"cart.c": _with(_C, "prices[0]", "0 * prices[0]")},
    },
)

_JAVA = """class Cart {
    static int total(int... prices) {
        return prices[0];
    }
}
"""
_JAVA_TEST = """class CartTest {
    public static void main(String[] names) {
        assert Cart.total(1) == 1 : "one";
    }
}
"""
JAVA = Repository(
    name="java",
    tools=("make", "javac", "java"),
    files={
        "Makefile": (
            "build:\n\tmkdir -p out\n\tjavac -d out Cart.java\n\n"
            "test: build\n\tjavac -cp out -d out test/CartTest.java\n\tjava -ea -cp out CartTest\n"
        ),
        ".gitignore": "out/\n",
        "Cart.java": _JAVA,
        "test/CartTest.java": _JAVA_TEST,
    },
    fix={
        "Cart.java": _with(_JAVA, "prices[0]", "java.util.Arrays.stream(prices).sum()"),
        "test/CartTest.java": _with(_JAVA_TEST, "total(1) == 1", "total(1, 2) == 3"),
    },
    toothless={
        "Cart.java": _with(_JAVA, "prices[0]", "java.util.Arrays.stream(prices).sum()"),
        "test/CartTest.java": _with(_JAVA_TEST, "total(1) == 1", "total(2) == 2"),
    },
    weak={
        "Cart.java": _with(
            _JAVA,
            "    static",
            "    static int mean(int price) {\n        return price;\n    }\n\n    static",
        ),
        "test/CartTest.java": _with(_JAVA_TEST, "total(1) == 1", "mean(2) == 2"),
    },
    wanted="mean",
    faults={
        "build": {"Cart.java": _with(_JAVA, "prices[0]", "nothing")},
        "test": {"Cart.java": _with(_JAVA, "prices[0]", "0")},
    },
)

_CPP = """#include "cart.hpp"

int total(const std::vector<int> &prices) {
    return prices.front();
}
"""
_CPP_TEST = """#include "../cart.hpp"
#include <cassert>

int main() {
    assert(total({1}) == 1);
}
"""
_CPP_FIXED = _with(
    _CPP,
    "    return prices.front();\n",
    "    int sum = 0;\n    for (int price : prices) sum += price;\n    return sum;\n",
)
CPP = Repository(
    name="cpp",
    tools=("make", "g++"),
    files={
        "Makefile": (
            "build: cart.o\n\ncart.o: cart.cpp cart.hpp\n\tg++ -c -o cart.o cart.cpp\n\n"
            "test: cart.o\n\tg++ -o test_cart tests/test_cart.cpp cart.o\n\t./test_cart\n"
        ),
        ".gitignore": "*.o\ntest_cart\n",
        "cart.hpp": "#include <vector>\n\nint total(const std::vector<int> &prices);\n",
        "cart.cpp": _CPP,
        "tests/test_cart.cpp": _CPP_TEST,
    },
    fix={
        "cart.cpp": _CPP_FIXED,
        "tests/test_cart.cpp": _with(_CPP_TEST, "total({1}) == 1", "total({1, 2}) == 3"),
    },
    toothless={
        "cart.cpp": _CPP_FIXED,
        "tests/test_cart.cpp": _with(_CPP_TEST, "total({1}) == 1", "total({2}) == 2"),
    },
    weak={
        "cart.hpp": "#include <vector>\n\nint total(const std::vector<int> &prices);\nint first();\n",
        "cart.cpp": _CPP + "\nint first() {\n    return 1;\n}\n",
        "tests/test_cart.cpp": _with(_CPP_TEST, "total({1}) == 1", "first() == 1"),
    },
    wanted="first",
    faults={
        "build": {"cart.cpp": _with(_CPP, "prices.front()", "nothing")},
        "test": {"cart.cpp": _with(_CPP, "prices.front()", "0")},
    },
)

REPOSITORIES = (PYTHON, UNITTEST, TYPESCRIPT, JAVASCRIPT, GO, RUST, MAKE, JAVA, CPP)
