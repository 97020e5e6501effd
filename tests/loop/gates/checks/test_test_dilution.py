from __future__ import annotations

import time

import pytest

from loop.gates.checks.test_dilution import CHECK
from tests.loop.gates.change_support import change, issue

PY = "tests/test_add.py"
TEST = "from add import add\n\n\ndef test_add():\n    assert add(1, 1) == 2\n    assert add(2, 1) == 3\n"

# language: path, a whole test, an exact assertion in it, a vague one, a skip, one that always holds
LANGUAGES = {
    "python": (
        "tests/test_a.py",
        "def test_a():\n    x = a()\n    assert x == 3\n    assert x > 0\n",
        "    assert x == 3\n",
        "    assert x\n",
        ("def test_a", "@pytest.mark.skip\ndef test_a"),
        "    assert True\n",
    ),
    "unittest": (
        "tests/test_a.py",
        "class A(TestCase):\n    def test_a(self):\n        self.assertEqual(a(), 3)\n        self.assertLess(a(), 4)\n",
        "        self.assertEqual(a(), 3)\n",
        "        self.assertIsNotNone(a())\n",
        ("    def test_a", '    @unittest.skip("later")\n    def test_a'),
        "        self.assertTrue(True)\n",
    ),
    "typescript": (
        "src/a.test.ts",
        'it("adds", () => {\n  expect(a()).toBe(3);\n  expect(a()).toEqual(3);\n});\n',
        "  expect(a()).toBe(3);\n",
        "  expect(a()).toBeDefined();\n",
        ("it(", "it.skip("),
        "  expect(true).toBe(true);\n",
    ),
    "javascript": (
        "test/a.js",
        'test("adds", () => {\n  assert.strictEqual(a(), 3);\n  assert.equal(a(), 3);\n});\n',
        "  assert.strictEqual(a(), 3);\n",
        "  assert.ok(a());\n",
        ("test(", "test.only("),
        "  assert(true);\n",
    ),
    "go": (
        "a_test.go",
        "package a\n\nfunc TestA(t *testing.T) {\n\tassert.Equal(t, 3, A())\n\trequire.Len(t, B(), 2)\n}\n",
        "\tassert.Equal(t, 3, A())\n",
        "\tassert.NotNil(t, A())\n",
        ("testing.T) {\n", 'testing.T) {\n\tt.Skip("later")\n'),
        "\tassert.True(t, true)\n",
    ),
    "rust": (
        "src/a.rs",
        "pub fn a() -> u8 { 3 }\n\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn adds() {\n        assert_eq!(a(), 3);\n        assert_ne!(a(), 4);\n    }\n}\n",
        "        assert_eq!(a(), 3);\n",
        "        assert!(is_good(a()));\n",
        ("    #[test]\n", "    #[test]\n    #[ignore]\n"),
        "        assert!(true);\n",
    ),
    "java": (
        "src/test/java/ATest.java",
        "class ATest {\n    @Test\n    void a() {\n        assertEquals(3, a());\n        assertSame(b, c());\n    }\n}\n",
        "        assertEquals(3, a());\n",
        "        assertNotNull(a());\n",
        ("    @Test\n", "    @Disabled\n    @Test\n"),
        "        assertTrue(true);\n",
    ),
    "c++": (
        "tests/a_test.cpp",
        "TEST(A, Adds) {\n  EXPECT_EQ(3, a());\n  ASSERT_NE(4, a());\n}\n",
        "  EXPECT_EQ(3, a());\n",
        "  EXPECT_TRUE(good());\n",
        ("TEST(A, Adds)", "TEST(A, DISABLED_Adds)"),
        "  EXPECT_TRUE(true);\n",
    ),
    "ruby": (
        "spec/a_spec.rb",
        'it "adds" do\n  expect(a).to eq(3)\n  expect(b).to eql(4)\nend\n',
        "  expect(a).to eq(3)\n",
        "  expect(a).to be_truthy\n",
        ('it "', 'xit "'),
        "  assert true\n",
    ),
    "php": (
        "tests/ATest.php",
        "<?php\nclass ATest extends TestCase {\n  function testA() {\n    $this->assertSame(3, a());\n    $this->assertCount(2, b());\n  }\n}\n",
        "    $this->assertSame(3, a());\n",
        "    $this->assertNotNull(a());\n",
        ("testA() {\n", "testA() {\n    $this->markTestSkipped();\n"),
        "    $this->assertTrue(true);\n",
    ),
}


