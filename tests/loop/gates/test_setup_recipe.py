"""Which setups are kept, under which name, and which are run in place each time."""

from __future__ import annotations

import json
from typing import Any

import pytest

from loop.gates.setup_recipe import Recipe, is_manifest, key, placeholders, recipe

PIP = "python3 -m venv .venv && .venv/bin/pip install -q -r requirements.txt pytest"


def package(**fields: Any) -> bytes:
    return json.dumps(fields).encode()


@pytest.mark.parametrize(
    "path",
    [
        *("package.json", "web/package-lock.json", ".npmrc", "uv.lock", "requirements-dev.txt"),
        *("requirements/test.txt", "go.sum", "cmd/go.mod", "Cargo.lock", ".cargo/config.toml"),
        ".yarn/releases/yarn-4.cjs",
    ],
)
def test_manifests(path: str) -> None:
    assert is_manifest(path)


@pytest.mark.parametrize(
    "path",
    ["setup.py", "src/package.py", "node_modules/a/package.json", ".venv/pyproject.toml", "a.lock"],
)
def test_other_files_are_none(path: str) -> None:
    assert not is_manifest(path)


def test_cargo_needs_its_targets_to_be_there() -> None:
    paths = ["src/lib.rs", "a/src/main.rs", "src/bin/x.rs", "src/other.rs", "target/src/lib.rs"]

    assert placeholders(paths) == ["a/src/main.rs", "src/bin/x.rs", "src/lib.rs"]


@pytest.mark.parametrize(
    "command",
    [
        PIP,
        "pip install --no-deps -r requirements/dev.txt",
        "python -m pip install --upgrade pip",
        "npm ci",
        "npm ci --no-audit --fund=false",
        "cd web && npm ci",
        "pnpm install --frozen-lockfile",
        "yarn install --frozen-lockfile",
        "yarn",
        "uv sync --frozen",
        "go mod download",
        "cargo fetch --locked",
    ],
)
def test_an_installer_s_own_command_is_kept(command: str) -> None:
    assert recipe(command, {}) == Recipe(command)


@pytest.mark.parametrize(
    "command",
    [
        *("make deps", "./setup.sh", "npm ci; echo done", "npm ci || true", "npm ci && make"),
        *("pip install .", "pip install -e .", "pip install ./local", "pip install -r ../x.txt;"),
        *("npm ci $(curl x)", "npm ci `x`", "npm ci > /dev/null", "npm install", "npm ci\nmake"),
        *("npm ci --prefix ../x y", "pip install 'a b'", "cd .. && npm ci", "cd /tmp && npm ci"),
    ],
)
def test_any_other_command_may_read_the_sources(command: str) -> None:
    assert isinstance(recipe(command, {}), str)


@pytest.mark.parametrize(
    ("command", "manifests", "told"),
    [
        pytest.param(
            "npm ci",
            {"package.json": package(scripts={"prepare": "tsc", "test": "x"})},
            "script prepare needs the sources",
            id="a script of its own",
        ),
        pytest.param(
            "npm ci",
            {"package.json": package(dependencies={"a": "file:packages/a"})},
            "depends on a folder",
            id="a folder as dependency",
        ),
        pytest.param(
            "npm ci",
            {"packages/a/package.json": package(bin={"a": "cli.js"})},
            "installed from the sources",
            id="a command of a workspace",
        ),
        pytest.param(
            "npm ci",
            {"package.json": package(dependencies={"@prisma/client": "^6"})},
            "generated from the sources",
            id="a dependency that generates code",
        ),
        pytest.param(
            PIP, {"requirements.txt": b"a==1\n-e .\n"}, "installs a folder", id="editable"
        ),
        pytest.param(PIP, {"requirements.txt": b"./local\n"}, "installs a folder", id="a folder"),
        pytest.param(PIP, {"requirements.txt": b"a @ file:x\n"}, "installs a folder", id="a file"),
    ],
)
def test_a_setup_that_needs_the_sources_is_not_kept(
    command: str, manifests: dict[str, bytes], told: str
) -> None:
    why = recipe(command, manifests)

    assert isinstance(why, str)
    assert told in why


@pytest.mark.parametrize(
    ("command", "project", "comes_to"),
    [
        pytest.param("uv sync --frozen", b"", Recipe("uv sync --frozen"), id="uv, no package"),
        pytest.param(
            "uv sync --frozen",
            b"[build-system]\nrequires = []\n",
            Recipe("uv sync --frozen --no-install-workspace", finish=True),
            id="uv, a package",
        ),
        pytest.param(
            "uv sync --frozen",
            b"[tool.uv.workspace]\nmembers = ['a']\n",
            Recipe("uv sync --frozen --no-install-workspace", finish=True),
            id="uv, a workspace",
        ),
        pytest.param(
            "poetry install",
            b"[tool.poetry]\nname = 'a'\n",
            Recipe("poetry install --no-root", finish=True),
            id="poetry",
        ),
        pytest.param(
            "poetry install",
            b"[tool.poetry]\npackage-mode = false\n",
            Recipe("poetry install"),
            id="poetry, no package",
        ),
        pytest.param(
            "uv sync",
            b"[[[",
            Recipe("uv sync --no-install-workspace", finish=True),
            id="a broken file",
        ),
    ],
)
def test_a_package_installs_itself_from_its_sources_afterwards(
    command: str, project: bytes, comes_to: Recipe
) -> None:
    assert recipe(command, {"pyproject.toml": project}) == comes_to


USUAL: dict[str, Any] = {
    "repository": "o/a",
    "recipe": Recipe("npm ci"),
    "manifests": {"package.json": b"{}", "package-lock.json": b"{}"},
    "placeholders": ["src/lib.rs"],
    "machine": ["x86_64", "node 1"],
}


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"repository": "o/b"}, id="another repository"),
        pytest.param({"recipe": Recipe("npm ci --x")}, id="another command"),
        pytest.param({"manifests": {"package.json": b"{}"}}, id="a manifest less"),
        pytest.param(
            {"manifests": {"package.json": b"{}", "package-lock.json": b"{ }"}}, id="other bytes"
        ),
        pytest.param(
            {"manifests": {"package.json": b"{}", "a/package-lock.json": b"{}"}}, id="another path"
        ),
        pytest.param({"placeholders": []}, id="a placeholder less"),
        pytest.param({"machine": ["x86_64", "node 2"]}, id="another tool"),
        pytest.param({"machine": ["x86_64node 1"]}, id="words run together"),
    ],
)
def test_what_a_setup_depends_on_is_its_name(other: dict[str, Any]) -> None:
    assert key(**USUAL) != key(**{**USUAL, **other})


def test_the_same_setup_has_the_same_name() -> None:
    shuffled = dict(reversed(USUAL["manifests"].items()))

    assert key(**USUAL) == key(**{**USUAL, "manifests": shuffled, "repository": "O/A"})
