from __future__ import annotations

import pytest

from loop.languages.outline import Outline, added, outline

PYTHON = b'''
from .prices import price as cost

RATE = 2

class Cart(Base):
    """Things."""

    def total(self):
        return cost(self._sum())

    def _sum(self):
        def add(a): return a
        return add(1)

@app.get("/carts")
def carts(): return Cart()

@lru_cache(maxsize=None)
def cached(): ...
'''
TYPESCRIPT = b"""
import Base, { price } from "./prices";
export class Cart { total() { return price(this.sum()); } private sum() { return 1; } #hidden() {} }
export const discount = (a: number) => a;
function local() {}
function shared() {}
export { shared };
export default function main_view() {}
@Injectable() export class Service { run() {} }
export interface Shape { area(): number }
"""
JAVASCRIPT = b"""
function add(a) { return a; }
function inner() {}
module.exports = { add };
exports.sub = (a) => inner(a);
"""
GO = b"""package shop
import "example.com/shop/prices"
type Cart struct{}
func (c *Cart) Total() int { return prices.Of(c.sum()) }
func (c *Cart) sum() int { return 1 }
func New[T any]() *Cart { return nil }
func (h *hidden) Open() {}
var Rate, limit = 1, 2
"""
RUST = b"""
use crate::prices::price;
pub struct Cart;
impl Cart { pub fn total(&self) -> i32 { price(self.sum()) } fn sum(&self) -> i32 { 1 } }
impl Display for Cart { fn fmt(&self) {} }
#[must_use]
pub fn open() {}
#[get("/")]
pub fn index() {}
pub(crate) fn near() {}
"""
JAVA = b"""package shop;
public class Cart {
  public int total() { return Prices.of(sum()); }
  private int sum() { return 1; }
  @Override public String toString() { return ""; }
  int near() { return 1; }
}
public interface Shape { int area(); }
class Hidden { public void open() {} }
"""
C = b"""#include "prices.h"
static int sum(void) { return 1; }
int *total(int a) { return price(sum()); }
int later(void);
"""
CPP = b"""class Cart {
  int secret();
 public:
  Cart();
  int total() const;
  std::string& name();
  int area() override;
 private:
  int sum();
};
int Cart::total() const { return price(sum()); }
namespace { int hidden() { return 1; } }
namespace shop { int open() { return ns::deep(1); } }
static int local() { return 1; }
"""
RUBY = b"""module Shop
  class Cart
    def total; price(sum); end
    private
    def sum; end
  end
  class Other
    def open; end
    private def shut; end
  end
end
"""
PHP = b"""<?php
use Shop\\Prices;
class Cart { public function total() { return Prices::of($this->sum()); } private function sum() {} function open() {} }
function add($a) { return $a; }
"""


def read(path: str, content: bytes) -> Outline:
    found = outline(path, content)
    assert isinstance(found, Outline)
    return found


@pytest.mark.parametrize(
    ("path", "content", "public", "hidden"),
    [
        pytest.param("a.py", PYTHON, "RATE Cart Cart.total carts cached", "Cart._sum Cart.add", id="python"),
        pytest.param("a.ts", TYPESCRIPT, "Cart Cart.total discount shared main_view Service Service.run Shape", "Cart.sum Cart.#hidden local", id="typescript"),
        pytest.param("a.tsx", b"export const A = () => <b>{f()}</b>;", "A", "", id="tsx"),
        pytest.param("a.js", JAVASCRIPT, "add sub", "inner", id="javascript"),
        pytest.param("a.go", GO, "Cart Cart.Total New Rate", "Cart.sum hidden.Open limit", id="go"),
        pytest.param("a.rs", RUST, "Cart Cart.total open index", "Cart.sum Cart.fmt near", id="rust"),
        pytest.param("A.java", JAVA, "Cart Cart.total Cart.toString Shape Shape.area", "Cart.sum Cart.near Hidden Hidden.open", id="java"),
        pytest.param("a.c", C, "total", "sum", id="c"),
        pytest.param("a.h", b"int later(void);\n", "later", "", id="c-header"),
        pytest.param("a.h", CPP, "Cart Cart.total Cart.name Cart.area shop.open", "Cart.secret Cart.Cart Cart.sum hidden local", id="cpp-header"),
        pytest.param("a.rb", RUBY, "Shop Shop.Cart Cart.total Shop.Other Other.open", "Cart.sum Other.shut", id="ruby"),
        pytest.param("a.php", PHP, "Cart Cart.total Cart.open add", "Cart.sum", id="php"),
    ],
)  # fmt: skip
def test_each_language_says_what_others_may_use(
    path: str, content: bytes, public: str, hidden: str
) -> None:
    found = read(path, content).definitions

    assert [d.qualified for d in found if d.is_public] == public.split()
    assert {d.qualified for d in found if not d.is_public} >= set(hidden.split())


