"""Repositories in languages that are run as they are written, or nearly."""

from __future__ import annotations

from tests.loop.gates.languages.repository import Repository, edited

_PY = '''"""Prices."""


def total(prices: list[int]) -> int:
    """The sum."""
    return prices[0]
'''
_PY_FIXED = edited(_PY, "prices[0]", "sum(prices)")
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
        "format": {"cart.py": edited(_PY, "return ", "return  ")},
        "lint": {"cart.py": edited(_PY, "\n\n\ndef", "\n\nimport os\n\n\ndef")},
        "build": {"broken.py": "import cart\n\n\ndef total(:\n"},
        "test": {"cart.py": edited(_PY, "prices[0]", "0")},
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
        "test": {"cart.py": edited(_PY, "prices[0]", "0")},
    },
)

_TS = """export function total(prices: number[]): number {
  return prices[0] ?? 0;
}
"""
_TS_FIXED = edited(_TS, "prices[0] ?? 0", "prices.reduce((sum, price) => sum + price, 0)")
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
        "format": {"src/cart.ts": edited(_TS, "{\n", "{ \n")},
        "lint": {"src/cart.ts": edited(_TS, "return", "const left = 1;\n  return")},
        "test": {"src/cart.ts": edited(_TS, "prices[0] ?? 0", "0 * prices.length")},
    },
)

_JS = "export const total = (prices) => prices[0];\n"
_JS_FIXED = edited(_JS, "prices[0]", "prices.reduce((sum, price) => sum + price, 0)")
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
        "test/mean.test.js": edited(
            edited(_JS_TEST, "total } from", "mean } from"), "total([1]), 1", "mean([2]), 2"
        ),
    },
    wanted="mean",
    faults={"test": {"cart.js": edited(_JS, "prices[0]", "0")}},
)
