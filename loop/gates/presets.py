"""Commands for Go, Rust, Node and Makefiles, and how each fetches its dependencies. Pure.

A tool that is missing must end in exit code 127, not in a silent success: so no pipes but into
xargs, and no command substitution whose failure nobody sees.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from loop.gates.facts import Facts
from loop.gates.words import CommandName, Language

_GOFMT = 'unformatted=$(gofmt -l .) || exit $?\n[ -z "$unformatted" ] || { echo "$unformatted"; exit 1; }'
# All files, those that git does not know yet included; xargs ends with 127 where pre-commit is not.
_HOOKS = "git ls-files -z --cached --others --exclude-standard | xargs -0 pre-commit run --color never --files"
_TARGET = re.compile(r"^([A-Za-z][\w.-]*)\s*:(?!=)", re.MULTILINE)
_NO_TEST = "no test specified"

_SETUPS: dict[Language, tuple[tuple[str, str], ...]] = {
    "python": (
        ("uv.lock", "uv sync --frozen"),
        ("poetry.lock", "poetry install --no-interaction"),
        ("requirements-dev.txt", "python3 -m venv .venv && .venv/bin/pip install -q -r requirements-dev.txt"),
        ("requirements.txt", "python3 -m venv .venv && .venv/bin/pip install -q -r requirements.txt pytest"),
    ),
    "node": (
        ("package-lock.json", "npm ci"),
        ("pnpm-lock.yaml", "pnpm install --frozen-lockfile"),
        ("yarn.lock", "yarn install --frozen-lockfile"),
    ),
    "go": (("go.sum", "go mod download"),),
    "rust": (("Cargo.lock", "cargo fetch --locked"),),
    "generic": (),
}  # fmt: skip


def setup(language: Language, facts: Facts) -> str:
    """The command that installs what the lock file names; "" where there is none."""
    return next((command for name, command in _SETUPS[language] if name in facts.paths), "")


def hooks(facts: Facts) -> str:
    """The command that runs the hooks a repository declares; "" where it declares none."""
    return _HOOKS if ".pre-commit-config.yaml" in facts.paths else ""


def go(facts: Facts) -> Mapping[CommandName, str]:
    linted = facts.paths & {".golangci.yml", ".golangci.yaml"}
    return {
        "format": _GOFMT,
        "lint": "golangci-lint run" if linted else "go vet ./...",
        "build": "go build ./...",
        "test": "go test ./...",
    }


def rust(facts: Facts) -> Mapping[CommandName, str]:
    return {
        "format": "cargo fmt --all -- --check",
        "lint": "cargo clippy --all-targets -- -D warnings",
        "build": "cargo build --all-targets",
        "test": "cargo test",
    }


def node(facts: Facts) -> Mapping[CommandName, str]:
    """The scripts of package.json; formatters and linters only where they are dependencies."""
    package = _package(facts)
    scripts = _texts(package.get("scripts"))
    tools = {**_texts(package.get("dependencies")), **_texts(package.get("devDependencies"))}
    found: dict[CommandName, str] = {}
    for name in ("format:check", "check:format", "prettier:check"):
        if name in scripts:
            found["format"] = f"npm run --silent {name}"
            break
    else:
        if "prettier" in tools:
            found["format"] = "npx --no-install prettier --check ."
    if "lint" in scripts:
        found["lint"] = "npm run --silent lint"
    elif "eslint" in tools:
        found["lint"] = "npx --no-install eslint ."
    if "build" in scripts:
        found["build"] = "npm run --silent build"
    elif "typescript" in tools and "tsconfig.json" in facts.paths:
        found["build"] = "npx --no-install tsc --noEmit"
    if "test" in scripts and _NO_TEST not in scripts["test"]:
        found["test"] = "npm test --silent"
    return found


def make(facts: Facts) -> Mapping[CommandName, str]:
    """Targets of a Makefile that are called as gates usually are."""
    targets = set(_TARGET.findall(facts.text("Makefile")))
    names: dict[CommandName, tuple[str, ...]] = {
        "format": ("format-check", "fmt-check", "check-format", "check-fmt"),
        "lint": ("lint", "vet"),
        "build": ("build", "compile"),
        "test": ("test", "tests", "check"),
    }
    return {
        name: f"make {target}"
        for name, wanted in names.items()
        if (target := next((t for t in wanted if t in targets), None))
    }


def _package(facts: Facts) -> dict[str, Any]:
    try:
        read = json.loads(facts.text("package.json") or "{}")
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def _texts(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        return {}
    return {str(key): text for key, text in value.items() if isinstance(text, str)}