@pytest.mark.parametrize(
    ("path", "content", "indirect"),
    [
        pytest.param("a.py", PYTHON, {"carts"}, id="a-route-but-no-cache"),
        pytest.param("a.ts", TYPESCRIPT, {"main_view", "Service"}, id="a-default-export"),
        pytest.param("a.rs", RUST, {"fmt", "index"}, id="a-trait-and-a-route"),
        pytest.param("A.java", JAVA, {"toString"}, id="an-override"),
        pytest.param("a.hpp", CPP, {"area"}, id="a-virtual"),
    ],
)
def test_what_frameworks_call_is_marked(path: str, content: bytes, indirect: set[str]) -> None:
    assert {d.name for d in read(path, content).definitions if d.is_indirect} == indirect


@pytest.mark.parametrize(
    ("path", "content", "calls"),
    [
        pytest.param("a.py", PYTHON, {"cost", "_sum", "add", "get", "Cart", "lru_cache"}, id="python"),
        pytest.param("a.ts", TYPESCRIPT, {"price", "sum", "Injectable"}, id="typescript"),
        pytest.param("a.go", GO, {"Of", "sum"}, id="go"),
        pytest.param("a.rs", RUST, {"price", "sum"}, id="rust"),
        pytest.param("A.java", JAVA, {"of", "sum"}, id="java"),
        pytest.param("a.c", C, {"price", "sum"}, id="c"),
        pytest.param("a.cpp", CPP, {"price", "sum", "deep"}, id="cpp"),
        pytest.param("a.rb", RUBY, {"price", "private"}, id="ruby"),
        pytest.param("a.php", PHP, {"of", "sum"}, id="php"),
    ],
)  # fmt: skip
def test_calls_are_known_with_their_lines(path: str, content: bytes, calls: set[str]) -> None:
    found = read(path, content)

    assert set(found.calls) == calls
    assert set(found.calls) <= set(found.references)


def test_own_names_and_imports_are_no_references() -> None:
    found = read("a.py", b"from a import b\n\ndef f():\n    b()\n    return b\n")

    assert dict(found.references) == {"b": (4, 5)}


@pytest.mark.parametrize(
    ("path", "content", "tests"),
    [
        pytest.param("a.py", b"def test_a(): pass\nclass TestB:\n  def test_b(self): pass\n  def help(self): pass\n", ["test_a", "test_b"], id="python"),
        pytest.param("a.test.ts", b'describe("x", () => { it("adds", () => {}); test.each([1])("each", () => {}); other("y", () => {}) });', ["adds", "each"], id="typescript"),
        pytest.param("a_test.go", b'package a\nfunc TestA(t *testing.T) { t.Run("sub", func(t *testing.T) {}) }\nfunc Testify() {}\nfunc ExampleA() {}\n', ["TestA", "sub", "ExampleA"], id="go"),
        pytest.param("a.rs", b"#[cfg(test)]\nmod tests { #[test]\nfn adds() {} \n#[tokio::test]\nasync fn waits() {} fn help() {} }", ["adds", "waits"], id="rust"),
        pytest.param("A.java", b"class A { @Test void adds() {} @ParameterizedTest @Slow void each() {} void help() {} }", ["adds", "each"], id="java"),
        pytest.param("a_test.cc", b'TEST(Cart, Adds) { add(); }\nTEST_F(Cart, Subs) {}\nTEST_CASE("says", "[x]") { f(); }\n', ["Cart, Adds", "Cart, Subs", "says"], id="cpp"),
        pytest.param("test_a.c", b"void test_adds(void) {}\nint main(void) { return 0; }\n", ["test_adds"], id="c"),
        pytest.param("a_spec.rb", b'describe A do\n it "adds" do\n end\nend\ndef test_x; end\n', ["adds", "test_x"], id="ruby"),
        pytest.param("ATest.php", b"<?php class A { public function testA() {} #[Test] public function b() {} function help() {} }", ["testA", "b"], id="php"),
    ],
)  # fmt: skip
def test_tests_are_found_by_the_habits_of_the_language(
    path: str, content: bytes, tests: list[str]
) -> None:
    assert [t.name for t in read(path, content).tests] == tests


def test_lines_span_the_whole_definition_with_its_decorators() -> None:
    (found,) = read("a.py", b"x\n\n@wraps(a)\n@cache\ndef f():\n    pass\n").definitions[-1:]

    assert (found.start, found.end) == (3, 6)


def test_broken_code_gives_what_can_be_read() -> None:
    found = read("a.py", b"def g():\n  return 1\n\ndef f(:\n  pass\n")

    assert "g" in {d.name for d in found.definitions}


def test_added_are_the_names_that_were_not_there() -> None:
    before = read("a.go", b"package a\nfunc A() {}\nfunc (c C) B() {}\n")
    after = read(
        "a.go", b"package a\nfunc A() { return 1 }\nfunc (c C) B() {}\nfunc (d D) B() {}\n"
    )

    assert [d.qualified for d in added(before, after)] == ["D.B"]
    assert [d.name for d in added(None, before)] == ["A", "B"]