def said(before: str, after: str | None, *, path: str = PY, body: str = "", **more: str) -> str:
    new = {} if after is None else {path: after}
    asked = issue(body) if body else None
    found = CHECK.judge(change({path: before, **more}, {**new, **more}, issue=asked))
    assert found.outcome == ("failed" if found.detail else "passed")
    return found.detail


@pytest.mark.parametrize("name", LANGUAGES)
class TestLanguages:
    def test_a_lost_assertion(self, name: str) -> None:
        path, test, exact, *_ = LANGUAGES[name]

        assert "1 fewer assertions (1 removed, 0 added)" in said(
            test, test.replace(exact, ""), path=path
        )

    def test_one_that_asserts_less(self, name: str) -> None:
        path, test, exact, vague, *_ = LANGUAGES[name]

        assert ": asserts less: " in said(test, test.replace(exact, vague), path=path)

    def test_one_that_always_holds(self, name: str) -> None:
        path, test, exact, _, _, empty = LANGUAGES[name]

        assert ": asserts nothing: " in said(test, test.replace(exact, empty), path=path)

    def test_a_skip(self, name: str) -> None:
        path, test, _, _, (opening, skipped), _ = LANGUAGES[name]

        assert ": not run: " in said(test, test.replace(opening, skipped), path=path)

    def test_a_bent_expectation(self, name: str) -> None:
        path, test, exact, *_ = LANGUAGES[name]
        bent = exact.replace("3", "7")

        assert ": expects other values: " in said(test, test.replace(exact, bent), path=path)

    def test_more_of_the_same_is_well(self, name: str) -> None:
        path, test, exact, *_ = LANGUAGES[name]

        assert said(test, test.replace(exact, exact * 2), path=path) == ""


@pytest.mark.parametrize(
    "after",
    [
        pytest.param(TEST.replace("assert add(2", "# assert add(2"), id="commented out"),
        pytest.param(TEST.replace("    assert add(2, 1) == 3\n", ""), id="deleted"),
        pytest.param(TEST.replace("== 3", "== 3 or True"), id="or True"),
        pytest.param(TEST.replace("== 3", "!= None"), id="anything but None"),
        pytest.param(None, id="the whole file"),
        pytest.param("import pytest\n\npytest.skip(allow_module_level=True)\n" + TEST, id="module"),
    ],
)
def test_ways_to_say_less(after: str | None) -> None:
    assert said(TEST, after)


@pytest.mark.parametrize(
    "after",
    [
        pytest.param(TEST + "\n\ndef test_more():\n    assert add(0, 0) == 0\n", id="a test more"),
        pytest.param(TEST.replace("add(", "plus("), id="renamed"),
        pytest.param(TEST.replace("== 3", "== 3, 'sum'"), id="message"),
        pytest.param(
            TEST.replace("assert add(2, 1) == 3", "assert (\n        add(2, 1) == 3\n    )"),
            id="wrapped",
        ),
        pytest.param(
            "from add import add\n\n\ndef test_two():\n    assert add(2, 1) == 3\n\n\n"
            "def test_add():\n    assert add(1, 1) == 2\n",
            id="moved",
        ),
        pytest.param("# Adds.\n" + TEST, id="comment"),
        pytest.param(TEST.replace("\n", "\r\n"), id="line endings"),
    ],
)
def test_ways_to_say_as_much(after: str) -> None:
    assert said(TEST, after) == ""


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        pytest.param(PY, "def test_b", "def check_b", id="python"),
        pytest.param("a.test.ts", 'it("b", () =>', "const b = (() =>", id="typescript"),
        pytest.param("a_test.go", "func TestB(", "func testB(", id="go"),
        pytest.param("tests/a.rs", "#[test]\nfn b(", "fn b(", id="rust"),
        pytest.param("ATest.java", "@Test void b(", "void b(", id="java"),
        pytest.param("a_test.cpp", "TEST(A, B)", "void b()", id="c++"),
    ],
)
def test_a_test_that_is_none_any_more(path: str, before: str, after: str) -> None:
    texts = {
        PY: "def test_a():\n    assert a() == 1\n\n\ndef test_b():\n    assert b() == 2\n",
        "a.test.ts": 'it("a", () => {\n  expect(a()).toBe(1);\n});\nit("b", () => {\n  expect(b()).toBe(2);\n});\n',
        "a_test.go": "package a\n\nfunc TestA(t *testing.T) {\n\tassert.Equal(t, 1, A())\n}\n\n"
        "func TestB(t *testing.T) {\n\tassert.Equal(t, 2, B())\n}\n",
        "tests/a.rs": "#[test]\nfn a() {\n    assert_eq!(1, x::a());\n}\n\n#[test]\nfn b() {\n    assert_eq!(2, x::b());\n}\n",
        "ATest.java": "class ATest {\n  @Test void a() {\n    assertEquals(1, x());\n  }\n\n  @Test void b() {\n    assertEquals(2, y());\n  }\n}\n",
        "a_test.cpp": "TEST(A, A) {\n  EXPECT_EQ(1, a());\n}\n\nTEST(A, B) {\n  EXPECT_EQ(2, b());\n}\n",
    }
    text = texts[path]
    assert before in text

    assert "no test any more" in said(text, text.replace(before, after), path=path)


