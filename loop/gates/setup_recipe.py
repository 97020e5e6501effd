"""Whether a setup can be made once and kept: what it reads, and what it is called. Pure.

What is kept is made in a folder that holds nothing of the repository but its manifests and lock
files. So it can depend on nothing else, whatever the rest of the tree, or a model, would do to it,
and the manifests' bytes are its name. A setup that needs the sources is run in place each time.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

_MANIFEST = re.compile(
    r"(?:.*/)?(?:package\.json|package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml"
    r"|pnpm-workspace\.yaml|yarn\.lock|\.npmrc|\.yarnrc(?:\.yml)?|\.pnpmfile\.cjs|\.nvmrc"
    r"|pyproject\.toml|uv\.lock|uv\.toml|poetry\.lock|poetry\.toml|\.python-version"
    r"|(?:requirements|constraints)[\w.-]*\.txt|requirements/[\w.-]+\.txt"
    r"|go\.mod|go\.sum|go\.work|go\.work\.sum"
    r"|Cargo\.toml|Cargo\.lock|\.cargo/config(?:\.toml)?|rust-toolchain(?:\.toml)?"
    r"|\.yarn/(?:releases|plugins|patches)/[^/]+)"
)
# cargo looks for these before it reads a lock file; their content means nothing to `fetch`
_PLACEHOLDER = re.compile(
    r"(?:.*/)?(?:src/(?:lib|main)\.rs|(?:src/bin|benches|examples)/[^/]+\.rs)"
)

_FLAGS = r"(?: --?[A-Za-z][\w-]*(?:=[\w./-]+)?)*"
_SPEC = r" [A-Za-z0-9][\w.-]*(?:\[[\w,-]+\])?(?:[=<>~!]=?[\w.*]+)?"
_PIP = rf"(?:(?:\.venv/bin/)?python3? -m )?(?:\.venv/bin/)?pip3? install(?: -r [\w./-]+\.txt|{_FLAGS[3:-2]}|{_SPEC})+"
_STEPS = {
    "cd": re.compile(r"cd [\w-][\w./-]*"),
    "venv": re.compile(r"python3? -m venv \.venv"),
    "pip": re.compile(_PIP),
    "npm": re.compile(rf"(?:npm ci|pnpm install|pnpm i|yarn install|yarn){_FLAGS}"),
    "uv": re.compile(rf"uv sync{_FLAGS}"),
    "poetry": re.compile(rf"poetry install{_FLAGS}"),
    "fetch": re.compile(rf"(?:go mod download|cargo fetch){_FLAGS}"),
}
_LIFECYCLE = frozenset(
    {"preinstall", "install", "postinstall", "preprepare", "prepare", "postprepare", "prepublish"}
)
# its install script generates code from a schema among the sources, and says nothing without one
_GENERATOR = b'"@prisma/client"'
_LOCAL_NPM = ("file:", "link:", "portal:", "./", "../")
_LOCAL_PIP = re.compile(r"^\s*(?:-e\b|--editable\b|\.|/|[\w.-]+\s*@\s*file:|file:)", re.MULTILINE)


@dataclass(frozen=True)
class Recipe:
    """*command* runs among the manifests; *finish*: then the setup itself, in the work tree."""

    command: str
    finish: bool = False


def is_manifest(path: str) -> bool:
    return bool(_MANIFEST.fullmatch(path)) and not _vendored(path)


def placeholders(paths: Iterable[str]) -> list[str]:
    """Those of *paths* that only have to be there."""
    return sorted(p for p in paths if _PLACEHOLDER.fullmatch(p) and not _vendored(p))


def _vendored(path: str) -> bool:
    return bool({"node_modules", ".venv", "target"} & set(path.split("/")))


def recipe(command: str, manifests: Mapping[str, bytes]) -> Recipe | str:
    """How *command* is run once for all; a text says why it is not."""
    steps = [step.strip() for step in command.strip().split("&&")]
    kinds = [_kind(step) for step in steps]
    if "" in kinds:
        return f"{steps[kinds.index('')]}: not an installer's own command"
    for kind, why in (("npm", _npm), ("pip", _pip)):
        if kind in kinds and (told := why(manifests)):
            return told
    if set(kinds) & {"uv", "poetry"} and _installs_itself(manifests):
        only = {"uv": " --no-install-workspace", "poetry": " --no-root"}
        steps = [step + only.get(kind, "") for step, kind in zip(steps, kinds, strict=True)]
        return Recipe(" && ".join(steps), finish=True)
    return Recipe(command)


def _kind(step: str) -> str:
    return next((name for name, form in _STEPS.items() if form.fullmatch(step)), "")


def _npm(manifests: Mapping[str, bytes]) -> str:
    for path, content in manifests.items():
        if path.rpartition("/")[2] != "package.json":
            continue
        if _GENERATOR in content:
            return f"{path}: {_GENERATOR.decode()} is generated from the sources"
        package = _json(content)
        if found := sorted(_LIFECYCLE & set(_table(package.get("scripts")))):
            return f"{path}: its script {found[0]} needs the sources"
        if "/" in path and package.get("bin"):
            return f"{path}: its commands are installed from the sources"
        for kind in ("dependencies", "devDependencies", "optionalDependencies"):
            if any(str(v).startswith(_LOCAL_NPM) for v in _table(package.get(kind)).values()):
                return f"{path}: depends on a folder of the repository"
    return ""


def _pip(manifests: Mapping[str, bytes]) -> str:
    for path, content in manifests.items():
        if path.endswith(".txt") and _LOCAL_PIP.search(content.decode("utf-8", "replace")):
            return f"{path}: installs a folder of the repository"
    return ""


def _installs_itself(manifests: Mapping[str, bytes]) -> bool:
    for path, content in manifests.items():
        if path.rpartition("/")[2] == "pyproject.toml":
            try:
                project = tomllib.loads(content.decode("utf-8", "replace"))
            except tomllib.TOMLDecodeError:
                return True
            tool = _table(project.get("tool"))
            if "build-system" in project or "workspace" in _table(tool.get("uv")):
                return True
            if "poetry" in tool and _table(tool["poetry"]).get("package-mode") is not False:
                return True
    return False


def _json(content: bytes) -> dict[str, Any]:
    try:
        return _table(json.loads(content))
    except ValueError:
        return {}


def _table(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def key(
    *,
    repository: str,
    recipe: Recipe,
    manifests: Mapping[str, bytes],
    placeholders: Iterable[str],
    machine: Iterable[str],
) -> str:
    """The name of what is kept: one for each repository, command, manifests and *machine*."""
    digest = hashlib.sha256()
    parts = [repository.lower().encode(), recipe.command.encode(), b"machine"]
    parts += [word.encode("utf-8", "surrogateescape") for word in machine]
    parts += [b"manifests"]
    for path in sorted(manifests):
        parts += [path.encode("utf-8", "surrogateescape"), manifests[path]]
    parts += [
        b"placeholders",
        *(p.encode("utf-8", "surrogateescape") for p in sorted(placeholders)),
    ]
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()
