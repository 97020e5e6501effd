from __future__ import annotations

import pytest

from loop.evidence import Ask, Claims, Covers, Record, Surroundings, sealed
from loop.repo.diff import FileChange, Hunk, Status
from loop.surroundings import surroundings, wanted
from loop.tested import TestLayout

TREE = [
    "src/app/__init__.py",
    "src/app/parser.py",
    "src/app/lexer.py",
    "tests/test_all.py",
    "tests/test_parser.py",
    "checks/parser.py",
    "go.mod",
    "cart/cart.go",
    "cart/shop_test.go",
    "README.md",
    "web/price.ts",
]
ALL = b"from app import lexer\nfrom app.parser import parse\n\n\ndef test_a():\n    assert parse('')\n"


def change(path: str, *added: tuple[int, str], status: Status = "M", old: str = "") -> FileChange:
    hunks = tuple(Hunk(n, 0, n, 1, (), (text,)) for n, text in added)
    return FileChange(
        status, path, old or path, "100644", "100644", "1" * 40, "2" * 40, hunks=hunks
    )


def around(*changes: FileChange, body: str = "x", **fields: object) -> Surroundings:
    texts = fields.pop("texts", {})
    assert isinstance(texts, dict)
    layout = fields.pop("layout", None)
    assert layout is None or isinstance(layout, TestLayout)
    assert not fields
    return surroundings(
        changes, tree=TREE, ask=Ask(title="t", body=body), texts=texts, layout=layout
    )


def test_kinds_are_of_what_changed_and_of_what_is_named() -> None:
    moved = change("src/app/reader.py", status="R", old="src/app/parser.py")
    found = around(moved, body="README.md says so, as does all of src/app/")

    assert found.kinds == {
        "src/app/reader.py": "source",
        "src/app/parser.py": "source",
        "README.md": "docs",
    }
    assert found.named == ["README.md", "src/app/"]
    assert found.extensions == [".go", ".py", ".ts"]


def test_a_layout_makes_tests() -> None:
    found = around(change("checks/parser.py"), layout=TestLayout("checks", "src/app"))

    assert found.kinds == {"checks/parser.py": "test"}
    assert found.tests["checks/parser.py"].by_name == ["src/app/parser.py"]


@pytest.mark.parametrize(
    ("changed", "imported"),
    [
        pytest.param(
            change("tests/test_all.py", (1, ""), status="A"),
            ["src/app/lexer.py", "src/app/__init__.py", "src/app/parser.py"],
            id="added: all of it",
        ),
        pytest.param(
            change("tests/test_all.py", (6, "    assert parse('')")),
            ["src/app/parser.py"],
            id="changed: what the new line uses",
        ),
        pytest.param(
            change("tests/test_all.py", (2, "from app.parser import parse")),
            ["src/app/parser.py"],
            id="changed: a new import",
        ),
        pytest.param(change("tests/test_all.py", (3, "")), [], id="changed: neither"),
    ],
)
def test_a_test_covers_what_it_imports(changed: FileChange, imported: list[str]) -> None:
    body = "lexer.py, src/app/parser.py and src/app/__init__.py"
    found = around(changed, body=body, texts={"tests/test_all.py": ALL})

    assert found.tests == {"tests/test_all.py": Covers(by_name=["all.py"], by_import=imported)}


def test_of_imports_only_what_matters_is_kept() -> None:
    fresh = change("tests/test_all.py", (1, ""), status="A")
    found = around(fresh, change("src/app/lexer.py"), texts={"tests/test_all.py": ALL})

    assert found.tests["tests/test_all.py"].by_import == ["src/app/lexer.py"]


def test_a_test_that_the_issue_names_is_looked_into() -> None:
    found = around(
        change("src/app/parser.py"),
        body="tests/test_all.py fails",
        texts={"tests/test_all.py": ALL},
    )

    assert "src/app/parser.py" in found.tests["tests/test_all.py"].by_import


def test_a_module_of_go_is_known_by_its_go_mod() -> None:
    text = b'package cart_test\n\nimport "example.org/shop/cart"\n\nvar x = cart.New()\n'
    found = around(
        change("cart/shop_test.go", (5, "var x = cart.New()")),
        body="cart.go is slow",
        texts={"cart/shop_test.go": text, "go.mod": b"module example.org/shop\n"},
    )

    assert found.tests["cart/shop_test.go"].by_import == ["cart/cart.go"]


@pytest.mark.parametrize(
    ("body", "line", "identifiers"),
    [
        pytest.param("`read_all(x)` leaks", "def read_all(path):", ["read_all"], id="backticks"),
        pytest.param("readAll leaks", "readAll();", ["readAll"], id="camel case"),
        pytest.param("close() leaks", "x.close()", ["close"], id="call"),
        pytest.param("the reader leaks", "reader = 1", [], id="a word"),
        pytest.param("`read_all` leaks", "def read_some():", [], id="another name"),
    ],
)
def test_names_in_code_are_found_in_the_change(
    body: str, line: str, identifiers: list[str]
) -> None:
    assert around(change("src/app/lexer.py", (3, line)), body=body).identifiers == identifiers
    assert around(change("README.md", (3, line)), body=body).identifiers == []


def test_only_tests_and_modules_are_read() -> None:
    changes = [change("src/app/lexer.py"), change("tests/test_all.py")]
    ask = Ask(title="t", body="tests/test_parser.py fails")

    assert wanted(changes, tree=TREE, ask=ask) == [
        "tests/test_all.py",
        "tests/test_parser.py",
        "go.mod",
    ]


def test_a_name_that_is_no_text_can_be_stored() -> None:
    odd = b"src/caf\xe9.py".decode("utf-8", "surrogateescape")
    record = Record(claims=Claims(verdict="GO"), surroundings=around(change(odd)))

    assert record.surroundings
    assert list(record.surroundings.kinds) == ["src/caf\ufffd.py"]
    assert record.text()


def test_what_is_too_much_is_counted() -> None:
    found = Surroundings(named=[f"f{n}.py" for n in range(3000)])
    record = sealed(Record(claims=Claims(verdict="GO"), surroundings=found), lambda value: value)

    assert record.surroundings
    assert len(record.surroundings.named) == 2000
    assert record.surroundings.omitted == 1000
