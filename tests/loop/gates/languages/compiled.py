"""Repositories in languages that are compiled."""

from __future__ import annotations

from tests.loop.gates.languages.repository import Repository, edited

_GO = """package cart

// Total is the sum.
func Total(prices []int) int {
	return prices[0]
}
"""
_GO_FIXED = edited(
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
        "format": {"cart.go": edited(_GO, "\treturn", "  return")},
        "lint": {
            "cart.go": edited(
                _GO, "// Total", 'import "fmt"\n\nfunc say() { fmt.Printf("%d\\n") }\n\n// Total'
            )
        },
        "build": {"cart.go": edited(_GO, "prices[0]", "nothing")},
        "test": {"cart.go": edited(_GO, "prices[0]", "0")},
    },
)

_RS = """/// The sum.
pub fn total(prices: &[i32]) -> i32 {
    prices[0]
}
"""
_RS_FIXED = edited(_RS, "prices[0]", "prices.iter().sum()")
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
        "format": {"src/lib.rs": edited(_RS, "    prices", "  prices")},
        "lint": {"src/lib.rs": edited(_RS, "    prices", "    let left = 1;\n    prices")},
        "build": {"src/lib.rs": edited(_RS, "prices[0]", "nothing")},
        "test": {"src/lib.rs": edited(_RS, "prices[0]", "prices.len() as i32 - 1")},
    },
)
RUST_INLINE_FIX = {"src/lib.rs": _RS_FIXED + _RS_INLINE.format(given="1, 2", wanted=3)}
RUST_INLINE_TOOTHLESS = {"src/lib.rs": _RS_FIXED + _RS_INLINE.format(given="2", wanted=2)}

_C = '#include "cart.h"\n\nint total(const int *prices, int count) {\n    return count ? prices[0] : 0;\n}\n'
_C_FIXED = edited(
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
        "tests/test_cart.c": edited(
            _C_TEST, "1), 1);", '1), 1) || check("two", total(prices, 2), 3);'
        ),
    },
    toothless={
        "cart.c": _C_FIXED,
        "tests/test_cart.c": edited(
            _C_TEST, "1), 1);", '1), 1) || check("none", total(prices, 0), 0);'
        ),
    },
    weak={
        "cart.h": _C_HEADER + "int mean(const int *prices, int count);\n",
        "cart.c": _C
        + "\nint mean(const int *prices, int count) {\n    return total(prices, count) / count;\n}\n",
        "tests/test_cart.c": edited(
            _C_TEST, "1), 1);", '1), 1) || check("mean", mean(prices, 1), 1);'
        ),
    },
    wanted="mean",
    faults={
        "format": {"cart.c": edited(_C, ";\n", "; \n")},
        "lint": {"cart.c": edited(_C, "    return", "    int left = 1;\n    return")},
        "test": {"cart.c": edited(_C, "prices[0]", "0 * prices[0]")},
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
        "Cart.java": edited(_JAVA, "prices[0]", "java.util.Arrays.stream(prices).sum()"),
        "test/CartTest.java": edited(_JAVA_TEST, "total(1) == 1", "total(1, 2) == 3"),
    },
    toothless={
        "Cart.java": edited(_JAVA, "prices[0]", "java.util.Arrays.stream(prices).sum()"),
        "test/CartTest.java": edited(_JAVA_TEST, "total(1) == 1", "total(2) == 2"),
    },
    weak={
        "Cart.java": edited(
            _JAVA,
            "    static",
            "    static int mean(int price) {\n        return price;\n    }\n\n    static",
        ),
        "test/CartTest.java": edited(_JAVA_TEST, "total(1) == 1", "mean(2) == 2"),
    },
    wanted="mean",
    faults={
        "build": {"Cart.java": edited(_JAVA, "prices[0]", "nothing")},
        "test": {"Cart.java": edited(_JAVA, "prices[0]", "0")},
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
_CPP_FIXED = edited(
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
        "tests/test_cart.cpp": edited(_CPP_TEST, "total({1}) == 1", "total({1, 2}) == 3"),
    },
    toothless={
        "cart.cpp": _CPP_FIXED,
        "tests/test_cart.cpp": edited(_CPP_TEST, "total({1}) == 1", "total({2}) == 2"),
    },
    weak={
        "cart.hpp": "#include <vector>\n\nint total(const std::vector<int> &prices);\nint first();\n",
        "cart.cpp": _CPP + "\nint first() {\n    return 1;\n}\n",
        "tests/test_cart.cpp": edited(_CPP_TEST, "total({1}) == 1", "first() == 1"),
    },
    wanted="first",
    faults={
        "build": {"cart.cpp": edited(_CPP, "prices.front()", "nothing")},
        "test": {"cart.cpp": edited(_CPP, "prices.front()", "0")},
    },
)