def test_two_tests_may_become_one() -> None:
    before = "def test_a():\n    assert a() == 1\n\n\ndef test_b():\n    assert b() == 2\n"
    after = "def test_both():\n    assert a() == 1\n    assert b() == 2\n"

    assert said(before, after) == ""


def test_recordings_that_change_are_shown() -> None:
    path = "src/__snapshots__/a.test.ts.snap"
    before, after = "exports[`a`] = `<b>1</b>`;\n", "exports[`a`] = `<b>2</b>`;\n"

    assert "recorded anew (1 lines went, 1 came)" in said(before, after, path=path)
    assert "recorded anew" in said("1\n", "2\n", path="testdata/out.golden")
    assert said(before, before + after, path=path) == ""
    assert said(before, after, path=path, body=f"It must be\n```\n{after}```\n") == ""


def test_assertions_may_move_to_another_file() -> None:
    seen = change({PY: TEST}, {PY: "import os\n", "tests/test_sum.py": f"\nimport os\n{TEST}" * 2})

    assert CHECK.judge(seen).outcome == "passed"


def test_a_value_that_the_issue_asks_for() -> None:
    bent = TEST.replace("== 2", "== 20")

    assert said(TEST, bent, body="`add(1, 1)` must be 20.") == ""
    assert said(TEST, bent, body="`add(1, 1)` must be 200 or 2.20.")
    assert said(TEST, bent)


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        pytest.param("test_a.py", "    assert is_a(x)", "    assert not is_a(x)", id="not"),
        pytest.param("test_a.py", "    assert x == y", "    assert x != y", id="operator"),
        pytest.param("test_a.py", "    assert x in y", "    assert x not in y", id="not in"),
        pytest.param("test_a.py", "  self.assertTrue(x)", "  self.assertFalse(x)", id="unittest"),
        pytest.param("test_a.py", "  self.assertNotIn(x, y)", "  self.assertIn(x, y)", id="NotIn"),
        pytest.param("a.test.ts", "expect(x).toBe(y)", "expect(x).not.toBe(y)", id="jest"),
        pytest.param("a.test.ts", "expect(x).toBeTruthy()", "expect(x).toBeFalsy()", id="falsy"),
        pytest.param("a.test.js", "assert(x)", "assert(!x)", id="bang"),
        pytest.param("a_test.go", "assert.True(t, x)", "assert.False(t, x)", id="testify"),
        pytest.param("a_test.go", "require.NotEqual(t, x, y)", "require.Equal(t, x, y)", id="Not"),
        pytest.param("tests/a.rs", "assert_eq!(x, y);", "assert_ne!(x, y);", id="rust"),
        pytest.param("tests/a.rs", "assert!(x.is_a());", "assert!(!x.is_a());", id="rust bang"),
        pytest.param("ATest.java", "assertTrue(x);", "assertFalse(x);", id="junit"),
        pytest.param("a_test.cpp", "EXPECT_TRUE(x);", "EXPECT_FALSE(x);", id="gtest"),
        pytest.param("a_test.cpp", "ASSERT_EQ(x, y);", "ASSERT_NE(x, y);", id="gtest NE"),
        pytest.param("a_spec.rb", "expect(x).to be(y)", "expect(x).not_to be(y)", id="rspec"),
    ],
)
def test_an_assertion_turned_round(path: str, before: str, after: str) -> None:
    assert ": expects other values: " in said(f"{before}\n", f"{after}\n", path=path)
    assert said(f"{before}\n", f"{after}\n", path=path, body="It must not be so.") == ""
    assert said(f"{before}\n", f"{before}  \n", path=path) == ""


