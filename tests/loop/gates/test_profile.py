from __future__ import annotations

from collections.abc import Mapping

import pytest

from loop.gates.errors import ProfileError
from loop.gates.facts import Facts, defines_gate
from loop.gates.profile import Override, gate_override, resolve
from tools.sandbox.egress import Egress, parse
from tools.sandbox.runner import Network

UNITTEST = "import unittest\n\n\nclass T(unittest.TestCase):\n    pass\n"


def facts(*paths: str, **files: str) -> Facts:
    """Keyword names use `__` for a dot and `___` for a slash."""
    named = {k.replace("___", "/").replace("__", "."): v.encode() for k, v in files.items()}
    return Facts(frozenset(paths) | frozenset(named), named)


def commands(of: Facts, *overrides: Override) -> Mapping[str, str]:
    return resolve(of, overrides).commands


def test_a_plain_python_repository_is_compiled_and_tested() -> None:
    found = resolve(
        facts("shop/__init__.py", "shop/cart.py", "tests/test_cart.py", pyproject__toml="")
    )

    assert found.language == "python"
    assert found.commands == {
        "build": "python3 -m compileall -q shop",
        "test": "python3 -m pytest -q",
    }
    assert found.source_extensions == (".py", ".pyi")
    assert found.described == "python (build, test: python preset by pyproject.toml)"


@pytest.mark.parametrize(
    ("files", "name", "command"),
    [
        pytest.param({"pyproject__toml": "[tool.ruff]\n"}, "lint", "ruff check .", id="ruff"),
        pytest.param({"pyproject__toml": "[tool.ruff]\n"}, "format", None, id="ruff-lints-only"),
        pytest.param({"pyproject__toml": "[tool.ruff.format]\n"}, "format", "ruff format --check .", id="ruff-format"),
        pytest.param({"ruff__toml": "[format]\n", "setup__py": ""}, "format", "ruff format --check .", id="ruff-toml"),
        pytest.param({"pyproject__toml": "[tool.black]\n"}, "format", "black --check --quiet .", id="black"),
        pytest.param({"setup__cfg": "[flake8]\n"}, "lint", "python3 -m flake8", id="flake8"),
        pytest.param({"setup__cfg": "[metadata]\n"}, "lint", None, id="no-linter"),
    ],
)  # fmt: skip
def test_python_tools_run_where_they_are_configured(
    files: dict[str, str], name: str, command: str | None
) -> None:
    assert commands(facts("a.py", **files)).get(name) == command


@pytest.mark.parametrize(
    ("repository", "command"),
    [
        pytest.param(facts("test_a.py", test_a__py=UNITTEST), "python3 -m unittest discover", id="unittest-at-the-top"),
        pytest.param(facts(tests___test_a__py=UNITTEST), "python3 -m unittest discover -s tests", id="unittest-folder"),
        pytest.param(facts("tests/__init__.py", tests___test_a__py=UNITTEST), "python3 -m unittest discover", id="unittest-package"),
        pytest.param(facts("conftest.py", tests___test_a__py=UNITTEST), "python3 -m pytest -q", id="conftest"),
        pytest.param(facts(tests___test_a__py=UNITTEST, requirements__txt="pytest\n"), "python3 -m pytest -q", id="requirements"),
        pytest.param(facts(tests___test_a__py="def test_a(): ...\n"), "python3 -m pytest -q", id="functions"),
        pytest.param(facts(tests___test_a__py=UNITTEST, tests___test_b__py="import pytest\n"), "python3 -m pytest -q", id="mixed"),
        pytest.param(facts("a.py"), None, id="no-tests"),
        pytest.param(facts("pkg/a_test.py", pkg___a_test__py=""), "python3 -m pytest -q", id="suffix"),
    ],
)  # fmt: skip
def test_python_tests_run_with_what_they_are_written_for(
    repository: Facts, command: str | None
) -> None:
    assert commands(repository).get("test") == command


def test_broken_fixtures_and_odd_names_are_not_compiled() -> None:
    found = commands(
        facts(
            "src/shop/a.py",
            "tests/data/bad.py",
            "{{cookie}}/__init__.py",
            "x y.py",
            "tool.py",
            "docs/conf.py",
        )
    )

    assert found["build"] == "python3 -m compileall -q src tool.py"


def test_a_repository_without_tests_says_so() -> None:
    assert "no tests found" in resolve(facts("a.py", pyproject__toml="")).described


PACKAGE = '{"scripts": {"test": "jest", "build": "tsc", "lint": "eslint ."}, "devDependencies": {"prettier": "3"}}'


