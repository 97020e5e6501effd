"""Whether a change touches what defines its own gate: then both versions run, and a person looks.

A manifest that names another dependency or version leaves the gate as it is; one that names other
scripts, options of a tool or test targets does not. Pure.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from loop.gates.facts import defines_gate
from loop.gates.gate import GateReport
from loop.repo.diff import FileChange

# What of a manifest is about the package, not about how it is checked.
_PACKAGE_KEYS = frozenset(
    [
        "author",
        "bugs",
        "contributors",
        "dependencies",
        "description",
        "devDependencies",
        "engines",
        "files",
        "funding",
        "homepage",
        "keywords",
        "license",
        "name",
        "optionalDependencies",
        "packageManager",
        "peerDependencies",
        "repository",
        "version",
    ]
)
_CARGO_KEYS = frozenset(
    [
        "authors",
        "build-dependencies",
        "categories",
        "dependencies",
        "description",
        "dev-dependencies",
        "documentation",
        "homepage",
        "keywords",
        "license",
        "readme",
        "repository",
        "rust-version",
        "target",
        "version",
    ]
)
_PYTHON_TOOLS = frozenset({"flit", "hatch", "pdm", "poetry", "setuptools", "setuptools_scm", "uv"})


def redefined(
    files: Sequence[FileChange], before: Mapping[str, bytes], after: Mapping[str, bytes]
) -> tuple[str, ...]:
    """Paths of *files* that define the gate otherwise; the contents are by path, where there."""
    touched = defining_paths(files)
    return tuple(path for path in touched if _differ(path, before.get(path), after.get(path)))


def defining_paths(files: Sequence[FileChange]) -> list[str]:
    """Those paths of *files* whose contents `redefined` asks for."""
    return defines_gate(sorted({path for f in files for path in (f.old_path, f.path)}))


def as_changed(report: GateReport, again: GateReport) -> GateReport:
    """*report* of the gate at the merge base, with *again*: what the change makes of it."""
    commands = (*report.commands, *again.commands)
    if again.verdict == "GATE-FAIL":
        summary = f"as this change defines the gate, {again.summary}"
        return replace(report, verdict="GATE-FAIL", commands=commands, summary=summary)
    names = ", ".join(command.name for command in again.commands)
    told = f"{report.summary}; run as this change defines the gate, too: {names}"
    return replace(report, commands=commands, summary=told)


def _differ(path: str, before: bytes | None, after: bytes | None) -> bool:
    if before is None or after is None:
        return True
    read = _READERS.get(path)
    if read is None:
        return before != after
    try:
        return read(before.decode()) != read(after.decode())
    except ValueError:  # not UTF-8, not JSON, not TOML
        return True


def _package(text: str) -> object:
    return _without(json.loads(text), _PACKAGE_KEYS)


def _pyproject(text: str) -> object:
    return _without(tomllib.loads(text).get("tool", {}), _PYTHON_TOOLS)


def _cargo(text: str) -> object:
    tables = _without(tomllib.loads(text), _CARGO_KEYS)
    if not isinstance(tables, dict):
        return tables
    for name in ("package", "workspace"):
        tables[name] = _without(tables.get(name, {}), _CARGO_KEYS | {"members", "package"})
    return tables


def _nothing(text: str) -> object:
    """A list of dependencies and no more: that it is there is what counts."""
    return None


def _without(table: object, keys: Collection[str]) -> object:
    if not isinstance(table, dict):
        return table
    return {key: value for key, value in table.items() if key not in keys}


_READERS: Mapping[str, Callable[[str], object]] = {
    "Cargo.toml": _cargo,
    "go.mod": _nothing,
    "package.json": _package,
    "pyproject.toml": _pyproject,
    "requirements-dev.txt": _nothing,
    "requirements.txt": _nothing,
    "requirements_dev.txt": _nothing,
}