def test_a_new_test_may_say_where_it_cannot_run() -> None:
    new = '\n\n@pytest.mark.skipif(not HERE, reason="elsewhere")\ndef test_more():\n    assert x == 3\n'

    assert said(TEST, TEST + new) == ""
    assert said(TEST, TEST.replace("test_add", "test_sum") + new)
    assert CHECK.judge(change({}, {PY: TEST + new})).outcome == "passed"


def test_a_test_of_tests_quotes_them() -> None:
    quoted = '    case("@pytest.mark.skip", "assertTrue(True)")\n'

    assert said(TEST, TEST + quoted) == ""


def test_the_name_of_a_case_is_no_expectation() -> None:
    case = '    pytest.param(1, 2, id="one"),\n'

    assert said(case, case.replace("one", "first")) == ""
    assert said(case, case.replace("2", "3"))


def test_the_names_of_columns_are_no_expectation() -> None:
    head = '@pytest.mark.parametrize(\n    ("text", "found"),\n    [("a", 1)],\n)\n'

    assert said(head, head.replace("found", "expected")) == ""
    assert said(head, head.replace("1", "2"))


def test_rows_of_tables_are_expectations() -> None:
    table = (
        '@pytest.mark.parametrize(("a", "b"), [\n    (1, 2),\n    pytest.param(3, 4, id="x"),\n])\n'
    )

    assert said(table, table.replace("(1, 2)", "(1, 5)"))
    assert said(table, table.replace("3, 4", "3, 5"))
    assert said("want := 3\n", "want := 4\n", path="a_test.go")
    assert said("x = 3\n", "x = 4\n") == ""


def test_what_is_gone_needs_no_test() -> None:
    source = "def add(a, b):\n    return a + b\n\n\ndef twice(a):\n    return 2 * a\n"
    both = f"{TEST}\n\ndef test_twice():\n    x = twice(2)\n    assert x == 4\n"
    seen = change(
        {"add.py": source, PY: both},
        {"add.py": source.partition("\n\n\ndef twice")[0] + "\n", PY: TEST},
    )

    assert CHECK.judge(seen).outcome == "passed"
    assert said(both, TEST, **{"add.py": source})


def test_source_of_rust_outside_of_its_tests_is_no_test() -> None:
    before = "fn a(x: u8) {\n    assert_eq!(x, 3);\n    assert!(x > 0);\n}\n"

    assert said(before, "fn a(x: u8) {}\n", path="src/a.rs") == ""


def test_other_languages_are_not_known() -> None:
    seen = change({"ATest.kt": "assertEquals(1, a())\n"}, {"ATest.kt": "\n"})

    assert CHECK.judge(seen).outcome == "could not run"


def test_data_of_tests_needs_no_language() -> None:
    assert said("[1, 2]\n", "[1]\n", path="tests/data/a.json") == ""


def test_much_of_it_takes_little_time() -> None:
    row = "    assert add({n}, 1) == {n}\n"
    before = "def test_add():\n" + "".join(row.format(n=n) for n in range(200))
    files = {f"tests/test_{n}.py": before for n in range(100)}
    seen = change(files, {path: text.replace("1) ==", "2) ==") for path, text in files.items()})
    began = time.process_time()

    CHECK.judge(seen)

    assert time.process_time() - began < 6
