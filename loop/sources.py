"""What a path is: which language, and whether source, test, document or something else. Pure.

By name alone, so that it says the same of a file that is there and of one that is gone.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from typing import Literal

Kind = Literal["source", "test", "docs", "packaging", "config", "ci", "release", "other"]
Language = Literal[
    "python", "typescript", "javascript", "go", "rust", "java", "c", "cpp", "ruby", "php"
]

_LANGUAGES: Mapping[str, Language] = {
    ".py": "python",
    ".pyi": "python",
    ".ts": "typescript",
    ".tsx": "typescript",
    ".mts": "typescript",
    ".cts": "typescript",
    ".js": "javascript",
    ".jsx": "javascript",
    ".mjs": "javascript",
    ".cjs": "javascript",
    ".go": "go",
    ".rs": "rust",
    ".java": "java",
    ".c": "c",
    ".h": "c",
    ".cc": "cpp",
    ".cpp": "cpp",
    ".cxx": "cpp",
    ".hh": "cpp",
    ".hpp": "cpp",
    ".hxx": "cpp",
    ".rb": "ruby",
    ".php": "php",
}
# Written by people in languages that have no grammar here.
_OTHER_SOURCES = frozenset(
    [
        ".bash",
        ".clj",
        ".cljs",
        ".cs",
        ".css",
        ".dart",
        ".elm",
        ".erl",
        ".ex",
        ".exs",
        ".fs",
        ".graphql",
        ".groovy",
        ".hs",
        ".html",
        ".jl",
        ".kt",
        ".kts",
        ".less",
        ".lua",
        ".m",
        ".mm",
        ".ml",
        ".nim",
        ".nix",
        ".pl",
        ".pm",
        ".proto",
        ".ps1",
        ".r",
        ".scala",
        ".scss",
        ".sh",
        ".sol",
        ".sql",
        ".svelte",
        ".swift",
        ".tcl",
        ".tf",
        ".v",
        ".vb",
        ".vhdl",
        ".vue",
        ".zig",
        ".zsh",
    ]
)
_DOCS = frozenset({".md", ".mdx", ".rst", ".txt", ".adoc", ".markdown", ".tex", ".org"})
_DOC_NAMES = frozenset(
    {"authors", "changelog", "contributing", "copying", "license", "notice", "readme"}
)
_CONFIG = frozenset(
    {
        ".yaml",
        ".yml",
        ".toml",
        ".json",
        ".json5",
        ".jsonc",
        ".ini",
        ".cfg",
        ".conf",
        ".env",
        ".properties",
        ".xml",
    }
)
_PACKAGING = frozenset(
    [
        "cargo.lock",
        "cargo.toml",
        "build.gradle",
        "build.gradle.kts",
        "composer.json",
        "composer.lock",
        "conanfile.txt",
        "containerfile",
        "dockerfile",
        "gemfile",
        "gemfile.lock",
        "go.mod",
        "go.sum",
        "go.work",
        "manifest.in",
        "package-lock.json",
        "package.json",
        "pdm.lock",
        "pipfile",
        "pipfile.lock",
        "pnpm-lock.yaml",
        "poetry.lock",
        "pom.xml",
        "pyproject.toml",
        "setup.cfg",
        "setup.py",
        "settings.gradle",
        "uv.lock",
        "yarn.lock",
    ]
)
_RELEASE = frozenset(
    {
        ".goreleaser.yaml",
        ".goreleaser.yml",
        ".releaserc",
        ".releaserc.json",
        "release-please-config.json",
        ".release-please-manifest.json",
        "cliff.toml",
    }
)
_CI = re.compile(
    r"(?:\.github/(?:workflows|actions)/|\.circleci/|\.buildkite/|\.gitlab-ci\.ya?ml$"
    r"|azure-pipelines[^/]*\.ya?ml$|Jenkinsfile$|\.travis\.ya?ml$|\.github/dependabot\.ya?ml$"
    r"|(?:.*/)?CODEOWNERS$)"
)
_REQUIREMENTS = re.compile(r"requirements[^/]*\.(?:txt|in)")
_TEST_NAME = re.compile(
    r"(?:test_[^/]*\.pyi?|[^/]*_test\.(?:pyi?|go|rs|rb|c|cc|cpp|php|exs)|[^/]*\.(?:test|spec)\.[a-z]+"
    r"|[^/]*_spec\.rb|[^/]*Tests?\.(?:java|kt|kts|scala|groovy|cs|php|swift)|Test[A-Z][^/]*\.java"
    r"|[^/]*IT\.java|tests\.rs|test_[^/]*\.(?:rs|rb|c|cc|cpp)|conftest\.py)"
)
_TEST_FOLDERS = frozenset(
    {"test", "tests", "__tests__", "spec", "specs", "testdata", "fixtures", "e2e"}
)


def language_of(path: str) -> Language | None:
    """None where no grammar of ours reads it."""
    return _LANGUAGES.get(posixpath.splitext(path)[1].lower())


def is_test(path: str) -> bool:
    """By the habits of each language: a name, or a folder that holds nothing but tests."""
    *folders, name = path.split("/")
    if _TEST_NAME.fullmatch(name):
        return True
    return any(folder.lower() in _TEST_FOLDERS for folder in folders)


def is_source(path: str, extensions: Sequence[str] = ()) -> bool:
    """Whether *path* is code that is no test; *extensions* are the profile's own."""
    return kind_of(path, extensions) == "source"


def kind_of(path: str, extensions: Sequence[str] = ()) -> Kind:
    """What sort of file *path* names. *extensions* count as source besides."""
    name = posixpath.basename(path)
    stem, extension = posixpath.splitext(name.lower())
    if _CI.match(path):
        return "ci"
    if name.lower() in _RELEASE:
        return "release"
    if name.lower() in _PACKAGING or _REQUIREMENTS.fullmatch(name.lower()):
        return "packaging"
    written = extension in _LANGUAGES or extension in _OTHER_SOURCES or extension in extensions
    if (written or extension in _DOCS or extension in _CONFIG) and is_test(path):
        return "test"
    if written:
        return "source"
    if extension in _DOCS or (not extension and stem in _DOC_NAMES):
        return "docs"
    if extension in _CONFIG or name in ("Makefile", "Justfile") or name.startswith("."):
        return "config"
    return "test" if is_test(path) else "other"