@pytest.mark.parametrize(
    ("repository", "language", "expected"),
    [
        pytest.param(
            facts(package__json=PACKAGE),
            "node",
            {
                "format": "npx --no-install prettier --check .",
                "lint": "npm run --silent lint",
                "build": "npm run --silent build",
                "test": "npm test --silent",
            },
            id="node",
        ),
        pytest.param(
            facts(
                package__json='{"scripts": {"test": "echo \\"Error: no test specified\\" && exit 1"}}'
            ),
            "node",
            {},
            id="node-without-tests",
        ),
        pytest.param(facts(package__json="{"), "node", {}, id="node-broken"),
        pytest.param(facts(package__json='{"scripts": []}'), "node", {}, id="node-odd"),
        pytest.param(
            facts(
                "tsconfig.json",
                package__json='{"devDependencies": {"typescript": "5", "eslint": "9"}}',
            ),
            "node",
            {"lint": "npx --no-install eslint .", "build": "npx --no-install tsc --noEmit"},
            id="typescript",
        ),
        pytest.param(
            facts("Cargo.toml"),
            "rust",
            {
                "format": "cargo fmt --all -- --check",
                "lint": "cargo clippy --all-targets -- -D warnings",
                "build": "cargo build --all-targets",
                "test": "cargo test",
            },
            id="rust",
        ),
        pytest.param(
            facts(Makefile="PY := python\nlint: deps\n\ttrue\ntest:\n\ttrue\nfmt-check:\n"),
            "generic",
            {"format": "make fmt-check", "lint": "make lint", "test": "make test"},
            id="make",
        ),
        pytest.param(facts("README.md"), "generic", {}, id="nothing"),
    ],
)
def test_other_languages(repository: Facts, language: str, expected: dict[str, str]) -> None:
    found = resolve(repository)

    assert (found.language, dict(found.commands)) == (language, expected)


def test_go_has_its_own_linter_where_configured() -> None:
    assert commands(facts("go.mod"))["lint"] == "go vet ./..."
    assert commands(facts("go.mod", ".golangci.yml"))["lint"] == "golangci-lint run"


def test_a_repository_of_two_languages_says_what_is_not_covered() -> None:
    described = resolve(facts("a.py", "pyproject.toml", "package.json")).described

    assert "not covered: package.json" in described


def test_the_layers_override_single_commands() -> None:
    repository = facts(
        "tests/test_a.py",
        **{
            ".foreman___verify__yaml".replace(
                "__yaml", "__yaml"
            ): "commands: {test: from-file, lint: from-file}"
        },
    )
    agent = gate_override("Agent coder", commands={"test": "from-agent", "build": "", "lint": None})

    found = resolve(
        repository, [agent, Override("Workload", commands={"test": "never", "format": "w"})]
    )

    assert dict(found.commands) == {"format": "w", "lint": "from-file", "test": "from-agent"}
    assert found.sources["test"] == "Agent coder"
    assert found.sources["lint"] == ".foreman/verify.yaml"


def test_a_malformed_file_is_an_error_and_not_a_default() -> None:
    with pytest.raises(ProfileError, match=":1:"):
        resolve(facts(**{".foreman___verify__yaml": "x: y"}))


@pytest.mark.parametrize("network", [None, "host", Egress(parse(["pkg.example"], operator=True))])
def test_setup_is_proposed_and_only_the_operator_gives_it_a_network(
    network: Network | None,
) -> None:
    """Without one the gate says what could not run, and a lack of packages is no fault of the work."""
    found = resolve(facts("uv.lock", pyproject__toml=""), [gate_override("Agent", network=network)])

    assert found.network == (network or "none")
    assert found.commands["setup"] == "uv sync --frozen"


def test_the_language_can_be_named() -> None:
    found = resolve(facts("a.py", "Cargo.toml"), [gate_override("Agent", language="rust")])

    assert found.language == "rust"
    assert resolve(facts("a.py"), [gate_override("Agent", language="")]).language == "python"


def test_extensions_can_be_named() -> None:
    assert resolve(
        facts("a.py"), [gate_override("A", source_extensions=[".x"])]
    ).source_extensions == (".x",)


def test_what_defines_the_gate_is_known() -> None:
    touched = [
        "shop/cart.py",
        "pyproject.toml",
        ".foreman/verify.yaml",
        "pytest.py",
        "unittest/x.py",
    ]

    assert defines_gate(touched) == [
        ".foreman/verify.yaml",
        "pyproject.toml",
        "pytest.py",
        "unittest/x.py",
    ]
